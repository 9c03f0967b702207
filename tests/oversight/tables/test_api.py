"""The printed tables and the breakdown of targets over the API: the same figures as on paper, in ㎡, page by page."""

import csv
import io

import openpyxl
import pytest

from chaoyang_pm.kit.facts import triggers
from oversight.coverage.question import resolve
from oversight.programme import selectors as programme
from oversight.programme.breakdown import Asked, Paper, PartGiven, add_version, divide
from oversight.programme.models import Milestone, PartVersion, TargetPart, TargetVersion
from oversight.tables.choices import Table
from oversight.tables.making import make
from tests.support import day, dm2

TABLES = [table.value for table in Table]


def get(api, path: str, **more):
    answer = api(path, **more)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def whole(api, path: str) -> list[dict]:
    """Every row, one a page."""
    found, following = [], f"{path}{'&' if '?' in path else '?'}page_size=1"
    while following:
        answer = get(api, following)
        found += answer["results"]
        following = answer["next"]
    return found


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_those_of_the_table_page_by_page(told, plans, api, table):
    query = f"tables/{table}/?as_of=2014-12-31"
    data = make(Table(table), resolve(as_of="2014-12-31"), {}, told["bureau"]).data()
    answer = get(api, query)
    assert answer["results"] == data["rows"] == whole(api, query)
    assert answer["total"] == data["total"]
    assert len(data["rows"]) > 1


@pytest.mark.parametrize("table", TABLES)
def test_the_workbook_is_the_printed_one_and_csv_has_the_words_of_json(told, plans, api, table):
    sheet = openpyxl.load_workbook(io.BytesIO(api(f"tables/{table}/?format=xlsx").getvalue())).active
    assert sheet.page_setup.orientation == "landscape"
    assert str(Table(table).label) in sheet["A1"].value
    rows = list(csv.reader(io.StringIO(api(f"tables/{table}/?format=csv").getvalue().decode("utf-8-sig"))))
    assert rows[0][0] in ("key", "code")
    assert len({len(row) for row in rows}) == 1


def test_movements_close_what_they_open(told, api):
    found = get(api, "tables/movements/?from=2014-12-31&as_of=2015-12-31&division=211302&by=community")
    for row in [*found["results"], found["total"]]:
        moved = [amount for name, amount in row.items() if name not in ("key", "name", "opening", "closing")]
        for measure in ("managed_m2", "total_m2", "households"):
            assert row["opening"][measure] + sum(each[measure] for each in moved) == row["closing"][measure]
    assert get(api, "tables/movements/?target=T1")["target"] == "T1"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("movements/?from=2014-13-40", "from"), ("movements/?by=category", "by"), ("movements/?target=T4", "target"),
        ("movements/?from=2015-12-31&as_of=2015-01-01", "from"), ("movements/?measure=x", "measure"),
        ("summary/?by=county", "by"), ("summary/?from=2014-01-01", "from"),
        ("restatement/?from_height=999", "from_height"), ("restatement/?height=2&from_height=3", "from_height"),
        ("unmanaged/?page=x", "page"), ("unmanaged/?rule=x", "rule"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(told, api, query, field):
    answer = api(f"tables/{query}")
    assert answer.status_code == 400, answer.content
    assert field in {error["field"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("table", TABLES)
def test_tables_stay_within_ones_scope(told, api, table):
    assert get(api, f"tables/{table}/", role="county")["division"]["code"] == "211302"
    assert api(f"tables/{table}/?division=211303", role="county").status_code == 404


@pytest.mark.parametrize("path", [*(f"tables/{table}/" for table in TABLES), "targets/T1/", "targets/T1/parts/"])
def test_what_did_not_change_is_304(told, api, path):
    tag = api(path)["ETag"]
    assert api(path, **{"If-None-Match": tag}).status_code == 304
    tables = {model._meta.db_table for model in (TargetPart, PartVersion, Milestone, TargetVersion)}
    assert tables <= set(triggers.watched_tables()), "an edit of the programme is an edit of the facts"


# --- targets ---------------------------------------------------------------------------------------------
def target():
    return programme.targets(programme.current()).get(pk="T1")


def give() -> None:
    divisions = {each.code: each for each in target().divisions.all()}
    parts = [
        PartGiven(divisions[code], Asked(dm2(m2), day("2014-12-31"), None, ((day("2014-06-30"), dm2(m2) // 2),)))
        for code, m2 in (("211302", 2_000_000), ("211303", 1_020_000))
    ]
    divide(target=target(), parts=parts, paper=Paper("分解通知", day("2014-03-20")), by=None)


def test_a_target_with_its_versions(told, api):
    asked = Asked(dm2(2_800_000), day("2015-12-31"))
    add_version(target=target(), asked=asked, paper=Paper("调整通知", day("2015-03-01"), "延期"), by=None)
    found = get(api, "targets/T1/?as_of=2015-06-30")
    assert [(each["required_m2"], each["in_force"]) for each in found["versions"]] == [
        (3_020_000, False), (2_800_000, True),
    ]  # fmt: skip
    assert found["required_m2"] == 2_800_000
    for path in ("targets/T1/", "targets/"):
        older = get(api, f"{path}?as_of=2015-06-30&target_version=2014-06-30")
        assert (older["results"][0] if "results" in older else older)["required_m2"] == 3_020_000
    assert get(api, "targets/?as_of=2015-06-30")["results"][0]["required_m2"] == 2_800_000
    answer = api("targets/T1/?target_version=2014-13-40")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "target_version")


def test_parts_within_ones_scope(told, api):
    give()
    found = get(api, "targets/T1/parts/?as_of=2014-12-31")
    assert [(row["division"]["code"], row["required_m2"]) for row in found["results"]] == [
        ("211302", 2_000_000), ("211303", 1_020_000),
    ]  # fmt: skip
    assert (found["required_m2"], found["broken_down_m2"], found["difference_m2"]) == (3_020_000, 3_020_000, 0)
    assert whole(api, "targets/T1/parts/?as_of=2014-12-31") == found["results"]
    county = get(api, "targets/T1/parts/?as_of=2014-12-31", role="county")
    assert [row["division"]["code"] for row in county["results"]] == ["211302"]
    assert get(api, "targets/T1/parts/", role="neighbour_committee")["results"] == []
    assert get(api, "targets/T1/parts/?as_of=2014-03-19")["results"] == []
    rows = api("targets/T1/parts/?format=csv").getvalue().decode("utf-8-sig").splitlines()
    assert rows[1].startswith("211302,双塔区,county,")


@pytest.mark.parametrize("path", ["targets/T3-211321/", "targets/T3-211321/parts/", "targets/T9/", "targets/T9/parts/"])
def test_targets_of_others_are_unknown(told, api, path):
    assert api(path, role="county").status_code == 404
