"""Random changes of divisions over a random city: the city's total never changes, and no figure of before does."""

import datetime
import random

import pytest

from communities.divisions.choices import Level
from communities.divisions.models import Division, Succession
from compounds.ledger.models import Entry, LedgerHead
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.successions import services
from compounds.successions.planning import Change, Part
from compounds.successions.selectors import preview
from oversight.coverage.question import resolve
from oversight.coverage.targets import board
from tests.compounds.successions.worlds import assert_sound, total
from tests.support import day, make_compound, record, register, undone

START = day("2014-01-01")
STREETS = ("211302003", "211303004", "211321001", "211302001")
MODES = ("owners", "professional", "community")


def some_day(dice: random.Random, first: int = 0, last: int = 1000) -> datetime.date:
    return START + datetime.timedelta(days=dice.randint(first, last))


def communities(dice: random.Random, count: int) -> list[Division]:
    living = Division.objects.living().filter(level=Level.COMMUNITY, parent__in=_streets())
    return dice.sample(list(living.order_by("code")), count)


def _streets() -> list[str]:
    """The subdistricts of the beginning and whatever followed them."""
    found = set(STREETS)
    while (
        more := set(
            Division.objects.filter(level=Level.SUBDISTRICT, follows__from_division__in=found).values_list(
                "code", flat=True
            )
        )
        - found
    ):
        found |= more
    return sorted(found)


def something_happens(dice: random.Random, number: int) -> None:
    """A registration or an event, often dated before changes that stand already."""
    known = list(Compound.objects.filter(has_area=True).order_by("code").values_list("code", flat=True))
    kind = dice.choice(("register", "register", "takeover", "lapse", "relocate", "pending"))
    [place] = communities(dice, 1)
    try:
        if kind == "register" or not known:
            make_compound(f"C{number}", place.code)
            register(f"C{number}", some_day(dice), community=place.code, m2=dice.randint(1, 999), households=3)
        elif kind == "pending":
            make_compound(f"C{number}", place.code)
        elif kind == "relocate":
            record("relocate", some_day(dice), dice.choice(known), community=place.code)
        else:
            mode = {"mode_to": dice.choice(MODES)} if kind == "takeover" else {}
            record(kind, some_day(dice), dice.choice(known), **mode)
    except Refused:
        Compound.objects.filter(code=f"C{number}", has_area=False).delete()


def a_change(dice: random.Random, number: int) -> Change:
    kind = dice.choice(("rename", "merge", "into", "split", "reparent", "street", "zone"))
    common = {"effective_on": some_day(dice, 400), "document": "批复"}
    name = f"新{number}社区"
    first, second, third = communities(dice, 3)
    if kind == "rename":
        return Change("rename", divisions=(first.code,), name=name, **common)
    if kind == "merge":
        return Change("merge", divisions=(first.code, second.code), name=name, **common)
    if kind == "into":
        return Change("merge", divisions=(first.code, second.code), into=third.code, **common)
    if kind == "split":
        own = list(Compound.objects.filter(community=first.code, status="active").values_list("code", flat=True))
        half = tuple(own[::2]), tuple(own[1::2])
        parts = tuple(Part(f"{name}{side}", members=half[side]) for side in (0, 1))
        return Change("split", divisions=(first.code,), parts=parts, **common)
    streets = list(Division.objects.living().filter(code__in=_streets()).order_by("code"))
    street = dice.choice(streets)
    if kind == "reparent":
        return Change("reparent", divisions=(first.code,), parent=street.code, **common)
    if kind == "street":
        counties = [c for c in ("211302", "211303", "211321", "211322") if c != street.parent_id]
        return Change("reparent", divisions=(street.code,), parent=dice.choice(counties), **common)
    alone = () if first.parent_id == street.code else (first.code,)
    return Change("zone", divisions=(street.code, *alone), name=f"开发区{number}", **common)


def completed(on: datetime.date, height: int) -> dict[str, int]:
    figures = board(resolve(as_of=on.isoformat(), height=height))
    return {each.target.code: each.completed for each in figures if each.target.code != "T4"}


DAYS = [START + datetime.timedelta(days=days) for days in range(0, 1100, 250)]


@pytest.mark.parametrize("seed", range(4))
def test_totals_survive_every_change(reference, settings, bureau, seed):
    settings.BUSINESS_DATE = day("2016-12-31")
    dice = random.Random(seed)
    for number in range(25):
        something_happens(dice, number)
    carried_out = []
    for number in range(100, 112):
        change = a_change(dice, number)
        height = LedgerHead.objects.get(pk=1).height
        before = {on: total("2113", on) for on in DAYS}
        counties = {(code, on): total(code, on) for code in ("211302", "211303", "211321") for on in DAYS}
        reached = {on: completed(on, height) for on in DAYS}
        mixed = change.kind == "merge"
        try:
            with undone():
                expected = [(m.compound.code, m.event.community, m.area_dm2) for m in preview(change).moves]
            succession = services.carry_out(change=change, by=bureau)
        except Refused:
            assert LedgerHead.objects.get(pk=1).height == height
            continue
        carried_out.append(succession)
        moved = Entry.objects.filter(height__gt=height).order_by("height")
        assert [(e.compound.code, e.community_id) for e in moved] == [(code, to) for code, to, _area in expected]
        for on in DAYS:
            assert total("2113", on) == before[on]
            assert total("2113", on, height) == before[on]
            assert completed(on, height) == reached[on], "an older version shows what it showed"
            if not mixed:
                assert completed(on, LedgerHead.objects.get(pk=1).height) == reached[on]
            if on < change.effective_on:
                for code in ("211302", "211303", "211321"):
                    assert total(code, on) == counties[code, on]
        ended = list(Division.objects.filter(ended_on__isnull=False).values_list("code", flat=True))
        assert not Compound.objects.filter(community__in=ended, status="active").exists()
        for code in ended:
            assert total(code, "2016-12-31") == 0
        for extra in range(3):
            something_happens(dice, number * 10 + extra)
    assert len(carried_out) >= 4, "too few changes went through to mean anything"
    assert_sound()
    for succession in reversed(carried_out):
        before = {on: total("2113", on) for on in DAYS}
        try:
            services.undo(succession=succession, reason="有误", by=bureau)
        except Refused:
            continue
        assert {on: total("2113", on) for on in DAYS} == before
    assert_sound()
    assert Succession.objects.filter(undone_at__isnull=False).exists(), "nothing could be undone"
