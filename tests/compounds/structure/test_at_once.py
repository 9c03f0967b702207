"""Two clerks at once: the same compounds are merged once, the same split is made once, and codes stay unique."""

import pytest

from compounds.ledger.events import Pocket
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from compounds.structure import services
from compounds.structure.parts import NewCompound
from tests.support import day, register, together

pytestmark = pytest.mark.django_db(transaction=True)


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
