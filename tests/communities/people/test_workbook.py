"""Accounts from a workbook: all errors of all rows at once; all accounts or none; passwords shown once."""

import base64
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from communities.divisions.models import Division
from communities.people import services, workbook
from communities.people.models import Appointment, User
from tests.support import ask, ask_json, person

pytestmark = pytest.mark.django_db
PAGE = "/accounts/workbook/"
HEADER = "登录名,姓名,岗位,县(市、区),街道(乡镇),社区,部门,联系电话,起始日期"


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def send(client, content: bytes, *, name: str = "账号.csv", answer: str = "page", **more):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content), "answer": answer, **more})


def found(plan: workbook.Plan) -> list[tuple]:
    return [(one.row, one.column) for one in plan.errors]


GOOD = (
    ",李明,街道,双塔区,前进街道,,,13900000000,2015-01-05",
    ",王强,社区居委会,,前进街道,前进社区,,,",
    "zhao,赵红,社区,,,211302003001,,,2015年1月6日",
)


def test_a_county_makes_accounts_from_its_workbook(client, cast):
    client.force_login(cast["county"])
    response = send(client, csv(*GOOD))
    slips = response.context["slips"]
    assert [slip.user.username for slip in slips] == ["street_211302003", "committee_211302003001", "zhao"]
    assert slips[1].offices[0].startswith("前进社区")
    text = response.content.decode()
    assert all(slip.password in text for slip in slips)
    assert "no-store" in response.headers["Cache-Control"]
    since = [one.since.isoformat() for one in Appointment.objects.filter(user=slips[0].user)]
    assert since == ["2015-01-05"]
    owner = Client()
    login = {"username": "zhao", "password": slips[2].password}
    assert owner.post("/accounts/login/", login).status_code == 302
    assert owner.get("/").url == "/accounts/password/"
    assert slips[2].password not in client.get("/accounts/").content.decode()


def test_every_error_of_every_row_is_named_and_nothing_is_written(client, cast):
    client.force_login(cast["county"])
    rows = (
        ",甲,局长,双塔区,,,,,",  # a role that there is not
        ",乙,街道,龙城区,海河街道,,,,",  # outside of the scope
        ",丙,社区,,前进街道,无此社区,,,",  # a division that there is not
        ",丁,县,双塔区,,,,,",  # a role that the county does not give
        "County,戊,街道,,前进街道,,,,",  # taken, in other letters
        "same,己,街道,,前进街道,,,,2015-13-01",  # twice in the file, and no date
        "SAME,庚,街道,,前进街道,,,,2015-01",  # twice in the file, and only a month
        "a b,,街道,,,,,,",  # an impossible name, nobody's, nowhere
        ",辛,市直部门,,,,无此部门,,",  # neither role nor department
    )
    before = User.objects.count()
    plan = workbook.read(csv(*rows), "账号.csv", by=cast["county"])
    assert sorted(found(plan), key=str) == sorted([
        (2, "岗位"), (3, "县(市、区)"), (4, "社区"), (5, "岗位"), (6, "登录名"), (7, "登录名"), (7, "起始日期"),
        (8, "登录名"), (8, "起始日期"), (9, "登录名"), (9, "姓名"), (9, "街道(乡镇)"), (10, "岗位"), (10, "部门"),
    ], key=str)  # fmt: skip
    said = {(one.row, one.column): one.message for one in plan.errors}
    assert "不在您的管辖范围内" in said[3, "县(市、区)"]
    assert "街道办事处" in said[5, "岗位"]
    assert "County" in said[6, "登录名"]
    assert "2 次" in said[7, "登录名"]
    response = send(client, csv(*rows))
    assert len(response.context["errors"]) == 14
    assert User.objects.count() == before


def test_the_annotated_copy_comes_with_the_page_or_instead_of_it(client, cast):
    client.force_login(cast["county"])
    content = csv(",甲,局长,双塔区,,,,,")
    text = send(client, content).content.decode()
    encoded = re.search(r'download="账号-[^"]+\.xlsx"\s+href="data:[\w./-]+;base64,([^"]+)"', text)[1]
    instead = send(client, content, answer="xlsx")
    assert "attachment" in instead.headers["Content-Disposition"]
    for copy in (base64.b64decode(encoded), instead.content):
        book = openpyxl.load_workbook(io.BytesIO(copy))
        assert "局长" in book.worksheets[0]["C2"].comment.text


def test_the_answer_as_a_workbook_holds_the_passwords(client, cast):
    client.force_login(cast["county"])
    sheet = openpyxl.load_workbook(io.BytesIO(send(client, csv(*GOOD), answer="xlsx").content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("登录名", "姓名", "任职", "初始密码")
    assert [row[0] for row in rows[1:]] == ["street_211302003", "committee_211302003001", "zhao"]
    assert Client().post("/accounts/login/", {"username": "zhao", "password": rows[3][3]}).status_code == 302


def test_checking_only_writes_nothing_and_shows_what_would_be(client, cast):
    client.force_login(cast["county"])
    before = User.objects.count()
    response = send(client, csv(*GOOD), check="1")
    assert "street_211302003" in response.content.decode()
    assert "13900000000" not in response.content.decode()
    assert User.objects.count() == before


def test_the_same_file_again_names_who_has_an_account_already(client, cast):
    client.force_login(cast["county"])
    send(client, csv(*GOOD))
    before = User.objects.count()
    plan = workbook.read(csv(*GOOD), "账号.csv", by=cast["county"])
    assert found(plan) == [(2, "姓名"), (3, "姓名"), (4, "登录名")]
    assert "street_211302003" in plan.errors[0].message
    assert User.objects.count() == before


def test_a_person_twice_in_one_file_is_named(cast):
    plan = workbook.read(csv(",甲,街道,,前进街道,,,,", ",甲,街道,,前进街道,,,,"), "a.csv", by=cast["county"])
    assert found(plan) == [(3, "姓名")]


def test_proposed_names_avoid_taken_ones_and_those_of_the_file(cast):
    person("street_211302003", "subdistrict", "211302003")
    rows = (",甲,街道,,前进街道,,,,", ",乙,街道,,前进街道,,,,", "STREET_211302003-2,丙,街道,,前进街道,,,,")
    plan = workbook.read(csv(*rows), "a.csv", by=cast["county"])
    assert [one.username for one in plan.accounts] == [
        "street_211302003-3", "street_211302003-4", "STREET_211302003-2",
    ]  # fmt: skip


def test_an_ambiguous_name_asks_and_a_name_of_the_own_area_wins(cast):
    for code, parent in (("211302003901", "211302003"), ("211302004901", "211302004"), ("211303004901", "211303004")):
        Division.objects.create(code=code, name="同名社区", level="community", parent_id=parent)
    asked = workbook.read(csv(",甲,社区,,,同名社区,,,"), "a.csv", by=cast["county"])
    assert found(asked) == [(2, "社区")]
    assert "211302003901" in asked.errors[0].message
    told = workbook.read(csv(",甲,社区,,前进街道,同名社区,,,"), "a.csv", by=cast["county"])
    assert [one.division.code for one in told.accounts] == ["211302003901"]


def test_the_template_is_read_as_it_is_filled(client, cast):
    client.force_login(cast["county"])
    book = openpyxl.load_workbook(io.BytesIO(client.get("/accounts/workbook/template/").content))
    sheet, choices = book.worksheets
    heads = [cell.value for cell in sheet[1]]
    columns = list(choices.iter_cols(values_only=True))
    lists = {head: [value for value in column if value] for head, column in zip(heads, columns, strict=False)}
    assert lists["岗位"] == ["街道办事处(乡镇)", "社区居委会"]
    assert lists["县(市、区)"] == ["双塔区"]
    assert all("双塔区" in value for value in lists["社区"])
    assert len(sheet.data_validations.dataValidation) == 5
    community = next(value for value in lists["社区"] if value.endswith("211302003001"))
    sheet.append([None, "李明", lists["岗位"][1], "双塔区", None, community, None, None, None])
    file = io.BytesIO()
    book.save(file)
    (slip,) = send(client, file.getvalue(), name="a.xlsx").context["slips"]
    assert slip.user.username == "committee_211302003001"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK\x03\x04junk", "甲,乙\n1,2\n".encode(), HEADER.encode(), "登录名,姓名\na,甲\n".encode(),
        b"\xd0\xcf\x11\xe0" + b"x" * 600,
    ],
)  # fmt: skip
def test_what_is_no_such_workbook_says_so(client, cast, content):
    client.force_login(cast["county"])
    response = send(client, content)
    assert response.status_code == 200
    assert response.context["form"].errors or response.context["errors"]
    assert User.objects.count() == len(cast)


def test_cells_are_never_formulas_nor_markup(client, cast):
    client.force_login(cast["county"])
    row = '=1+1,"<b>=HYPERLINK(""x"")</b>",街道,,前进街道,,,,'
    text = send(client, csv(row)).content.decode()
    assert "<b>=HYPER" not in text
    name = ',"=HYPERLINK(""x"")",街道,,前进街道,,,,'
    sheet = openpyxl.load_workbook(io.BytesIO(send(client, csv(name), answer="xlsx").content)).active
    assert (sheet["B2"].data_type, sheet["B2"].value) == ("s", '=HYPERLINK("x")')


def test_a_row_that_fails_late_takes_all_back(cast, monkeypatch):
    plan = workbook.read(csv(*GOOD), "a.csv", by=cast["county"])
    person("zhao", "committee", "211302003001")
    before = User.objects.count()
    with pytest.raises(workbook.Refused, match="第 4 行"):
        workbook.make(plan, by=cast["county"])
    assert User.objects.count() == before


@pytest.mark.parametrize("who", ["auditor", "leader", "subdistrict", "committee"])
def test_who_makes_no_accounts_uploads_none(client, cast, who):
    client.force_login(cast[who])
    assert client.get(PAGE).status_code == 403
    assert client.get("/accounts/workbook/template/").status_code == 403
    assert send(client, csv(*GOOD)).status_code == 403


# --- commands ----------------------------------------------------------------------------------------------
@pytest.fixture
def file(tmp_path):
    def write(*rows: str):
        path = tmp_path / "账号.csv"
        path.write_bytes(csv(*rows))
        return str(path)

    return write


def test_the_command_acts_for_the_whole_portal(reference, file):
    path = file(*GOOD, ",孙丽,审计,,,,,,", ",周平,市直部门,,,,公安部门,,", ",吴军,县,建平县,,,,,")
    answer = ask("import_accounts", path, "--dry-run", "--format", "json")
    dry = answer.json
    assert "联系电话不予保存" in answer.err
    assert (dry["rows"], dry["created"], len(dry["accounts"])) == (6, 0, 6)
    assert not User.objects.exists()
    done = ask("import_accounts", path, "--format", "json").json
    assert done["created"] == 6
    assert [one["username"] for one in done["accounts"]][3:] == ["auditor", "dept_police", "county_211322"]
    assert all(len(one["initial_password"]) == services.INITIAL_LENGTH for one in done["accounts"])


def test_the_command_names_every_error_and_exits_with_1(reference, file, tmp_path):
    answer = ask("import_accounts", file(",甲,局长,,,,,,", ",乙,街道,,无此街道,,,,"), "--format", "json",
                 "--annotated", str(tmp_path / "out.xlsx"))  # fmt: skip
    assert answer.code == 1
    assert [(one["row"], one["column"]) for one in answer.json["errors"]] == [(2, "岗位"), (3, "街道(乡镇)")]
    assert (tmp_path / "out.xlsx").exists()
    assert not User.objects.exists()


def test_a_lost_administrator_is_made_good(reference):
    person("somebody")
    assert ask_json("appoint", "somebody", "admin")["role"] == "admin"
    assert User.objects.get(username="somebody").may("people.manage")
    made = ask_json("appoint", "somebody", "department", "2113", "--department", "police")
    assert (made["division"], made["department"]) == ("2113", "police")
    assert ask_json("appoint", "somebody", "admin")["since"]
    assert Appointment.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        (["unknown", "boss", "9", "--department", "x"], ["USERNAME", "ROLE", "DIVISION", "--department"]),
        (["somebody", "county"], ["division"]), (["somebody", "county", "211302003"], ["division"]),
        (["somebody", "admin", "--department", "police"], ["department"]),
    ],
)  # fmt: skip
def test_an_impossible_appointment_names_what_is_wrong(reference, arguments, fields):
    person("somebody")
    answer = ask("appoint", *arguments, "--format", "json")
    assert answer.code == 1
    assert [one["field"] for one in answer.json["errors"]] == fields
    assert not Appointment.objects.exists()


def test_the_command_refuses_a_disabled_account(reference):
    account = person("somebody")
    services.set_active(user=account, active=False, by=None)
    with pytest.raises(SystemExit):
        call_command("appoint", "somebody", "admin")
