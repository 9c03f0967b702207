"""The pages of plans: a county writes, the bureau reviews, line by line, and two versions stand side by side."""

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document

from oversight.plans import services
from oversight.plans.acts import Change
from oversight.plans.choices import PlanState
from oversight.plans.models import PlanLine, PlanVersion
from tests.kit.uploads.files import photo
from tests.oversight.plans.conftest import COUNTY, submitted
from tests.oversight.plans.test_workbook import book, row, rows_of
from tests.support import dm2

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(cast):
    return logged_in(cast["county"])


@pytest.fixture
def bureau(cast):
    return logged_in(cast["bureau"])


def logged_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def post_json(client: Client, address: str, body) -> tuple[int, dict]:
    answer = client.post(address, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_a_template_that_is_filled_in_is_a_plan_without_errors(county, homes):
    answer = county.get(f"/plans/counties/{COUNTY}/template/")
    content = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = content.worksheets[0]
    heads = {cell.value.rstrip("*"): cell.column for cell in sheet[2]}
    assert [sheet.cell(line, heads["小区编号"]).value for line in range(3, 6)] == ["丙", "乙", "甲"]
    for line in range(3, 6):
        for head, text in (
            ("拟采用管理模式", "委托社区管理"), ("计划完成时间", "2015年1季度"), ("责任人", "张某"), ("试点", "是"),
        ):  # fmt: skip
            sheet.cell(line, heads[head]).value = text
    filled = io.BytesIO()
    content.save(filled)
    answer = county.post(
        f"/plans/counties/{COUNTY}/workbook/", {"file": SimpleUploadedFile("方案.xlsx", filled.getvalue())}, follow=True
    )
    assert "Nothing is wrong" in answer.content.decode()
    version = PlanVersion.objects.get()
    assert sorted(version.lines.values_list("number", "compound__code")) == [(3, "丙"), (4, "乙"), (5, "甲")]
    again = openpyxl.load_workbook(io.BytesIO(b"".join(county.get(f"/plans/{version.pk}/workbook/").streaming_content)))
    assert [[cell.value for cell in line] for line in again.worksheets[0].iter_rows(min_row=2)] == [
        [cell.value for cell in line] for line in sheet.iter_rows(min_row=2)
    ]


def test_a_workbook_with_mistakes_names_them_and_its_copy_has_them(county, homes):
    file = SimpleUploadedFile("方案.xlsx", book(*rows_of(homes)[:2], row("丙", "", "金元社区", when="明年")))
    answer = county.post(f"/plans/counties/{COUNTY}/workbook/", {"file": file}, follow=True)
    page = answer.content.decode()
    assert "“明年”" in page
    kept = PlanVersion.objects.get().workbooks.get()
    copy = county.get(f"/plans/{kept.version_id}/workbooks/{kept.pk}/remarks/")
    sheet = openpyxl.load_workbook(io.BytesIO(copy.content)).worksheets[0]
    assert "明年" in sheet["F4"].comment.text
    refused = county.post(f"/plans/counties/{COUNTY}/workbook/", {"file": SimpleUploadedFile("a.xlsx", b"no")})
    assert refused.context["form"].errors["file"]


def test_cells_are_kept_once_and_the_others_are_told(written, homes, county):
    address, since = f"/plans/{written.pk}/sheet/cells/", written.revision
    new = {"line": None, "values": {"name": "新区", "community": "前进社区"}, "seen": {}}
    sent = {"since": since, "key": "1", "cells": [new]}
    first = post_json(county, address, sent)
    again = post_json(county, address, sent)
    assert first == again
    assert written.lines.count() == 4
    assert first[1]["numbers"] == [4]
    status, other = post_json(county, address, {"since": since, "cells": [
        {"line": 1, "values": {"person": "李某"}, "seen": {"person": "张某"}},
    ]})  # fmt: skip
    assert (status, sorted(one["line"] for one in other["rows"]), other["lines"]) == (200, [1, 4], 4)
    status, late = post_json(county, address, {"since": since, "cells": [
        {"line": 1, "values": {"person": "赵某"}, "seen": {"person": "张某"}},
    ]})  # fmt: skip
    assert (late["overtaken"], late["rows"][0]["person"]) == ([1], "李某")
    for broken in ("[]", "{", '{"cells": 1}', '{"since": 1, "cells": [{"line": 1, "values": {"x": "1"}, "seen": {}}]}'):
        assert county.post(address, broken, content_type="application/json").status_code == 400
    rows = county.get(f"/plans/{written.pk}/sheet/rows/").json()
    assert (len(rows["rows"]), rows["rows"][0]["there"]) == (4, "40000")
    status, _answer = post_json(county, f"/plans/{written.pk}/sheet/drop/", {"since": since, "lines": [4]})
    assert status == 409
    status, _answer = post_json(county, f"/plans/{written.pk}/sheet/drop/", {"since": rows["revision"], "lines": [4]})
    assert (status, written.lines.count()) == (200, 3)


def test_what_is_submitted_is_read_and_not_written(written, county, cast):
    submitted(written, cast["county"])
    assert county.get(f"/plans/{written.pk}/sheet/").status_code == 302
    cell = {"line": 1, "values": {"person": "李某"}, "seen": {"person": "张某"}}
    status, said = post_json(county, f"/plans/{written.pk}/sheet/cells/", {"since": 1, "cells": [cell]})
    assert status == 409
    assert "Submitted" in said["message"]


def test_a_plan_goes_with_its_paper_and_scan(written, county):
    answer = county.post(f"/plans/{written.pk}/submit/", {"document_no": "12号"})
    assert set(answer.context["form"].errors) == {"signatory", "words"}
    scan = SimpleUploadedFile("盖章件.jpg", photo(size=(60, 90)))
    county.post(
        f"/plans/{written.pk}/submit/", {"document_no": "12号", "signatory": "王某", "words": "集中实施", "scan": scan}
    )
    written.refresh_from_db()
    assert (written.state, written.scans.count()) == (PlanState.SUBMITTED, 1)
    assert county.get(f"/plans/{written.pk}/scans/{written.scans.get().pk}/").status_code == 200
    later = SimpleUploadedFile("补.jpg", photo(size=(30, 30)))
    county.post(f"/plans/{written.pk}/scans/", {"scan": later})
    assert written.scans.count() == 2


def test_the_amounts_of_a_submission_stay(written, cast, today):
    """“All that is unmanaged” is fixed on the day of the submission."""
    submitted(written, cast["county"])
    assert sorted(written.lines.values_list("planned_dm2", "planned_households")) == [
        (dm2(5000), 100), (dm2(10000), 100), (dm2(40000), 100),
    ]  # fmt: skip


def test_lines_are_reviewed_and_the_county_answers_them(written, homes, county, bureau, cast):
    version = submitted(written, cast["county"])
    bureau.post(f"/plans/{version.pk}/review/", {
        "line": ["1", "2", "3"], "agreed-1": "1", "text-2": "时限提前", "text-3": "",
    })  # fmt: skip
    page = bureau.get(f"/plans/{version.pk}/review/?show=open")
    assert [one.number for one in page.context["lines"]] == [3]
    refused = bureau.post(f"/plans/{version.pk}/decide/approve/", {"opinion": ""}, follow=True)
    assert "Line 2" in refused.content.decode()
    assert "时限提前" not in county.get(f"/plans/{version.pk}/").content.decode()
    bureau.post(f"/plans/{version.pk}/decide/return/", {"opinion": "总体可行"})
    seen = county.get(f"/plans/{version.pk}/").content.decode()
    assert "时限提前" in seen
    assert "总体可行" in seen
    county.post(f"/plans/counties/{COUNTY}/begin/")
    draft = PlanVersion.objects.get(number=2)
    lines = county.get(f"/plans/{draft.pk}/").context["lines"]
    assert [[one.text for one in line.said] for line in lines] == [[], ["时限提前"], []]
    services.put_lines(
        version=draft, changes=[Change(2, {"due_on": written.lines.get(number=1).due_on})], by=cast["county"]
    )
    submitted(draft, cast["county"])
    review = bureau.get(f"/plans/{draft.pk}/review/")
    assert [line.agreed_in for line in review.context["lines"]] == [1, None, None]
    found = bureau.get(f"/plans/{draft.pk}/compare/{version.pk}/").context["found"]
    assert ([one.after.number for one in found.moved], found.added, found.removed, found.same) == ([2], [], [], 2)
    bureau.post(f"/plans/{draft.pk}/decide/approve/", {"opinion": "同意"})
    draft.refresh_from_db()
    assert draft.state == PlanState.APPROVED
    for one, said in ((version, "时限提前"), (draft, "同意")):
        document = Document(io.BytesIO(bureau.get(f"/plans/{one.pk}/opinion/").content))
        texts = [part.text for part in document.paragraphs]
        texts += [cell.text for table in document.tables for line in table.rows for cell in line.cells]
        assert any(said in text for text in texts)


def test_the_bureau_sees_how_far_the_counties_are(written, bureau, cast, today):
    today("2014-07-20")
    page = bureau.get("/plans/")
    assert {row.is_overdue for row in page.context["rows"]} == {True}
    submitted(written, cast["county"])
    page = bureau.get("/plans/")
    [county] = [row for row in page.context["rows"] if row.county.code == COUNTY]
    assert (county.version.is_late, county.lines, county.area_dm2) == (True, 3, dm2(55000))
    city = page.context["city"]
    assert (city.quarters, city.totals) == (["2015Q1", "2015Q2", "2015Q3"], [dm2(40000), dm2(10000), dm2(5000)])
    assert COUNTY not in [one.code for one in city.lacking]
    assert len(city.lacking) == len(page.context["rows"]) - 1
    glance = bureau.get(f"/plans/{written.pk}/checks/?glance=1", headers={"HX-Request": "true"})
    assert "1 warning" in glance.content.decode()


def test_the_pages_ask_the_same_however_long_the_plan_is(written, homes, county, django_assert_max_num_queries):
    PlanLine.objects.bulk_create([
        PlanLine(version=written, number=10 + number, name=str(number), community=homes["甲"].community)
        for number in range(300)
    ])  # fmt: skip
    for address in ("/plans/", f"/plans/{written.pk}/", f"/plans/{written.pk}/sheet/rows/"):
        with django_assert_max_num_queries(25):
            assert county.get(address).status_code == 200
