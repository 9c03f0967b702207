"""From SQLite to the database that the tests run on, and back: heights, hashes and every answer stay."""

import pytest

from tests.kit.operations import archives
from tests.kit.operations.conftest import without_migrations

pytestmark = pytest.mark.both_databases


def test_a_moved_database_gives_equal_answers_to_200_questions(bare, history, tmp_path):
    target, back = bare(), bare("sqlite")
    assert "OK 250:" in target.must("move_database", "--from", history.portal.url)
    moved = tmp_path / "moved.zip"
    answers, _seal = target.acts("answers:1,200", f"backup:{moved}")
    assert answers == history.answers
    assert archives.tables(moved) == archives.tables(history.archive)
    back.must("move_database", "--from", target.url)
    assert without_migrations(back.contents()) == without_migrations(history.portal.contents())


def test_tokens_move_along(bare, city, tmp_path):
    [secret] = city.acts("token:good")
    target = bare()
    answer = target.manage("move_database", "--from", city.url)
    assert answer.code == 0, answer.err
    assert "create_token" not in answer.err
    assert target.acts(f"told:{secret}") == ["owner_without_office"]


@pytest.mark.parametrize("url", ["sqlite:////nowhere/portal.sqlite3", "mysql://host/name"])
def test_a_source_that_is_none_is_named(bare, url):
    answer = bare().manage("move_database", "--from", url)
    assert answer.code == 1
    assert "nowhere" in answer.err or url in answer.err
    assert "Traceback" not in answer.err


def test_source_and_target_must_differ(bare):
    same = bare()
    same.must("migrate", "--verbosity=0")
    answer = same.manage("move_database", "--from", same.url)
    assert answer.code == 1
    assert "DATABASE_URL" in answer.err


def test_a_target_in_use_is_refused(city, history):
    before = city.contents()
    answer = city.manage("move_database", "--from", history.portal.url)
    assert answer.code == 1
    assert "--replace" in answer.err
    assert city.contents() == before
