"""The way of a county's plan: written, submitted with its paper, returned or approved, amended; then it is final."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from communities.divisions.models import Division
from compounds.ledger.refusals import Refused
from oversight.plans import deadlines, selectors, services
from oversight.plans.acts import Change, Comment, Remark, Settled, Stale
from oversight.plans.choices import PlanState
from oversight.plans.models import PlanComment, PlanDeadline, PlanLine, PlanStep, PlanVersion
from oversight.programme.models import Programme
from tests.oversight.plans.conftest import COUNTY, PAPER, line, submitted
from tests.support import day, dm2

pytestmark = pytest.mark.django_db


def begin(cast, who="county", **more) -> PlanVersion:
    county = Division.objects.get(pk=COUNTY)
    return services.begin(programme=Programme.objects.get(), county=county, by=cast[who], **more)


def test_a_plan_goes_to_the_bureau_and_is_approved(written, cast):
    version = submitted(written, cast["county"])
    assert (version.state, version.is_late, version.submitted_on) == (PlanState.SUBMITTED, False, day("2014-07-01"))
    services.take_up(version=version, by=cast["bureau"])
    version = services.approve(version=version, by=cast["bureau"], opinion="同意")
    assert version.state == PlanState.APPROVED
    told = [(step.step, step.from_state, step.to_state, step.by.username) for step in selectors.story(version)]
    assert told == [
        ("draft", "", "draft", "county"), ("submit", "draft", "submitted", "county"),
        ("take_up", "submitted", "under_review", "bureau"), ("approve", "under_review", "approved", "bureau"),
    ]  # fmt: skip


def test_begun_twice_it_is_one_draft(draft, cast):
    assert begin(cast) == draft
    assert PlanVersion.objects.count() == 1


def test_returned_with_comments_it_goes_on_in_the_next_version(written, cast):
    version = submitted(written, cast["county"])
    with pytest.raises(Refused):
        services.send_back(version=version, by=cast["bureau"], comments=[Comment(1, " ")])
    with pytest.raises(Refused):
        services.send_back(version=version, by=cast["bureau"], comments=[Comment(9, "无此行")])
    services.send_back(version=version, by=cast["bureau"], comments=[Comment(2, "时限提前"), Comment(None, "补文号")])
    assert list(PlanComment.objects.values_list("line", "text")) == [(None, "补文号"), (2, "时限提前")]
    following = begin(cast)
    assert (following.number, following.state) == (2, PlanState.DRAFT)
    assert [one.compound.code for one in following.lines.all()] == ["甲", "乙", "丙"]
    with pytest.raises(Settled):
        services.write_lines(version=version, lines=[], by=cast["county"])


def test_nothing_is_begun_while_the_bureau_has_it(written, cast):
    submitted(written, cast["county"])
    with pytest.raises(Settled):
        begin(cast)


def test_an_approved_plan_is_amended_with_its_reason_and_replaced(written, cast):
    first = services.approve(version=submitted(written, cast["county"]), by=cast["bureau"])
    with pytest.raises(Refused):
        begin(cast)
    second = begin(cast, reason="棚改后延")
    services.approve(version=submitted(second, cast["county"]), by=cast["bureau"])
    states = dict(PlanVersion.objects.values_list("number", "state"))
    assert states == {1: PlanState.SUPERSEDED, 2: PlanState.APPROVED}
    assert first.steps.last().step == "supersede"


def test_errors_block_it_and_warnings_ask_for_a_word(draft, homes, cast):
    by = cast["county"]
    services.write_lines(version=draft, lines=[line(homes["甲"])], by=by)
    with pytest.raises(Refused) as why:
        submitted(draft, by)
    assert why.value.problems[0].field == "lines"
    lines = [line(homes[code], is_pilot=False) for code in "甲乙丙"]
    services.write_lines(version=draft, lines=lines, by=by)
    with pytest.raises(Refused) as why:
        submitted(draft, by, words="")
    assert why.value.problems[0].field == "words"
    assert submitted(draft, by).state == PlanState.SUBMITTED


@pytest.mark.parametrize("name", ["document_no", "signatory"])
def test_it_goes_with_the_number_and_signatory_of_its_paper(written, cast, name):
    with pytest.raises(Refused) as why:
        services.submit(version=written, by=cast["county"], **(PAPER | {name: " "}))
    assert why.value.problems[0].field == name


def test_late_it_stays_marked_unless_a_version_was_there_in_time(written, cast, today):
    today("2014-07-16")
    version = submitted(written, cast["county"])
    assert version.is_late
    services.send_back(version=version, by=cast["bureau"], opinion="补")
    assert submitted(begin(cast), cast["county"]).is_late


def test_an_extension_is_that_of_one_county(written, cast, today):
    county, programme = Division.objects.get(pk=COUNTY), Programme.objects.get()
    deadlines.set_deadline(
        programme=programme, division=county, due_on=day("2014-07-31"), by=cast["bureau"], document="批复"
    )
    assert selectors.due_on(programme, COUNTY) == day("2014-07-31")
    assert selectors.due_on(programme, "211303") == day("2014-07-15")
    today("2014-07-31")
    assert not submitted(written, cast["county"]).is_late


def test_two_people_on_one_plan_lose_nothing(draft, homes, cast):
    """Different cells of a line both stay; the same cell is the first one's, and the second is told."""
    by, seen = cast["county"], draft.revision
    services.put_lines(version=draft, changes=[Change(None, line(homes["甲"])), Change(None, line(homes["乙"]))], by=by)
    with pytest.raises(Stale):
        services.write_lines(version=draft, lines=[], by=by, revision=seen)

    def put(stands, **values):
        return services.put_lines(version=draft, changes=[Change(1, values, stands)], by=by)

    first = put(lambda one: one.person == "张某", person="李某")
    put(lambda one: one.area_dm2 is None, area_dm2=dm2(100))
    late = put(lambda one: one.person == "张某", person="赵某")
    assert (len(first.lines), late.lines, [one.person for one in late.overtaken]) == (1, [], ["李某"])
    one = draft.lines.get(number=1)
    assert (one.area_dm2, one.person, one.mode) == (dm2(100), "李某", "community")
    with pytest.raises(Refused):
        services.put_lines(version=draft, changes=[Change(9, {"person": "李某"})], by=by)
    with pytest.raises(Stale):
        services.drop_lines(version=draft, numbers=[1], by=by, revision=first.version.revision)
    draft.refresh_from_db()
    services.drop_lines(version=draft, numbers=[1], by=by, revision=draft.revision)
    assert [one.number for one in draft.lines.all()] == [2]


def test_remarks_go_back_as_comments_and_block_the_approval(written, cast):
    version = submitted(written, cast["county"])
    first, second, third = (one.number for one in version.lines.all())
    said = [Remark(first, is_agreed=True), Remark(second, text="时限提前"), Remark(third, text="撤回")]
    version = services.remark(version=version, remarks=said, by=cast["bureau"])
    services.remark(version=version, remarks=[Remark(third)], by=cast["bureau"])
    assert version.state == PlanState.UNDER_REVIEW
    with pytest.raises(Refused):
        services.approve(version=version, by=cast["bureau"])
    with pytest.raises(PermissionDenied):
        services.remark(version=version, remarks=[Remark(first)], by=cast["county"])
    with pytest.raises(Refused):
        services.remark(version=version, remarks=[Remark(99, text="无此行")], by=cast["bureau"])
    services.send_back(version=version, by=cast["bureau"])
    comments = version.steps.last().comments.all()
    assert [(one.line, one.text) for one in comments] == [(second, "时限提前")]


def test_a_programme_that_has_ended_is_not_planned_for(written, cast, today):
    today("2040-01-01")
    for act in (lambda: begin(cast), lambda: submitted(written, cast["county"])):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.problems[0].field == "programme"


def test_what_is_submitted_is_final_in_the_database(written, cast):
    submitted(written, cast["county"])
    first = written.lines.first()
    for act in (
        lambda: PlanLine.objects.filter(pk=first.pk).update(person="李某"), first.delete,
        lambda: PlanStep.objects.update(reason="x"), lambda: PlanStep.objects.last().delete(),
    ):  # fmt: skip
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            act()
    assert PlanLine.objects.get(pk=first.pk).person == "张某"


@pytest.mark.parametrize(
    "who", ["neighbour_county", "bureau", "subdistrict", "committee", "leader", "auditor", "admin"]
)
def test_a_plan_is_written_by_its_county(draft, cast, who):
    with pytest.raises(PermissionDenied):
        services.write_lines(version=draft, lines=[], by=cast[who])


def test_the_city_writes_for_a_county_without_staff(cast, homes):
    county = Division.objects.get(pk="211322")
    version = services.begin(programme=Programme.objects.get(), county=county, by=cast["bureau"])
    assert version.county == county


@pytest.mark.parametrize("who", ["county", "auditor", "leader"])
def test_the_bureau_decides(written, cast, who):
    version = submitted(written, cast["county"])
    for act in (services.approve, services.send_back, services.take_up):
        with pytest.raises(PermissionDenied):
            act(version=version, by=cast[who])


def test_drafts_are_seen_by_those_who_write_them(draft, cast):
    assert [list(selectors.listed(cast[who])) for who in ("county", "neighbour_county", "auditor")] == [[draft], [], []]


def test_the_deadline_is_reference_data(cast):
    assert str(PlanDeadline.objects.get()) == "朝阳市 2014-07-15"
