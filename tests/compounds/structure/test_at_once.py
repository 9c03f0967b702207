"""Two clerks at once: the same compounds are merged once, the same split is made once, and codes stay unique."""

import threading

import pytest
from django.db import connections

from compounds.ledger.events import Pocket
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from compounds.structure import services
from compounds.structure.parts import NewCompound
from tests.support import day, register

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls) -> list:
    """What each call returned or raised; all begin at the same moment, each on a connection of its own."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number, call):
        try:
            gate.wait()
            answers[number] = call()
        except Refused as refused:
            answers[number] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def three(reference):
    for code in ("A", "B", "C"):
        register(code, m2=1000, households=10)


def merge(others, into, by, key=""):
    return lambda: services.merge(others=others, into=into, on=day("2015-01-01"), details={}, by=by, key=key)


def test_each_into_the_other_at_once_leaves_one(three, bureau):
    answers = together(merge(["A", "C"], "B", bureau), merge(["B", "C"], "A", bureau))
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Compound.objects.filter(status="merged").count() == 2
    assert verify().ok


def test_the_same_form_sent_twice_at_once_is_recorded_once(three, bureau):
    answers = together(*[merge(["A", "B"], "C", bureau, key="page:same")] * 2)
    assert sorted(len(entries) for entries in answers) == [0, 2]
    assert Entry.objects.filter(kind="merge").count() == 2


def test_splits_at_once_give_out_different_codes(three, bureau):
    def split(code, name):
        part = NewCompound(name, {Pocket("abandoned", "none"): (10_000, 1)})
        return lambda: services.split(compound=code, parts=[part], on=day("2015-01-01"), details={}, by=bureau)

    answers = together(split("A", "东区"), split("B", "西区"), split("C", "南区"))
    assert [len(entries) for entries in answers] == [1, 1, 1]
    codes = Compound.objects.filter(name__in=["东区", "西区", "南区"]).values_list("code", flat=True)
    assert len(set(codes)) == 3
    assert verify().ok


def test_the_same_name_at_once_is_given_once(three, bureau):
    def split(code):
        part = NewCompound("东区", {Pocket("abandoned", "none"): (10_000, 1)})
        return lambda: services.split(compound=code, parts=[part], on=day("2015-01-01"), details={}, by=bureau)

    answers = together(split("A"), split("B"))
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Compound.objects.filter(name="东区").count() == 1
