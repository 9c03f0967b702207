"""Versions and parts of targets: added and withdrawn, never overwritten; what cannot be is refused with its field."""

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.divisions.models import Division
from oversight.programme import selectors
from oversight.programme.breakdown import (
    Asked,
    Paper,
    PartGiven,
    TargetRefused,
    add_version,
    divide,
    withdraw_part,
    withdraw_version,
)  # fmt: skip
from oversight.programme.models import Milestone, PartVersion, Target, TargetPart, TargetVersion
from oversight.programme.services import load_reference
from tests.support import day, dm2

pytestmark = pytest.mark.usefixtures("reference")
WAN = 1_000_000


def t1() -> Target:
    return selectors.targets(selectors.current()).get(pk="T1")


def paper(on: str = "2015-03-01", document: str = "调整通知", reason: str = "棚改延期") -> Paper:
    return Paper(document, day(on), reason)


def asked(required: int | None = 300, deadline: str = "2015-12-31", **more) -> Asked:
    return Asked(None if required is None else required * WAN, day(deadline), **more)


def part(code: str, required: int | None = 100, deadline: str = "2014-12-31", **more) -> PartGiven:
    return PartGiven(Division.objects.get(pk=code), asked(required, deadline, **more))


def give(*parts: PartGiven, on: str = "2014-03-20", by=None, target: Target | None = None) -> list[PartVersion]:
    return divide(target=target or t1(), parts=parts, paper=paper(on, "分解通知", ""), by=by)


def refused(call, **how) -> dict[str, str]:
    with pytest.raises(TargetRefused) as stopped, transaction.atomic():
        call(**how)
    return {problem.field: problem.message for problem in stopped.value.problems}


# --- versions of a target --------------------------------------------------------------------------------
def test_a_version_is_added_beside_the_one_before(bureau):
    version = add_version(
        target=t1(), asked=asked(280, base=280 * WAN, milestones=((day("2015-06-30"), 200 * WAN),)), paper=paper(),
        by=bureau,
    )  # fmt: skip
    first, second = selectors.standing(t1())
    assert (first.required_dm2, first.deadline) == (dm2(3_020_000), day("2014-12-31"))
    assert (second, second.recorded_by, second.reason) == (version, bureau, "棚改延期")
    assert selectors.milestones(second) == [(day("2015-06-30"), 200 * WAN)]
    assert [selectors.version_on(t1(), day(on)) for on in ("2013-01-01", "2015-02-28", "2015-03-01")] == [
        first, first, second,
    ]  # fmt: skip


def test_a_second_version_of_a_day_is_refused_until_the_first_is_withdrawn(bureau):
    version = add_version(target=t1(), asked=asked(), paper=paper(), by=bureau)
    assert set(refused(add_version, target=t1(), asked=asked(280), paper=paper(), by=bureau)) == {"valid_from"}
    withdraw_version(version=version, reason="录入有误", by=bureau)
    assert [each.pk for each in selectors.standing(t1())] != [version.pk]
    right = add_version(target=t1(), asked=asked(280), paper=paper(), by=bureau)
    assert selectors.version_on(t1(), day("2015-03-01")) == right
    version.refresh_from_db()
    assert (version.withdrawn_by, version.withdrawn_reason, version.required_dm2) == (bureau, "录入有误", 300 * WAN)


def test_the_only_version_stays_and_a_withdrawal_says_why_once(bureau):
    only = selectors.standing(t1())[0]
    assert "" in refused(withdraw_version, version=only, reason="错", by=bureau)
    version = add_version(target=t1(), asked=asked(), paper=paper(), by=bureau)
    assert set(refused(withdraw_version, version=version, reason=" ", by=bureau)) == {"reason"}
    withdraw_version(version=version, reason="错", by=bureau)
    another = add_version(target=t1(), asked=asked(), paper=paper("2015-04-01"), by=bureau)
    assert "" in refused(withdraw_version, version=version, reason="错", by=bureau)
    assert selectors.standing(t1())[-1] == another


@pytest.mark.parametrize(
    ("what", "how", "field"),
    [
        ({"deadline": "2015-02-28"}, {}, "deadline"), ({"required": 10**10}, {}, "required"),
        ({"base": -1}, {}, "base"), ({}, {"document": " "}, "document"), ({}, {"reason": ""}, "reason"),
        ({}, {"on": "2014-01-01"}, "valid_from"),
        ({"milestones": (("2013-12-31", 1),)}, {}, "milestones"),
        ({"milestones": (("2014-01-01", 1),)}, {}, "milestones"),
        ({"milestones": (("2015-12-31", 1),)}, {}, "milestones"),
        ({"milestones": (("2015-06-30", 301),)}, {}, "milestones"),
        ({"milestones": (("2015-06-30", 50), ("2015-09-30", 49))}, {}, "milestones"),
        ({"milestones": (("2015-06-30", 50), ("2015-06-30", 60))}, {}, "milestones"),
    ],
)  # fmt: skip
def test_what_a_version_cannot_be_names_the_field(what, how, field):
    milestones = tuple((day(on), amount * WAN) for on, amount in what.pop("milestones", ()))
    before = TargetVersion.objects.count()
    found = refused(add_version, target=t1(), asked=asked(**what, milestones=milestones), paper=paper(**how), by=None)
    assert set(found) == {field}
    assert TargetVersion.objects.count() == before


# --- parts -----------------------------------------------------------------------------------------------
def test_a_target_is_broken_down_to_counties_subdistricts_and_communities(bureau):
    give(part("211302", 200, milestones=((day("2014-06-30"), 80 * WAN),)), part("211303", 102), by=bureau)
    give(part("211302001", 60), part("211302001003", 10), on="2014-03-27")
    found = selectors.parts(t1(), day("2014-12-31"))
    assert [(each.code, each.version.required // WAN) for each in found] == [
        ("211302", 200), ("211302001", 60), ("211302001003", 10), ("211303", 102),
    ]  # fmt: skip
    assert selectors.parts(t1(), day("2014-03-19")) == [], "before its document a part is none"
    assert [each.code for each in selectors.parts(t1(), day("2014-03-20"))] == ["211302", "211303"]


def test_a_part_is_changed_by_a_further_version(bureau):
    give(part("211302", 200))
    give(part("211302", 190, "2015-03-31"), on="2014-10-01", by=bureau)
    amounts = {on: selectors.parts(t1(), day(on))[0].version.required // WAN for on in ("2014-09-30", "2014-10-01")}
    assert amounts == {"2014-09-30": 200, "2014-10-01": 190}
    assert TargetPart.objects.count() == 1
    newest = PartVersion.objects.get(valid_from="2014-10-01")
    withdraw_part(version=newest, reason="数字有误", by=bureau)
    assert selectors.parts(t1(), day("2014-12-31"))[0].version.required == 200 * WAN
    assert PartVersion.objects.count() == 2


def test_one_wrong_row_and_nothing_is_given():
    found = refused(give_all, parts=[part("211302", 200), part("211303", 102, "2014-03-01"), part("211321", 5)])
    assert set(found) == {"211303/deadline", "211321/required"}
    assert not TargetPart.objects.exists()


def give_all(parts):
    return give(*parts)


def test_rows_say_what_they_lack():
    assert set(refused(give_all, parts=[])) == {""}
    assert set(refused(give_all, parts=[part("211302", None)])) == {"211302/required"}
    give(part("211302"))
    assert set(refused(give_all, parts=[part("211302", 90)])) == {"211302/valid_from"}


def test_what_was_written_is_in_the_audit_trail(bureau):
    version = give(part("211302", 200, milestones=((day("2014-06-30"), WAN),)), by=bureau)[0]
    withdraw_part(version=version, reason="错", by=bureau)
    for row in (version, version.part, Milestone.objects.get()):
        assert LogEntry.objects.get_for_object(row).exists()
    assert "withdrawn_reason" in LogEntry.objects.get_for_object(version).latest("pk").changes_dict


# --- the database itself ---------------------------------------------------------------------------------
def part_version(**fields) -> PartVersion:
    a_part, _new = TargetPart.objects.get_or_create(target_id="T1", division_id="211302")
    facts = {"required": 1, "deadline": day("2014-12-31"), "valid_from": day("2014-03-20"), "document": "通知"}
    return PartVersion(part=a_part, **facts | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"required": -1}, {"base": -1}, {"document": ""}, {"deadline": day("2014-03-19")},
        {"withdrawn_at": timezone.now()}, {"withdrawn_reason": "错"},
    ],
)  # fmt: skip
def test_the_database_refuses_what_a_part_cannot_be(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        part_version(**fields).save()


def test_the_database_keeps_one_standing_version_a_day_and_one_part_a_division():
    part_version().save()
    with pytest.raises(IntegrityError), transaction.atomic():
        part_version().save()
    part_version(withdrawn_at=timezone.now(), withdrawn_reason="错").save()
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetPart.objects.create(target_id="T1", division_id="211302")
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetVersion.objects.create(target_id="T1", valid_from="2014-01-01", deadline="2015-01-01")


def test_a_milestone_belongs_to_one_version():
    version = part_version()
    version.save()
    of_target = selectors.standing(t1())[0]
    facts = {"due_on": day("2014-06-30"), "required": 1}
    for wrong in ({}, {"part_version": version, "target_version": of_target}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Milestone.objects.create(**facts, **wrong)
    Milestone.objects.create(part_version=version, **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Milestone.objects.create(part_version=version, **facts)


# --- reference data --------------------------------------------------------------------------------------
def test_loading_again_leaves_versions_and_parts_alone():
    add_version(target=t1(), asked=asked(), paper=paper(), by=None)
    give(part("211302", 200))
    before = list(TargetVersion.objects.values_list("pk", "required_dm2", "base_dm2"))
    assert set(load_reference().values()) == {0}
    assert list(TargetVersion.objects.values_list("pk", "required_dm2", "base_dm2")) == before


def test_the_document_counts_302_and_1100():
    bases = dict(TargetVersion.objects.exclude(base_dm2=None).values_list("target", "base_dm2"))
    assert bases == {"T1": 302 * WAN, "T2": 1100 * WAN}


def test_who_holds_what_and_who_can_be_given_a_part():
    target = t1()
    today = day("2014-06-30")
    whole = selectors.holder(target, "", today)
    assert (whole.division.code, whole.is_whole, whole.has_a_task) == ("2113", True, True)
    assert [each.code for each in selectors.receivers(whole, today)] == ["211302", "211303"]
    assert not selectors.holder(target, "211302", today).has_a_task
    give(part("211302", 200))
    holder = selectors.holder(target, "211302", today)
    assert holder.has_a_task
    assert {each.parent_id for each in selectors.receivers(holder, today)} == {"211302"}
    for code in ("211321", "999999", "x", "²"):
        assert selectors.holder(target, code, today) is None
    county = selectors.holder(selectors.targets(selectors.current()).get(pk="T3-211321"), "211321", today)
    assert (county.is_whole, {each.parent_id for each in selectors.receivers(county, today)}) == (True, {"211321"})
