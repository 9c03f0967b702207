"""The pages of monthly returns: one tap, the way of a county's return, the reminder, the rules."""

import pytest
from django.urls import reverse

from compounds.reports.models import SkippedLevel
from compounds.returns.models import ExtensionRight, Return, ReturnDeadline
from tests.compounds.returns.conftest import scan
from tests.support import QIANJIN

pytestmark = pytest.mark.django_db


def act(client, row, step: str, **data):
    return client.post(reverse("returns:act", args=[row.pk, step]), data, follow=True)


def test_a_community_says_with_one_tap_that_nothing_changed(cast, asked, client):
    client.force_login(cast["committee"])
    row = asked[QIANJIN]
    page = client.get(reverse("returns:detail", args=[row.pk])).content.decode()
    assert "1 / 1 个小区无变化" in page
    assert "本月无变化,一键报送" in page
    answer = act(client, row, "submit").content.decode()
    assert "已报送:本月无变化" in answer
    assert "一键报送" not in answer
    again = act(client, row, "submit").content.decode()
    assert "不能办理此步骤" in again
    assert Return.objects.get(pk=row.pk).steps.count() == 1


def test_the_reporters_page_and_the_desk_lead_to_it(cast, asked, client, today):
    client.force_login(cast["committee"])
    address = reverse("returns:detail", args=[asked[QIANJIN].pk])
    assert f'href="{address}"' in client.get("/desk/").content.decode()
    page = client.get("/reports/").content.decode()
    assert "一键报送" in page
    assert "逾期" not in page
    today("2015-10-26")
    assert "逾期" in client.get("/reports/").content.decode()
    client.force_login(cast["county"])  # 代报
    of_community = f"/reports/of/{QIANJIN}/"
    assert "一键报送" in client.get(of_community).content.decode()
    act(client, asked[QIANJIN], "submit")
    assert "一键报送" not in client.get(of_community).content.decode()


def test_the_way_of_a_countys_return(cast, asked, client):
    row = asked["211302"]
    client.force_login(cast["county"])
    page = client.get(reverse("returns:detail", args=[row.pk])).content.decode()
    assert "1个社区未报" in page
    assert "由台账生成" in act(client, row, "prepare").content.decode()
    table = client.get(reverse("tables:table", args=["211302", "monthly"]), {"as_of": "2015-10-20", "height": 2})
    assert "月报表" in table.content.decode()
    wrong = act(client, row, "seal", document_no="8号", signatory="", file=scan()).content.decode()
    assert "签发人" in wrong
    done = act(client, row, "seal", document_no="8号", signatory="王某", file=scan()).content.decode()
    assert "待市级接收" in done
    client.force_login(cast["bureau"])
    assert "当月已锁定" in act(client, row, "accept").content.decode()
    assert "解锁" in act(client, row, "reopen", reason="漏报").content.decode()
    assert Return.objects.get(pk=row.pk).state == "returned"


def test_who_has_not_reported_with_a_text_to_copy(cast, asked, client):
    client.force_login(cast["bureau"])
    page = client.get(reverse("returns:list"), {"month": "2015-10"}).content.decode()
    assert "0 / 2 已报" in page
    assert "尚未收到以下单位报送" in page
    assert "committee" in page  # who can be called
    assert client.get(reverse("returns:list"), {"month": "October"}).status_code == 400
    assert client.get(reverse("returns:list"), {"division": "999999"}).status_code == 404
    empty = client.get(reverse("returns:list"), {"month": "2013-01"}).content.decode()
    assert "没有应报单位" in empty


def test_a_street_extends_as_far_as_it_may(cast, asked, client):
    client.force_login(cast["subdistrict"])
    row = asked[QIANJIN]
    assert "您最多可延期至2015-10-28" in act(client, row, "extend", until="2015-11-20", reason="停电").content.decode()
    assert "已延期至2015-10-28" in act(client, row, "extend", until="2015-10-28", reason="停电").content.decode()


def test_rules_are_set_by_clicks(cast, asked, client):
    address = reverse("returns:rules")
    client.force_login(cast["county"])
    form = {"which": "deadline", "division": "211302", "level": "community", "day": "20", "months_after": "0"}
    assert client.post(address, form).status_code == 302
    assert ReturnDeadline.objects.get(division="211302").day == 20
    assert client.post(address, form | {"division": "211303"}).status_code == 200
    assert client.post(address, form | {"level": "county"}).status_code == 200
    assert ReturnDeadline.objects.count() == 3
    skip = {"about": "skip", "division": "211302", "reporter": "committee", "skipped": "yes"}
    assert reverse("review:rules") in client.get(address).content.decode()
    assert client.post(reverse("review:rules"), skip).status_code == 302
    assert SkippedLevel.objects.get(division="211302").is_skipped
    right = ExtensionRight.objects.first()
    assert client.post(address, {"which": "right", "right": right.pk, "most_days": "9"}).status_code == 403
    client.force_login(cast["bureau"])
    assert client.post(address, {"which": "right", "right": right.pk, "most_days": "9"}).status_code == 302
    assert ExtensionRight.objects.get(pk=right.pk).most_days == 9
    assert client.post(address, {"which": "right", "right": "x", "most_days": "9"}).status_code == 404


def test_the_api_lists_what_the_reader_sees(cast, asked, client):
    def listed(who: str, **query) -> set[str]:
        client.force_login(cast[who])
        answer = client.get("/api/v1/returns/", query)
        assert answer.status_code == 200, answer.content
        return {row["division"]["code"] for row in answer.json()["results"]}

    assert listed("bureau", month="2015-10") == set(asked)
    assert listed("county", level="county") == {"211302"}
    assert listed("committee") == {QIANJIN}
    assert listed("bureau", division="211303", state="due") == {"211303", "211303004001"}
    client.force_login(cast["bureau"])
    assert client.get("/api/v1/returns/", {"month": "2015-13"}).status_code == 400
    assert client.get("/api/v1/returns/", {"state": "sent"}).status_code == 400
    first = client.get("/api/v1/returns/", {"page_size": 3}).json()
    rest = client.get(first["next"]).json()
    assert [len(first["results"]), len(rest["results"])] == [3, 1]
