"""``plans/``: a workbook handed in, corrected, submitted, returned line by line, approved and amended."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from communities.tokens import services as tokens
from oversight.plans.models import PlanVersion
from tests.description import check_answer
from tests.oversight.plans.test_workbook import book, row, rows_of
from tests.support import day

pytestmark = pytest.mark.django_db
URL = "/api/v1/plans/"
PAPER = {"document_no": "双政发〔2014〕12号", "signatory": "王某", "words": "已核实"}


@pytest.fixture
def call(cast):
    """Asks in the name of a role, with a token for plans; every answer is held against the description."""
    secrets: dict[str, str] = {}

    def asked(who: str, path: str = "", body: Any = None, *, form: dict | None = None):
        if who not in secrets:
            scopes = ["plans:read", "plans:write", "plans:review"]
            secrets[who] = tokens.make(user=cast[who], name=f"plans {who}", scopes=scopes, by=None)[1]
        headers, client = {"Authorization": f"Bearer {secrets[who]}", "Accept-Language": "en"}, Client()
        if form is not None:
            answer, method = client.post(URL + path, form, headers=headers), "post"
        elif body is not None:
            answer = client.post(URL + path, json.dumps(body), content_type="application/json", headers=headers)
            method = "post"
        else:
            answer, method = client.get(URL + path, headers=headers), "get"
        check_answer(answer, method, URL + path)
        return answer

    return asked


def form(*rows, county="211302", **more) -> dict:
    return {"county": county, "file": SimpleUploadedFile("方案.xlsx", book(*rows))} | more


def test_from_a_workbook_with_mistakes_to_an_approved_plan(call, homes):
    good = rows_of(homes)
    made = call("county", form=form(*good[:2], row("丙", homes["丙"].name, "金元社区", when="明年")))
    assert made.status_code == 201
    told = made.json()
    assert (told["version"], told["state"]) == (1, "draft")
    assert [(one["line"], one["column"]) for one in told["checks"]["errors"]] == [
        (4, "planned_for"), (4, "compound"), (None, "compound"),
    ]  # fmt: skip
    assert call("county", f"{told['id']}/submit/", PAPER).status_code == 422
    again = call("county", form=form(*good)).json()
    assert (again["id"], again["checks"]) == (told["id"], {"errors": [], "warnings": []})
    sent = call("county", f"{told['id']}/submit/", PAPER).json()
    assert (sent["state"], sent["late"]) == ("submitted", False)
    assert call("county", f"{told['id']}/submit/", PAPER).status_code == 409
    assert call("county", form=form(*good)).status_code == 409
    back = call("bureau", f"{told['id']}/return/", {"comments": [{"line": 2, "text": "时限提前"}]}).json()
    assert back["history"][-1]["comments"] == [{"line": 2, "text": "时限提前"}]
    moved = [row(one[0], one[1], one[2], when="2014年4季度") if one[0] == "甲" else one for one in good]
    second = call("county", form=form(*moved)).json()
    assert (second["version"], second["state"]) == (2, "draft")
    differs = call("county", f"{second['id']}/compare/{told['id']}/").json()
    assert [(one["after"]["compound"]["code"], one["fields"]) for one in differs["moved"]] == [("甲", ["planned_for"])]
    assert (differs["added"], differs["removed"], differs["changed"]) == ([], [], [])
    call("county", f"{second['id']}/submit/", PAPER)
    approved = call("bureau", f"{second['id']}/approve/", {"opinion": "同意"}).json()
    assert (approved["state"], approved["opinion"]) == ("approved", "同意")
    assert call("bureau", f"{second['id']}/approve/", {}).status_code == 409
    amended = call("county", form=form(*good))
    assert (amended.status_code, amended.json()["errors"][0]["field"]) == (422, "reason")
    assert call("county", form=form(*good, reason="棚改后延")).json()["version"] == 3


def test_lines_and_lists(call, homes):
    number = call("county", form=form(*rows_of(homes))).json()["id"]
    lines = call("county", f"{number}/lines/").json()["results"]
    assert sorted((one["compound"]["code"], one["planned_for"], one["area_m2"]) for one in lines) == sorted(
        (code, "2015Q1", None) for code in "甲乙丙"
    )
    assert [one["id"] for one in call("county", "?state=draft").json()["results"]] == [number]
    assert call("county", "?state=draft&county=211302").json()["results"]
    assert call("auditor", f"{number}/").status_code == 404, "a draft is the county's"
    assert call("county", "?state=planned").status_code == 400


def test_another_countys_plan_is_unknown(call, homes):
    number = call("county", form=form(*rows_of(homes))).json()["id"]
    for path in ("", "lines/", f"compare/{number}/"):
        assert call("neighbour_county", f"{number}/{path}").status_code == 404
    assert call("neighbour_county", f"{number}/submit/", PAPER).status_code == 404
    assert call("neighbour_county", form=form(*rows_of(homes))).status_code == 404


@pytest.mark.parametrize(("sent", "status", "field"), [
    ({"county": "211302"}, 400, "file"), ({"county": "2113"}, 404, None), ({"county": ""}, 400, "county"),
    ({"county": "211302", "file": SimpleUploadedFile("a.xlsx", b"no workbook")}, 422, "file"),
    ({"county": "211302", "file": SimpleUploadedFile("a.csv", "名称,数量\n甲,1\n".encode())}, 422, "file"),
])  # fmt: skip
def test_what_is_no_plan_is_refused(call, cast, sent, status, field):
    if "file" in sent:
        sent["file"].seek(0)
    answer = call("county", form=sent)
    assert answer.status_code == status
    if field:
        assert answer.json()["errors"][0]["field"] == field
    assert not PlanVersion.objects.exists()


def test_a_late_one_stays_marked(call, homes, today):
    today("2014-07-20")
    number = call("county", form=form(*rows_of(homes))).json()["id"]
    assert call("county", f"{number}/submit/", PAPER).json()["late"]
    assert PlanVersion.objects.get().submitted_on == day("2014-07-20")
