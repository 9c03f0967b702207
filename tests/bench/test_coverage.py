"""What roll-ups are worth: coverage by county against a scan of the same postings, and the job after a late entry."""

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from django.db import connection

from compounds.ledger import selectors as ledger
from compounds.ledger import services as posting
from compounds.ledger.choices import Source
from compounds.ledger.models import Entry
from oversight.coverage import selectors, services
from oversight.coverage.question import Question, resolve
from oversight.programme.models import CountingRule
from tests.bench.engines import portal, postgres
from tests.bench.filling import fill
from tests.bench.measure import Bench, interleave
from tests.support import day, draft, event, make_compound

COMPOUNDS = 200_000
MONTH_END, ANY_DATE = day("2019-06-30"), day("2019-06-14")
TODAY = day("2024-06-30")
MANAGED = ["professional", "manager", "owners", "self_help", "community"]

#: What somebody would write who has nothing but the postings.
BALANCES = """
    SELECT substr(community_id, 1, {length}) AS code, category, mode, SUM(area_dm2), SUM(households)
    FROM compounds_posting WHERE {within} AND effective_on <= {on} AND entry_id <= {height} GROUP BY 1, 2, 3
"""
COUNTS = """
    SELECT code, SUM(CASE WHEN total > 0 AND managed = total THEN 1 ELSE 0 END),
           SUM(CASE WHEN total > 0 AND managed > 0 AND managed < total THEN 1 ELSE 0 END),
           SUM(CASE WHEN total > 0 AND managed = 0 THEN 1 ELSE 0 END)
    FROM (SELECT substr(community_id, 1, {length}) AS code, compound_id, SUM(area_dm2) AS total,
                 SUM(CASE WHEN mode <> 'none' THEN area_dm2 ELSE 0 END) AS managed
          FROM compounds_posting WHERE {within} AND effective_on <= {on} AND entry_id <= {height}
          GROUP BY 1, 2) AS by_compound
    GROUP BY code
"""


@contextmanager
def province(compounds: int, folder: Path) -> Iterator[None]:
    """A filled database of its own in place of the test's, with its roll-ups."""
    with postgres() as url:
        environment = {**os.environ, "DATABASE_URL": url, "CHAOYANG_PM_DATA_DIR": str(folder)}
        portal(environment, "manage.py", "migrate", "--verbosity=0")
        connection.close()
        own = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = url.rpartition("/")[2]
        try:
            CountingRule.objects.create(code="standard", name="标准", modes=MANAGED, valid_from=day("2014-01-01"))
            with connection.cursor() as cursor:
                fill(cursor, compounds=compounds)
            services.rebuild()
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as autovacuum does after so many rows
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = own


@pytest.fixture(scope="module")
def big(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    if connection.vendor != "postgresql":
        pytest.skip("the bars are PostgreSQL's")
    with django_db_blocker.unblock(), province(COMPOUNDS, tmp_path_factory.mktemp("portal")):
        yield


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = TODAY


def question(division: str = "2113", as_of: datetime.date = MONTH_END, height: int | str = "") -> Question:
    return resolve(division=division, as_of=as_of.isoformat(), height=height)


def by_hand(asked: Question, length: int) -> list[list[tuple]]:
    """Balances and counts of a question by a scan of its postings."""
    return [rows_of(connection.cursor(), sql, asked, length, "%s") for sql in (BALANCES, COUNTS)]


def rows_of(cursor, sql: str, asked: Question, length: int, mark: str) -> list[tuple]:
    code = asked.division.code
    sql = sql.format(length=length, within=f"community_id >= {mark} AND community_id < {mark}", on=mark, height=mark)
    return cursor.execute(sql, [code, str(int(code) + 1), asked.as_of, asked.height]) or cursor.fetchall()


def in_figures(groups) -> tuple[int, int]:
    return sum(group.figures.total for group in groups), sum(group.figures.counts.managed for group in groups)


@pytest.mark.bench
def test_by_county_against_a_scan(big, bench: Bench, tmp_path):
    month_end, any_date = question(), question(as_of=ANY_DATE)
    for asked in (month_end, any_date):
        balances, counts = by_hand(asked, 6)
        totals = sum(row[3] for row in balances), sum(row[1] for row in counts)
        assert in_figures(selectors.groups(asked, "county")) == totals
    bench.compare(
        "coverage by county at a month's end", lambda: selectors.groups(month_end, "county"),
        lambda: by_hand(month_end, 6), at_most=0.1, against="scan", runs=5,
    )  # fmt: skip
    bench.compare(
        "coverage by county at any other date", lambda: selectors.groups(any_date, "county"),
        lambda: by_hand(any_date, 6), at_most=0.25, against="scan", runs=5,
    )  # fmt: skip
    duck = in_duckdb(tmp_path)
    bench.compare(
        "coverage by county at a month's end, DuckDB scanning the same rows",
        lambda: selectors.groups(month_end, "county"),
        lambda: [rows_of(duck, sql, month_end, 6, "?") for sql in (BALANCES, COUNTS)],
        at_most=1, aim=True, against="DuckDB", runs=7,
    )  # fmt: skip


def in_duckdb(folder: Path) -> duckdb.DuckDBPyConnection:
    """The postings in DuckDB's own format, in memory."""
    path = folder / "postings.csv"
    with path.open("w") as file, connection.cursor() as cursor:
        columns = "entry_id, effective_on, compound_id, community_id, category, mode, area_dm2, households"
        cursor.cursor.copy_expert(f"COPY (SELECT {columns} FROM compounds_posting) TO STDOUT WITH CSV HEADER", file)
    duck = duckdb.connect()
    duck.execute(
        "CREATE TABLE compounds_posting AS SELECT * FROM read_csv(?, types={'community_id': 'VARCHAR'})", [str(path)]
    )
    return Duck(duck)


class Duck:
    """A cursor as Django has them: DuckDB's ``execute`` answers with itself."""

    def __init__(self, database: duckdb.DuckDBPyConnection):
        self.database = database

    def execute(self, sql: str, params: list) -> list[tuple]:
        return self.database.execute(sql, params).fetchall()


@pytest.mark.bench
@pytest.mark.parametrize("part", [0.999, 0.95, 0.5])
def test_at_an_older_height(big, bench: Bench, part):
    asked = question(height=int(ledger.newest().height * part))
    bench.compare(
        f"coverage by county at {part:.1%} of the height", lambda: selectors.groups(asked, "county"),
        lambda: by_hand(asked, 6), at_most=1.3, against="by hand", runs=5,
    )  # fmt: skip


@pytest.mark.bench
@pytest.mark.parametrize("code", ["211302", "211302001", "211302001003"])
def test_one_division(big, bench: Bench, code):
    asked = question(code, ANY_DATE)
    figures, (balances, counts) = selectors.coverage(asked), by_hand(asked, len(code))
    assert (figures.total, figures.counts.managed) == (sum(row[3] for row in balances), counts[0][1])
    bench.compare(
        f"coverage of one {asked.division.level}", lambda: selectors.coverage(asked),
        lambda: by_hand(asked, len(code)), at_most=2, against="by hand", runs=15,
    )  # fmt: skip


@pytest.mark.bench
def test_one_compound(big, bench: Bench):
    compound = Entry.objects.get(height=1000).compound
    sql = """
        SELECT category, mode, SUM(area_dm2), SUM(households) FROM compounds_posting
        WHERE compound_id = %s AND effective_on <= %s AND entry_id <= %s GROUP BY 1, 2
    """
    height = ledger.newest().height

    def scan():
        with connection.cursor() as cursor:
            cursor.execute(sql, [compound.pk, ANY_DATE, height])
            return cursor.fetchall()

    assert scan()
    bench.compare(
        "pockets of one compound", lambda: ledger.pockets(compound, as_of=ANY_DATE, height=height), scan, at_most=2,
        against="by hand", runs=25,
    )  # fmt: skip


@pytest.mark.bench
def test_a_late_entry(big, bench: Bench):
    """Dated in the first months of ten years: in the figure at once, in the roll-ups after the job."""
    for number in range(8):
        make_compound(f"L{number}", "211302001003")
        late(event("register", "2014-01-05", f"L{number}", community="211302001003", category="abandoned",
                   mode_to="none", m2=1000, households=10))  # fmt: skip
    services.refresh()
    seconds = []
    for number in range(8):
        before = selectors.coverage(question("211302", day("2023-12-31"))).managed
        late(event("takeover", f"2014-02-{number + 1:02}", f"L{number}", mode_to="owners", m2=500))
        assert selectors.coverage(question("211302", day("2023-12-31"))).managed == before + 500_00
        took = interleave({"job": services.refresh}, runs=1, warm_up=0)
        seconds.append(took["job"])
    assert services.refresh().changed == 0
    middle = sorted(seconds)[len(seconds) // 2]
    bench.judge("a late entry ten years back, in the job", middle * 1000, at_most=10, unit="ms", runs=len(seconds))


def late(an_event) -> None:
    posting.record(draft=draft(an_event), by=None, source=Source.COMMAND)


@pytest.mark.bench
def test_ten_times_the_events(big, bench: Bench, django_db_blocker, tmp_path):
    def median() -> float:
        asked = question()
        asked = replace(asked, version=ledger.newest())
        return interleave({"county": lambda: selectors.groups(asked, "county")}, runs=15)["county"]

    many = median()
    with province(COMPOUNDS // 10, tmp_path):
        few = median()
    bench.judge(
        "coverage by county with ten times the events", many / few, at_most=1.5,
        medians={"2,000,000 postings": many, "200,000": few}, runs=15,
    )  # fmt: skip
