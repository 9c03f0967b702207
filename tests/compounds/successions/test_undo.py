"""A wrong change of divisions is taken back whole, or the reason why not is given and a change back works."""

import pytest

from communities.divisions.choices import Level
from communities.divisions.models import Division, FormerName, Succession
from communities.divisions.selectors import Gazetteer, with_predecessors
from communities.people.models import Appointment
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.successions import services
from compounds.successions.planning import Part
from tests.compounds.successions.worlds import assert_sound, totals
from tests.support import JINYUAN, QIANJIN, day, make_compound, person, record, register

pytestmark = pytest.mark.usefixtures("city")
STREET, NEW_STREET, NEW = "211302003", "211321003", "211321003001"


@pytest.fixture
def undo(bureau):
    return lambda succession: services.undo(succession=succession, reason="文号有误", by=bureau)


def state() -> list:
    return [
        list(Division.objects.living().values_list("code", "name", "short_name")),
        {code: totals(on, code) for code in ("2113", STREET, "211321") for on in ("2014-12-31", "2016-12-31")},
        list(Compound.objects.order_by("code").values_list("code", "community")),
    ]


@pytest.mark.parametrize(
    ("kind", "divisions", "fields"),
    [
        ("reparent", [STREET], {"parent": "211321"}), ("rename", ["211302"], {"name": "新塔区"}),
        ("merge", [QIANJIN, JINYUAN], {"name": "新社区"}), ("merge", [JINYUAN], {"into": QIANJIN}),
        ("split", [QIANJIN], {"parts": (Part("东", members=("甲",)), Part("西", members=("乙", "己")))}),
        ("zone", [STREET], {"name": "开发区"}),
    ],
)  # fmt: skip
def test_undoing_restores_divisions_compounds_and_figures_and_frees_codes(succeed, undo, kind, divisions, fields):
    before = state()
    first = succeed(kind, *divisions, **fields)
    assert state() != before
    codes = set(first.lines.filter(is_new=True).values_list("to_division", flat=True))
    undone = undo(first)
    assert (undone.undone_reason, undone.undone_by.username) == ("文号有误", "wangfang")
    assert state() == before
    assert not FormerName.objects.exists()
    assert undo(first) == first, "twice has the effect of once"
    assert_sound()
    again = succeed(kind, *divisions, **fields)
    assert again != first
    assert set(again.lines.filter(is_new=True).values_list("to_division", flat=True)) == codes
    assert_sound()


def test_late_followers_are_taken_back_with_it(succeed, undo):
    succession = succeed("reparent", STREET, parent="211321")
    make_compound("庚", NEW)
    register("庚", "2014-02-01", community=NEW, m2=70)
    undo(succession)
    assert Compound.objects.get(code="庚").community_id == QIANJIN
    assert_sound()


def test_what_was_recorded_in_the_new_division_stands_in_the_way(succeed, undo):
    succession = succeed("reparent", STREET, parent="211321")
    make_compound("庚", NEW)
    with pytest.raises(Refused, match="庚"):
        undo(succession)
    register("庚", "2015-07-01", community=NEW, m2=70)
    before, height = state(), Entry.objects.count()
    with pytest.raises(Refused, match="庚"):
        undo(succession)
    assert (state(), Entry.objects.count()) == (before, height)
    record("relocate", "2015-07-02", "丁", community=NEW)
    back = succeed("reparent", NEW_STREET, parent="211302", on="2015-08-01")
    assert Division.objects.get(code=Compound.objects.get(code="庚").community_id).code[:6] == "211302"
    assert totals("2015-08-01", "211321") == [0]
    with pytest.raises(Refused):
        undo(succession)
    undo(back)
    assert_sound()


def test_only_the_newest_change_of_a_division_is_undone(succeed, undo):
    first = succeed("reparent", STREET, parent="211321")
    second = succeed("rename", NEW_STREET, name="跃进街道", on="2015-09-01")
    with pytest.raises(Refused, match="2015-09-01"):
        undo(first)
    undo(second)
    undo(first)
    assert Division.objects.get(code=STREET).ended_on is None


def test_a_division_whose_name_was_taken_since_does_not_revive(succeed, undo):
    first = succeed("merge", QIANJIN, JINYUAN, name="金进社区", parent="211302001")
    succeed("rename", "211302003003", name="前进社区", on="2015-07-01")
    with pytest.raises(Refused, match="211302003003"):
        undo(first)


def test_a_reason_is_needed(succeed, bureau):
    with pytest.raises(Refused):
        services.undo(succession=succeed("rename", QIANJIN, name="新社区"), reason="", by=bureau)
    assert not Succession.objects.get().undone_at


# --- people --------------------------------------------------------------------------------------------
def offices(user) -> list[tuple]:
    held = Appointment.objects.filter(user=user).order_by("since", "division")
    return [(one.division_id, str(one.since), one.until and str(one.until)) for one in held]


def test_offices_go_along_and_come_back(succeed, undo):
    street = person("street", "subdistrict", STREET)
    committee = person("committee", "committee", QIANJIN)
    succession = succeed("reparent", STREET, parent="211321")
    assert offices(street) == [(STREET, "2014-01-01", "2015-05-31"), (NEW_STREET, "2015-06-01", None)]
    assert offices(committee)[1] == (NEW, "2015-06-01", None)
    undo(succession)
    assert offices(street) == [(STREET, "2014-01-01", "2015-05-31"), (STREET, "2015-06-01", None)]


def test_an_office_in_a_divided_community_goes_to_every_part(succeed):
    committee = person("committee", "committee", QIANJIN)
    succeed("split", QIANJIN, parts=(Part("东", members=("甲",)), Part("西", members=("乙", "己"))))
    assert [since for _code, since, _until in offices(committee)] == ["2014-01-01", "2015-06-01", "2015-06-01"]


def test_a_scope_holds_what_its_divisions_were_made_of(succeed):
    street = person("street", "subdistrict", STREET)
    succeed("reparent", STREET, parent="211321")
    street = type(street).objects.get(pk=street.pk)
    assert street.scope.codes == (STREET, NEW_STREET)
    assert {c.code for c in Compound.objects.visible_to(street)} >= {"甲", "乙", "己"}
    county = person("county", "county", "211321")
    assert county.scope.codes == (STREET, "211321")


# --- predecessors, names -------------------------------------------------------------------------------
def test_predecessors_are_the_ended_ones_at_every_remove(succeed, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert with_predecessors(["211321"]) == {"211321"}
    succeed("reparent", STREET, parent="211321")
    succeed("zone", NEW_STREET, JINYUAN, name="开发区", on="2016-01-01")
    with django_assert_num_queries(1):
        assert with_predecessors(["211371"]) == {"211371", NEW_STREET, STREET, JINYUAN}
    assert with_predecessors(["211371003001"]) == {"211371003001", NEW, QIANJIN}
    assert with_predecessors(["211303"]) == {"211303"}


def test_of_a_division_that_goes_on_nothing_is_given_away(succeed):
    succeed("split", QIANJIN, keeps=True, parts=(Part("东社区", members=("甲",)),))
    new = Compound.objects.get(code="甲").community_id
    assert with_predecessors([new]) == {new}


def found(level: Level, text: str, within: str = "") -> list[str]:
    return [division.code for division in Gazetteer.load().find(level, text, within=within)]


def test_old_workbooks_find_the_successor_by_old_names_and_codes(succeed):
    succeed("reparent", STREET, parent="211321")
    assert found(Level.SUBDISTRICT, "前进街道", "211302") == [NEW_STREET]
    assert found(Level.SUBDISTRICT, "前进街道办事处", "211321") == [NEW_STREET]
    assert found(Level.COMMUNITY, "前进社区", NEW_STREET) == [NEW]
    assert found(Level.COMMUNITY, "前进", "211302") == [NEW]
    assert found(Level.COMMUNITY, QIANJIN) == found(Level.COMMUNITY, NEW) == [NEW]
    assert found(Level.COMMUNITY, "前进社区", "211303") == []


def test_a_divided_community_is_a_question_unless_a_part_has_its_name(succeed):
    succeed("split", QIANJIN, parts=(Part("东社区", members=("甲",)), Part("西社区", members=("乙", "己"))))
    assert len(found(Level.COMMUNITY, "前进社区", STREET)) == 2
    assert len(found(Level.COMMUNITY, QIANJIN)) == 2
    succeed("split", JINYUAN, parts=(Part("金元社区", members=("戊",)), Part("南社区")))
    assert found(Level.COMMUNITY, "金元社区", "211302001") == [Compound.objects.get(code="戊").community_id]


def test_what_was_undone_is_found_nowhere(succeed, undo):
    succession = succeed("zone", STREET, name="开发区")
    undo(succession)
    assert found(Level.COUNTY, "开发区") == found(Level.COUNTY, "211371") == []
    assert found(Level.SUBDISTRICT, "前进街道", "211302") == [STREET]
    assert Division.objects.existing(day("2015-06-01")).filter(code="211371").count() == 0
