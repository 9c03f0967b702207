"""Merges, splits and relocations through their services: nothing is lost, all or none, once by key."""

import datetime
import uuid
from collections import Counter

import pytest
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from compounds.ledger import services as ledger
from compounds.ledger.choices import Source
from compounds.ledger.events import Pocket
from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from compounds.structure import services
from compounds.structure.parts import NewCompound
from tests.support import HAIHE, JINYUAN, QIANJIN, day, draft, event, make_compound, person, record, register, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NONE, OWNERS = Pocket("abandoned", "none"), Pocket("abandoned", "owners")


def held(code: str, on: str = "2016-01-01") -> dict[tuple[str, str], tuple[int, int]]:
    rows = Posting.objects.filter(compound__code=code, effective_on__lte=day(on)).order_by()
    sums = rows.values_list("category", "mode").annotate(Sum("area_dm2"), Sum("households"))
    return {(category, mode): (area, homes) for category, mode, area, homes in sums if area or homes}


def totals() -> dict[datetime.date, tuple[int, int]]:
    """Area and households of the whole city on every date on which anything happened."""
    by_day: Counter = Counter()
    homes_by_day: Counter = Counter()
    for on, area, homes in Posting.objects.order_by().values_list("effective_on", "area_dm2", "households"):
        by_day[on] += area
        homes_by_day[on] += homes
    running, found = [0, 0], {}
    for on in sorted(by_day):
        running = [running[0] + by_day[on], running[1] + homes_by_day[on]]
        found[on] = tuple(running)
    return found


def total_on(history: dict, on: datetime.date) -> tuple[int, int]:
    return next((history[each] for each in sorted(history, reverse=True) if each <= on), (0, 0))


def merge(*others: str, into: str, on: str = "2015-01-01", **options) -> list[Entry]:
    return services.merge(others=others, into=into, on=day(on), details={}, **options)


def split(code: str, *parts: NewCompound, on: str = "2015-01-01", **options) -> list[Entry]:
    return services.split(compound=code, parts=parts, on=day(on), details={}, **options)


# --- merge ---------------------------------------------------------------------------------------------
@pytest.fixture
def five():
    """Five compounds of one community, the first partly managed."""
    for number in range(5):
        make_compound(f"M{number}", JINYUAN, f"第{number}小区")
        register(f"M{number}", m2=1000, households=10)
    record("takeover", "2014-05-01", "M0", m2=400, mode_to="owners")


def test_several_compounds_become_one_in_one_step(five, bureau):
    entries = merge("M0", "M1", "M2", into="M3", by=bureau)
    assert [(entry.kind, entry.compound.code, entry.target.code) for entry in entries] == [
        ("merge", "M0", "M3"), ("merge", "M1", "M3"), ("merge", "M2", "M3"),
    ]  # fmt: skip
    assert held("M3") == {("abandoned", "none"): (360_000, 36), ("abandoned", "owners"): (40_000, 4)}
    assert held("M0") == held("M1") == held("M2") == {}
    assert set(Compound.objects.filter(status="merged").values_list("code", flat=True)) == {"M0", "M1", "M2"}
    assert verify().ok


def test_one_that_cannot_be_merged_stops_all_and_is_named(five, bureau):
    record("relocate", "2014-09-01", "M1", community=QIANJIN)
    before = LedgerHead.objects.get().height
    with pytest.raises(Refused) as caught:
        merge("M0", "M1", "M2", into="M3", by=bureau)
    assert "第1小区 M1" in str(caught.value)
    assert LedgerHead.objects.get().height == before
    assert Compound.objects.filter(status="merged").count() == 0


def test_what_makes_no_merge_is_refused(five, bureau):
    for others, into in (((), "M0"), (("M0",), "M0"), (("M0",), "nothing")):
        with pytest.raises(Refused) as caught:
            merge(*others, into=into, by=bureau)
        assert [problem.field for problem in caught.value.problems] == ["target"]


def test_the_survivor_keeps_the_former_names(five, bureau):
    Compound.objects.filter(code="M3").update(former_names="老三,第1小区")
    merge("M0", "M1", into="M3", keep_names=True, by=bureau)
    assert Compound.objects.get(code="M3").former_names == "老三、第1小区、第0小区"


def test_former_names_that_do_not_fit_stop_the_merge(five, bureau):
    Compound.objects.filter(code="M3").update(former_names="长" * 198)
    with pytest.raises(Refused) as caught:
        merge("M0", into="M3", keep_names=True, by=bureau)
    assert caught.value.problems[0].field == "keep_names"
    assert Compound.objects.get(code="M0").status == "active"


def test_a_form_merges_once_even_after_one_of_its_entries_was_withdrawn(five, bureau):
    key = f"page:{uuid.uuid4()}"
    first = merge("M0", "M1", into="M3", key=key, by=bureau)
    assert len(first) == 2
    assert merge("M0", "M1", into="M3", key=key, by=bureau) == []
    ledger.reverse(height=first[0].height, reason="错", by=bureau, source=Source.PAGE)
    assert merge("M0", "M1", into="M3", key=key, by=bureau) == []
    assert [entry.source_key for entry in first] == [key, f"{key}:M1"]


def test_a_merge_is_corrected_in_one_step(five, bureau):
    (entry,) = merge("M0", into="M3", by=bureau)
    undone_entry, anew = merge("M0", into="M4", undo=entry.height, why="并错了", by=bureau)
    assert (undone_entry.reverses_id, undone_entry.reason, anew.target.code) == (entry.height, "并错了", "M4")
    assert held("M3") == {("abandoned", "none"): (100_000, 10)}


# --- split ---------------------------------------------------------------------------------------------
def part(name: str, *takes, **facts) -> NewCompound:
    return NewCompound(name, {pocket: (area, homes) for pocket, area, homes in takes}, **facts)


def test_parts_become_new_compounds_and_the_rest_stays(five, bureau):
    (entry,) = split(
        "M0", part("东区", (NONE, 20_000, 2), (OWNERS, 10_000, None)), part("西区", (NONE, 40_000, None)), by=bureau
    )
    east, west = Compound.objects.get(name="东区"), Compound.objects.get(name="西区")
    assert [east.code, west.code] == [f"{JINYUAN}-001", f"{JINYUAN}-002"]
    assert held(east.code) == {("abandoned", "none"): (20_000, 2), ("abandoned", "owners"): (10_000, 1)}
    assert held(west.code) == {("abandoned", "none"): (40_000, 4)}
    assert held("M0") == {("abandoned", "owners"): (30_000, 3)}
    assert (east.has_area, east.status, east.community_id) == (True, "active", JINYUAN)
    assert entry.kind == "split"
    assert verify().ok


def test_new_compounds_have_an_edit_history(five, bureau):
    from auditlog.models import LogEntry

    split("M0", part("东区", (NONE, 20_000, 2)), by=bureau)
    created = LogEntry.objects.get_for_object(Compound.objects.get(name="东区")).get(action=LogEntry.Action.CREATE)
    assert created.actor == bureau


NO_SPLITS = [
    ([], "至少"), ([part("第1小区", (NONE, 1, 0))], "M1"), ([part("第 1 小区", (NONE, 1, 0))], "M1"),
    ([part("东区", (NONE, 1, 0)), part("东·区", (NONE, 1, 0))], "两次"), ([part("", (NONE, 1, 0))], "名称"),
    ([part("东区")], "东区"), ([part("东区", (NONE, 60_001, 0))], "600.00"),
    ([part("东区", (NONE, 40_000, 2)), part("西区", (NONE, 30_000, 2))], "200.00"),
    ([part("东区", (NONE, 10_000, 7))], "6 户"), ([part("东区", (Pocket("renovated", "none"), 1, 0))], "0.00"),
]  # fmt: skip


def test_parts_that_make_no_split_are_refused_and_nothing_is_created(five, bureau):
    for parts, message in NO_SPLITS:
        with pytest.raises(Refused) as caught:
            split("M0", *parts, by=bureau)
        assert message in str(caught.value)
    assert Compound.objects.count() == 5
    assert not Entry.objects.filter(kind="split").exists()


def test_a_compound_that_waits_for_area_in_the_register_gets_it(five, bureau):
    make_compound("W", JINYUAN, "东区")
    split("M0", part("东区", (NONE, 20_000, 2)), by=bureau)
    assert held("W") == {("abandoned", "none"): (20_000, 2)}


def test_a_split_posts_once_and_creates_once(five, bureau):
    key = f"page:{uuid.uuid4()}"
    assert len(split("M0", part("东区", (NONE, 20_000, 2)), key=key, by=bureau)) == 1
    assert split("M0", part("东区", (NONE, 20_000, 2)), key=key, by=bureau) == []
    assert Compound.objects.filter(name="东区").count() == 1


def test_a_corrected_split_uses_its_compounds_again(five, bureau):
    (entry,) = split("M0", part("东区", (NONE, 20_000, 2)), by=bureau)
    split("M0", part("东区", (NONE, 30_000, 3)), undo=entry.height, why="面积有误", by=bureau)
    assert Compound.objects.filter(name="东区").count() == 1
    assert held(Compound.objects.get(name="东区").code) == {("abandoned", "none"): (30_000, 3)}


@pytest.mark.parametrize(("retire", "status"), [(True, "retired"), (False, "active")])
def test_a_withdrawn_split_may_withdraw_what_it_made(five, bureau, retire, status):
    (entry,) = split("M0", part("东区", (NONE, 20_000, 2)), by=bureau)
    services.withdraw_split(height=entry.height, why="错", retire=retire, by=bureau)
    east = Compound.objects.get(name="东区")
    assert (east.status, east.has_area) == (status, False)
    assert held("M0") == {("abandoned", "none"): (60_000, 6), ("abandoned", "owners"): (40_000, 4)}


# --- relocate ------------------------------------------------------------------------------------------
def test_a_relocation_moves_everything_and_posts_once(five, bureau):
    key = f"page:{uuid.uuid4()}"
    options = {"compound": "M0", "community": HAIHE, "on": day("2015-01-01"), "details": {}, "key": key, "by": bureau}
    assert len(services.relocate(**options)) == 1
    assert services.relocate(**options) == []
    assert Compound.objects.get(code="M0").community_id == HAIHE
    (wrong,) = Entry.objects.filter(kind="relocate")
    services.relocate(**options | {"community": QIANJIN, "key": ""}, undo=wrong.height, why="错")
    assert Compound.objects.get(code="M0").community_id == QIANJIN


# --- whatever happens ----------------------------------------------------------------------------------
numbers = st.integers(0, 10_000)
steps = st.tuples(st.sampled_from(["merge", "split", "relocate", "takeover"]), numbers, numbers, numbers, numbers)
DATES = [datetime.date(2014, 1, 1) + datetime.timedelta(days=61 * number) for number in range(10)]


def take(step, by) -> None:
    kind, who, other, when, amount = step
    codes = list(Compound.objects.order_by("code").values_list("code", flat=True))
    code, second = codes[who % len(codes)], codes[other % len(codes)]
    on = DATES[when % len(DATES)]
    match kind:
        case "merge":
            third = codes[amount % len(codes)]
            services.merge(others={code, third} - {second}, into=second, on=on, details={}, by=by)
        case "relocate":
            community = [JINYUAN, QIANJIN, HAIHE][other % 3]
            services.relocate(compound=code, community=community, on=on, details={}, by=by)
        case "split":
            parts = [
                part(f"新{who}{other}", (NONE, amount * 11 + 1, None)),
                part(f"又{who}{when}", (OWNERS, amount + 1, 0)),
            ]
            services.split(compound=code, parts=parts[: 1 + other % 2], on=on, details={}, by=by)
        case "takeover":
            moved = draft(event("takeover", on, code, area_dm2=amount * 7 + 1, mode_to="owners"))
            ledger.record(draft=moved, by=by, source=Source.PAGE)


@settings(max_examples=30)
@given(st.lists(steps, min_size=4, max_size=14))
def test_structural_changes_neither_bring_nor_take_anything_on_any_date(history):
    with undone():
        bureau = person("wangfang", "bureau", "2113")
        for number, community in enumerate([JINYUAN, JINYUAN, JINYUAN, QIANJIN, HAIHE]):
            register(f"R{number}", community=community, m2=1000, households=20)
        before = totals()
        done = 0
        for step in history:
            heights = LedgerHead.objects.get().height
            try:
                take(step, bureau)
                done += 1
            except Refused as refused:
                assert all(problem.message for problem in refused.problems)
                assert LedgerHead.objects.get().height == heights
            after = totals()
            for on in {*before, *after}:
                assert total_on(after, on) == total_on(before, on)
        report = verify()
        assert report.ok, report.findings
