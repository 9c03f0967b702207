"""What of plans waits for whom, who is told, and until when they are due."""

import pytest

from communities.divisions.models import Division
from communities.notices.deadlines import between
from communities.notices.models import Notice
from communities.people.models import User
from oversight.plans import deadlines, desk, notices, selectors, services
from oversight.plans.acts import Comment
from oversight.plans.models import PlanDeadline, PlanVersion
from oversight.programme.models import Programme
from tests.oversight.plans.conftest import COUNTY, submitted
from tests.support import day

pytestmark = pytest.mark.django_db
PAGE = "/plans/deadlines/"


def told(kind: str) -> list[str]:
    return sorted(Notice.objects.unread().filter(kind=f"plans.{kind}").values_list("user__username", flat=True))


def titles(pile) -> list[tuple[str, str, bool]]:
    return [(one.title, one.why, one.is_late) for one in pile.items] if pile else []


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# --- told ------------------------------------------------------------------------------------------------
def test_the_city_is_told_of_a_plan_and_the_county_of_its_return_and_approval(written, cast):
    version = submitted(written, cast["county"])
    assert (told("waiting"), told("returned")) == (["bureau"], [])
    assert Notice.objects.get(kind="plans.waiting").link == f"/plans/{version.pk}/"
    services.send_back(version=version, by=cast["bureau"], opinion="补")
    assert (told("waiting"), told("returned")) == ([], ["county"])
    again = services.begin(programme=version.programme, county=version.county, by=cast["county"])
    services.approve(version=submitted(again, cast["county"]), by=cast["bureau"])
    assert (told("waiting"), told("approved")) == ([], ["county"])


def test_after_a_missed_day_the_city_is_told_of_each_county_once(written, cast, today):
    programme = Programme.objects.get()
    assert notices.tell_overdue(day("2014-07-15")) == 0
    number = len(selectors.counties(programme))
    assert notices.tell_overdue(day("2014-07-16")) == number
    assert notices.tell_overdue(day("2014-07-20")) == 0
    assert told("overdue") == ["bureau"] * number
    today("2014-07-20")
    submitted(written, cast["county"])
    assert len(told("overdue")) == number - 1
    # An extension that passes, too, is another day.
    other = Division.objects.get(pk="211303")
    deadlines.set_deadline(
        programme=programme, division=other, due_on=day("2014-07-25"), by=cast["bureau"], document="批复"
    )
    assert notices.tell_overdue(day("2014-07-25")) == 0
    assert notices.tell_overdue(day("2014-07-26")) == 1


def test_a_county_is_reminded_until_its_plan_is_there(written, cast):
    def due() -> list[str]:
        return [one.key for one in between(day("2014-07-10"), day("2014-07-15")) if one.key.startswith("plan:")]

    assert any(key.endswith(COUNTY) for key in due())
    submitted(written, cast["county"])
    assert not any(key.endswith(COUNTY) for key in due())


# --- the desk --------------------------------------------------------------------------------------------
def test_the_county_has_its_plan_on_the_desk_while_it_is_its_turn(cast, homes, today):
    county = fresh(cast["county"])
    assert titles(desk.to_write(county, 8)) == [("双塔区推进方案", "未开始编制", False)]
    today("2014-07-16")
    assert titles(desk.to_write(county, 8))[0][2]
    assert desk.to_review(county, 8) is None
    assert desk.overdue(county, 8) is None


def test_each_step_moves_it_to_the_next_desk(written, cast):
    county, bureau = fresh(cast["county"]), fresh(cast["bureau"])
    assert titles(desk.to_write(county, 8)) == [("双塔区推进方案第1版", "草稿待报送", False)]
    assert desk.to_review(bureau, 8) is None
    version = submitted(written, cast["county"])
    assert desk.to_write(county, 8) is None
    pile = desk.to_review(bureau, 8)
    assert titles(pile) == [("双塔区推进方案第1版", "已报送", False)]
    assert (pile.items[0].link, pile.number) == (f"/plans/{version.pk}/", 1)
    services.send_back(version=version, by=cast["bureau"], comments=[Comment(2, "提前")], opinion="整体偏晚")
    assert titles(desk.to_write(county, 8)) == [("双塔区推进方案第1版", "被退回;整体偏晚;第 2 行:提前", False)]
    services.begin(programme=version.programme, county=version.county, by=cast["county"])
    assert titles(desk.to_write(county, 8)) == [("双塔区推进方案第2版", "被退回;整体偏晚;第 2 行:提前", False)]
    services.approve(version=submitted(PlanVersion.objects.get(number=2), cast["county"]), by=cast["bureau"])
    assert (desk.to_write(county, 8), desk.to_review(bureau, 8)) == (None, None)


def test_counties_that_missed_their_day_are_on_the_citys_desk_with_their_days(written, cast, today):
    bureau = fresh(cast["bureau"])
    assert desk.overdue(bureau, 8) is None
    submitted(written, cast["county"])
    deadlines.set_deadline(
        programme=Programme.objects.get(), division=Division.objects.get(pk="211303"), due_on=day("2014-08-01"),
        by=cast["bureau"], document="批复",
    )  # fmt: skip
    today("2014-07-20")
    found = titles(desk.overdue(bureau, 20))
    assert ("朝阳县", "逾期 5 天", True) in found
    assert {"双塔区", "龙城区"}.isdisjoint(title for title, *_rest in found)
    today("2018-01-01")
    assert desk.overdue(bureau, 8) is None


@pytest.mark.parametrize("who", ["committee", "subdistrict", "auditor", "leader"])
def test_others_have_nothing_of_it(written, cast, who):
    submitted(written, cast["county"])
    user = fresh(cast[who])
    assert [source(user, 8) for source in (desk.to_write, desk.to_review, desk.overdue)] == [None] * 3


def test_a_source_costs_few_queries(written, cast, django_assert_max_num_queries):
    version = submitted(written, cast["county"])
    services.send_back(version=version, by=cast["bureau"], opinion="补")
    for who, source in (("county", desk.to_write), ("bureau", desk.to_review), ("bureau", desk.overdue)):
        user = fresh(cast[who])
        assert user.may("plans.read")
        with django_assert_max_num_queries(8):
            source(user, 8)


# --- until when ------------------------------------------------------------------------------------------
def test_the_day_and_an_extension_are_set_by_clicks_with_a_history(as_, cast):
    client = as_("bureau")
    assert [row.division_id for row in client.get(PAGE).context["rows"]] == ["2113"]
    client.post(PAGE, {"division": "2113", "due_on": "2014-07-20", "document": "朝房发〔2014〕9号"})
    sent = {"division": "211303", "due_on": "2014-08-01", "document": ""}
    answer = client.post(PAGE, sent)
    assert answer.context["form"].errors.keys() == {"document"}
    assert client.post(PAGE, sent | {"document": "批复"}).status_code == 302
    days = dict(PlanDeadline.objects.values_list("division", "due_on"))
    assert days == {"2113": day("2014-07-20"), "211303": day("2014-08-01")}
    assert "2014-08-01" in client.get("/settings/").content.decode()
    lines = client.get("/settings/history/?kind=plans").context["lines"]
    assert {line.address for line in lines} == {PAGE}
    assert {line.edit.by for line in lines} == {cast["bureau"]}


def test_a_county_reads_what_holds_for_it(as_, cast):
    deadlines.set_deadline(
        programme=Programme.objects.get(), division=Division.objects.get(pk="211303"), due_on=day("2014-08-01"),
        by=cast["bureau"], document="批复",
    )  # fmt: skip
    answer = as_("county").get(PAGE)
    assert [row.division_id for row in answer.context["rows"]] == ["2113"]
    assert "form" not in answer.context
    assert as_("county").post(PAGE, {}).status_code == 403


def test_the_administration_says_what_is_refused_at_its_field(as_):
    sent = {"programme": Programme.objects.get().pk, "division": "211303", "due_on": "2014-08-01", "document": ""}
    answer = as_("bureau").post("/admin/oversight/plandeadline/add/", sent)
    assert answer.context["adminform"].form.errors.keys() == {"document"}
    as_("bureau").post("/admin/oversight/plandeadline/add/", sent | {"document": "批复"})
    assert PlanDeadline.objects.filter(division="211303").exists()
