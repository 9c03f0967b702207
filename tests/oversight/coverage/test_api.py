"""Figures over the API are those of the command line, in its words."""

import csv
import io

import pytest

from compounds.register.models import Compound
from tests.support import ask_json, record

pytestmark = pytest.mark.django_db


def get(api, path: str, **more):
    answer = api(path, **more)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


@pytest.mark.parametrize("by", ["", "county", "subdistrict", "community", "category", "mode"])
@pytest.mark.parametrize(("division", "as_of", "height"), [("2113", "2014-12-31", 10), ("211302", "2015-12-31", 20)])
def test_coverage_is_the_command_lines(example, api, division, as_of, height, by):
    asked = ["--division", division, "--as-of", as_of, "--height", str(height), *(["--by", by] if by else [])]
    query = f"division={division}&as_of={as_of}&height={height}" + (f"&by={by}" if by else "")
    assert get(api, f"coverage/?{query}") == ask_json("coverage", *asked)


def test_movements_are_the_command_lines(example, api):
    asked = ["--division", "211302", "--from", "2014-01-31", "--to", "2015-12-31"]
    assert get(api, "movements/?division=211302&from=2014-01-31&to=2015-12-31") == ask_json("movements", *asked)


def test_targets_are_the_command_lines(example, api):
    found = get(api, "targets/?as_of=2014-12-31&height=16")
    assert found["results"] == ask_json("targets", "--as-of", "2014-12-31", "--height", "16")
    assert found["next"] is None


def test_targets_go_by_pages(example, api):
    whole = [row["code"] for row in get(api, "targets/")["results"]]
    first = get(api, "targets/?page_size=3")
    second = get(api, first["next"])
    assert [row["code"] for row in first["results"] + second["results"]] == whole[:6]


def test_a_reader_below_the_city_gets_the_targets_that_ask_something_of_his_divisions(example, api):
    assert [row["code"] for row in get(api, "targets/", role="county")["results"]] == ["T1", "T2", "T4"]
    assert get(api, "targets/?division=211321")["results"][0]["code"] == "T3-211321"


def test_series_ends_with_the_figures_of_its_date(example, api):
    found = get(api, "coverage/series/?division=211302&from=2014-11&to=2014-12&height=16&as_of=2014-12-31")
    assert [month["month"] for month in found["series"]] == ["2014-11", "2014-12"]
    assert found["series"][-1]["managed_m2"] == 125000
    assert found["series"][-1]["total_m2"] == 205000.5


def test_restatement_adds_up(example, api):
    found = get(api, "restatement/?as_of=2014-12-31&from=10&to=16")
    assert found["before"] == {"managed_m2": 175000.5, "total_m2": 325000.5, "households": 3250}
    assert found["after"] == {"managed_m2": 145000, "total_m2": 325000.5, "households": 3250}
    assert [(row["code"], row["change"]["managed_m2"], row["entries"]) for row in found["results"]] == [
        ("B", -50000.5, [14]), ("C", 20000, [11]),
    ]  # fmt: skip
    first = get(api, "restatement/?as_of=2014-12-31&from=10&to=16&page_size=1")
    assert [row["code"] for row in get(api, first["next"])["results"]] == ["C"]


def test_a_blank_division_is_the_city_or_ones_own(example, api):
    assert get(api, "coverage/")["division"]["code"] == "2113"
    assert get(api, "coverage/", role="county")["division"]["code"] == "211302"
    assert get(api, "coverage/", role="neighbour_committee")["division"]["code"] == "211303004001"


PATHS = ["coverage/", "coverage/series/", "movements/", "restatement/", "targets/", "compounds/", "ledger/entries/"]
PATHS += ["tables/movements/", "tables/summary/", "tables/unmanaged/", "tables/restatement/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("code", ["211303", "2113", "211399"])
def test_a_division_outside_is_unknown_everywhere(example, api, path, code):
    answer = api(f"{path}?division={code}", role="county")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["field"] == "division"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("coverage/?by=street", "by"), ("coverage/?division=211302003001&by=county", "by"),
        ("coverage/?as_of=2014-13-40", "as_of"), ("coverage/?height=21", "height"), ("coverage/?height=-1", "height"),
        ("coverage/?rule=none", "rule"), ("coverage/?division=211", "division"), ("coverage/?from=2014-01", "from"),
        ("coverage/series/?from=2014-13", "from"), ("coverage/series/?to=2014-1", "to"),
        ("coverage/series/?from=2015-01&to=2014-01", "from"), ("movements/?from=2015-01-01&to=2014-01-01", "from"),
        ("movements/?to=2014-02-30", "to"), ("restatement/?from=21", "from"), ("restatement/?to=x", "to"),
        ("restatement/?from=16&to=10", "from"), ("targets/?rule=x", "rule"), ("compounds/?as_of=x", "as_of"),
        ("compounds/?category=x", "category"), ("compounds/?mode=x", "mode"), ("compounds/?unmanaged=x", "unmanaged"),
        ("compounds/?rule=x", "rule"), ("ledger/entries/?after=21", "after"), ("ledger/entries/?after=x", "after"),
        ("ledger/entries/?page=x", "page"), ("compounds/A/?division=211302", "division"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(example, api, query, field):
    answer = api(query)
    assert answer.status_code == 400, answer.content
    assert field in {error["field"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("coverage/?by=county", "key"), ("coverage/series/", "month"), ("movements/", "kind"),
        ("restatement/?from=3", "code"), ("targets/", "code"), ("compounds/", "code"), ("compounds/A/", "code"),
        ("compounds/A/ledger/", "height"), ("ledger/entries/", "height"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_answer_is_a_table_as_well(example, api, path, first, form):
    answer = api(f"{path}{'&' if '?' in path else '?'}format={form}")
    assert answer.status_code == 200
    assert f".{form}" in answer["Content-Disposition"]
    content = answer.getvalue()
    if form == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert rows[0][0] == first
        assert len(rows) > 1
        assert len({len(row) for row in rows}) == 1
    else:
        assert content[:2] == b"PK"


# --- ETag ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [*PATHS, "compounds/A/", "compounds/A/ledger/", "divisions/"])
def test_what_did_not_change_is_304(example, api, path):
    tag = api(path)["ETag"]
    again = api(path, **{"If-None-Match": f'"other", {tag}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == tag
    assert again["Cache-Control"] == "private, no-cache"
    assert api(path, **{"If-None-Match": tag, "Accept-Language": "en"}).status_code == 200
    assert api(path, **{"If-None-Match": tag, "Accept": "text/csv"}).status_code == 200
    assert api(path, role="auditor", **{"If-None-Match": tag}).status_code == 304
    if api(path, role="county").status_code == 200:
        assert api(path, role="county", **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_every_entry_changes_the_tag(example, api, path):
    before = api(path)["ETag"]
    record("lapse", "2015-12-01", "F", category="new_build", mode_from="professional", m2=10)
    assert api(path, **{"If-None-Match": before}).status_code == 200


def test_what_is_pinned_to_a_version_and_a_date_stays(example, api):
    path = "coverage/?as_of=2014-12-31&height=16"
    before = api(path)["ETag"]
    record("lapse", "2015-12-01", "F", category="new_build", mode_from="professional", m2=10)
    assert api(path, **{"If-None-Match": before}).status_code == 304


@pytest.mark.django_db(transaction=True)  # edits of one transaction are one
def test_an_edit_of_names_changes_the_tag(example, api):
    before = api("compounds/")["ETag"]
    Compound.objects.filter(code="A").update(name="新名")
    assert api("compounds/", **{"If-None-Match": before}).json()["results"][0]["name"] == "新名"


@pytest.mark.parametrize("path", ["compounds/", "coverage/?as_of=2014-12-31&height=16", "divisions/"])
def test_another_release_changes_the_tag(example, api, settings, path):
    """It may answer in another shape."""
    before = api(path)["ETag"]
    settings.RELEASE += ".1"
    after = api(path, **{"If-None-Match": before})
    assert after.status_code == 200
    assert after["ETag"] != before
    assert api(path, **{"If-None-Match": after["ETag"]}).status_code == 304


def test_pages_of_a_restatement_are_the_whole_and_add_up(example, api):
    whole = get(api, "restatement/?as_of=2015-12-31&from=0&to=20&page_size=1000")
    rows, following = [], "restatement/?as_of=2015-12-31&from=0&to=20&page_size=2"
    while following:
        page = get(api, following)
        rows += page["results"]
        following = page["next"]
    assert rows == whole["results"]
    for name in ("managed_m2", "total_m2", "households"):
        assert sum(row["change"][name] for row in rows) == whole["change"][name]
