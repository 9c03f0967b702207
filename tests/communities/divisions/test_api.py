"""``/api/v1/divisions/``, and by its example what every endpoint does the same way."""

import csv
import io

import openpyxl
import pytest
from django.test import Client

URL = "/api/v1/divisions/"


@pytest.fixture
def ask(api):
    def ask(query: str = "", *, url: str = URL, **more):
        return api(f"{url}{query}", **more)

    return ask


def codes(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["code"] for row in answer.json()["results"]]


def test_counties_of_the_city(ask):
    answer = ask("?level=county")
    assert codes(answer) == ["211302", "211303", "211321", "211322", "211324", "211381", "211382"]
    assert answer.json()["next"] is None
    assert answer.json()["results"][0] == {
        "code": "211302", "name": "双塔区", "short_name": "", "level": "county", "parent": "2113",
        "began_on": None, "ended_on": None,
    }  # fmt: skip


def test_parent_and_division_narrow(ask):
    assert all(code.startswith("211302") and len(code) == 9 for code in codes(ask("?parent=211302")))
    assert all(code.startswith("211302003") for code in codes(ask("?division=211302003")))


def test_a_scope_is_a_subtree(ask):
    assert set(codes(ask("?level=county", role="county"))) == {"211302"}
    assert codes(ask("?level=county", role="committee")) == []


@pytest.mark.parametrize("name", ["division", "parent"])
@pytest.mark.parametrize("code", ["211303", "211399"])
def test_a_division_outside_the_scope_is_as_unknown_as_one_that_there_is_not(ask, name, code):
    answer = ask(f"?{name}={code}", role="county")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert [(e["field"], e["value"]) for e in answer.json()["errors"]] == [(name, code)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?level=village", "level"), ("?division=x", "division"), ("?parent=21130", "parent"),
        ("?as_of=2014-13-40", "as_of"), ("?colour=red", "colour"), ("?level=county&level=city", "level"),
        ("?page=x", "page"), ("?page_size=0", "page_size"),
        ("?page_size=1001", "page_size"), ("?format=pdf", "format"), ("?division=%00", "division"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(ask, query, field):
    answer = ask(query)
    assert answer.status_code == 400
    body = answer.json()
    assert body["status"] == 400
    assert body["errors"][0]["field"] == field
    assert body["errors"][0]["message"]


def test_pages_by_key_give_every_row_once(ask):
    whole = codes(ask("?division=211302&page_size=1000"))
    found, following = [], f"{URL}?division=211302&page_size=7"
    while following:
        answer = ask(url=following)
        found += codes(answer)
        following = answer.json()["next"]
    assert found == whole
    assert len(whole) > 20


def test_a_page_key_opens_no_other_list_and_survives_no_change(ask):
    following = ask("?level=community&page_size=2").json()["next"]
    assert ask(url=following).status_code == 200
    for changed in (following.replace("community", "subdistrict"), following[:-1], following + "x"):
        answer = ask(url=changed)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "page"


@pytest.mark.parametrize("by", ["parameter", "header"])
def test_csv_and_xlsx_hold_the_whole_list(ask, by):
    def table(name: str, media_type: str):
        if by == "parameter":
            return ask(f"?parent=211302&page_size=2&format={name}")
        return ask("?parent=211302&page_size=2", Accept=media_type)

    whole = ask("?parent=211302").json()["results"]
    answer = table("csv", "text/csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == [row["name"] for row in whole]
    answer = table("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [row["code"] for row in whole]


def test_a_header_that_nothing_satisfies_is_406_and_a_browsers_gets_json(ask):
    assert ask(Accept="image/png").status_code == 406
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert ask(Accept=browser)["Content-Type"] == "application/json"
    assert ask(Accept="text/csv;q=0.5, application/json")["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Unusable request"), ("zh-hans", "请求无法使用"), ("zh-CN,zh;q=0.9", "请求无法使用")]
)
def test_problems_speak_the_readers_language(ask, language, title):
    assert ask("?level=x", **{"Accept-Language": language}).json()["title"] == title
    assert Client().get("/api/v1/nothing/", headers={"Accept-Language": language}).json()["status"] == 404


@pytest.mark.django_db
def test_a_stranger_is_told_to_log_in_whatever_he_asks(client):
    for query in ("", "?colour=red", "?format=csv"):
        answer = client.get(URL + query)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["errors"] == []


def test_who_has_no_office_is_told_who_reads(ask):
    answer = ask(role="nobody")
    assert answer.status_code == 403
    assert answer.json()["detail"]


@pytest.mark.parametrize("state", ["initial password", "second factor"])
def test_first_things_come_first(cast, ask, state):
    bureau = cast["bureau"]
    if state == "initial password":
        bureau.must_change_password = True
    else:
        from django.utils import timezone

        bureau.second_factor_since = timezone.now()
    bureau.save()
    assert ask().status_code == 403


def test_another_method_is_405_and_says_which_are_possible(cast):
    client = Client()
    client.force_login(cast["bureau"])
    for method in ("post", "put", "delete", "options"):
        answer = getattr(client, method)(URL)
        assert answer.status_code == 405
        assert answer["Content-Type"] == "application/problem+json"
        assert "GET" in answer["Allow"]


def test_the_address_works_without_its_last_slash(ask):
    assert ask(url="/api/v1/divisions").status_code == 200


def test_answers_are_one_readers(ask):
    answer = ask()
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Accept", "Accept-Language", "Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


@pytest.mark.parametrize("role", ["bureau", "county"])
def test_queries_do_not_grow_with_rows(ask, role, django_assert_max_num_queries):
    ask("?page_size=1", role=role)
    with django_assert_max_num_queries(9):
        assert len(codes(ask("?page_size=2", role=role))) == 2
    with django_assert_max_num_queries(9):
        assert len(codes(ask("?page_size=200", role=role))) > 20


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("parent", ["211399", "x"])
def test_what_cannot_be_answered_is_said_before_a_file_begins(ask, form, parent):
    answer = ask(f"?parent={parent}&format={form}")
    assert answer.status_code in (400, 404)
    assert answer["Content-Type"] == "application/problem+json"
