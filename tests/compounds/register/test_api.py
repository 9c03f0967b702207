"""``compounds/`` over the API: the register's own figures, page by page, as far as the reader sees."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import m2
from compounds.ledger import selectors as ledger
from compounds.register import selectors
from compounds.register.models import Compound
from tests.support import HAIHE, QIANJIN, make_compound, record, register

pytestmark = pytest.mark.django_db


def rows(api, query: str = "", **more) -> list[dict]:
    found, following = [], f"compounds/?{query}"
    while following:
        answer = api(following, **more).json()
        found += answer["results"]
        following = answer["next"]
    return found


@pytest.mark.parametrize("role", ["bureau", "county", "neighbour_county", "committee"])
@pytest.mark.parametrize("moment", [("2014-12-31", 10), ("2015-12-31", 20), ("2013-01-01", 20)])
def test_figures_are_those_of_the_page(example, api, cast, role, moment):
    as_of, height = moment
    user = cast[role]
    shown = selectors.rows(
        Compound.objects.visible_to(user).order_by("code"), as_of=as_of, height=height, scope=user.scope
    )
    assert [
        (row["code"], row["area_m2"], row["managed_m2"], row["unmanaged_m2"], row["households"])
        for row in rows(api, f"as_of={as_of}&height={height}&page_size=2", role=role)
    ] == [(c.code, m2(c.total), m2(c.managed), m2(c.unmanaged), c.households) for c in shown]


def test_a_row(example, api):
    assert rows(api, "as_of=2014-12-31&height=16")[2] == {
        "code": "C", "name": "示例小区C", "community": {"code": QIANJIN, "name": "前进社区"}, "status": "active",
        "area_m2": 80000, "managed_m2": 20000, "unmanaged_m2": 60000, "households": 800,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("division=211303&as_of=2015-05-31", "C"), ("division=211303", ""), ("division=211321", "E"),
        ("category=renovated", "BE"), ("category=renovated&mode=community", ""), ("mode=owners&as_of=2014-12-31", "A"),
        ("unmanaged=true", "BCE"), ("unmanaged=false", "ABCDEF"), ("search=B", "B"), ("search=xq", "ABCDEF"),
        ("status=merged", "D"), ("search=没有", ""), ("search=示例&unmanaged=true&division=211302", "BC"),
    ],
)  # fmt: skip
def test_filters_are_the_pages(example, api, query, codes):
    assert "".join(row["code"] for row in rows(api, query)) == codes


def test_figures_of_a_division_are_what_lies_there(example, api):
    (row,) = rows(api, "division=211303&as_of=2015-05-31&height=17")
    assert (row["area_m2"], row["managed_m2"]) == (80000, 30000)


def test_who_once_had_a_compound_reads_it_and_nothing_that_happened_elsewhere(example, api):
    assert [(row["code"], row["area_m2"]) for row in rows(api, role="neighbour_county")] == [("C", 0)]
    assert rows(api, "as_of=2015-05-31", role="neighbour_county")[0]["area_m2"] == 80000
    found = api("compounds/C/ledger/", role="neighbour_county").json()["results"]
    assert [entry["height"] for entry in found] == [3, 11, 17, 18, 15]
    assert {posting["community"] for entry in found for posting in entry["postings"]} == {HAIHE}
    assert api("compounds/A/", role="neighbour_county").status_code == 404
    assert api("compounds/A/ledger/", role="neighbour_county").status_code == 404


def test_pages_stay_at_the_moment_of_the_first(example, api):
    first = api("compounds/?page_size=3").json()
    record("lapse", "2015-12-01", "F", category="new_build", mode_from="professional")
    assert api(first["next"]).json()["results"][-1]["managed_m2"] == 25000
    assert rows(api)[-1]["managed_m2"] == 0


def test_another_counting_rule(example, api):
    found = api("compounds/?rule=professional&as_of=2014-12-31&height=10").json()
    assert found["rule"] == "professional"
    assert [row["managed_m2"] for row in found["results"]] == [60000, 0, 0, 0, 0, 25000]
    one = api("compounds/A/?rule=professional&as_of=2014-12-31&height=10").json()
    assert (one["managed_m2"], one["unmanaged_m2"]) == (60000, 40000)


def test_one_compound_holds_its_pockets_and_no_personal_data(example, api):
    Compound.objects.filter(code="A").update(phone="13904210000", contact="李明", duty_person="王芳", note="李明")
    answer = api("compounds/A/?as_of=2014-12-31&height=10")
    body = answer.json()
    assert body["pockets"] == [
        {"category": "abandoned", "mode": "professional", "area_m2": 60000, "households": 600},
        {"category": "abandoned", "mode": "owners", "area_m2": 40000, "households": 400},
    ]
    for private in ("13904210000", "李明", "王芳"):
        assert private not in answer.content.decode()
        assert private not in api("compounds/A/ledger/").content.decode()


def test_a_history_says_what_was_taken_back_by_then(example, api):
    def reversed_by(query: str) -> dict[int, int | None]:
        return {e["height"]: e["reversed_by"] for e in api(f"compounds/B/ledger/?{query}").json()["results"]}

    assert reversed_by("height=13") == {2: None, 7: None}
    assert reversed_by("height=14") == {2: None, 7: 14, 14: None}
    heights, following = [], "compounds/A/ledger/?page_size=2"
    while following:
        answer = api(following).json()
        heights += [entry["height"] for entry in answer["results"]]
        following = answer["next"]
    entries = ledger.history(Compound.objects.get(code="A"))
    assert heights == [entry.height for entry in entries]


@pytest.mark.parametrize("name", ["=1+1", "+86", "-A", "@x", "\t=1", "'x", "＝1"])
def test_text_never_becomes_a_formula(cast, api, name):
    make_compound("A", QIANJIN, name)
    register("A", community=QIANJIN)
    lines = api("compounds/?format=csv").getvalue().decode("utf-8-sig").splitlines()
    cell = lines[1].split(",")[1].strip('"')
    assert cell == f"'{name}"
    import io

    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(api("compounds/?format=xlsx").getvalue())).active
    assert (sheet["B2"].value, sheet["B2"].data_type) == (name, "s")


def test_a_file_is_read_in_pieces(cast, api, monkeypatch):
    from compounds.register.api import Compounds

    for number in range(7):
        make_compound(f"N{number}", QIANJIN)
    monkeypatch.setattr(Compounds, "chunk", 3)
    with CaptureQueriesContext(connection) as queries:
        lines = api("compounds/?format=csv").getvalue().decode().splitlines()
    assert len(lines) == 8
    assert sum("WITH " in query["sql"] for query in queries) == 3


# --- what an answer costs ------------------------------------------------------------------------------------
@pytest.fixture
def bearer(cast, settings):
    from communities.tokens import services as tokens

    settings.BUSINESS_DATE = business_date()
    scopes = ["coverage:read", "register:read", "ledger:read"]

    def ask(path: str, role: str, **headers):
        if role not in secrets:
            secrets[role] = tokens.make(user=cast[role], name="x", scopes=scopes, by=None)[1]
            Client().get("/api/v1/divisions/", headers={"Authorization": f"Bearer {secrets[role]}"})  # notes the use
        return Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secrets[role]}", **headers})

    secrets: dict[str, str] = {}
    return ask


@pytest.mark.parametrize("role", ["bureau", "county", "committee"])
@pytest.mark.parametrize(
    "path",
    [
        "divisions/", "compounds/", "compounds/B/", "compounds/B/ledger/", "coverage/", "coverage/series/",
        "movements/", "restatement/", "targets/", "ledger/entries/", "compounds/?height=3",
        "coverage/?as_of=2014-12-31&height=16",
    ],
)  # fmt: skip
def test_unchanged_costs_three_queries_with_the_token(example, bearer, role, path):
    tag = bearer(path, role)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        answer = bearer(path, role, **{"If-None-Match": tag})
    assert answer.status_code == 304
    assert len(queries) <= 3, [query["sql"][:80] for query in queries]


@pytest.mark.parametrize("role", ["bureau", "county"])
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("compounds/", 6), ("compounds/?unmanaged=true&search=示例", 6), ("ledger/entries/", 8),
        ("coverage/?by=community", 16), ("restatement/?from=0", 18),
    ],
)  # fmt: skip
def test_queries_do_not_grow_with_rows(example, bearer, role, path, most):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert bearer(path, role).status_code == 200
        return len(queries)

    bearer(path, role)
    few = asked()
    for number in range(12):
        make_compound(f"M{number}", QIANJIN, f"示例{number}")
        register(f"M{number}", community=QIANJIN)
    assert asked() == few <= most
