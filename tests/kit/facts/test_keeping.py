"""What is kept is asked for once, until a fact is edited; without a cache every reader gets an answer all the same."""

import pytest
from django.utils import translation
from redis import ConnectionError as Unreachable

from chaoyang_pm.kit.facts import keeping
from chaoyang_pm.kit.facts.selectors import FactsVersion


@pytest.fixture
def version(monkeypatch):
    found = {"now": FactsVersion(1, 11)}
    monkeypatch.setattr(keeping, "facts_version", lambda: found["now"])
    return found


@pytest.fixture
def made():
    return []


def ask(made, *asked, room="room"):
    return keeping.kept(room, *asked, make=lambda: made.append(asked) or {"answer": len(made)})


def test_the_same_question_is_answered_once(version, made):
    assert ask(made, "2113", 7) == ask(made, "2113", 7) == {"answer": 1}


def test_another_question_room_or_language_is_another_answer(version, made):
    ask(made, "2113", 7)
    ask(made, "2113", 8)
    ask(made, "2113", 7, room="other")
    with translation.override("en"):
        ask(made, "2113", 7)
    assert len(made) == 4


def test_an_edit_asks_anew(version, made):
    ask(made, "2113", 7)
    version["now"] = FactsVersion(2, 12)
    assert ask(made, "2113", 7) == {"answer": 2}


def test_another_release_asks_anew(version, made, settings):
    ask(made, "2113", 7)
    settings.RELEASE = "another"
    assert ask(made, "2113", 7) == {"answer": 2}


@pytest.mark.parametrize("method", ["get", "set"])
def test_without_a_cache_it_is_made_each_time(version, made, monkeypatch, method):
    def away(*args, **kwargs):
        raise Unreachable

    monkeypatch.setattr(keeping.cache, method, away, raising=False)
    assert ask(made, "2113", 7) == {"answer": 1}
    assert ask(made, "2113", 7) == {"answer": 2}
