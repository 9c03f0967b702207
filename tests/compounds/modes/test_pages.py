"""The pages of procedures: lists with filters, one procedure, and the forms that bring it on."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from compounds.files.models import Attachment
from compounds.modes.models import Procedure, ProcedureStep
from tests.kit.uploads.files import picture
from tests.support import HAIHE, day, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(as_):
    return as_("county")


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_procedure_is_begun_and_its_compound_says_where_it_stands(county, compound, settings):
    settings.BUSINESS_DATE = day("2014-08-17")
    address = reverse("modes:start", args=["甲"])
    answer = county.post(address, {"way": "P4.2a:professional", "on": "2014-07-01"})
    procedure = Procedure.objects.get()
    assert answer.url == reverse("modes:detail", args=[procedure.pk])
    assert "卡在成立筹备组 47 天" in text(county.get("/compounds/甲/"))
    again = county.post(address, {"way": "P4.2d:community", "on": "2014-07-01"})
    assert "正在推进" in text(again)


def test_a_step_is_done_with_its_evidence(county, begin):
    procedure = begin()
    address = reverse("modes:advance", args=[procedure.pk])
    scan = SimpleUploadedFile("公告.png", picture("PNG"))
    county.post(address, {"step": procedure.step_id, "on": "2014-07-01", "note": "已公告", "files": scan})
    procedure.refresh_from_db()
    assert procedure.step.name == "首次业主大会,选举业委会"
    filed = Attachment.objects.get()
    assert list(procedure.records.last().scans.all()) == [filed]
    page = text(county.get(reverse("modes:detail", args=[procedure.pk])))
    assert reverse("files:detail", args=[filed.pk]) in page
    assert "已公告" in page


def test_a_file_that_is_none_sends_nothing_on(county, begin):
    procedure = begin()
    sent = {"step": procedure.step_id, "on": "2014-07-01", "files": SimpleUploadedFile("a.png", b"x")}
    answer = county.post(reverse("modes:advance", args=[procedure.pk]), sent)
    assert answer.status_code == 200
    assert "files" in answer.context["form"].errors
    assert procedure.records.count() == 1


def test_a_vote_is_shown_before_it_is_recorded(county, begin, go_on):
    procedure = go_on(begin())
    address = reverse("modes:vote", args=[procedure.pk, procedure.step_id])
    sent = {"held_on": "2014-07-20", "area_dm2": "40,000", "heads": 100, "area_for_dm2": "20000", "heads_for": 51}
    page = county.post(address, sent | {"act": "preview"})
    assert "还差 0.01 ㎡" in text(page)
    assert not procedure.votes.exists()
    for _click in range(2):
        county.post(address, sent | {"act": "confirm"})
    [vote] = procedure.votes.all()
    assert (vote.passed, vote.area_dm2, vote.rule.legal_basis) == (False, 4000000, "物权法第76条;物业管理条例第12条")
    assert "还差 0.01 ㎡" in text(county.get(reverse("modes:detail", args=[procedure.pk])))


def test_where_owners_do_not_vote_there_is_no_such_page(county, begin):
    procedure = begin()
    assert county.get(reverse("modes:vote", args=[procedure.pk, procedure.step_id])).status_code == 404
    assert county.get(reverse("modes:add_fee", args=[procedure.pk])).status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "表决通过"), ({"heads_for": 30}, "还差 1 名业主"), ({"heads_part": 59}, "表决无效"),
        ({"area_part_dm2": ""}, "须填写参加表决"), ({"held_on": "2000-01-01"}, "没有有效的表决规则"),
    ],
)  # fmt: skip
def test_the_calculator_answers_what_its_address_asks(as_, changed, said):
    asked = {
        "matter": "ordinary", "held_on": "2021-05-01", "area_dm2": "9000", "heads": 90, "area_part_dm2": "6000",
        "heads_part": 60, "area_for_dm2": "3000.01", "heads_for": 31,
    }  # fmt: skip
    assert said in text(as_("committee").get("/procedures/votes/", asked | changed))


def test_the_list_is_filtered_by_place_step_and_days(as_, begin, go_on, settings):
    settings.BUSINESS_DATE = day("2014-08-17")
    first = go_on(begin(), 2)
    register("乙", community=HAIHE)
    second = begin(about=type(first.compound).objects.get(code="乙"), on="2014-08-10", by="bureau")
    filing = ProcedureStep.objects.get(kind="P4.2a", name="业委会备案")

    def shown(role="bureau", **asked):
        return [row[0] for row in as_(role).get("/procedures/", asked).context["rows"]]

    assert shown() == [first, second]
    assert shown(division="211303") == [second]
    assert shown(step=filing.pk) == [first]
    assert (shown(days=46), shown(days=47)) == ([first], [])
    assert shown(state="finished") == []
    assert shown(kind="P4.2b") == shown(mode="owners") == []
    assert shown("committee") == shown("county") == [first]
    assert as_("bureau").get("/procedures/", {"days": "viele"}).status_code == 400


def test_the_tender_and_its_warnings(county, begin):
    procedure = begin()
    county.post(reverse("modes:tender", args=[procedure.pk]), {"way": "public", "bidders": 2, "panel": 4, "experts": 5})
    assert not hasattr(Procedure.objects.get(), "tender"), "more experts than members"
    county.post(reverse("modes:tender", args=[procedure.pk]), {"way": "public", "bidders": 2, "panel": 4, "experts": 3})
    page = text(county.get(reverse("modes:detail", args=[procedure.pk])))
    assert "投标人 2 个" in page
    assert "不是单数" in page


def test_fees_and_posts_are_entered_changed_and_taken_out(county, begin, cast):
    procedure = begin(kind="P4.2c", mode="self_help")
    sent = {"year": 2014, "income_fen": "1,000", "cost_fen": "999.5", "price_fen": "0.3"}
    county.post(reverse("modes:add_fee", args=[procedure.pk]), sent)
    fee = procedure.fee_years.get()
    assert (fee.income_fen, fee.cost_fen, fee.price_fen) == (100000, 99950, 30)
    assert "有盈余" in text(county.get(reverse("modes:detail", args=[procedure.pk])))
    assert "已填写" in text(county.post(reverse("modes:add_fee", args=[procedure.pk]), sent))
    county.post(reverse("modes:fee", args=[procedure.pk, fee.pk]), sent | {"cost_fen": "1000"})
    fee.refresh_from_db()
    assert fee.balance_fen == 0
    county.post(reverse("modes:fee", args=[procedure.pk, fee.pk]), {"remove": "1"})
    assert not procedure.fee_years.exists()
    page = county.get(reverse("modes:detail", args=[procedure.pk]))
    assert [edit.what for edit in page.context["edits"]] == ["删除", "修改", "登记"]
    assert "999.50" in text(page)


def test_acts_are_given_up_and_taken_back_on_their_pages(county, begin):
    procedure = begin()
    county.post(reverse("modes:abandon", args=[procedure.pk]), {"on": "2014-07-01", "reason": "业主意见不一"})
    procedure.refresh_from_db()
    assert procedure.state == "abandoned"
    assert county.get(reverse("modes:advance", args=[procedure.pk])).status_code == 302
    county.post(reverse("modes:take_back", args=[procedure.pk]), {"reason": "又同意了"})
    procedure.refresh_from_db()
    assert procedure.state == "running"
