"""The reporter's pages: what is offered, what is kept, what is sent once, and what comes back."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from communities.divisions.models import Division
from compounds.register.models import Compound
from compounds.register.services import create
from compounds.reports import services
from compounds.reports.choices import ReportKind, ReportState
from compounds.reports.claims import Claim
from compounds.reports.models import Report
from compounds.reports.services import Comment
from tests.kit.uploads.files import photo, picture
from tests.support import HAIHE, QIANJIN, day, dm2, make_compound, record, register

pytestmark = pytest.mark.django_db
NEW = "/compounds/A/report/takeover/"


@pytest.fixture
def home(cast) -> Compound:
    register("A", community=QIANJIN, m2=8000, households=300)
    return Compound.objects.get(code="A")


@pytest.fixture
def committee(client, cast) -> Client:
    client.force_login(cast["committee"])
    return client


def filled(**fields) -> dict:
    return {
        "key": str(uuid.uuid4()), "revision": "1", "effective_on": "2014-05-01", "precision": "day",
        "date_basis": "交接记录", "mode_to": "community", "provider_to": "前进社区", "area_dm2": "8,000.00",
        "households": "300", "note": "", "step": "send", **fields,
    }  # fmt: skip


def jpeg(name="现场.jpg", size=(60, 40)) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo(size=size))


def only() -> Report:
    return Report.objects.get()


def drafted(home, by, **fields) -> Report:
    claim = Claim(**({"effective_on": day("2014-05-01"), "mode_to": "community", "date_basis": "交接记录"} | fields))
    return services.draft(kind=ReportKind.TAKEOVER, claim=claim, by=by, key=str(uuid.uuid4()), compound=home)


def returned(home, cast, *comments: Comment) -> Report:
    report = services.submit(report=drafted(home, cast["committee"]), by=cast["committee"])
    return services.send_back(report=report, by=cast["subdistrict"], comments=comments)


# --- my compounds ----------------------------------------------------------------------------------------
def test_a_committee_begins_with_its_compounds_and_what_came_back(committee, cast, home):
    record("takeover", "2014-04-01", "A", m2=3000, mode_to="professional", details={"provider_to": "恒信物业"})
    make_compound("P", QIANJIN, "一中家属楼")
    report = returned(home, cast, Comment("date_basis", "请补交接记录照片"))
    page = committee.get("/reports/")
    body = page.content.decode()
    assert page.context["community"].code == QIANJIN
    assert {one.code for one in page.context["compounds"]} == {"A", "P"}
    assert "8,000.00 ㎡" in body
    assert "恒信物业" in body
    assert "面积待核" in body
    (card,) = page.context["cards"]
    assert card.report == report
    assert card.comments == [("日期依据", "请补交接记录照片")]
    assert "(日期依据)" in committee.get(reverse("reports:detail", args=[report.pk])).content.decode()
    assert body.index("请补交接记录照片") < body.index("一中家属楼")
    assert reverse("reports:edit", args=[report.pk]) in body


def test_cards_say_whose_turn_it_is(committee, cast, home):
    report = services.submit(report=drafted(home, cast["committee"]), by=cast["committee"])
    assert committee.get("/reports/").context["cards"][0].awaited == "待街道核实"
    services.verify(report=report, by=cast["subdistrict"])
    assert committee.get("/reports/").context["cards"][0].awaited == "待县级审定"


def test_a_report_in_place_of_the_community_waits_for_the_county_at_once(committee, cast, home):
    services.submit(report=drafted(home, cast["subdistrict"]), by=cast["subdistrict"])
    assert committee.get("/reports/").context["cards"][0].awaited == "待县级审定"


@pytest.mark.parametrize("text", ["华园", "hycs"])
def test_a_compound_is_found_by_name_or_initials(committee, cast, home, text):
    create(community=Division.objects.get(code=QIANJIN), name="华园城市", facts={}, by=cast["bureau"])
    found = committee.get("/reports/", {"q": text}).context["compounds"]
    assert [one.name for one in found] == ["华园城市"]


def test_two_hundred_compounds_come_in_pages(committee, home):
    for number in range(60):
        make_compound(f"N{number:03}", QIANJIN)
    first, second = committee.get("/reports/"), committee.get("/reports/", {"page": "2"})
    assert first.context["number"] == 61
    assert len(first.context["compounds"]) == 40
    assert len(second.context["compounds"]) == 21
    assert committee.get("/reports/", {"page": "x"}).status_code == 200


@pytest.mark.parametrize(("who", "found"), [
    ("subdistrict", ["211302003001"]), ("county", ["211302003001"]), ("bureau", []),
])  # fmt: skip
def test_from_above_one_chooses_the_community_first(client, cast, home, who, found):
    register("B", community=HAIHE)
    client.force_login(cast[who])
    page = client.get("/reports/")
    assert page.context["community"] is None
    assert [one.code for street in page.context["streets"] for one, _number in street.communities] == found
    assert [one.code for one in client.get("/reports/", {"q": "A"}).context["compounds"]] == ["A"]


def test_the_city_reports_for_a_county_without_staff(client, cast, home):
    register("X", community="211321001001")
    client.force_login(cast["bureau"])
    streets = client.get("/reports/").context["streets"]
    assert [one.code for street in streets for one, _number in street.communities] == ["211321001001"]
    assert client.get("/compounds/X/report/").status_code == 200
    assert client.get("/compounds/A/report/").status_code == 403


# --- what happened ---------------------------------------------------------------------------------------
def names(client, code="A") -> list[str]:
    return [offer.name for offer in client.get(f"/compounds/{code}/report/").context["offers"]]


def test_only_what_is_possible_is_offered(committee, cast, home):
    assert names(committee) == ["takeover", "area", "unclear"]
    record("takeover", "2014-04-01", "A", m2=8000, mode_to="professional")
    assert names(committee) == ["takeover", "provider", "mode", "lapse", "gone", "area", "unclear"]
    make_compound("P", QIANJIN)
    assert names(committee, "P") == ["area", "unclear"]
    make_compound("R", QIANJIN, status="retired")
    assert names(committee, "R") == []


def test_what_is_on_its_way_already_is_said_before_it_is_reported_again(committee, cast, home):
    report = services.submit(report=drafted(home, cast["committee"]), by=cast["committee"])
    assert reverse("reports:detail", args=[report.pk]) in committee.get("/compounds/A/report/").content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("what", ["takeover", "provider", "mode", "lapse", "gone", "area", "unclear"])
def test_every_form_opens(committee, home, what, language):
    record("takeover", "2014-04-01", "A", m2=3000, mode_to="professional")
    committee.cookies["django_language"] = language
    assert committee.get(f"/compounds/A/report/{what}/").status_code == 200


@pytest.mark.parametrize("what", ["missing", "nonsense", "register"])
def test_other_forms_there_are_none(committee, home, what):
    assert committee.get(f"/compounds/A/report/{what}/").status_code == 404


def test_the_form_of_an_enterprise_that_is_gone_asks_for_no_document(committee, home):
    record("takeover", "2014-04-01", "A", m2=8000, mode_to="professional", details={"provider_to": "恒信物业"})
    form = committee.get("/compounds/A/report/gone/").context["form"]
    assert str(form["date_basis"].value()) == "社区证明"
    assert form["provider_from"].value() == "恒信物业"
    assert "basis_no" not in form.fields
    assert "basis_no" in committee.get("/compounds/A/report/lapse/").context["form"].fields


# --- writing it ------------------------------------------------------------------------------------------
def test_area_and_households_are_all_that_is_unmanaged(committee, home):
    page = committee.get(NEW)
    form = page.context["form"]
    assert (form["area_dm2"].value(), form["households"].value()) == (8000, 300)
    assert "全部未管 8,000.00 ㎡" in page.content.decode()
    committee.post(NEW, filled())
    assert only().whole


def test_of_several_areas_one_is_chosen(committee, home):
    register("A", "2014-02-01", community=QIANJIN, category="renovated", m2=500)
    form = committee.get(NEW).context["form"]
    assert [key for key, _label in form.fields["pocket"].choices] == ["", "abandoned:none", "renovated:none"]
    refused = committee.post(NEW, filled(area_dm2="", households=""))
    assert refused.context["form"].errors["pocket"]
    committee.post(NEW, filled(area_dm2="", households="", pocket="renovated:none"))
    report = Report.objects.get(state=ReportState.SUBMITTED)
    assert (report.category, report.area_dm2, report.whole) == ("renovated", dm2(500), True)


def test_saved_and_sent_in_one_step_with_its_photos(committee, cast, home):
    answer = committee.post(NEW, filled(photos=[jpeg(), jpeg("二.jpg", (80, 60))], camera=[jpeg("三.jpg", (90, 60))]))
    report = only()
    assert answer.url == reverse("reports:detail", args=[report.pk])
    assert (report.state, report.kind, report.mode_to) == (ReportState.SUBMITTED, "takeover", "community")
    assert report.files.count() == 3
    assert report.reporter == "committee"


def test_a_draft_is_kept_and_nothing_is_checked(committee, home):
    answer = committee.post(NEW, filled(step="save", mode_to="", effective_on=""))
    assert only().state == ReportState.DRAFT
    assert answer.status_code == 302
    page = committee.get(reverse("reports:edit", args=[only().pk]))
    assert page.context["form"]["provider_to"].value() == "前进社区"


def test_sent_twice_it_is_sent_once(committee, home):
    sent = filled()
    first, second = (committee.post(NEW, sent) for _tap in range(2))
    assert first.url == second.url
    assert Report.objects.count() == 1
    assert only().steps.count() == 2


def test_a_month_stands_for_its_last_day(committee, home):
    committee.post(NEW, filled(precision="month"))
    assert (only().effective_on, only().precision) == (day("2014-05-31"), "month")


@pytest.mark.parametrize(("fields", "field"), [
    ({"area_dm2": "9000"}, "area_dm2"), ({"area_dm2": "很多"}, "area_dm2"), ({"area_dm2": "-1"}, "area_dm2"),
    ({"area_dm2": "1" * 40}, "area_dm2"), ({"households": "-1"}, "households"),
    ({"households": "9" * 30}, "households"),
    ({"effective_on": "2013-12-31"}, "effective_on"), ({"effective_on": "2999-01-01"}, "effective_on"),
    ({"effective_on": "x"}, "effective_on"), ({"effective_on": ""}, "effective_on"), ({"mode_to": ""}, "mode_to"),
    ({"mode_to": "none"}, "mode_to"), ({"provider_to": "x" * 101}, "provider_to"), ({"note": "x" * 501}, "note"),
    ({"note": "a\0b"}, "note"), ({"precision": "year"}, "precision"),
])  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_the_draft_is_kept_with_its_photos(committee, home, fields, field):
    page = committee.post(NEW, filled(photos=[jpeg()], **fields))
    assert page.status_code == 200
    assert page.context["form"].errors[field]
    report = only()
    assert report.state == ReportState.DRAFT
    assert report.files.count() == 1
    for name, value in fields.items():
        assert page.context["form"][name].value() == value
    committee.post(reverse("reports:edit", args=[report.pk]), filled(revision=str(report.revision)))
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED


@pytest.mark.parametrize(("name", "value"), [("key", "x"), ("key", ""), ("revision", "x"), ("revision", "0")])
def test_a_form_that_names_itself_wrongly_makes_nothing(committee, home, name, value):
    assert committee.post(NEW, filled(**{name: value})).status_code == 200
    assert not Report.objects.exists()


@pytest.mark.parametrize(("what", "mode"), [("mode", "professional")])
def test_a_mode_that_it_has_already_is_refused_and_the_draft_is_kept(committee, home, what, mode):
    record("takeover", "2014-04-01", "A", m2=8000, mode_to=mode)
    page = committee.post(f"/compounds/A/report/{what}/", filled(mode_to=mode))
    assert page.context["form"].errors
    assert only().state == ReportState.DRAFT


def test_what_is_no_photo_is_refused_and_the_good_ones_stay(committee, home):
    bad = SimpleUploadedFile("笔记.txt", "不是照片".encode())
    page = committee.post(NEW, filled(photos=[jpeg(), bad]))
    assert "笔记.txt" in str(page.context["form"].errors["photos"])
    assert (only().state, only().files.count()) == (ReportState.DRAFT, 1)


def test_more_photos_than_go_with_a_report_are_refused(committee, home):
    photos = [jpeg(f"{number}.jpg", (60 + number, 40)) for number in range(13)]
    page = committee.post(NEW, filled(photos=photos))
    assert page.context["form"].errors["photos"]
    assert (only().state, only().files.count()) == (ReportState.DRAFT, 12)


def test_a_photo_is_taken_out_again(committee, home):
    committee.post(NEW, filled(step="save", photos=[jpeg()]))
    report = only()
    sent = filled(step="save", leave_out=[str(report.files.get().pk), "x", "9" * 30])
    committee.post(reverse("reports:edit", args=[report.pk]), sent)
    assert not report.files.exists()


@pytest.mark.parametrize("address", ["/compounds/B/report/takeover/", "/compounds/B/report/", f"/reports/of/{HAIHE}/"])
def test_a_neighbours_compound_is_unknown(committee, home, address):
    register("B", community=HAIHE)
    assert committee.get(address).status_code == 404
    assert committee.post(address, filled()).status_code in (404, 405)
    assert not Report.objects.exists()


def test_what_is_missing_from_the_register_is_reported_by_name(committee, home):
    address = f"/reports/of/{QIANJIN}/missing/"
    page = committee.post(address, filled(name="", category="abandoned", mode_to="none"))
    assert page.context["form"].errors["name"]
    committee.post(address, filled(name="新发现小区", address="前进路1号", category="abandoned", mode_to="none"))
    assert (only().kind, only().name, only().state) == ("missing", "新发现小区", ReportState.SUBMITTED)


def test_the_right_area_is_reported_with_its_document(committee, home):
    address = "/compounds/A/report/area/"
    page = committee.post(address, filled(area_dm2="9000"))
    assert page.context["form"].errors["basis_name"]
    committee.post(address, filled(area_dm2="9000", households="", basis_type="测绘报告"))
    assert Report.objects.get(state=ReportState.SUBMITTED).area_dm2 == dm2(9000)


def test_unclear_needs_a_few_words(committee, home):
    address = "/compounds/A/report/unclear/"
    assert committee.post(address, filled()).context["form"].errors["note"]
    committee.post(address, filled(note="保安不见了"))
    assert Report.objects.get(state=ReportState.SUBMITTED).note == "保安不见了"


# --- stale, returned, sent again -------------------------------------------------------------------------
def test_what_somebody_else_has_changed_is_said_and_what_was_typed_is_kept(client, cast, home):
    from tests.support import person

    report = drafted(home, cast["committee"])
    client.force_login(person("colleague", "committee", QIANJIN))
    address = reverse("reports:edit", args=[report.pk])
    services.edit(report=report, claim=Claim(mode_to="owners"), by=cast["committee"], revision=1)
    page = client.post(address, filled(provider_to="我写的", revision="1"))
    assert page.context["stale"]
    assert page.context["form"]["provider_to"].value() == "我写的"
    assert page.context["form"]["revision"].value() == "2"
    report.refresh_from_db()
    assert report.mode_to == "owners"
    client.post(address, filled(provider_to="我写的", revision="2"))
    report.refresh_from_db()
    assert (report.provider_to, report.state) == ("我写的", ReportState.SUBMITTED)


def test_ones_own_changes_from_another_page_are_no_conflict(committee, home, cast):
    report = drafted(home, cast["committee"])
    services.edit(report=report, claim=Claim(mode_to="owners"), by=cast["committee"], revision=1)
    committee.post(reverse("reports:edit", args=[report.pk]), filled())
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED


def test_returned_with_comments_beside_their_fields_corrected_and_sent_again(committee, cast, home):
    said = {"date_basis": "请补交接记录", "files": "请补照片", "category": "类别不对"}
    report = returned(home, cast, *(Comment(*one) for one in said.items()))
    address = reverse("reports:edit", args=[report.pk])
    page = committee.get(address)
    said = {bound.name: texts for group in page.context["groups"] for bound, texts in group if texts}
    assert said == {"date_basis": ["街道意见: 请补交接记录"]}
    assert page.context["said_about_photos"] == ["街道意见: 请补照片"]
    assert page.context["said"] == ["街道意见: 类别不对"]
    committee.post(address, filled(date_basis="合同起始日", photos=[jpeg()], revision=str(report.revision)))
    report.refresh_from_db()
    assert (report.state, report.date_basis, report.files.count()) == (ReportState.SUBMITTED, "合同起始日", 1)
    assert [step.step for step in report.steps.all()] == ["draft", "submit", "return", "edit", "submit"]


def test_what_a_program_began_is_gone_on_with_on_the_page(committee, cast, home):
    claim = Claim(effective_on=day("2014-05-01"), mode_to="community")
    report = services.draft(kind=ReportKind.TAKEOVER, claim=claim, by=cast["committee"], key="k-1", compound=home)
    address = reverse("reports:edit", args=[report.pk])
    form = committee.get(address).context["form"]
    committee.post(address, filled(key=str(form["key"].value())))
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED


def test_what_is_under_way_is_not_edited(committee, cast, home):
    report = services.submit(report=drafted(home, cast["committee"]), by=cast["committee"])
    address = reverse("reports:edit", args=[report.pk])
    assert committee.get(address).url == reverse("reports:detail", args=[report.pk])
    assert committee.post(address, filled(mode_to="owners")).status_code == 302
    report.refresh_from_db()
    assert report.mode_to == "community"


# --- its page --------------------------------------------------------------------------------------------
def test_its_page_tells_its_way_and_offers_what_its_reader_may(committee, cast, home):
    report = returned(home, cast, Comment("date_basis", "请补交接记录"))
    page = committee.get(reverse("reports:detail", args=[report.pk]))
    body = page.content.decode()
    assert page.context["place"] == 1
    assert page.context["offered"] == ["edit", "submit", "withdraw"]
    assert "请补交接记录" in body
    assert "8,000.00(全部)" in body
    committee.force_login(cast["auditor"])
    assert committee.get(reverse("reports:detail", args=[report.pk])).context["offered"] == []


def test_sent_from_its_page_and_withdrawn_with_a_reason(committee, cast, home):
    report = drafted(home, cast["committee"])
    committee.post(reverse("reports:take", args=[report.pk, "submit"]), {"revision": "1"})
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED
    committee.post(reverse("reports:take", args=[report.pk, "withdraw"]), {"revision": "1", "reason": "报错了"})
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED  # not as it was seen
    committee.post(reverse("reports:take", args=[report.pk, "withdraw"]), {"revision": "2", "reason": "报错了"})
    report.refresh_from_db()
    assert report.state == ReportState.WITHDRAWN
    assert report.steps.last().reason == "报错了"
    assert committee.post(reverse("reports:take", args=[report.pk, "approve"])).status_code == 404


def test_what_cannot_be_sent_from_its_page_leads_to_the_form(committee, cast, home):
    report = drafted(home, cast["committee"], mode_to="")
    answer = committee.post(reverse("reports:take", args=[report.pk, "submit"]), {"revision": "1"})
    assert answer.url == reverse("reports:edit", args=[report.pk])


def test_approved_it_leads_to_its_entry_and_the_compound_lists_it(committee, cast, home):
    report = services.submit(report=drafted(home, cast["committee"]), by=cast["committee"])
    services.verify(report=report, by=cast["subdistrict"])
    services.approve(report=report, by=cast["county"])
    report.refresh_from_db()
    page = committee.get(reverse("reports:detail", args=[report.pk]))
    assert page.context["place"] == 5
    assert f"/entries/{report.entry.height}/" in page.content.decode()
    body = committee.get("/compounds/A/").content.decode()
    assert reverse("reports:detail", args=[report.pk]) in body
    assert "/compounds/A/report/" in body
    assert report in committee.get("/reports/").context["ended"]


def test_a_leader_sees_no_reports_on_the_compounds_page(client, cast, home):
    drafted(home, cast["committee"])
    client.force_login(cast["leader"])
    assert "/reports/" not in client.get("/compounds/A/").content.decode()


# --- piece by piece, by a script -------------------------------------------------------------------------
def test_a_script_keeps_the_fields_sends_photos_one_by_one_and_then_the_report(committee, home):
    sent, script = filled(), {"Accept": "application/json"}
    upload = committee.post(NEW, sent | {"step": "keep"}, headers=script).json()["files"]
    for _time in range(2):
        assert committee.post(upload, {"file": jpeg()}, headers=script).status_code == 201
    assert (only().state, only().files.count()) == (ReportState.DRAFT, 1)
    answer = committee.post(NEW, sent, headers=script)
    assert answer.json() == {"address": reverse("reports:detail", args=[only().pk])}
    assert only().state == ReportState.SUBMITTED
    assert committee.post(NEW, sent | {"step": "keep"}, headers=script).json() == answer.json()
    assert committee.post(upload, {"file": jpeg()}, headers=script).status_code == 403


def test_a_script_is_told_why_a_photo_is_not_taken(committee, cast, home):
    upload = reverse("reports:upload", args=[drafted(home, cast["committee"]).pk])
    bad = committee.post(upload, {"file": SimpleUploadedFile("a.gif", picture("GIF"))})
    assert bad.status_code == 400
    assert "a.gif" in bad.json()["error"]
    assert committee.post(upload).status_code == 400


def test_a_script_gets_the_page_with_what_is_wrong(committee, home):
    answer = committee.post(NEW, filled(area_dm2="9000"), headers={"Accept": "application/json"})
    assert answer["Content-Type"].startswith("text/html")
    assert answer.context["form"].errors["area_dm2"]


# --- on paper --------------------------------------------------------------------------------------------
def test_the_paper_form_has_what_the_register_knows(committee, home):
    body = committee.get("/compounds/A/report/paper/").content.decode()
    assert "8,000.00 ㎡" in body
    assert "公司跑了,没手续" in body
    blank = committee.get(f"/reports/of/{QIANJIN}/paper/").content.decode()
    assert "台账中没有的小区" in blank
    assert "8,000.00" not in blank
