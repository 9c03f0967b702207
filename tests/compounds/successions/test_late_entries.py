"""Entries dated before a change of divisions but recorded after it are carried along by it."""

import pytest

from communities.divisions.models import Division
from compounds.ledger import services as ledger
from compounds.ledger.choices import Source
from compounds.ledger.events import Part as SplitPart
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.register.services import create, move_pending
from compounds.successions.planning import Part
from tests.compounds.successions.worlds import assert_sound, dm2, totals
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, draft, event, make_compound, record, register, reverse

pytestmark = pytest.mark.usefixtures("city")
STREET, NEW_STREET, NEW = "211302003", "211321003", "211321003001"


def lies_in(code: str) -> str:
    return Compound.objects.get(code=code).community_id


def test_a_late_takeover_counts_there_and_then_and_goes_along(succeed):
    succeed("reparent", STREET, parent="211321")
    record("takeover", "2015-05-01", "乙", mode_to="owners", m2=100)
    register("甲", "2014-03-01", community=QIANJIN, category="unserved", m2=50)
    assert totals("2015-05-31", "211302", "211321") == [dm2(1750), dm2(400)]
    assert totals("2015-06-01", "211302", "211321") == [dm2(200), dm2(1950)]
    assert_sound()


@pytest.mark.parametrize("named", [QIANJIN, NEW])
def test_a_late_registration_lies_in_the_community_of_then_and_moves_on_by_itself(succeed, named):
    succession = succeed("reparent", STREET, parent="211321")
    make_compound("庚", NEW)
    register("庚", "2014-02-01", community=named, m2=70)
    assert [(e.kind, e.community_id, e.basis_no) for e in Entry.objects.filter(compound__code="庚")] == [
        ("register", QIANJIN, ""), ("relocate", NEW, succession.document_no),
    ]  # fmt: skip
    assert lies_in("庚") == NEW
    assert totals("2015-05-31", QIANJIN, NEW) == [dm2(1570), 0]
    assert totals("2015-06-01", QIANJIN, NEW) == [0, dm2(1570)]
    assert_sound()


def test_a_late_relocation_into_an_ended_community_moves_on_as_well(succeed):
    succeed("reparent", STREET, parent="211321")
    record("relocate", "2015-02-01", "戊", community=QIANJIN)
    assert lies_in("戊") == NEW
    record("relocate", "2015-02-01", "丁", community=NEW)
    assert lies_in("丁") == NEW, "the successor means the predecessor before it began"
    assert totals("2015-05-31", QIANJIN, JINYUAN, XINLIU) == [dm2(2100), 0, 0]
    assert_sound()


def test_what_moved_by_the_same_change_and_moved_there_late_ends_in_the_right_successor(succeed):
    succeed("reparent", QIANJIN, JINYUAN, parent="211321001")
    record("relocate", "2015-02-01", "戊", community=QIANJIN)
    assert Division.objects.get(code=lies_in("戊")).name == "前进社区"
    assert_sound()


def test_what_had_left_before_the_change_stays_where_it_went(succeed):
    record("relocate", "2015-04-01", "乙", community=HAIHE)
    succeed("reparent", STREET, parent="211321")
    register("乙", "2014-05-01", community=QIANJIN, m2=30)
    assert lies_in("乙") == HAIHE
    assert Entry.objects.filter(compound__code="乙", kind="relocate").count() == 1


def test_a_compound_split_off_late_goes_along_with_the_one_it_came_from(succeed):
    succeed("split", QIANJIN, parts=(Part("东社区", members=("甲",)), Part("西社区", members=("乙", "己"))))
    make_compound("新", QIANJIN)
    parts = (SplitPart("新", "abandoned", "none", dm2(100), 1),)
    record("split", "2015-03-01", "甲", parts=parts)
    assert lies_in("新") == lies_in("甲")
    assert Division.objects.get(code=lies_in("新")).name == "东社区"
    assert_sound()


def test_through_two_changes_in_a_row(succeed):
    succeed("reparent", STREET, parent="211321")
    succeed("zone", NEW_STREET, name="开发区", on="2016-01-01")
    make_compound("庚", "211371003001")
    register("庚", "2014-02-01", community="211371003001", m2=70)
    assert lies_in("庚") == "211371003001"
    assert totals("2014-02-01", QIANJIN) == [dm2(1570)]
    assert totals("2015-12-31", NEW) == [dm2(1570)]
    assert_sound()


def test_from_its_end_on_a_community_takes_nothing_and_the_successor_is_named(succeed):
    succeed("reparent", STREET, parent="211321")
    make_compound("庚", HAIHE)
    for kind, code in (("register", "庚"), ("relocate", "丙")):
        fields = {"category": "abandoned", "mode_to": "none", "m2": 1} if kind == "register" else {}
        with pytest.raises(Refused, match=NEW):
            record(kind, "2015-06-01", code, community=QIANJIN, **fields)


def test_where_several_followed_the_right_one_must_be_named(succeed):
    succeed("split", QIANJIN, parts=(Part("东社区", members=("甲",)), Part("西社区", members=("乙", "己"))))
    east, west = (Division.objects.get(name=f"{side}社区").code for side in "东西")
    make_compound("庚", HAIHE)
    height = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        register("庚", "2014-02-01", community=QIANJIN, m2=70)
    assert east in str(refused.value)
    assert west in str(refused.value)
    assert Entry.objects.count() == height
    register("庚", "2014-02-01", community=west, m2=70)
    assert lies_in("庚") == west
    assert totals("2015-05-31", QIANJIN) == [dm2(1570)]
    assert_sound()


def test_of_a_merged_community_the_compound_tells_which_one_it_lay_in(succeed):
    succeed("merge", QIANJIN, JINYUAN, name="金进社区", parent=STREET)
    new = lies_in("甲")
    register("戊", "2014-03-01", community=new, category="unserved", m2=5)
    assert totals("2014-03-01", JINYUAN, new) == [dm2(205), 0]
    make_compound("庚", new)
    register("庚", "2014-03-01", community=new, m2=3)
    assert totals("2014-03-01", new, "211302") == [dm2(3), dm2(1708)], "nobody knows which: it counts in the whole"
    assert_sound()


def test_a_merged_community_of_two_counties_asks(succeed):
    succeed("merge", QIANJIN, XINLIU, name="双县社区", parent="211321001")
    new = lies_in("甲")
    make_compound("庚", new)
    with pytest.raises(Refused, match="2015-06-01"):
        register("庚", "2014-03-01", community=new, m2=3)
    register("庚", "2015-06-01", community=new, m2=3)


def test_a_correction_finds_its_way_too(succeed, bureau):
    wrong = register("庚", "2014-02-01", community=QIANJIN, m2=70)
    reverse(wrong.height)
    succeed("reparent", STREET, parent="211321")
    wrong = record("relocate", "2015-01-01", "丙", community=XINLIU)
    undone, anew = ledger.correct(
        height=wrong.height, reason="有误", draft=draft(event("relocate", "2015-01-01", "丙", community=QIANJIN)),
        by=bureau, source=Source.PAGE,
    )  # fmt: skip
    assert (undone.kind, anew.community_id, lies_in("丙")) == ("reversal", QIANJIN, NEW)
    assert_sound()


def test_new_compounds_go_to_the_living_community_only(succeed, bureau):
    succeed("reparent", STREET, parent="211321")
    old = Division.objects.get(code=QIANJIN)
    with pytest.raises(Refused, match="2015-06-01"):
        create(community=old, name="新小区", facts={}, by=bureau)
    with pytest.raises(Refused):
        move_pending(compound=Compound.objects.get(code="己"), community=old, by=bureau)
