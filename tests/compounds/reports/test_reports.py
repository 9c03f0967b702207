"""From a claim to the ledger: who may take which step, what posts, and what stays as it was."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from chaoyang_pm.kit import uploads
from communities.divisions.models import Division
from compounds.approvals import services as approvals
from compounds.approvals.models import Proposal
from compounds.files.models import Attachment
from compounds.ledger import selectors as ledger
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.reports import evidence, services
from compounds.reports.choices import ReportKind, ReportState
from compounds.reports.claims import Claim
from compounds.reports.models import Report
from compounds.reports.services import Comment, Stale
from tests.kit.uploads.files import photo
from tests.support import QIANJIN, day, dm2, record

pytestmark = pytest.mark.django_db


def takeover(home, by, *, key="k1", kind=ReportKind.TAKEOVER, **fields) -> Report:
    claim = {"effective_on": day("2014-05-01"), "mode_to": "community", "date_basis": "交接记录"} | fields
    return services.draft(kind=kind, claim=Claim(**claim), by=by, key=key, compound=home)


def submitted(home, by, **fields) -> Report:
    return services.submit(report=takeover(home, by, **fields), by=by)


def verified(home, cast, **fields) -> Report:
    return services.verify(report=submitted(home, cast["committee"], **fields), by=cast["subdistrict"])


def steps(report: Report) -> list[tuple[str, str, str, str]]:
    return [(row.step, row.from_state, row.to_state, row.by.username) for row in report.steps.select_related("by")]


def test_a_report_goes_from_the_community_to_the_ledger(cast, home):
    report = verified(home, cast)
    posted = services.approve(report=report, by=cast["county"], reason="属实")
    report.refresh_from_db()
    (entry,) = posted.entries
    assert (report.state, report.entry) == (ReportState.APPROVED, entry)
    assert entry.report == report
    assert (entry.kind, entry.area_dm2, entry.households, entry.mode_to) == ("takeover", 800000, 300, "community")
    assert (entry.source, entry.date_basis, entry.handler) == ("report", "交接记录", "committee")
    assert entry.recorded_by == cast["county"]
    assert steps(report) == [
        ("draft", "", "draft", "committee"),
        ("submit", "draft", "submitted", "committee"),
        ("verify", "submitted", "verified", "subdistrict"),
        ("approve", "verified", "approved", "county"),
    ]


def test_an_approved_report_is_not_approved_again(cast, home):
    report = verified(home, cast)
    services.approve(report=report, by=cast["county"])
    with pytest.raises(PermissionDenied):
        services.approve(report=report, by=cast["county"])
    assert Entry.objects.count() == 2


def test_a_draft_that_is_sent_twice_is_one(cast, home):
    first, second = (takeover(home, cast["committee"]) for _time in range(2))
    assert first == second
    assert Report.objects.count() == 1


def test_no_level_is_skipped_unless_a_row_says_so(cast, home):
    report = submitted(home, cast["committee"])
    with pytest.raises(PermissionDenied, match="街道"):
        services.approve(report=report, by=cast["county"])
    services.skip_level(
        division=Division.objects.get(code="211302"), reporter="committee", skipped=True, by=cast["county"]
    )
    assert services.approve(report=report, by=cast["county"]).entries


def test_the_smallest_division_says_whether_the_street_is_skipped(cast, home):
    bureau, street = cast["bureau"], Division.objects.get(code="211302003")
    services.skip_level(division=Division.objects.get(code="2113"), reporter="committee", skipped=True, by=bureau)
    services.skip_level(division=street, reporter="committee", skipped=False, by=cast["county"])
    report = submitted(home, cast["committee"])
    with pytest.raises(PermissionDenied):
        services.approve(report=report, by=cast["county"])


def test_a_street_reports_for_a_community_and_has_given_its_word(cast, home):
    report = submitted(home, cast["subdistrict"])
    assert report.is_on_behalf
    assert services.approve(report=report, by=cast["county"]).entries


@pytest.mark.parametrize("who", ["neighbour_committee", "neighbour_subdistrict", "neighbour_county", "leader", "admin"])
def test_nobody_reports_outside_of_his_office(cast, home, who):
    with pytest.raises(PermissionDenied):
        takeover(home, cast[who])
    assert not Report.objects.exists()


@pytest.mark.parametrize(("step", "who"), [
    ("verify", "committee"), ("verify", "county"), ("verify", "neighbour_subdistrict"), ("approve", "subdistrict"),
    ("approve", "neighbour_county"), ("approve", "bureau"), ("send_back", "committee"),
    ("send_back", "neighbour_subdistrict"), ("withdraw", "neighbour_committee"), ("edit", "subdistrict"),
])  # fmt: skip
def test_nobody_takes_a_step_that_is_not_his(cast, home, step, who):
    report = submitted(home, cast["committee"])
    arguments = {"edit": {"claim": Claim(), "revision": report.revision}, "send_back": {"reason": "?"}}
    with pytest.raises(PermissionDenied):
        getattr(services, step)(report=report, by=cast[who], **arguments.get(step, {}))
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED


@pytest.mark.parametrize(("fields", "field"), [
    ({"area_dm2": dm2(9000)}, "area_dm2"),
    ({"effective_on": day("2013-12-31")}, "effective_on"),
    ({"effective_on": None}, "effective_on"),
    ({"mode_to": ""}, "mode_to"),
    ({"mode_to": "none"}, "mode_to"),
])  # fmt: skip
def test_what_the_ledger_could_not_take_is_refused_at_its_field_and_the_draft_is_kept(cast, home, fields, field):
    report = takeover(home, cast["committee"], **fields)
    with pytest.raises(Refused) as refused:
        services.submit(report=report, by=cast["committee"])
    assert field in [problem.field for problem in refused.value.problems]
    report.refresh_from_db()
    assert report.state == ReportState.DRAFT
    assert [row[0] for row in steps(report)] == ["draft"]


def test_a_mode_that_it_already_has_is_refused(cast, home):
    record("takeover", "2014-04-01", "A", category="abandoned", mode_to="owners", m2=8000)
    report = takeover(home, cast["committee"], kind=ReportKind.MODE_CHANGE, mode_to="owners")
    with pytest.raises(Refused):
        services.submit(report=report, by=cast["committee"])


def test_a_returned_report_is_corrected_and_sent_again(cast, home):
    report = submitted(home, cast["committee"])
    services.send_back(report=report, by=cast["subdistrict"], comments=[Comment("date_basis", "请补交接记录照片")])
    report.refresh_from_db()
    assert report.state == ReportState.RETURNED
    comment = report.steps.last().comments.get()
    assert (comment.field, comment.text) == ("date_basis", "请补交接记录照片")
    services.edit(
        report=report, claim=Claim(effective_on=day("2014-05-02"), mode_to="community"), by=cast["committee"],
        revision=report.revision,
    )  # fmt: skip
    report = services.submit(report=report, by=cast["committee"])
    assert (report.state, report.effective_on) == (ReportState.SUBMITTED, day("2014-05-02"))


def test_a_report_is_returned_with_words(cast, home):
    report = submitted(home, cast["committee"])
    for comments in ([], [Comment("note", " ")], [Comment("password", "?")]):
        with pytest.raises(Refused):
            services.send_back(report=report, by=cast["subdistrict"], comments=comments)


def test_the_county_asks_the_street_to_look_once_more(cast, home):
    report = services.recheck(report=verified(home, cast), by=cast["county"], reason="面积请复核")
    assert report.state == ReportState.SUBMITTED
    with pytest.raises(PermissionDenied):
        services.approve(report=report, by=cast["county"])


def test_all_of_it_means_what_is_there_when_it_is_approved(cast, home):
    report = verified(home, cast, area_dm2=dm2(8000))
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200)
    (entry,) = services.approve(report=report, by=cast["county"]).entries
    assert entry.area_dm2 == dm2(7800)


def test_a_part_that_is_no_longer_there_is_refused_at_the_approval(cast, home):
    report = verified(home, cast, area_dm2=dm2(7900))
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200)
    with pytest.raises(Refused):
        services.approve(report=report, by=cast["county"])
    report.refresh_from_db()
    assert report.state == ReportState.VERIFIED


def test_nobody_decides_on_what_he_has_not_seen(cast, home):
    report = takeover(home, cast["committee"])
    seen = report.revision
    services.edit(report=report, claim=Claim(effective_on=day("2014-05-03")), by=cast["committee"], revision=seen)
    with pytest.raises(Stale):
        services.edit(report=report, claim=Claim(), by=cast["committee"], revision=seen)
    with pytest.raises(Stale):
        services.submit(report=report, by=cast["committee"], revision=seen)


def test_an_area_that_is_wrong_becomes_a_survey_and_waits_for_the_city(cast, home):
    report = verified(
        home, cast, kind=ReportKind.AREA, mode_to="", area_dm2=dm2(8210.4), basis_type="测绘", basis_name="测绘报告",
    )  # fmt: skip
    proposal = services.approve(report=report, by=cast["county"]).proposal
    assert proposal.needs_city
    report.refresh_from_db()
    assert (report.state, steps(report)[-1][0]) == (ReportState.VERIFIED, "agree")
    for step in (services.withdraw, services.approve):
        with pytest.raises((Refused, PermissionDenied)):
            step(report=report, by=cast["county"])
    (entry,) = approvals.approve(proposal=proposal, by=cast["bureau"]).entries
    report.refresh_from_db()
    assert (entry.kind, entry.area_dm2) == ("resurvey", dm2("210.40"))
    assert (report.state, report.entry) == (ReportState.APPROVED, entry)


def test_what_the_city_returns_is_decided_by_the_county_again(cast, home):
    report = verified(home, cast, kind=ReportKind.AREA, mode_to="", area_dm2=dm2(9000), basis_name="测绘报告")
    proposal = services.approve(report=report, by=cast["county"]).proposal
    approvals.send_back(proposal=proposal, comment="请附测绘成果", by=cast["bureau"])
    services.send_back(report=report, by=cast["county"], comments=[Comment("files", "请附测绘成果")])
    assert Entry.objects.count() == 1
    assert Proposal.objects.count() == 1


def test_the_first_area_of_a_compound_is_its_registration(cast):
    from tests.support import make_compound

    pending = make_compound("P", QIANJIN)
    report = verified(
        pending, cast, kind=ReportKind.AREA, mode_to="", category="renovated", area_dm2=dm2(500), households=9
    )
    (entry,) = services.approve(report=report, by=cast["county"]).entries
    assert (entry.kind, entry.category, entry.area_dm2, entry.households) == ("register", "renovated", dm2(500), 9)


@pytest.mark.parametrize("area", [None, dm2(1200)])
def test_what_is_missing_is_entered_in_the_register_with_its_approval(cast, area):
    claim = Claim(name="北塔小区", address="北塔路1号", area_dm2=area, effective_on=day("2014-05-01") if area else None)
    report = services.draft(
        kind=ReportKind.MISSING, claim=claim, by=cast["committee"], key="m",
        community=Division.objects.get(code=QIANJIN),
    )  # fmt: skip
    services.submit(report=report, by=cast["committee"])
    services.verify(report=report, by=cast["subdistrict"])
    services.approve(report=report, by=cast["county"])
    report.refresh_from_db()
    compound = Compound.objects.get(name="北塔小区")
    assert (report.state, report.compound, compound.address) == (ReportState.APPROVED, compound, "北塔路1号")
    assert compound.has_area == bool(area)
    held = ledger.holding(compound).pockets
    assert sum(area_dm2 for area_dm2, _homes in held.values()) == (area or 0)


def test_nobody_approves_what_nobody_understands_and_the_street_says_what_it_is(cast, home):
    report = takeover(home, cast["committee"], kind=ReportKind.UNCLEAR, mode_to="", effective_on=None)
    with pytest.raises(Refused):
        services.submit(report=report, by=cast["committee"])
    services.edit(report=report, claim=Claim(note="门口换了保安"), by=cast["committee"], revision=report.revision)
    services.submit(report=report, by=cast["committee"])
    newer = services.draft(
        kind=ReportKind.TAKEOVER, claim=Claim(effective_on=day("2014-05-01"), mode_to="professional"),
        by=cast["subdistrict"], key="s", compound=home, instead_of=report,
    )  # fmt: skip
    services.submit(report=newer, by=cast["subdistrict"])
    report.refresh_from_db()
    assert report.state == ReportState.SUPERSEDED
    assert list(report.newer.all()) == [newer]
    assert services.approve(report=newer, by=cast["county"]).entries


def test_its_photos_are_filed_with_the_entry(cast, home, data_folder):
    report = takeover(home, cast["committee"])
    for _time in range(2):
        evidence.add(report=report, file=SimpleUploadedFile("a.jpg", photo()), by=cast["committee"])
    assert report.files.count() == 1
    services.submit(report=report, by=cast["committee"])
    with pytest.raises(PermissionDenied):
        evidence.remove(file=report.files.get(), by=cast["committee"])
    services.verify(report=report, by=cast["subdistrict"])
    (entry,) = services.approve(report=report, by=cast["county"]).entries
    filed = Attachment.objects.get()
    assert (filed.entry, filed.compound, filed.kind) == (entry, home, "photo")


@pytest.mark.parametrize("content", [b"GIF89a", b"not a photo", b""])
def test_a_photo_that_is_no_photo_is_refused(cast, home, content):
    report = takeover(home, cast["committee"])
    with pytest.raises(uploads.UploadRefused):
        evidence.add(report=report, file=SimpleUploadedFile("a.jpg", content), by=cast["committee"])


def test_the_files_of_a_report_have_a_bound_together(cast, home, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_BYTES", 10)
    report = takeover(home, cast["committee"])
    with pytest.raises(uploads.UploadRefused):
        evidence.add(report=report, file=SimpleUploadedFile("a.jpg", photo()), by=cast["committee"])
    assert not report.files.exists()


def test_drafts_are_seen_by_the_office_that_writes_them(cast, home):
    report = takeover(home, cast["committee"])
    seen = {name for name, user in cast.items() if Report.objects.visible_to(user).exists()}
    assert seen == {"committee"}
    services.submit(report=report, by=cast["committee"])
    seen = {name for name, user in cast.items() if Report.objects.visible_to(user).exists()}
    assert {"committee", "subdistrict", "county", "bureau", "auditor"} <= seen
    assert not seen & {"neighbour_committee", "neighbour_subdistrict", "neighbour_county", "nobody"}


def test_steps_are_kept_as_they_were_taken(cast, home):
    from django.db import DatabaseError, transaction

    report = submitted(home, cast["committee"])
    step = report.steps.first()
    for act in (lambda: step.delete(), lambda: report.steps.update(reason="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
