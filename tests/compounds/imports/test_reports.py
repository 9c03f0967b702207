"""上报 by workbook: what rows become, what they are refused for, once and all or none, and on to the ledger."""

import pytest
from django.db import connection

from chaoyang_pm.kit.jobs import running
from chaoyang_pm.kit.jobs.models import Job
from compounds.approvals.models import SecondPerson
from compounds.imports import runs
from compounds.ledger.models import Entry, LedgerHead
from compounds.ledger.refusals import refuse
from compounds.register.models import Compound
from compounds.reports import services as reports
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.models import Report, SkippedLevel
from compounds.reports.transitions import NotNow
from compounds.returns import closing
from tests.compounds.imports.reporting import (
    confirm,
    facts,
    line,
    places,
    said,
    takeover,
    undo,
)
from tests.support import HAIHE, JINYUAN, QIANJIN, day, record, reverse, together, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "small_city")]


# --- what rows become ----------------------------------------------------------------------------------
EVERY_KIND = (
    takeover("A", 日期依据="交接记录", 依据文号="1号", 新物业服务单位="甲物业"),
    line(小区编号="C", 上报事项="管理模式变更", 发生日期="2014年6月", 新管理模式="业主自行管理"),
    line(小区编号="C", 上报事项="更换物业服务单位", 发生日期="2014-06-02", 原物业服务单位="甲", 新物业服务单位="乙"),
    line(小区名称="丙园", 社区="前进社区", 上报事项="撤管", 发生日期="2014-07-01", 面积=500, 户数=5),
    line(小区编号="P", 上报事项="面积、户数不对", 发生日期="2014-02-01", 面积=700.5, 户数=7),
    line(小区名称="新发现小区", 社区="前进社区", 地址="长江路1号", 上报事项="台账中没有的小区", 备注="漏登"),
    line(小区编号="M", 上报事项="不清楚,请街道核实", 备注="大门换了牌子"),
)


@pytest.mark.parametrize("name", ["subdistrict", "county"])
def test_all_kinds_become_reports_that_are_handed_in(client, cast, hand_in, name):
    head = LedgerHead.objects.get().height
    run = hand_in(*EVERY_KIND, name=name)
    assert (run.state, run.result["created"], run.result["posted"]) == ("posted", 7, 0)
    made = {report.kind: report for report in Report.objects.filter(run=run)}
    assert set(made) == set(ReportKind.values)
    assert {(one.state, one.reporter, one.created_by) for one in made.values()} == {("submitted", name, cast[name])}
    assert [step.step for step in made["takeover"].steps.order_by("pk")] == ["draft", "submit"]
    changed, missing, area = made["mode_change"], made["missing"], made["area"]
    assert (changed.effective_on, changed.precision, changed.mode_from) == (day("2014-06-30"), "month", "professional")
    assert (made["lapse"].area_dm2, made["lapse"].whole, made["takeover"].whole) == (50000, False, True)
    assert (area.area_dm2, area.households) == (70050, 7)
    assert (missing.compound, missing.name, missing.address, missing.community_id) == (
        None, "新发现小区", "长江路1号", QIANJIN,
    )  # fmt: skip
    assert LedgerHead.objects.get().height == head
    page = client.get(f"/imports/{run.pk}/").content.decode()
    for report in made.values():
        assert f"/reports/{report.pk}/" in page
    assert "代报.xlsx" in client.get(f"/reports/{missing.pk}/").content.decode()


def test_a_row_becomes_what_the_form_would_have_made(cast, hand_in):
    run = hand_in(takeover("A", 面积=3000, 户数=100, 小区类别="弃管小区", 原管理模式="未实施物业管理", 备注="x"))
    claim = Claim(
        effective_on=day("2014-05-01"), mode_to="community", area_dm2=300000, households=100, category="abandoned",
        mode_from="none", note="x",
    )  # fmt: skip
    by = cast["subdistrict"]
    typed = reports.draft(
        kind=ReportKind.TAKEOVER, claim=claim, by=by, key="typed", compound=Compound.objects.get(code="A")
    )
    assert facts(Report.objects.get(run=run)) == facts(typed)


def test_a_streets_and_a_countys_workbook_go_through_the_review_to_the_ledger(cast, hand_in):
    by_street = Report.objects.get(run=hand_in(takeover("A")))
    by_county = Report.objects.get(run=hand_in(takeover("B"), name="county"))
    for report in (by_street, by_county):  # the street that reports need not verify its own word
        reports.approve(report=report, by=cast["county"])
        report.refresh_from_db()
        assert (report.state, report.entry.kind, report.entry.source) == ("approved", "takeover", "report")
    assert by_street.entry.area_dm2 == 800000
    run = hand_in(
        line(小区名称="漏掉的小区", 社区=JINYUAN, 上报事项="漏登", 发生日期="2014-02-01", 面积=100), name="county"
    )
    reports.approve(report=Report.objects.get(run=run), by=cast["county"])
    assert Compound.objects.get(name="漏掉的小区").entries.get().area_dm2 == 10000


def test_where_the_street_is_not_skipped_its_word_is_waited_for(cast, hand_in):
    SkippedLevel.objects.create(division_id=QIANJIN[:9], reporter="county", is_skipped=False)
    report = Report.objects.get(run=hand_in(takeover("A"), name="county"))
    with pytest.raises(NotNow):
        reports.approve(report=report, by=cast["county"])
    reports.verify(report=report, by=cast["subdistrict"])
    report.refresh_from_db()
    reports.approve(report=report, by=cast["county"])
    assert Entry.objects.filter(source="report").count() == 1


def test_a_returned_row_is_corrected_on_its_own_page_like_any_other(client, cast, hand_in):
    report = Report.objects.get(run=hand_in(takeover("A")))
    reports.send_back(report=report, by=cast["county"], comments=[reports.Comment("date_basis", "请补")])
    page = client.get(f"/reports/{report.pk}/edit/")
    form = page.context["form"]
    data = {name: "" if bound.value() is None else str(bound.value()) for name in form.fields if (bound := form[name])}
    data.pop("photos", None)
    data.pop("camera", None)
    client.post(f"/reports/{report.pk}/edit/", data | {"date_basis": "交接记录", "step": "send"})
    report.refresh_from_db()
    assert (report.state, report.date_basis, Report.objects.count()) == ("submitted", "交接记录", 1)


# --- what rows are refused for -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (takeover("X"), "小区编号"),
        (takeover("N"), "小区编号"),  # somebody else's is as unknown as none
        (takeover("B"), "小区编号"),
        (takeover("", 小区名称="没有的", 社区="前进社区"), "小区名称"),
        (takeover("", 小区名称="甲园", 社区="没有的社区"), "社区"),
        (takeover("", 小区名称="邻园", 社区=HAIHE), "社区"),
        (takeover("", 小区名称="甲园"), "社区"),
        (takeover("", 社区="前进社区"), "小区名称"),
        (takeover(上报事项="合并"), "上报事项"),
        (takeover(上报事项=None), "上报事项"),
        (takeover(发生日期=None), "发生日期"),
        (takeover(发生日期="2014"), "发生日期"),
        (takeover(发生日期="2999-01-01"), "发生日期"),
        (takeover(发生日期="2013-12-31"), "发生日期"),  # it was registered later
        (takeover(新管理模式=None), "新管理模式"),
        (takeover(新管理模式="未实施物业管理"), "新管理模式"),
        (takeover(新管理模式="不知道"), "新管理模式"),
        (takeover(小区类别="新建"), "小区类别"),
        (takeover(面积=8000.01), "面积(㎡)"),
        (takeover(面积=-1), "面积(㎡)"),
        (takeover(面积="很大"), "面积(㎡)"),
        (takeover(户数=301), "户数"),
        (takeover(户数=1.5), "户数"),
        (takeover(户数=10**12), "户数"),
        (takeover(备注="长" * 501), "备注"),
        (takeover("C"), "原管理模式"),
        (line(小区编号="A", 上报事项="撤管", 发生日期="2014-05-01"), "发生日期"),
        (line(小区编号="A", 上报事项="面积、户数不对", 发生日期="2014-05-01"), "面积(㎡)"),
        (line(小区编号="A", 上报事项="面积、户数不对", 发生日期="2014-05-01", 面积=8000), "面积(㎡)"),
        (line(小区编号="A", 上报事项="不清楚"), "备注"),
        (line(小区编号="A", 上报事项="漏登", 小区名称="新", 社区="前进社区"), "小区编号"),
        (line(上报事项="漏登", 社区="前进社区"), "小区名称"),
        (line(上报事项="漏登", 小区名称="新小区"), "社区"),
        (line(上报事项="漏登", 小区名称="新小区", 社区=HAIHE), "社区"),
        (line(上报事项="漏登", 小区名称="新小区", 社区="前进社区", 面积=5), "发生日期"),
    ],
)
def test_every_mistake_stands_at_its_cell_and_keeps_all_out(client, send, cells, column):
    run = send(takeover("M"), cells)
    assert places(run) == {(3, column)}, run.result["errors"]
    assert '<button type="submit" class="btn btn-primary">' not in client.get(f"/imports/{run.pk}/").content.decode()
    client.post(f"/imports/{run.pk}/post/", {"confirmed": "1", "rows": "good"})
    work()
    run.refresh_from_db()
    assert (run.state, Report.objects.count()) == ("checked", 0)


def test_every_mistake_of_a_row_is_said_at_once(send):
    run = send(takeover("A", 面积="很大", 户数=-1, 发生日期="去年", 小区类别="新建"), takeover("X", 备注="长" * 501))
    assert places(run) == {
        (2, "面积(㎡)"), (2, "户数"), (2, "发生日期"), (3, "小区编号"), (3, "备注"),
    } | ({(2, "小区类别")} & places(run))  # fmt: skip


def test_what_is_not_ones_own_is_told_no_more_about_than_what_does_not_exist(send):
    unknown, foreign = send(takeover("X")), send(takeover("N"))
    assert said(unknown).replace("X", "N") == said(foreign)


def test_the_city_reports_for_counties_without_staff_only(cast, send):
    run = send(takeover("A"), name="bureau")
    assert places(run) == {(2, "小区编号")}
    cast["county"].appointments.update(until=day("2014-01-02"))
    assert send(takeover("A"), name="bureau").result["errors"] == []


def test_a_closed_month_asks_for_the_reason(send, client, monkeypatch):
    def asks(draft, place):
        if not draft.details.get("late_reason"):
            raise refuse("late_reason", "", "请说明补报原因。")

    monkeypatch.setattr(closing, "require_reason", asks)
    assert places(send(takeover("A"))) == {(2, "补报原因")}
    assert send(takeover("A", 补报原因="街道漏报")).result["errors"] == []


def test_slips_are_asked_about_and_the_same_twice_is_an_error(cast, hand_in, send):
    assert places(send(takeover("A"), takeover("A"))) == {(3, "上报事项")}
    run = send(takeover("A", 面积=10), takeover("A", 面积=20))
    assert (run.result["errors"], places(run, "warnings")) == ([], {(3, "上报事项")})
    assert places(send(line(上报事项="漏登", 小区名称="甲园", 社区=QIANJIN)), "warnings") == {(2, "小区名称")}
    run = send(line(小区编号="C", 上报事项="更换物业服务单位", 发生日期="2014-06-02"))
    assert places(run, "warnings") == {(2, "新物业服务单位")}
    hand_in(takeover("A", 面积=10))
    assert places(send(takeover("A", 面积=20)), "warnings") == {(2, "上报事项")}


def test_a_compound_that_is_no_more_has_nothing_reported(send):
    Compound.objects.filter(code="P").update(status="withdrawn")
    run = send(line(小区编号="P", 上报事项="不清楚", 备注="看看"))
    assert places(run) == {(2, "小区编号")}


# --- once, and all or none -----------------------------------------------------------------------------
def test_confirmed_twice_sent_twice_run_twice_it_is_handed_in_once(client, cast, hand_in, send):
    run = hand_in(takeover("A"), takeover("M"))
    confirm(client, run)
    again = send(takeover("A"), takeover("M"), takeover("P", 上报事项="不清楚", 新管理模式=None, 备注="看"))
    assert (again.result["created"], again.result["unchanged"]) == (1, 2)
    confirm(client, again)
    assert Report.objects.count() == 3
    # A colleague, and whoever is above, send the same rows: they are the same.
    by_county = send(takeover("A"), takeover("M"), name="county")
    assert (by_county.result["created"], by_county.result["unchanged"]) == (0, 2)
    confirm(client, by_county)
    assert Report.objects.count() == 3


def test_a_job_that_runs_again_finds_it_handed_in(cast, hand_in):
    run = hand_in(takeover("A"))
    runs._enqueue("imports.hand_in", run, cast["subdistrict"], skip_bad_rows=False)  # as a redone job would
    (job,) = work()
    assert (job.state, Report.objects.count()) == ("failed", 1)
    run.refresh_from_db()
    assert run.state == "posted"


def test_what_has_changed_since_the_check_keeps_all_out(client, send):
    run = send(takeover("A"), takeover("M"))
    record("takeover", "2014-03-01", "M", mode_to="owners")
    confirm(client, run)
    assert (run.state, Report.objects.count()) == ("checked", 0)
    assert {row for row, _column in places(run)} == {3}


def test_what_fails_on_the_way_leaves_nothing(client, send, monkeypatch):
    run, submit = send(takeover("A"), takeover("M")), reports.submit

    def second_fails(*, report, by, **more):
        if report.compound.code == "M":
            raise refuse("effective_on", "", "不行")
        return submit(report=report, by=by, **more)

    monkeypatch.setattr(reports, "submit", second_fails)
    confirm(client, run)
    assert (run.state, Report.objects.count()) == ("checked", 0)


def test_a_withdrawn_row_may_be_sent_again(client, cast, hand_in, send):
    run = hand_in(takeover("A"))
    reports.withdraw(report=Report.objects.get(run=run), by=cast["subdistrict"])
    again = hand_in(takeover("A"))
    assert again.reports.get().state == "submitted"
    reports.approve(report=again.reports.get(), by=cast["county"])
    assert send(takeover("A")).result["unchanged"] == 1
    reverse(again.reports.get().entry.height)
    assert send(takeover("A")).result["created"] == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_confirm_the_same_rows_at_once_hand_them_in_once(cast, client, send):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    mine, theirs = send(takeover("A"), takeover("M")), send(takeover("A"), takeover("M"), name="county")
    for run, name in ((mine, "subdistrict"), (theirs, "county")):
        runs.post(run=run, skip_bad_rows=False, by=cast[name])
    waiting = list(Job.objects.filter(state="queued").values_list("pk", flat=True))
    together(*(lambda pk=pk: running.run(pk, beats=False) for pk in waiting))
    assert Report.objects.count() == 2


def test_a_workbook_has_a_size(send, monkeypatch):
    monkeypatch.setattr("compounds.imports.reporting.MOST_ROWS", 2)
    assert send(takeover("A"), takeover("M"), *([line(小区编号="P", 小区名称="没面积小区")] * 3)).result["readable"]
    run = send(takeover("A"), takeover("M"), takeover("P"))
    assert (run.result["readable"], "2" in said(run)) == (False, True)


# --- taking it back ------------------------------------------------------------------------------------
def test_undone_what_is_under_way_is_withdrawn_and_what_is_recorded_stays(client, cast, hand_in, send):
    run = hand_in(takeover("A"), takeover("M"), line(小区名称="新小区", 社区=QIANJIN, 上报事项="漏登"))
    reports.approve(report=run.reports.get(compound__code="A"), by=cast["county"])
    assert "甲园" in client.get(f"/imports/{run.pk}/undo/").content.decode()
    undo(client, run)
    assert (run.state, run.undo_result["reports_withdrawn"]) == ("undone", 2)
    assert [kept["code"] for kept in run.undo_result["facts_kept"]] == ["A"]
    assert sorted(run.reports.values_list("state", flat=True)) == ["approved", "withdrawn", "withdrawn"]
    assert "传错了" in client.get(f"/imports/{run.pk}/").content.decode()
    again = send(takeover("A"), takeover("M"))
    assert (again.result["created"], again.result["unchanged"]) == (1, 1)


def test_when_all_are_decided_there_is_nothing_to_undo(client, cast, hand_in):
    run = hand_in(takeover("A"))
    reports.approve(report=run.reports.get(), by=cast["county"])
    undo(client, run)
    assert run.state == "posted"
    assert Report.objects.get().state == "approved"


def test_what_waits_for_a_second_person_stays(client, cast, hand_in):
    SecondPerson.objects.create(division_id="211302", asked_by=cast["bureau"])
    run = hand_in(takeover("A"), takeover("M"))
    reports.approve(report=run.reports.get(compound__code="A"), by=cast["county"])
    undo(client, run)
    assert (run.undo_result["reports_withdrawn"], len(run.undo_result["facts_kept"])) == (1, 1)
