"""Backup, wipe, restore, verify; and every archive that must not be restored."""

import json
import signal

import pytest

from tests.kit.operations import archives
from tests.kit.operations.conftest import without_migrations

pytestmark = pytest.mark.both_databases


def head(archive) -> str:
    ledger = archives.manifest(archive)["facts"]["ledger"]
    return f"{ledger['height']}:{ledger['hash']}"


def test_backup_wipe_restore_verify_gives_equal_answers_to_200_questions(city, history, tmp_path):
    archive, again = tmp_path / "a.zip", tmp_path / "b.zip"
    rows, files, anchors = city.contents(), city.files(), (city.folder / "anchors.log").read_text()
    assert len(files) == 1
    assert len(anchors.splitlines()) == 2
    assert f"OK {head(history.archive)}" in city.must("backup", archive)
    assert archives.tables(archive) == archives.tables(history.archive)
    city.wipe()
    assert city.must("restore", archive).splitlines()[-1] == f"OK {head(archive)}"
    assert without_migrations(city.contents()) == without_migrations(rows)
    assert city.files() == files
    assert (city.folder / "anchors.log").read_text() == anchors
    newest = int(head(archive).split(":")[0])
    answers, verified, _seal, height = city.acts("answers:1,200", "verify", f"backup:{again}", "record:新001")
    assert len(answers) == 200
    assert answers == history.answers
    assert verified == head(archive)
    assert archives.tables(again) == archives.tables(archive)
    assert height == newest + 1


def test_a_database_in_use_is_not_overwritten(city, history):
    before = city.contents()
    answer = city.manage("restore", history.archive)
    assert answer.code == 1
    assert "--replace" in answer.err
    assert "70" in answer.err, "how many compounds it holds"
    assert city.contents() == before


def test_an_older_backup_says_by_how_many_versions_and_replacing_loses_nothing(city, history):
    old = without_migrations(city.contents())
    city.acts("record:新1", "record:新2", "record:新3")
    newer = without_migrations(city.contents())
    answer = city.manage("restore", history.archive)
    newest = archives.manifest(history.archive)["facts"]["ledger"]["height"]
    assert answer.code == 1
    assert all(str(number) in answer.err for number in (newest, newest + 3)), answer.err
    assert "3 个" in answer.err
    assert without_migrations(city.contents()) == newer

    answer = city.manage("restore", history.archive, "--replace", "--format", "json")
    assert answer.code == 0, answer.err
    assert without_migrations(city.contents()) == old
    city.must("restore", json.loads(answer.out)["safety_backup"], "--replace", "--no-safety-backup")
    assert without_migrations(city.contents()) == newer


def test_a_backup_of_another_ledger_is_called_one(city, bare, tmp_path):
    other = bare("sqlite")
    other.must("migrate", "--verbosity=0")
    other.acts("fill:4,60", f"backup:{tmp_path / 'other.zip'}")
    answer = city.manage("restore", tmp_path / "other.zip")
    assert answer.code == 1
    assert "另一本" in answer.err


def _alter_a_note(said, members):
    """Somebody who knows the archive's format writes something else into an entry."""
    columns = said["tables"]["compounds_entry"]["columns"]
    rows = [json.loads(line) for line in members["tables/compounds_entry.jsonl"].splitlines()]
    row = next(row for row in rows if row[columns.index("height")] == 7)
    row[columns.index("note")] = "x"
    members["tables/compounds_entry.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _cut_the_ledger(said, members):
    """The newest entry is left out everywhere but in the manifest."""
    for table, key in (("compounds_entry", "height"), ("compounds_posting", "entry_id")):
        column = said["tables"][table]["columns"].index(key)
        lines = members[f"tables/{table}.jsonl"].splitlines(keepends=True)
        newest = said["facts"]["ledger"]["height"]
        kept = [line for line in lines if json.loads(line)[column] != newest]
        members[f"tables/{table}.jsonl"] = b"".join(kept)
        said["tables"][table]["rows"] = len(kept)


def _repeat_a_row(said, members):
    members["tables/compounds_posting.jsonl"] += members["tables/compounds_posting.jsonl"].splitlines(True)[-1]
    said["tables"]["compounds_posting"]["rows"] += 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda said, members: said["migrations"]["compounds"].append("0999_tomorrow"), "compounds.0999_tomorrow"),
        (lambda said, members: said.update(format=99), "99"),
        (lambda said, members: said["tables"]["compounds_entry"]["columns"].remove("note"), "compounds_entry"),
        (_alter_a_note, "7 "),
        (_cut_the_ledger, "250"),
        (_repeat_a_row, "compounds_posting"),
    ],
)
def test_nothing_changes_when_an_archive_is_refused(city, history, tmp_path, change, named):
    """Right checksums and seal; what is inside is newer, or not in order."""
    before, files = city.contents(), city.files()
    answer = city.manage(
        "restore", archives.forged(history.archive, tmp_path / "bad.zip", change), "--replace", "--no-safety-backup"
    )
    assert answer.code == 1
    assert named in answer.err
    assert "Traceback" not in answer.err
    assert city.contents() == before
    assert city.files() == files
    assert not (city.folder / "maintenance").exists()


def test_a_cut_archive_changes_nothing(city, history, tmp_path):
    before = city.contents()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(history.archive.read_bytes()[:-1000])
    answer = city.manage("restore", cut, "--replace")
    assert answer.code == 1
    assert str(cut) in answer.err
    assert city.contents() == before
    assert not (city.folder / "backups").exists()


def test_files_that_the_backup_does_not_have_are_set_aside(city, history):
    stray = city.folder / "files" / "imports" / "later.upload"
    stray.write_bytes(b"later")
    [name] = [name for name in city.files() if not name.endswith("later.upload")]
    original = city.files()[name]
    (city.folder / "files" / name).write_bytes(b"damaged")
    city.must("restore", history.archive, "--replace", "--no-safety-backup")
    assert city.files() == {name: original}
    [aside] = city.folder.glob("set-aside-*")
    assert (aside / "imports" / "later.upload").read_bytes() == b"later"
    assert (aside / name).read_bytes() == b"damaged"


def test_no_key_to_the_portal_is_in_a_backup(history):
    names = archives.manifest(history.archive)["members"]
    # Of a token only the hash is kept, which opens nothing; its name must not hide another's.
    hashed = {f"tables/communities_{name}.jsonl" for name in ("token", "tokenstep", "tokenuse")}
    assert hashed <= set(names)
    names = set(names) - hashed
    assert not any("session" in name or "secret" in name or "token" in name for name in names)


def test_no_token_that_was_revoked_since_the_backup_lives_again(city, tmp_path):
    """Sessions end with a restore, and so do all tokens: which of them live, the backup cannot know."""
    archive = tmp_path / "a.zip"
    *secrets, _seal = city.acts("token:leaked", "token:good", f"backup:{archive}")
    asked = [f"told:{secret}" for secret in secrets]
    assert city.acts("revoke:leaked", *asked)[1:] == ["revoked", "owner_without_office"]
    answer = city.manage("restore", archive, "--replace", "--no-safety-backup")
    assert (answer.code, answer.out.splitlines()[-1][:3]) == (0, "OK ")
    assert "2 个令牌" in answer.err
    assert "create_token" in answer.err
    assert city.acts(*asked) == ["revoked", "revoked"]

    answer = city.manage("restore", archive, "--replace", "--no-safety-backup", "--keep-tokens")
    assert "2 个令牌" in answer.err
    assert "--keep-tokens" in answer.err
    assert city.acts(*asked) == ["owner_without_office", "owner_without_office"]
    result = json.loads(
        city.must("restore", archive, "--replace", "--no-safety-backup", "--keep-tokens", "--format", "json")
    )
    assert (result["tokens_ended"], result["tokens_live"]) == (0, 2)


def test_a_killed_restore_leaves_one_whole_database_and_says_how_to_mend_it(city, history):
    """Killed while it speaks of its first table, of a later one and of the proof: the old database is whole."""
    old = without_migrations(city.contents())
    city.acts("record:新001")
    newer = city.contents()
    for word in ("auditlog_logentry", "compounds_entry", "正在核验"):
        process = city.start("manage.py", "restore", str(history.archive), "--replace", "--no-safety-backup")
        while word not in (line := process.stderr.readline()):
            assert line, "it ended before"
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert city.contents() == newer
        assert (city.folder / "maintenance").exists()
    answer = city.manage("restore", history.archive)
    assert answer.code == 1
    assert f"restore {history.archive} --replace" in answer.err
    assert (city.folder / "maintenance").exists(), "the portal stays closed until it is mended"
    city.must("restore", history.archive, "--replace", "--no-safety-backup")
    assert without_migrations(city.contents()) == old
    assert not (city.folder / "maintenance").exists()


def test_two_restores_at_once_take_turns(bare, restored, history):
    target = bare()
    both = [target.start("manage.py", "restore", str(history.archive)) for _each in range(2)]
    ends = [(process.communicate()[1], process.returncode) for process in both]
    assert sorted(code for _err, code in ends) == [0, 1], ends
    assert without_migrations(target.contents()) == without_migrations(restored.contents())


def test_a_full_disk_during_restore_changes_nothing(city, history, tmp_path):
    """The limit on the size of files stands for the disk: the archive's uploads do not fit."""
    big = tmp_path / "big.zip"
    archives.forged(
        history.archive, big, lambda said, members: members.update({"files/imports/big.upload": bytes(40_000_000)})
    )
    before = city.contents()
    answer = city.run("-c", WITH_A_LIMIT, "restore", str(big), "--replace", "--no-safety-backup")
    assert answer.code == 1
    assert "File too large" in answer.err
    assert city.contents() == before


WITH_A_LIMIT = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000_000, 30_000_000))
exec(open("manage.py").read())
"""


@pytest.mark.parametrize("option", [[], ["--replace"]])
def test_a_database_of_somebody_else_is_left_alone(bare, history, option):
    target = bare("sqlite")
    with target.connect() as other:
        other.execute("CREATE TABLE theirs (id INTEGER)")
    answer = target.manage("restore", history.archive, *option)
    assert answer.code == 1
    assert "Traceback" not in answer.err
    assert target.contents() == {"theirs": []}
