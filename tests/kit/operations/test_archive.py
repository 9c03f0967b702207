"""The file of a backup: whole or not there at all, and nothing about it can be changed unseen."""

import errno
import os
import random
import stat
import zipfile

import pytest

from chaoyang_pm.kit.operations import archive
from chaoyang_pm.kit.operations.archive import Reader, Writer
from chaoyang_pm.kit.operations.problems import Refusal
from tests.kit.operations.archives import forged


def write(path, *, overwrite=False, size=2000):
    with Writer(path, overwrite=overwrite) as writer:
        writer.begin()
        with writer.member("tables/t.jsonl") as out:
            out(b"[1]\n" * size)
        with writer.member("files/imports/a b.upload", packed=False) as out:
            out(os.urandom(3000))
        writer.finish({"tables": {"t": {"rows": size, "columns": ["id"]}}})


@pytest.fixture
def made(tmp_path):
    path = tmp_path / "a.zip"
    write(path)
    return path


def refusal(path) -> str:
    with pytest.raises(Refusal) as refused, Reader(path):
        pass
    return str(refused.value)


def test_what_was_written_is_read(made):
    with Reader(made) as reader:
        assert reader.open("tables/t.jsonl").read() == b"[1]\n" * 2000
        assert reader.manifest["format"] == archive.FORMAT


def test_only_its_owner_reads_it(made):
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_any_zip_program_opens_it(made):
    assert zipfile.ZipFile(made).testzip() is None


def test_an_existing_file_is_not_overwritten_unless_told_to(made):
    before = made.read_bytes()
    with pytest.raises(Refusal, match="--force"):
        write(made)
    assert made.read_bytes() == before
    write(made, overwrite=True)
    assert made.read_bytes() != before
    assert os.listdir(made.parent) == ["a.zip"]


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(Refusal, match=str(tmp_path)):
        write(tmp_path, overwrite=True)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(Refusal, match="nowhere"):
        write(tmp_path / "nowhere" / "a.zip")


@pytest.mark.parametrize("room", [0, 10, 3000, 3200])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, monkeypatch, room):
    class Full:
        """A file on a disk with ``room`` bytes left."""

        def __init__(self, file):
            self.file, self.left = file, room

        def write(self, data):
            self.left -= len(data)
            if self.left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.file.write(data)

        def __getattr__(self, name):
            return getattr(self.file, name)

    fdopen = os.fdopen
    monkeypatch.setattr(archive.os, "fdopen", lambda *given: Full(fdopen(*given)))
    with pytest.raises(Refusal, match=os.strerror(errno.ENOSPC)) as refused:
        write(tmp_path / "a.zip", size=5000)
    assert "a.zip" in str(refused.value)
    assert os.listdir(tmp_path) == []


def test_what_a_killed_backup_left_goes_with_the_next(tmp_path):
    dead = tmp_path / ".a.zip.0123abcd.part"
    dead.write_bytes(b"half")
    with Writer(tmp_path / "a.zip", overwrite=True) as alive:
        write(tmp_path / "a.zip")
        assert alive.draft.exists(), "the draft of a living backup stays"
    assert os.listdir(tmp_path) == ["a.zip"]


def test_every_cut_is_noticed(made):
    content = made.read_bytes()
    for length in [*range(80), *random.Random(2).sample(range(80, len(content)), 150), len(content) - 1]:
        made.write_bytes(content[:length])
        assert str(made) in refusal(made), length


def test_a_cut_file_is_called_one(made):
    made.write_bytes(made.read_bytes()[:-100])
    assert f"{made.stat().st_size}" in refusal(made)


def test_every_altered_byte_is_noticed(made):
    content, chance = made.read_bytes(), random.Random(3)
    for place in [*range(50), *chance.sample(range(len(content)), 200), *range(len(content) - 120, len(content))]:
        made.write_bytes(content[:place] + bytes([content[place] ^ chance.randint(1, 255)]) + content[place + 1 :])
        assert str(made) in refusal(made), place


def test_something_added_is_noticed(made):
    with made.open("ab") as file:
        file.write(b"more")
    refusal(made)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 but no more", b"SQLite format 3\x00" + bytes(99)])
def test_a_file_of_another_kind_is_no_backup(tmp_path, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert str(path) in refusal(path)


def test_a_workbook_is_no_backup(tmp_path):
    import openpyxl

    path = tmp_path / "台账.xlsx"
    openpyxl.Workbook().save(path)
    assert str(path) in refusal(path)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda said, members: said.update(format=archive.FORMAT + 1), str(archive.FORMAT + 1)),
        (lambda said, members: members.update({"files/../../etc/passwd": b""}), "etc/passwd"),
        (lambda said, members: members.update({"/etc/passwd": b""}), "/etc/passwd"),
        (lambda said, members: members.update({"files//etc/passwd": b""}), "files//etc/passwd"),
        (lambda said, members: members.update({"files/./x": b""}), "files/./x"),
        (lambda said, members: said["members"].update({"files/gone": {"bytes": 0, "sha256": ""}}), "files/gone"),
        (lambda said, members: members.update({"tables/t.jsonl": b"[1]\n"}), "tables/t.jsonl"),
        (lambda said, members: said.pop("tables"), "tables"),
    ],
)
def test_a_forged_archive_is_refused_by_name(made, tmp_path, change, named):
    """Right checksums, wrong content."""
    assert named in refusal(forged(made, tmp_path / "forged.zip", change))
