"""Every posted import is kept: its file, the range of versions it posted, and an audit trail under its name."""

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError, transaction

from compounds.imports import reading, rehearsal, services, store
from compounds.imports.choices import RunState
from compounds.imports.models import ImportRun
from compounds.imports.trail import cid_of
from compounds.ledger.recording import live_keys
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import Files
from tests.support import JINYUAN, day

FIRST = {
    "小区编号": "A1",
    "小区名称": "华园城市",
    "社区": JINYUAN,
    "建筑面积(㎡)": 20000,
    "小区类别": "弃管",
    "联系人": "张三",
}
SECOND = {"小区编号": "A2", "小区名称": "翠湖花园", "社区": JINYUAN, "建筑面积(㎡)": 5000, "小区类别": "弃管"}


def test_a_command_keeps_what_it_posted(files: Files):
    files.register(FIRST, SECOND)
    files.change({"小区编号": "A1", "变更类型": "接管", "发生日期": "2014-05-01", "新管理模式": "自助"})
    register, changes = ImportRun.objects.order_by("first_height")
    assert (register.first_height, register.last_height) == (1, 2)
    assert (changes.first_height, changes.last_height) == (3, 3)
    assert {run.state for run in (register, changes)} == {RunState.POSTED}
    assert register.created_by is None
    assert register.result["posted"] == 2
    assert register.file.read().startswith(b"PK")


def test_what_posts_nothing_leaves_no_import_behind(files: Files):
    files.register(FIRST, options=["--dry-run"])
    files.register_refused(FIRST | {"建筑面积(㎡)": -1})
    assert not ImportRun.objects.exists()
    assert not list(files.folder.glob("files/imports/*"))


def test_facts_alone_have_no_versions(files: Files):
    files.register(FIRST)
    files.register({"小区编号": "A1", "小区名称": "华园城市", "社区": JINYUAN, "联系人": "李四"})
    run = ImportRun.objects.latest("created_at")
    assert (run.first_height, run.last_height, run.result["updated"]) == (None, None, 1)


def test_the_same_changes_posted_by_somebody_else_during_the_check_are_no_mistake(files: Files, monkeypatch):
    """600 of 1,000 ㎡ twice would be too much: the rows are known by their keys, whenever the other import lands."""
    files.register(FIRST | {"建筑面积(㎡)": 1000})
    change = {"小区编号": "A1", "变更类型": "接管", "发生日期": "2014-05-01", "新管理模式": "自助", "面积": 600}
    begun = []

    def overtaken(keys):
        found = live_keys(keys)
        if not begun:
            begun.append(True)
            assert files.change(change)["posted"] == 1
        return found

    monkeypatch.setattr(rehearsal, "live_keys", overtaken)
    result = files.change(change)
    assert (result["posted"], result["unchanged"]) == (0, 1)


def test_the_trail_says_what_was_before_the_first_row(files: Files):
    """Two rows of one compound are one change: from what the register had to what the last row says."""
    files.register(FIRST)
    row = {"小区编号": "A1", "小区名称": "华园城市", "社区": JINYUAN}
    files.register(row | {"联系人": "李四"}, row | {"联系人": "王五"})
    run = ImportRun.objects.latest("created_at")
    entry = LogEntry.objects.get(cid=cid_of(run.pk))
    assert entry.changes == {"contact": ["张三", "王五"]}


def test_the_trail_of_a_new_compound_has_all_it_was_entered_with(files: Files):
    files.register(FIRST)
    run = ImportRun.objects.get()
    entry = LogEntry.objects.get(cid=cid_of(run.pk))
    assert entry.action == LogEntry.Action.CREATE
    assert entry.object_id == Compound.objects.get().pk
    assert {name: after for name, (_before, after) in entry.changes.items()} == {
        "code": "A1", "name": "华园城市", "community": JINYUAN, "contact": "张三",
    }  # fmt: skip


def test_an_import_that_was_posted_elsewhere_meanwhile_posts_nothing(files: Files):
    path = files.file([FIRST])
    facts = {"workbook": "register", "path": path, "filename": path.name, "default_date": day("2014-01-01")}
    kept = store.keep_path(**facts, by=None)
    imported, _outcome = reading.read_or_refuse(**facts)
    ImportRun.objects.update(state=RunState.POSTED)
    with pytest.raises(store.AlreadyPosted):
        services.run(imported, by=None, kept=kept)
    assert not Compound.objects.exists()


def test_the_database_holds_what_an_undone_import_says(files: Files):
    files.register(FIRST)
    for wrong in ({"state": RunState.UNDONE}, {"first_height": None}, {"last_height": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ImportRun.objects.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Compound.objects.update(import_undone=True)
