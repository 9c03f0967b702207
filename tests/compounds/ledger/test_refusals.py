"""Bad input: every refusal names field and value, says what would be accepted, and writes nothing."""

from itertools import pairwise

import pytest
from django.utils import translation

from compounds.ledger import services
from compounds.ledger.choices import Source
from compounds.ledger.events import Part
from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register.choices import Status
from compounds.register.models import Compound
from tests.support import HAIHE, JINYUAN, QIANJIN, day, dm2, draft, event, make_compound, record, register, reverse


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def ledger(reference, settings):
    """甲 unmanaged and partly managed, 乙 elsewhere, 丙 merged into 甲, 丁 deregistered, 戊 without any entry."""
    settings.BUSINESS_DATE = day("2015-10-31")
    register("甲", m2=1000, households=10)
    record("takeover", "2014-03-01", "甲", mode_to="owners", m2=400)
    register("乙", community=QIANJIN, m2=500)
    register("丙", m2=50)
    record("merge", "2014-06-01", "丙", target="甲")
    register("丁", m2=70)
    record("deregister", "2014-06-01", "丁")
    make_compound("戊")


def refused(kind: str, on="2015-01-01", compound="甲", *, basis=True, **fields) -> Refused:
    """The refusal of an event, with nothing written."""
    before = (Entry.objects.count(), Posting.objects.count(), LedgerHead.objects.get().hash)
    an_event = event(kind, on, compound, **fields)
    a_draft = draft(an_event) if basis else services.Draft(an_event)
    with pytest.raises(Refused) as caught:
        services.record(draft=a_draft, by=None, source=Source.COMMAND)
    assert (Entry.objects.count(), Posting.objects.count(), LedgerHead.objects.get().hash) == before
    assert all(problem.message.strip() for problem in caught.value.problems)
    return caught.value


# kind, fields of the event, field that is named, value that is named, part of the message
REFUSED = {
    "date after the business date": (
        "takeover", {"on": "2015-11-01", "mode_to": "owners"}, "effective_on", "2015-11-01", "2015-10-31"),
    "negative area": ("takeover", {"mode_to": "owners", "m2": -5}, "area_dm2", "-5.00", "greater than 0"),
    "area of nothing": ("takeover", {"mode_to": "owners", "m2": 0}, "area_dm2", "0.00", "greater than 0"),
    "area of a continent": ("takeover", {"mode_to": "owners", "m2": 10**12}, "area_dm2", None, "at most"),
    "negative households": ("takeover", {"mode_to": "owners", "households": -1}, "households", -1, "0 or more"),
    "more area than there is": (
        "takeover", {"mode_to": "owners", "m2": "651.50"}, "area_dm2", None, "1.50 ㎡ too little"),
    "more households than there are": (
        "takeover", {"mode_to": "owners", "m2": 1, "households": 99}, "households", 99, "too few"),
    "takeover to no mode": ("takeover", {"mode_to": ""}, "mode_to", "", "mode afterwards"),
    "takeover to not managed": ("takeover", {"mode_to": "none"}, "mode_to", "none", "mode afterwards"),
    "takeover to a word that is no mode": ("takeover", {"mode_to": "物业"}, "mode_to", "物业", "mode afterwards"),
    "takeover of a category that does not exist": (
        "takeover", {"mode_to": "owners", "category": "老旧"}, "category", "老旧", "accepted"),
    "takeover of managed area": ("takeover", {"mode_from": "owners", "mode_to": "manager"}, "mode_from", "owners", ""),
    "change from a mode that does not exist": (
        "mode_change", {"mode_from": "物业", "mode_to": "owners"}, "mode_from", "物业", "accepted"),
    "change to the same mode": ("mode_change", {"mode_from": "owners", "mode_to": "owners"}, "mode_to", "owners",
        "same"),
    "change of area that is not managed": (
        "mode_change", {"mode_from": "none", "mode_to": "owners"}, "mode_from", "none", "managed"),
    "lapse to another mode": ("lapse", {"mode_to": "owners"}, "mode_to", "owners", "not managed"),
    "lapse where nothing is managed": ("lapse", {"compound": "乙"}, "effective_on", "2015-01-01", "no area"),
    "reclassification into a managed category": (
        "reclassify", {"mode_from": "none", "new_category": "established"}, "new_category", "established",
        "Only these"),
    "reclassification into itself": (
        "reclassify", {"category": "abandoned", "new_category": "abandoned"}, "new_category", "abandoned", "same"),
    "two pockets fit": ("reclassify", {"category": "abandoned", "new_category": "renovated"}, "mode_from", "",
        "which mode"),
    "resurvey of nothing": ("resurvey", {"category": "abandoned", "mode_from": "none"}, "area_dm2", None, "difference"),
    "resurvey of a pocket that holds nothing": (
        "resurvey", {"category": "new_build", "mode_from": "none", "m2": 5}, "category", "new_build", "no area"),
    "resurvey below zero": (
        "resurvey", {"category": "abandoned", "mode_from": "none", "m2": -651}, "area_dm2", None, "1.00 ㎡ too little"),
    "relocation to where it lies": ("relocate", {"community": JINYUAN}, "community", JINYUAN, "already lies"),
    "relocation to nowhere": ("relocate", {"community": ""}, "community", "", "12 digits"),
    "relocation to an unknown code": ("relocate", {"community": "211302001999"}, "community", "211302001999",
        "12 digits"),
    "relocation to a subdistrict": ("relocate", {"community": "211302001"}, "community", "211302001", "12 digits"),
    "registration in a county": (
        "register", {"compound": "戊", "community": "211302", "category": "abandoned", "mode_to": "none", "m2": 1},
        "community", "211302", "12 digits"),
    "registration where it does not lie": (
        "register", {"community": HAIHE, "category": "abandoned", "mode_to": "none", "m2": 1}, "community", HAIHE,
        "lies in"),
    "registration without area": ("register", {"category": "abandoned", "mode_to": "none"}, "area_dm2", "",
        "needs an area"),
    "registration without category": ("register", {"mode_to": "none", "m2": 1}, "category", "", "needs a category"),
    "registration of abandoned area as managed": (
        "register", {"category": "abandoned", "mode_to": "owners", "m2": 1}, "mode_to", "owners", "takeover"),
    "registration of established area as unmanaged": (
        "register", {"category": "established", "mode_to": "none", "m2": 1}, "mode_to", "none", "way of management"),
    "merge into itself": ("merge", {"target": "甲"}, "target", "甲", "into itself"),
    "merge into nothing": ("merge", {"target": ""}, "target", "", "which compound"),
    "merge into an unknown compound": ("merge", {"target": "壬"}, "target", "壬", "壬"),
    "merge across communities": ("merge", {"target": "乙"}, "target", "乙", "different communities"),
    "merge into a merged compound": ("merge", {"target": "丙"}, "effective_on", "2015-01-01", "takes no event after"),
    "event of a merged compound": (
        "takeover", {"compound": "丙", "mode_to": "owners", "category": "abandoned", "m2": 1},
        "effective_on", "2015-01-01", "takes no event after version 5"),
    "registration of a deregistered compound": (
        "register", {"compound": "丁", "community": JINYUAN, "category": "abandoned", "mode_to": "none", "m2": 1},
        "effective_on", "2015-01-01", "takes no event after version 7"),
    "event before the registration": (
        "deregister", {"on": "2013-12-31"}, "effective_on", "2013-12-31", "not registered yet"),
    "event of a compound without area": (
        "takeover", {"compound": "戊", "mode_to": "owners"}, "effective_on", "2015-01-01", "no area"),
    "unknown compound": ("lapse", {"compound": "壬"}, "compound", "壬", "no compound"),
    "split without parts": ("split", {}, "parts", "", "at least one part"),
    "split to itself": ("split", {"parts": (Part("甲", "abandoned", "none", 1, 0),)}, "target", "甲", "new compound"),
    "split of more than there is": (
        "split", {"parts": (Part("戊", "abandoned", "none", 65_001, 0),)}, "area_dm2", "650.01", "650.00"),
    "split to an unknown compound": (
        "split", {"parts": (Part("壬", "abandoned", "none", 1, 0),)}, "parts", "壬", "壬"),
    "change of provider where nobody is": (
        "provider_change", {"compound": "乙"}, "effective_on", "2015-01-01", "provider"),
    "new parts for what is no split": (
        "takeover", {"mode_to": "owners", "new_parts": ((1, (Part("乙", "abandoned", "none", 1, 0),)),)},
        "parts", 1, "no split"),
    "new parts below zero": (
        "takeover", {"mode_to": "owners", "new_parts": ((1, (Part("乙", "abandoned", "none", -1, 0),)),)},
        "parts", "", "0 or more"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(ledger, case):
    kind, fields, field, value, said = REFUSED[case]
    refusal = refused(kind, **{"compound": "甲", "on": "2015-01-01", **fields})
    problem = refusal.problems[0]
    assert problem.field == field, refusal
    assert value is None or problem.value == value
    assert said in str(refusal)


@pytest.mark.parametrize("kind", ["reclassify", "resurvey", "deregister"])
def test_kinds_that_need_a_document_say_so(ledger, kind):
    fields = {"reclassify": {"mode_from": "none", "new_category": "renovated"}, "resurvey": {"m2": 1}}
    refusal = refused(kind, basis=False, **fields.get(kind, {}))
    assert [problem.field for problem in refusal.problems] == ["basis_name"]


def test_every_problem_is_named_at_once(ledger):
    refusal = refused("takeover", "2020-01-01", mode_to="", m2=-1, households=-1)
    assert {problem.field for problem in refusal.problems} == {"effective_on", "area_dm2", "households", "mode_to"}


@pytest.mark.parametrize("height", [0, -3, 8, 10**20])
def test_reversing_an_unknown_height_is_refused(ledger, height):
    with pytest.raises(Refused, match="the newest is 7"):
        reverse(height)


def test_reversing_twice_and_reversing_a_reversal_are_refused(ledger):
    reverse(2)
    for height, said in ((2, "reversed already"), (8, "itself a reversal")):
        with pytest.raises(Refused, match=said) as refusal:
            reverse(height)
        assert (refusal.value.problems[0].field, refusal.value.problems[0].value) == ("reverses", height)
    assert Entry.objects.count() == 8


def test_an_event_that_others_stand_on_is_not_reversed_and_the_lowest_of_them_is_named(ledger):
    with pytest.raises(Refused) as refusal:
        reverse(1)
    assert refusal.value.in_the_way.height == 2
    for said in ("version 2", "2014-03-01", "not registered yet", "Reverse that one first"):
        assert said in str(refusal.value)


def test_reversing_a_takeover_under_its_lapse_says_how_much_would_be_missing(ledger):
    record("lapse", "2014-04-01", "甲", m2=150)
    with pytest.raises(Refused, match="150.00 ㎡ too little") as refusal:
        reverse(2)
    assert (refusal.value.in_the_way.height, refusal.value.shortfall_dm2) == (8, 15_000)


def test_correcting_reverses_and_records_anew_or_does_neither(ledger):
    wrong = draft(event("takeover", "2014-03-01", "甲", mode_to="owners", m2=5000))
    with pytest.raises(Refused):
        services.correct(height=2, reason="面积有误", draft=wrong, by=None, source=Source.PAGE)
    assert Entry.objects.count() == 7
    right = draft(event("takeover", "2014-03-01", "甲", mode_to="owners", m2=300))
    undone, anew = services.correct(height=2, reason="面积有误", draft=right, by=None, source=Source.PAGE)
    assert (undone.height, undone.reverses_id, undone.reason, anew.height) == (8, 2, "面积有误", 9)
    assert verify().ok


def test_a_late_entry_that_changes_a_split_pocket_must_bring_new_parts(ledger):
    record("split", "2015-02-01", "乙", parts=(Part("戊", "abandoned", "none", 20_000, 4),))
    refusal = refused("resurvey", "2015-01-01", "乙", category="abandoned", mode_from="none", m2=10)
    assert (refusal.in_the_way.height, refusal.problems[0].field) == (8, "parts")
    assert "Bring new parts" in str(refusal)
    Compound.objects.filter(code="戊").update(community=QIANJIN)
    parts = (Part("戊", "abandoned", "none", 20_500, 4), Part("乙", "abandoned", "none", 30_500, 6))
    entry = record(
        "resurvey", "2015-01-01", "乙", category="abandoned", mode_from="none", m2=10, new_parts=((8, parts),)
    )
    assert entry.postings.filter(event=8).count() == 2
    assert verify().ok


# --- the compounds' rows follow (invariant 8) ----------------------------------------------------------
def test_a_part_follows_a_late_relocation_of_the_compound_that_it_was_split_from(ledger):
    make_compound("己", QIANJIN)
    record("split", "2015-02-01", "乙", parts=(Part("己", "abandoned", "none", 20_000, 4),))
    record("relocate", "2015-01-01", "乙", community=HAIHE)
    assert set(Compound.objects.filter(code__in="乙己").values_list("community_id", flat=True)) == {HAIHE}
    reverse(9)
    assert set(Compound.objects.filter(code__in="乙己").values_list("community_id", flat=True)) == {QIANJIN}


def test_a_part_that_new_parts_leave_out_has_no_area_any_more(ledger):
    make_compound("己", QIANJIN)
    make_compound("庚", QIANJIN)
    record("split", "2015-02-01", "乙", parts=(Part("己", "abandoned", "none", 20_000, 4),))
    parts = (Part("庚", "abandoned", "none", 50_000, 10), Part("乙", "abandoned", "none", 1_000, 0))
    record("resurvey", "2015-01-01", "乙", category="abandoned", mode_from="none", m2=10, new_parts=((8, parts),))
    assert dict(Compound.objects.filter(code__in="己庚").values_list("code", "has_area")) == {"己": False, "庚": True}
    assert list(Compound.objects.within(QIANJIN).area_pending().values_list("code", flat=True)) == ["己"]


def test_a_change_of_provider_before_a_merge_leaves_the_merge_as_it_was(ledger):
    """It moves no area, so that nothing else of the other compound is looked at."""
    register("辛", category="new_build", mode="professional")
    record("merge", "2015-02-01", "辛", target="甲")
    record("provider_change", "2015-01-15", "辛")
    merged = Compound.objects.get(code="辛")
    assert (merged.status, merged.merged_into.code) == (Status.MERGED, "甲")
    reverse(9)
    merged.refresh_from_db()
    assert (merged.status, merged.merged_into) == (Status.ACTIVE, None)


def test_a_late_entry_is_carried_along_through_a_long_row_of_merges(ledger):
    """Every link counts: what is recorded for the first compound ends up in the last one."""
    row = [f"串{number}" for number in range(6)]
    for code in row:
        register(code)
    for month, (code, target) in enumerate(pairwise(row), start=2):
        record("merge", f"2014-{month:02}-01", code, target=target)
    entry = record("takeover", "2014-01-15", row[0], mode_to="owners")
    assert set(entry.postings.values_list("compound__code", flat=True)) == set(row)
    with pytest.raises(Refused) as refusal:
        record("lapse", "2014-12-01", row[0], category="abandoned", mode_from="owners", m2=1)
    assert "takes no event after" in str(refusal.value)
    assert verify().ok


def test_reversing_the_registration_makes_the_area_pending_again(ledger):
    register("己")
    assert Compound.objects.get(code="己").has_area
    reverse(8)
    assert list(Compound.objects.area_pending().order_by("code").values_list("code", flat=True)) == ["己", "戊"]


def test_a_registration_without_a_community_goes_where_the_compound_lies_on_its_date(ledger):
    record("relocate", "2014-09-01", "乙", community=HAIHE)
    before = record("register", "2014-05-01", "乙", category="renovated", mode_to="none", m2=5)
    after = record("register", "2014-10-01", "乙", category="renovated", mode_to="none", m2=5)
    first = record("register", "2013-05-01", "乙", category="renovated", mode_to="none", m2=5)
    assert [entry.community_id for entry in (before, after, first)] == [QIANJIN, HAIHE, QIANJIN]


def test_households_left_behind_without_area_can_still_be_corrected(ledger):
    """A pocket with households and no area is not empty."""
    record("takeover", "2015-01-01", "乙", mode_to="owners", households=3)
    record("resurvey", "2015-01-02", "乙", category="abandoned", mode_from="none", households=-7)
    assert verify().ok


def test_new_parts_of_nothing_are_refused(reference):
    """Parts are rows: none of them would read back as the parts that the split had before, which no longer fit."""
    register("A", m2=1000)
    make_compound("A1")
    split = record("split", "2014-06-01", "A", parts=(Part("A1", "abandoned", "none", dm2(400), 0),))
    takeover = event("takeover", "2014-05-01", "A", mode_to="owners", new_parts=((split.height, ()),))
    with pytest.raises(Refused) as refused:
        services.record(draft=draft(takeover), by=None, source=Source.COMMAND)
    assert [problem.field for problem in refused.value.problems] == ["parts"]
    assert verify().ok
