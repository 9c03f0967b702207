"""From the first release's database, with data, to this one's: nothing of it is changed, and the ledger verifies.

``first_release.zip`` is a backup that the first release's models wrote: users, compounds, 250 entries, an import run.
"""

import json
from pathlib import Path

import pytest

from tests.kit.operations import archives

pytestmark = pytest.mark.both_databases

FIRST = Path(__file__).with_name("first_release.zip")
HEAD = "250:a41f5fc1d4bc0908c0cd631d6627b419fd839685e789f67db36ed8deeb16aaf6"
#: Tables whose rows no migration may touch.
UNTOUCHED = ["compounds_entry", "compounds_entrypart", "compounds_posting", "compounds_ledgerhead"]


def kept(archive) -> None:
    """Every row of the first release's ledger, register, accounts and imports is as it was."""
    now, then = archives.manifest(archive)["tables"], archives.manifest(FIRST)["tables"]
    for table in [*UNTOUCHED, "compounds_compound", "communities_user", "compounds_importrun"]:
        columns = [column for column in then[table]["columns"] if column in now[table]["columns"]]
        assert table not in UNTOUCHED or columns == then[table]["columns"]
        assert archives.rows(archive, table, columns) == archives.rows(FIRST, table, columns), table


def test_the_first_releases_database_is_upgraded_in_place(bare, tmp_path):
    portal = bare()
    portal.acts(f"then:{FIRST}")
    answer = portal.manage("upgrade", "--format", "json")
    assert answer.code == 0, answer.err
    done = json.loads(answer.out)
    assert "compounds.0002" in " ".join(done["migrated"])
    assert archives.manifest(done["backup"])["migrations"] == archives.manifest(FIRST)["migrations"]
    kept(done["backup"])
    verified, _seal, height = portal.acts("verify", f"backup:{tmp_path / 'now.zip'}", "record:新001")
    assert verified == HEAD
    assert height == 251
    kept(tmp_path / "now.zip")
    answer = portal.manage("upgrade", "--format", "json")
    assert (answer.code, json.loads(answer.out)) == (0, {"migrated": [], "backup": None})


def test_a_backup_of_the_first_release_is_restored_and_migrated(bare, tmp_path):
    portal = bare()
    answer = portal.manage("restore", FIRST, "--format", "json")
    assert answer.code == 0, answer.err
    assert "compounds.0002" in " ".join(json.loads(answer.out)["migrated"])
    verified, _seal, height = portal.acts("verify", f"backup:{tmp_path / 'now.zip'}", "record:新001")
    assert verified == HEAD
    assert height == 251
    kept(tmp_path / "now.zip")
    assert [name for name in portal.files() if name.startswith("imports/")]


def test_a_database_whose_first_migration_was_cut_off_is_upgraded(bare):
    portal = bare()
    portal.must("migrate", "auth", "--verbosity=0")
    portal.must("upgrade")
    assert portal.acts("record:新001") == [1]


def test_of_two_migrations_at_once_one_waits(bare):
    portal = bare()
    both = [portal.start("manage.py", "migrate", "--verbosity=0") for _each in range(2)]
    ends = [(process.communicate()[1], process.returncode) for process in both]
    assert [code for _err, code in ends] == [0, 0], ends
    portal.must("load_reference")
    assert portal.acts("record:新001") == [1]


def test_a_backup_waits_for_nobody_and_nobody_for_it(city, tmp_path):
    """Entries are recorded while backups are made; each of them is of one moment."""
    writer = city.start("-m", "tests.kit.operations.portal", *[f"record:写{number}" for number in range(25)])
    heights = []
    for number in range(3):
        archive = tmp_path / f"{number}.zip"
        city.must("backup", archive)
        said = archives.manifest(archive)
        newest = said["facts"]["ledger"]["height"]
        assert said["tables"]["compounds_entry"]["rows"] == newest
        assert archives.rows(archive, "compounds_ledgerhead", ["height"]) == [[newest]]
        heights.append(newest)
    _out, err = writer.communicate()
    assert writer.returncode == 0, err
    assert heights == sorted(heights)
    city.must("restore", tmp_path / "2.zip", "--replace", "--no-safety-backup")


def test_an_upgrade_after_a_killed_restore_says_what_comes_first(city, history):
    (city.folder / "maintenance").write_text(json.dumps({"work": "restore", "archive": str(history.archive)}))
    answer = city.manage("upgrade")
    assert answer.code == 1
    assert "maintenance" in answer.err
