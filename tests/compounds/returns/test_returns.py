"""Monthly returns: who is asked, until when, what closes a month, and what a closed month asks of late changes."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from communities.divisions.choices import Level
from communities.divisions.models import Division
from compounds.approvals.choices import Verb
from compounds.approvals.services import submit as post
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.reports import services as reports
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.returns import closing, desk, selectors, services
from compounds.returns.models import ExtensionRight, Return
from compounds.returns.services import Settled
from tests.compounds.returns.conftest import OCTOBER, scan, sealed
from tests.support import HAIHE, QIANJIN, day, draft, event, make_compound

pytestmark = pytest.mark.django_db


def closed(asked, cast) -> Return:
    return services.accept(row=sealed(asked["211302"], cast["county"]), by=cast["bureau"])


def test_only_who_holds_compounds_is_asked_until_the_days_that_are_set(asked):
    assert {code: row.due_on.isoformat() for code, row in asked.items()} == {
        QIANJIN: "2015-10-25", HAIHE: "2015-10-25", "211302": "2015-11-05", "211303": "2015-11-05",
    }  # fmt: skip
    assert services.open_month(month=OCTOBER) == 0


def test_who_comes_to_hold_compounds_is_asked_unless_the_day_is_over(asked, today):
    make_compound("P", "211302003003")
    today("2015-10-26")
    assert services.open_month(month=OCTOBER) == 0
    today("2015-10-25")
    assert services.open_month(month=OCTOBER) == 1


def test_a_cut_off_day_of_a_county_counts_there_from_the_next_month_on(asked, cast):
    services.set_deadline(
        division=Division.objects.get(code="211302"), level=Level.COMMUNITY, day=31, months_after=0, by=cast["county"]
    )
    services.open_month(month=day("2015-11-01"))
    due = dict(Return.objects.filter(month=day("2015-11-01")).values_list("division", "due_on"))
    assert (due[QIANJIN], due[HAIHE]) == (day("2015-11-30"), day("2015-11-25"))
    assert Return.objects.get(pk=asked[QIANJIN].pk).due_on == day("2015-10-25")


def test_a_county_sets_no_day_of_its_own_and_none_elsewhere(cast, asked):
    for code, level in (("211302", Level.COUNTY), ("211303", Level.COMMUNITY), ("2113", Level.COMMUNITY)):
        with pytest.raises((Refused, PermissionDenied)):
            services.set_deadline(
                division=Division.objects.get(code=code), level=level, day=1, months_after=1, by=cast["county"]
            )


def test_no_change_is_one_step(asked, cast):
    row = services.submit(row=asked[QIANJIN], by=cast["committee"])
    assert (row.state, row.no_change, row.is_on_behalf, row.was_late) == ("submitted", True, False, False)
    with pytest.raises(Settled):
        services.submit(row=row, by=cast["committee"])
    assert row.steps.count() == 1


def test_a_return_lists_what_was_reported_and_waits_for_what_is_not_sent(asked, cast):
    home = Compound.objects.get(code="A")
    report = reports.draft(
        kind=ReportKind.TAKEOVER, claim=Claim(effective_on=day("2015-10-12"), mode_to="community"),
        by=cast["committee"], key="k", compound=home,
    )  # fmt: skip
    type(report).objects.update(created_at="2015-10-19T03:00:00Z")
    with pytest.raises(Refused):
        services.submit(row=asked[QIANJIN], by=cast["committee"])
    reports.submit(report=report, by=cast["committee"])
    type(report).objects.update(submitted_at="2015-10-20T03:00:00Z")
    row = services.submit(row=asked[QIANJIN], by=cast["committee"])
    assert not row.no_change
    assert list(services.reports_of(row)) == [report]


@pytest.mark.parametrize("who", ["subdistrict", "county"])
def test_an_office_above_reports_for_a_community(asked, cast, who):
    assert services.submit(row=asked[QIANJIN], by=cast[who]).is_on_behalf


@pytest.mark.parametrize("who", ["neighbour_committee", "neighbour_county", "leader", "auditor", "bureau"])
def test_nobody_else_does(asked, cast, who):
    with pytest.raises(PermissionDenied):
        services.submit(row=asked[QIANJIN], by=cast[who])


def test_zero_is_not_missing_and_a_parent_shows_who_has_reported(asked, cast, today):
    services.submit(row=asked[QIANJIN], by=cast["committee"])
    city = Division.objects.get(code="2113")
    units, total = selectors.completeness(OCTOBER, city)
    assert {unit.code: (unit.is_in, unit.asked) for unit in units} == {"211302": (1, 1), "211303": (0, 1)}
    assert (total.is_in, total.asked, total.overdue) == (1, 2, 0)
    today("2015-10-26")
    units, total = selectors.completeness(OCTOBER, city)
    assert (total.overdue, [row.division_id for row in total.missing]) == (1, [HAIHE])
    assert list(Return.objects.overdue()) == [asked[HAIHE]]
    empty, none = selectors.completeness(OCTOBER, Division.objects.get(code="211321"))
    assert (empty, none.asked) == ([], 0)


def test_the_text_that_reminds_names_who_is_missing_and_the_day(asked, cast):
    _units, total = selectors.completeness(OCTOBER, Division.objects.get(code="2113"))
    text = selectors.reminder(OCTOBER, total.missing)
    assert "2015-10-25" in text
    assert all(row.division.name in text for row in total.missing)
    assert selectors.reminder(OCTOBER, []) == ""


def test_a_county_seals_the_city_accepts_and_the_month_is_closed(asked, cast):
    row = closed(asked, cast)
    assert (row.state, row.height, row.document_no) == ("accepted", 2, "双住建〔2015〕8号")
    assert closing.closed(QIANJIN, day("2015-10-31")) == row
    assert closing.closed(HAIHE, day("2015-10-31")) is None
    assert closing.closed(QIANJIN, day("2015-11-01")) is None
    assert "2015-10" in closing.lock(row)
    assert "bureau" in closing.lock(row)
    assert [step.step for step in row.steps.all()] == ["prepare", "seal", "accept"]
    assert row.scans.count() == 1


def test_what_is_no_scan_is_refused_and_nothing_is_handed_in(asked, cast):
    from chaoyang_pm.kit.uploads import UploadRefused

    services.prepare(row=asked["211302"], by=cast["county"])
    for fields in ({"file": scan(b"GIF89a")}, {"document_no": " "}, {"signatory": ""}):
        with pytest.raises((UploadRefused, Refused)):
            services.seal(
                row=asked["211302"], by=cast["county"],
                **{"file": scan(), "document_no": "1号", "signatory": "王某"} | fields,
            )  # fmt: skip
    asked["211302"].refresh_from_db()
    assert asked["211302"].state == "prepared"
    assert not asked["211302"].scans.exists()


@pytest.mark.parametrize(("step", "who"), [
    ("prepare", "committee"), ("prepare", "neighbour_county"), ("prepare", "bureau"), ("accept", "county"),
    ("reopen", "county"), ("send_back", "county"),
])  # fmt: skip
def test_nobody_takes_a_step_with_a_countys_return_that_is_not_his(asked, cast, step, who):
    more = {"reason": "x"} if step in ("reopen", "send_back") else {}
    with pytest.raises(PermissionDenied):
        getattr(services, step)(row=asked["211302"], by=cast[who], **more)


def test_steps_come_in_their_order(asked, cast):
    row = asked["211302"]
    with pytest.raises(Settled):
        services.accept(row=row, by=cast["bureau"])
    with pytest.raises(Settled):
        services.seal(row=row, file=scan(), document_no="1", signatory="王", by=cast["county"])
    with pytest.raises(Settled):
        services.reopen(row=row, reason="x", by=cast["bureau"])
    with pytest.raises(Settled):
        services.submit(row=row, by=cast["county"])
    with pytest.raises(Settled):
        services.prepare(row=asked[QIANJIN], by=cast["county"])


def test_the_city_returns_or_opens_again_with_words(asked, cast):
    row = sealed(asked["211302"], cast["county"])
    with pytest.raises(Refused):
        services.send_back(row=row, reason=" ", by=cast["bureau"])
    services.send_back(row=row, reason="请补充备注", by=cast["bureau"])
    row = services.accept(row=sealed(row, cast["county"]), by=cast["bureau"])
    row = services.reopen(row=row, reason="漏报一笔", by=cast["bureau"])
    assert (row.state, closing.closed(QIANJIN, day("2015-10-05"))) == ("returned", None)
    assert row.steps.last().reason == "漏报一笔"


def late(by, **details):
    a_draft = draft(
        event("takeover", "2015-10-10", "A", category="abandoned", mode_to="community"), source_key="k", **details
    )
    return post(verb=Verb.RECORD, by=by, about=Compound.objects.get(code="A"), draft=a_draft)


@pytest.mark.parametrize("who", ["county", "bureau"])
def test_a_change_dated_in_a_closed_month_says_why_and_is_never_kept_out(asked, cast, who):
    closed(asked, cast)
    with pytest.raises(Refused) as refused:
        late(cast[who])
    assert [problem.field for problem in refused.value.problems] == ["late_reason"]
    assert late(cast[who], late_reason="交接记录后补").entries


def test_a_report_about_a_closed_month_says_why(asked, cast):
    closed(asked, cast)
    claim = {"effective_on": day("2015-10-12"), "mode_to": "community"}
    report = reports.draft(
        kind=ReportKind.TAKEOVER, claim=Claim(**claim), by=cast["committee"], key="k",
        compound=Compound.objects.get(code="A"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        reports.submit(report=report, by=cast["committee"])
    assert [problem.field for problem in refused.value.problems] == ["late_reason"]
    reports.edit(
        report=report, claim=Claim(**claim, late_reason="资料后补"), by=cast["committee"], revision=report.revision
    )
    assert reports.submit(report=report, by=cast["committee"]).state == "submitted"


def test_a_county_corrects_its_entries_of_an_open_month_only(asked, cast):
    (entry,) = late(cast["county"]).entries
    assert cast["county"].may("ledger.correct", entry)
    closed(asked, cast)
    entry = Entry.objects.select_related("compound").get(pk=entry.pk)
    denied = cast["county"].may("ledger.correct", entry)
    assert not denied
    assert "2015-10" in denied.reason
    assert cast["bureau"].may("ledger.correct", entry)


@pytest.mark.parametrize(("who", "until", "granted"), [
    ("subdistrict", "2015-10-28", True), ("subdistrict", "2015-10-29", False), ("county", "2015-11-04", True),
    ("county", "2015-11-05", False), ("committee", "2015-10-26", False), ("neighbour_county", "2015-10-26", False),
    ("bureau", "2015-11-04", True), ("county", "2015-10-25", False),
])  # fmt: skip
def test_who_may_extend_by_how_much_is_data(asked, cast, who, until, granted):
    arguments = {"row": asked[QIANJIN], "until": day(until), "reason": "停电", "by": cast[who]}
    if granted:
        assert services.extend(**arguments).due == day(until)
    else:
        with pytest.raises((Refused, PermissionDenied)):
            services.extend(**arguments)


def test_an_extension_right_is_changed_by_the_city(asked, cast):
    right = ExtensionRight.objects.get(role="subdistrict", level="community")
    with pytest.raises(PermissionDenied):
        services.set_right(right=right, most_days=30, by=cast["county"])
    services.set_right(right=right, most_days=5, by=cast["bureau"])
    row = services.extend(row=asked[QIANJIN], until=day("2015-10-30"), reason="停电", by=cast["subdistrict"])
    assert (row.due_on, row.due) == (day("2015-10-25"), day("2015-10-30"))


def test_what_is_still_on_its_way_is_counted_for_the_county(asked, cast):
    assert selectors.still_open(asked["211302"]) == selectors.Open(1, 0, 0, 0)
    report = reports.draft(
        kind=ReportKind.TAKEOVER, claim=Claim(effective_on=day("2015-10-12"), mode_to="community"),
        by=cast["committee"], key="k", compound=Compound.objects.get(code="A"),
    )  # fmt: skip
    assert selectors.still_open(asked["211302"]).with_authors == 1
    reports.submit(report=report, by=cast["committee"])
    assert selectors.still_open(asked["211302"]) == selectors.Open(1, 1, 0, 0)
    services.submit(row=asked[QIANJIN], by=cast["committee"])
    assert selectors.still_open(asked["211302"]).not_in == 0


def test_everybody_finds_what_his_office_is_to_do(asked, cast):
    def needing(who: str) -> set[str]:
        return set(selectors.needing(cast[who]).values_list("division", flat=True))

    assert needing("committee") == {QIANJIN}
    assert needing("county") == {"211302"}
    assert needing("bureau") == set()
    sealed(asked["211302"], cast["county"])
    assert needing("county") == set()
    assert needing("bureau") == {"211302"}
    assert not desk.to_hand_in(cast["leader"], 8)
    [item] = desk.to_hand_in(cast["committee"], 8).items
    assert (item.due, item.is_late) == (day("2015-10-25"), False)


def test_steps_are_kept_as_they_were_taken(asked, cast):
    row = services.submit(row=asked[QIANJIN], by=cast["committee"])
    for act in (row.steps.get().delete, lambda: row.steps.update(reason="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
