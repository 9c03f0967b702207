"""The same request from eight threads, and one that is cut off: it counts once."""

import threading

import pytest

from chaoyang_pm.kit.once.models import KeptAnswer
from chaoyang_pm.kit.once.services import Done, once
from communities.tokens import services as tokens
from compounds.approvals import api
from compounds.ledger.models import Entry
from compounds.ledger.verify import verify
from tests.compounds.ledger.test_handing_in import TAKEOVER, post
from tests.support import person, register, together

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


@pytest.fixture
def secret(reference):
    register("A", m2=1000, households=10)
    county = person("county", "county", "211302")
    return tokens.make(user=county, name="x", scopes=["ledger:write"], by=None)[1]


def test_the_same_request_at_once_posts_once(secret):
    answers = together(*[lambda: post(secret, TAKEOVER)] * THREADS)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert (Entry.objects.count(), KeptAnswer.objects.count()) == (2, 1)
    assert verify().ok


def test_one_key_for_different_requests_at_once_posts_one_of_them(secret):
    areas = range(1, THREADS + 1)
    answers = together(*[lambda m2=m2: post(secret, TAKEOVER | {"area_m2": m2}) for m2 in areas])
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * (THREADS - 1)
    assert Entry.objects.count() == 2


def test_different_keys_at_once_all_post(secret):
    calls = [lambda n=n: post(secret, TAKEOVER | {"area_m2": 1 + n}, f"k{n}") for n in range(THREADS)]
    assert {answer.status_code for answer in together(*calls)} == {201}
    assert Entry.objects.count() == 1 + THREADS
    assert verify().ok


def test_what_is_refused_at_once_is_refused_to_all(secret):
    answers = together(*[lambda: post(secret, TAKEOVER | {"area_m2": 5000})] * THREADS)
    assert {answer.status_code for answer in answers} == {422}
    assert (Entry.objects.count(), KeptAnswer.objects.count()) == (1, 0)


def test_a_request_that_is_cut_off_after_posting_leaves_nothing_and_may_come_again(secret, monkeypatch):
    """Power fails between the entry and the answer: both are one transaction."""
    with monkeypatch.context() as broken:

        def cut(*args, **kwargs):
            raise KeyboardInterrupt

        broken.setattr(api, "listed", cut)
        with pytest.raises(KeyboardInterrupt):
            post(secret, TAKEOVER)
    assert (Entry.objects.count(), KeptAnswer.objects.count()) == (1, 0)
    assert post(secret, TAKEOVER).status_code == 201
    assert post(secret, TAKEOVER)["Idempotency-Replayed"] == "true"
    assert Entry.objects.count() == 2


def test_of_two_at_once_the_second_tries_when_the_first_fails(bureau):
    """The first holds the key until it ends; the second then takes it."""
    holds, calls = threading.Event(), []

    def failing():
        calls.append("first")
        holds.set()
        raise ZeroDivisionError

    def first():
        with pytest.raises(ZeroDivisionError):
            once(by=bureau, key="k", digest="0" * 64, act=failing)

    def second():
        holds.wait(60)
        return once(by=bureau, key="k", digest="0" * 64, act=lambda: Done(201, {"by": "second"}))

    _none, done = together(first, second)
    assert (done.body, done.again) == ({"by": "second"}, False)
    assert calls == ["first"]
