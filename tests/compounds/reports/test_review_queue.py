"""Whose turn a report is: the queue of each office against the rules for one report, ages, and the rules as data."""

import datetime
import random
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.divisions.models import Division
from communities.people.models import Appointment
from compounds.approvals.choices import ProposalState, Verb
from compounds.approvals.models import Proposal
from compounds.ledger.refusals import Refused
from compounds.reports import review, services
from compounds.reports import review_selectors as selectors
from compounds.reports.choices import UNDER_REVIEW, Office, Reporter, ReportState, Step
from compounds.reports.models import Report, ReviewDays, SkippedLevel
from compounds.reports.transitions import may_take, skips_street
from tests.compounds.reports.conftest import checked, reported
from tests.support import HAIHE, QIANJIN, XINLIU, make_compound, record

pytestmark = pytest.mark.django_db
PLACES = ["2113", "211302", "211302003", "211302003001", "211303", "211303004", "211321"]


def scatter(cast, seed: int, number: int = 40) -> None:
    """Reports of any office and state in three counties, rules at random, some of them with an entry that waits."""
    chance = random.Random(seed)
    SkippedLevel.objects.all().delete()
    for place in chance.sample(PLACES, 4):
        for reporter in Reporter:
            if chance.random() < 0.5:
                SkippedLevel.objects.create(
                    division_id=place, reporter=reporter, is_skipped=chance.random() < 0.5
                )  # fmt: skip
    compounds = [make_compound(f"S{seed}{at}", place) for at, place in enumerate((QIANJIN, HAIHE, XINLIU))]
    for each in range(number):
        home, state = chance.choice(compounds), chance.choice(["draft", "submitted", "verified", "returned"])
        report = Report.objects.create(
            kind="takeover", state=state, community_id=home.community_id, compound=home, height=0,
            reporter=chance.choice(list(Reporter)), key=f"{seed}-{each}", created_by=cast["committee"],
            submitted_at=None if state == "draft" else timezone.now(),
        )  # fmt: skip
        if state in UNDER_REVIEW and chance.random() < 0.2:
            Proposal.objects.create(
                verb=Verb.REPORT, arguments={"report": str(report.pk)}, height=0, key=report.proposal_key,
                division_id=home.community_id[:6], compound=home, needs_city=True, proposed_by=cast["county"],
                state=chance.choice([ProposalState.WAITING, ProposalState.WITHDRAWN]),
            )  # fmt: skip


def by_the_rules(user) -> set:
    """The same, asked of each report by itself."""
    found = set()
    for report in Report.objects.visible_to(user).filter(state__in=UNDER_REVIEW).select_related("community"):
        waits = Proposal.objects.filter(key=report.proposal_key, state=ProposalState.WAITING).exists()
        by_street = report.state == ReportState.SUBMITTED and not skips_street(report)
        step = Step.VERIFY if by_street else Step.APPROVE
        if may_take(step, report, user) and not waits:
            found.add(report.pk)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_queue_is_what_the_rules_say_of_each(cast, seed):
    scatter(cast, seed)
    if seed % 2:  # the city acts for a county without staff
        Appointment.objects.filter(user=cast["neighbour_county"]).update(until=datetime.date(2014, 2, 1))
    some = False
    for name, user in cast.items():
        queue = set(selectors.waiting_for(user).values_list("pk", flat=True))
        assert queue == by_the_rules(user), name
        some = some or bool(queue)
    assert some


def test_the_queue_is_one_statement_for_any_number(cast):
    counts = []
    for seed, number in ((1, 5), (2, 60)):
        scatter(cast, seed, number)
        user = type(cast["county"]).objects.get(pk=cast["county"].pk)
        with CaptureQueriesContext(connection) as queries:
            list(selectors.described(selectors.waiting_for(user)))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_the_office_has_the_days_of_the_smallest_division(cast, home):
    report = reported(home, cast["committee"])
    assert selectors.seen_by(cast["county"]).get().allowed == 3
    review.set_days(division=Division.objects.get(pk="211302003"), office=Office.SUBDISTRICT, days=1, by=cast["county"])
    review.set_days(division=Division.objects.get(pk="211302"), office=Office.SUBDISTRICT, days=9, by=cast["bureau"])
    assert selectors.seen_by(cast["county"]).get().allowed == 1
    services.verify(report=report, by=cast["subdistrict"])
    row = selectors.seen_by(cast["county"]).get()
    assert (row.office, row.allowed) == (Office.COUNTY, 5)


@pytest.mark.parametrize(("days", "late"), [(3, 0), (4, 1), (30, 1)])
def test_what_waits_longer_than_its_office_has_is_overdue(cast, home, days, late, monkeypatch):
    report = reported(home, cast["committee"])
    monkeypatch.setattr(
        selectors, "business_date",
        lambda: timezone.localdate(report.waiting_since) + datetime.timedelta(days=days),
    )  # fmt: skip
    found = selectors.summary(selectors.waiting_for(cast["subdistrict"]))
    assert found == selectors.Waiting(number=1, overdue=late, oldest=days, shown=1)
    [office] = selectors.ageing(cast["bureau"])
    assert (office.office, office.waiting) == (Office.SUBDISTRICT, replace(found, shown=0))
    assert office.name == str(Division.objects.get(pk="211302003"))


def test_days_are_said_by_whom_the_matrix_names_within_bounds(cast):
    county = Division.objects.get(pk="211302")
    for who in ("subdistrict", "neighbour_county", "auditor", "committee"):
        with pytest.raises(PermissionDenied):
            review.set_days(division=county, office=Office.COUNTY, days=2, by=cast[who])
    for days in (0, 61):
        with pytest.raises(Refused):
            review.set_days(division=county, office=Office.COUNTY, days=days, by=cast["county"])
    assert not ReviewDays.objects.filter(division=county).exists()


def test_a_row_says_what_is_to_be_known_of_it(cast, home):
    checked(home, cast)
    [row] = selectors.described(selectors.waiting_for(cast["county"]))
    # Of May 2014, and handed in years later.
    assert (row.is_changed, row.is_late, row.is_agreed, row.has_files) == (False, True, False, False)
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200)
    [row] = selectors.described(selectors.waiting_for(cast["county"]))
    assert row.is_changed


def test_reviewers_are_counted_with_the_days_that_they_took(cast, home):
    report = reported(home, cast["committee"])
    services.send_back(report=report, by=cast["subdistrict"], reason="补照片")
    [one] = selectors.reviewers(cast["county"])
    assert (one.name, one.decided, one.returned) == ("subdistrict", 1, 1)
    assert 0 <= one.days < 0.1
    assert selectors.reviewers(cast["neighbour_county"]) == []
