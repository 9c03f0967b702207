"""Filing, withdrawing and checking: one row per original, nothing half done, nothing deleted."""

import datetime
import errno
import hashlib
import os

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chaoyang_pm.kit.jobs.registry import kind_of
from chaoyang_pm.kit.uploads import StorageFull, UploadRefused, images
from compounds.files import selectors, services
from compounds.files.models import Attachment
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from tests.kit.uploads import files
from tests.support import ask, ask_json, register

pytestmark = pytest.mark.django_db


def kept() -> dict[str, bytes]:
    return {name: services.store().path(name).read_bytes() for name in services.store().names()}


def test_the_original_is_kept_with_its_hash_and_never_named_by_the_user(file, compound, bureau, data_folder, settings):
    content = files.photo()
    row, already = file(content, "../../现场\u202e.jpg", title=" 南门 ")
    assert not already
    assert (row.title, row.original_name, row.size) == ("南门", "现场.jpg", len(content))
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert (row.uploaded_by, row.compound, row.entry) == (bureau, compound, None)
    path = services.store().path(row.original)
    assert path.read_bytes() == content
    assert path.is_relative_to(data_folder / "files")
    assert not any(path.is_relative_to(web) for web in [settings.STATIC_ROOT, *settings.STATICFILES_DIRS])
    assert "现场" not in str(path)
    assert LogEntry.objects.get_for_object(row).get().changes["sha256"][1] == row.sha256


def test_without_a_title_the_file_names_it(file):
    assert file(name="认定单.扫描.jpg").attachment.title == "认定单.扫描"


def test_the_same_original_is_kept_once_per_compound(file, compound):
    first = file().attachment
    again = file(name="another name.jpg")
    assert (again.attachment, again.already_there) == (first, True)
    assert len(kept()) == 3
    other = register("R").compound
    assert not file(compound=other).already_there


def test_what_was_filed_with_the_compound_alone_becomes_the_basis_of_an_entry(file, basis):
    loose = file().attachment
    filed = file(entry=basis)
    assert (filed.attachment, filed.attachment.entry, filed.already_there) == (loose, basis, True)
    assert file(entry=basis).attachment == loose
    assert file().attachment == loose


def test_one_document_may_be_the_basis_of_two_entries_and_lies_on_the_disk_once(file, basis):
    takeover = Entry.objects.get(kind="takeover")
    first, second = file(entry=basis).attachment, file(entry=takeover).attachment
    assert (first.entry, second.entry) == (basis, takeover)
    assert (first.original, first.sha256) == (second.original, second.sha256)
    assert first.pk != second.pk
    assert len(kept()) == 3


def test_an_entry_of_another_compound_is_refused(file, basis):
    other = register("R").compound
    with pytest.raises(Refused, match="数据版次 3"):
        file(compound=other, entry=basis)
    assert kept() == {}


def test_kinds_take_what_they_take(file):
    assert file(files.pdf(), "认定单.pdf", "scan").attachment.pages is None
    assert file(files.scan(2), "认定单.tif", "scan").attachment.pages == 2
    for bad, said in ((files.pdf(b"/A"), "请将类别选为“扫描件”"), (files.scan(3), "扫描件"), (b"<html>", "网页")):
        with pytest.raises(UploadRefused, match=said):
            file(bad, kind="photo")
    with pytest.raises(UploadRefused, match="最多 15 MB"):
        file(files.photo() + b"\0" * 15 * 1024 * 1024, kind="photo")
    assert Attachment.objects.count() == 2


def test_withdrawing_hides_and_deletes_nothing(file, compound, bureau, cast):
    row = file().attachment
    before = kept()
    services.withdraw(attachment=row, reason=" 拍错小区 ", by=bureau)
    row.refresh_from_db()
    assert (row.withdrawn_by, row.withdrawn_reason) == (bureau, "拍错小区")
    assert kept() == before
    assert selectors.of_compound(compound, user=cast["committee"]) == []
    assert [group.attachments for group in selectors.of_compound(compound, user=cast["auditor"])] == [[row]]
    with pytest.raises(Refused, match="此前已撤下"):
        services.withdraw(attachment=row, reason="再次", by=bureau)
    assert not file().already_there, "after a withdrawal the same file may be filed anew"


def test_a_withdrawal_needs_a_reason(file, bureau):
    with pytest.raises(Refused):
        services.withdraw(attachment=file().attachment, reason="  ", by=bureau)


def test_entries_of_kinds_that_need_a_document_are_named_until_a_scan_is_filed(file, basis, bureau):
    entries = list(Entry.objects.all())
    assert selectors.without_scan(entries) == {basis.height}
    file(kind="photo", entry=basis)
    assert selectors.without_scan(entries) == {basis.height}
    scan = file(files.pdf(), kind="scan", entry=basis).attachment
    assert selectors.without_scan(entries) == set()
    services.withdraw(attachment=scan, reason="错", by=bureau)
    assert selectors.without_scan(entries) == {basis.height}


def test_a_full_disk_leaves_neither_row_nor_file(file, monkeypatch):
    file()
    before = kept()

    def full(*_arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(images, "_jpeg", full)
    with pytest.raises(StorageFull, match="磁盘已满"):
        file(files.picture())
    assert kept() == before
    assert Attachment.objects.count() == 1


def test_a_row_that_cannot_be_written_takes_its_files_along(file, monkeypatch):
    def broken(*_arguments, **_options):
        raise RuntimeError

    monkeypatch.setattr(Attachment.objects, "create", broken)
    with pytest.raises(RuntimeError):
        file()
    assert kept() == {}


def test_the_database_refuses_what_makes_no_sense(file):
    row = file().attachment
    nonsense = [
        {"kind": "film"}, {"format": "gif"}, {"shown_format": "tiff"}, {"size": 0}, {"sha256": "abc"}, {"title": ""},
        {"original": ""}, {"shown": ""}, {"withdrawn_at": timezone.now()}, {"withdrawn_reason": "x"},
    ]  # fmt: skip
    for values in nonsense:
        with pytest.raises(IntegrityError), transaction.atomic():
            Attachment.objects.filter(pk=row.pk).update(**values)


def test_the_database_itself_keeps_an_original_once(file, basis):
    for entry in (None, basis):
        row = file(files.picture(), entry=entry).attachment
        row.pk, row._state.adding = None, True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


# --- check_files and the sweep ---------------------------------------------------------------------------
def test_check_files_finds_a_changed_and_a_missing_original(file, compound):
    good, changed, lost, unshown = (file(files.picture(colour=(n, 0, 0))).attachment for n in (1, 60, 120, 200))
    store = services.store()
    assert ask_json("check_files") == {"ok": True, "originals": 4, "findings": [], "orphans": []}
    assert "4" in ask("check_files").out
    store.path(changed.original).write_bytes(store.path(good.original).read_bytes())
    store.path(lost.original).unlink()
    store.path(unshown.shown).unlink()
    answer = ask("check_files", "--format", "json")
    assert answer.code == 1
    assert [finding["id"] for finding in answer.json["findings"]] == [changed.pk, lost.pk, unshown.pk]
    assert good.sha256 in answer.json["findings"][0]["problem"]
    assert "原件缺失" in answer.err
    assert answer.json["findings"][1]["sha256"] == lost.sha256


def test_the_sweep_leaves_rows_and_uploads_under_way_alone(file, bureau):
    row = file().attachment
    services.withdraw(attachment=row, reason="错", by=bureau)
    with services.store().writing() as batch:
        old, new = batch.put(b"old", ".jpg"), batch.put(b"new", ".jpg")
    two_days_ago = (timezone.now() - datetime.timedelta(days=2)).timestamp()
    for name in (old, row.original, row.shown, row.preview):
        os.utime(services.store().path(name), (two_days_ago, two_days_ago))
    assert ask_json("check_files")["orphans"] == sorted([old, new])
    assert kind_of("files.sweep").function(None) == {"left": 0, "removed": 1}
    assert set(kept()) == {row.original, row.shown, row.preview, new}


def test_queries_do_not_grow_with_files(file, basis, bureau, django_assert_num_queries):
    for number in range(6):
        file(files.picture(colour=(40 * number, 0, 0)), entry=basis if number % 2 else None)
    connection.queries_log.clear()
    compound = basis.compound
    assert bureau.scope.everything
    with django_assert_num_queries(1):
        groups = selectors.of_compound(compound, user=bureau)
        assert [(group.entry, len(group.attachments)) for group in groups] == [(basis, 3), (None, 3)]
        assert all(str(row.uploaded_by) for group in groups for row in group.attachments)
