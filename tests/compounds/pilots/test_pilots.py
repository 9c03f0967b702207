"""Pilots: one compound of each urban community with unmanaged area, and who still has none."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from compounds.ledger.choices import Mode
from compounds.ledger.refusals import Refused
from compounds.pilots import selectors, services
from compounds.pilots.models import Pilot
from compounds.register.models import Compound
from tests.support import HAIHE, JINYUAN, QIANJIN, day, record, register

pytestmark = pytest.mark.django_db
VILLAGE = "211302004200"


@pytest.fixture
def choose(cast):
    register("甲", community=QIANJIN, m2=1000)
    register("乙", community=QIANJIN, m2=500)
    register("丙", community=HAIHE, m2=700)
    register("丁", community=JINYUAN, m2=300)
    register("村", community=VILLAGE, m2=100)

    def chosen(code="甲", mode=Mode.OWNERS, on="2014-03-01", by="county") -> Pilot:
        compound = Compound.objects.get(code=code)
        return services.choose(compound=compound, mode=mode, on=day(on), by=cast[by])

    return chosen


def told(pilot, cast, **values) -> Pilot:
    given = {"mode": pilot.mode, "result": "under_way", "ended_on": None, "lessons": "", "rollout": "", "document": ""}
    return services.tell(pilot=pilot, values=given | values, by=cast["county"])


def test_a_compound_becomes_the_pilot_of_its_community(choose):
    pilot = choose()
    assert (pilot.community_id, pilot.result) == (QIANJIN, "under_way")
    with pytest.raises(Refused, match="已有试点"):
        choose("乙")
    with pytest.raises(IntegrityError), transaction.atomic():
        Pilot.objects.create(
            community_id=QIANJIN, compound=Compound.objects.get(code="乙"), mode="owners", started_on="2014-03-01"
        )


def test_a_village_a_managed_compound_and_tomorrow_are_refused(choose):
    with pytest.raises(Refused, match="不是城市社区"):
        choose("村", by="bureau")
    record("takeover", "2014-02-01", "丁", mode_to="owners")
    with pytest.raises(Refused, match="没有未管面积"):
        choose("丁")
    with pytest.raises(Refused):
        choose(on="2999-01-01")
    record("takeover", "2014-03-01", "甲", mode_to="owners")
    assert choose(on="2014-03-01").pk, "it began with the takeover"


def test_one_that_failed_makes_room_and_a_result_needs_its_day(choose, cast):
    pilot = choose()
    for values, field in (
        ({"result": "failed"}, "ended_on"), ({"result": "succeeded", "ended_on": day("2014-02-01")}, "ended_on"),
        ({"ended_on": day("2014-09-01")}, "result"), ({"result": "failed", "ended_on": day("2999-01-01")}, "ended_on"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            told(pilot, cast, **values)
        assert refused.value.problems[0].field == field
    told(pilot, cast, result="failed", ended_on=day("2014-09-01"), lessons="物业费收不上来")
    second = choose("乙", on="2014-10-01")
    with pytest.raises(Refused, match="已有试点"):
        told(pilot, cast, result="succeeded", ended_on=day("2014-09-01"))
    assert told(second, cast, result="succeeded", ended_on=day("2015-01-01")).result == "succeeded"


def test_withdrawn_it_counts_no_more(choose, cast):
    pilot = choose()
    with pytest.raises(Refused, match="原因"):
        services.withdraw(pilot=pilot, reason=" ", by=cast["county"])
    services.withdraw(pilot=pilot, reason="录错小区", by=cast["county"])
    assert selectors.spans() == []
    with pytest.raises(Refused, match="已撤回"):
        told(pilot, cast)
    assert choose("乙").pk


def test_what_counts_on_a_day(choose, cast):
    pilot = choose(on="2014-03-01")
    [span] = selectors.spans()
    assert [span.holds_on(day(on)) for on in ("2014-02-28", "2014-03-01")] == [False, True]
    told(pilot, cast, result="failed", ended_on=day("2014-09-01"))
    [span] = selectors.spans()
    assert [span.holds_on(day(on)) for on in ("2014-08-31", "2014-09-01")] == [True, False]


def test_who_has_one_and_who_has_none_county_by_county(choose, cast):
    choose()
    found = selectors.by_county(EVERYWHERE, list(selectors.listed(cast["bureau"])))
    assert [(one.code, one.asked, one.have, [str(who) for who, _area in one.without]) for one in found] == [
        ("211302", 2, 1, ["金元社区"]), ("211303", 1, 0, ["海河社区"]),
    ]  # fmt: skip
    own = selectors.by_county(Scope.of(["211303"]), list(selectors.listed(cast["neighbour_county"])))
    assert [(one.code, one.have) for one in own] == [("211303", 0)]


def test_a_community_without_unmanaged_area_needs_none_but_its_pilot_counts(choose, cast):
    choose()
    for code in ("甲", "乙"):
        record("takeover", "2014-09-02", code, mode_to="professional")
    [county, _other] = selectors.by_county(EVERYWHERE, list(selectors.listed(cast["bureau"])))
    assert (county.asked, county.have, len(county.without), county.pilots) == (1, 0, 1, 1)


@pytest.mark.parametrize("role", ["committee", "leader", "auditor", "admin", "neighbour_county", "nobody"])
def test_others_choose_and_change_nothing(choose, cast, role):
    pilot = choose()
    with pytest.raises(PermissionDenied):
        choose("丁", by=role)
    with pytest.raises(PermissionDenied):
        services.tell(pilot=pilot, values={}, by=cast[role])
    with pytest.raises(PermissionDenied):
        services.withdraw(pilot=pilot, reason="x", by=cast[role])


def test_the_pages(as_, choose):
    choose("丙", by="bureau")
    county = as_("county")
    county.post(reverse("pilots:choose", args=["甲"]), {"mode": "community", "started_on": "2014-03-01"})
    pilot = Pilot.objects.get(community=QIANJIN)
    again = county.post(reverse("pilots:choose", args=["乙"]), {"mode": "community", "started_on": "2014-03-01"})
    assert "已有试点" in again.content.decode()
    sent = {
        "mode": "community",
        "result": "succeeded",
        "ended_on": "2014-12-01",
        "lessons": "先修后管",
        "rollout": "3 个小区",
    }
    county.post(reverse("pilots:tell", args=[pilot.pk]), sent)
    page = county.get(reverse("pilots:detail", args=[pilot.pk])).content.decode()
    assert "先修后管" in page
    listed = county.get("/pilots/")
    assert [one.compound.code for one in listed.context["page_obj"]] == ["甲"]
    assert "金元社区" in listed.content.decode()
    assert [one.compound.code for one in as_("bureau").get("/pilots/?result=under_way").context["page_obj"]] == ["丙"]
    county = as_("county")
    assert "试点" in county.get("/compounds/甲/").content.decode()
    county.post(reverse("pilots:withdraw", args=[pilot.pk]), {"reason": "录错"})
    assert not Pilot.objects.standing().filter(community=QIANJIN).exists()
