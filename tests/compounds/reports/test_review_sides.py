"""A report beside the ledger: then, now, claimed, after; what has moved; who must agree besides."""

import pytest

from compounds.reports import review_selectors, services
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.models import Report
from compounds.reports.review_sides import Sides, way_of
from tests.compounds.reports.conftest import checked, reported
from tests.support import QIANJIN, day, dm2, record, register

pytestmark = pytest.mark.django_db


def one(report: Report, user) -> Report:
    return review_selectors.one(user).get(pk=report.pk)


def table(report: Report, user) -> dict[str, tuple]:
    """Name of a fact → then, now, claimed, after; a star marks what is highlighted."""
    report = one(report, user)
    return {
        fact.name or fact.label: tuple(
            f"{cell.text}{'*' if cell.differs else ''}" for cell in (fact.then, fact.now, fact.claimed, fact.after)
        )
        for fact in Sides(report, user).facts()
    }  # fmt: skip


def test_the_ledger_then_and_now_stand_beside_the_claim_and_what_comes_of_it(cast, home, reference):
    report = checked(home, cast, area_dm2=dm2(8000))
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200, details={"basis_no": "21号"})
    found = table(report, cast["county"])
    assert found["mode_to"] == ("未实施物业管理", "未实施物业管理", "委托社区管理*", "委托社区管理*")
    assert found["area_dm2"] == ("8,000.00", "7,800.00*", "8,000.00(全部)", "7,800.00(全部)*")
    assert found["households"] == ("300", "300", "300(全部)", "300(全部)")
    assert found["effective_on"] == ("", "", "2014-05-01(精确到日)", "2014-05-01")
    assert found["date_basis"] == ("", "", "交接记录", "")
    assert found["basis_name"] == ("", "", "1号", "")
    assert found["社区覆盖率"] == ("0.00%", "0.00%", "", "100.00% ▲*")
    [moved] = Sides(one(report, cast["county"]), cast["county"]).moved
    assert (moved.entry.kind, moved.entry.basis_no) == ("resurvey", "21号")
    assert "200.00" in moved.sentence


def test_what_moved_the_rate_since_is_marked(cast, home):
    register("B", community=QIANJIN, mode="professional", category="established", m2=2000)
    report = checked(home, cast)
    record("lapse", "2014-04-01", "B", category="established", mode_from="professional", m2=2000)
    assert table(report, cast["county"])["社区覆盖率"][:2] == ("20.00%", "0.00%*")


@pytest.mark.parametrize(("kind", "claim", "name", "row"), [
    (ReportKind.LAPSE, {"mode_to": ""}, "mode_to",
     ("专业化物业管理", "专业化物业管理", "未实施物业管理*", "未实施物业管理*")),
    (ReportKind.MODE_CHANGE, {"mode_to": "owners"}, "area_dm2",
     ("8,000.00", "8,000.00", "8,000.00(全部)", "8,000.00(全部)")),
    (ReportKind.PROVIDER_CHANGE, {"mode_to": "", "provider_to": "新物业"}, "provider_to",
     ("老物业", "老物业", "新物业*", "新物业*")),
    (ReportKind.LAPSE, {"mode_to": ""}, "provider_to", ("老物业", "老物业", "—*", "—*")),
    (ReportKind.AREA, {"mode_to": "", "area_dm2": dm2("8210.40")}, "area_dm2",
     ("8,000.00", "8,000.00", "8,210.40*", "8,210.40*")),
])  # fmt: skip
def test_each_kind_by_what_it_changes(cast, home, kind, claim, name, row):
    record("takeover", "2014-02-01", "A", mode_to="professional", details={"provider_to": "老物业"})
    report = reported(home, cast["committee"], kind=kind, **claim)
    assert table(report, cast["county"])[name] == row


def test_an_approved_report_still_shows_what_it_was_decided_by(cast, home):
    report = checked(home, cast)
    before = table(report, cast["county"])
    services.approve(report=report, by=cast["county"])
    after = table(report, cast["county"])
    assert after["area_dm2"] == before["area_dm2"]
    assert after["mode_to"][:3] == before["mode_to"][:3]
    assert Sides(one(report, cast["county"]), cast["county"]).moved == []


def test_what_is_missing_has_nothing_but_the_claim(cast):
    from communities.divisions.models import Division

    draft = services.draft(
        kind=ReportKind.MISSING, claim=Claim(name="北塔小区", area_dm2=dm2(500), effective_on=day("2014-05-01")),
        by=cast["committee"], key="m", community=Division.objects.get(pk=QIANJIN),
    )  # fmt: skip
    found = table(services.submit(report=draft, by=cast["committee"]), cast["county"])
    assert found["name"] == ("—", "—", "北塔小区", "")
    assert found["area_dm2"][2] == "500.00"


def test_why_the_ledger_would_not_take_it_is_said_at_its_field(cast, home):
    report = checked(home, cast, area_dm2=dm2(7900))
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200)
    sides = Sides(one(report, cast["county"]), cast["county"])
    assert list(sides.refusals) == ["area_dm2"]
    assert sides.event is None


def test_the_city_is_named_before_anybody_approves(cast, home, reference):
    of_area = reported(home, cast["committee"], kind=ReportKind.AREA, mode_to="", area_dm2=dm2(9000), basis_name="测绘")
    county = cast["county"]
    assert Sides(one(of_area, county), county).needs_city
    assert not Sides(one(reported(home, cast["committee"]), county), county).needs_city


def test_the_way_has_steps_comments_other_reports_and_what_the_city_said(cast, home):
    from compounds.approvals import services as approvals

    report = checked(home, cast, kind=ReportKind.AREA, mode_to="", area_dm2=dm2(9000), basis_name="测绘报告")
    other = reported(home, cast["committee"])
    seen = report.revision
    proposal = services.approve(report=report, by=cast["county"]).proposal
    approvals.send_back(proposal=proposal, comment="请附测绘成果", by=cast["bureau"])
    way = way_of(one(report, cast["county"]), cast["county"])
    assert [step.step for step in way.since(seen)] == ["agree"]
    assert way.proposal.comment == "请附测绘成果"
    assert way.others == [other]
