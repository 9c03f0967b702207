"""A county's plan of 20,000 lines: handed in as a workbook, and a cell of its sheet kept, checks included."""

from pathlib import Path

import pytest
import xlsxwriter
from django.db import connection, transaction

from communities.divisions.models import Division
from oversight.plans import sheet
from oversight.plans.handing_in import hand_in
from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.sheet import Cells
from oversight.programme.models import Programme
from tests.bench.importing import floor, imported
from tests.bench.measure import Bench
from tests.bench.test_import import REGISTER, register_row
from tests.oversight.plans.test_workbook import HEAD
from tests.support import JINYUAN, QIANJIN, day

ROWS = 20_000
COMMUNITIES = (JINYUAN, QIANJIN)


def plan_row(number: int) -> list:
    return [
        "", f"第{number}小区", COMMUNITIES[number % 2], "", "委托社区管理", f"2015年{number % 4 + 1}季度",
        4000 + number, 40 + number % 900, f"领导{number % 20}", f"责任人{number % 50}", f"1390421{number % 10000:04}",
        f"单位{number % 30}", "否" if number % 40 else "是", f"第{number}行",
    ]  # fmt: skip


def written(path: Path, header, rows) -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, header)
        for number, row in enumerate(rows, start=1):
            page.write_row(number, 0, row)
    return path


@pytest.fixture
def plan(db, cast, tmp_path, settings) -> Path:
    """The workbook of the plan; its compounds are in the register, unmanaged."""
    settings.BUSINESS_DATE = day("2014-12-31")
    rows = ([*row[:1], COMMUNITIES[number % 2], *row[2:]] for number in range(ROWS) for row in [register_row(number)])
    imported("register", written(tmp_path / "register.xlsx", REGISTER, rows))
    return written(tmp_path / "plan.xlsx", HEAD, (plan_row(number) for number in range(ROWS)))


@pytest.mark.bench
@pytest.mark.both_databases
def test_a_plan_of_20_000_lines(plan, cast, bench: Bench):
    content, programme = plan.read_bytes(), Programme.objects.get()
    county, by = Division.objects.get(pk="211302"), cast["county"]

    def handed_in() -> None:
        with transaction.atomic():
            done = hand_in(programme=programme, county=county, content=content, filename="方案.xlsx", by=by)
            connection.check_constraints()
        assert done.version.lines.count() == ROWS
        assert not done.checks.errors

    bench.compare(
        "a plan of 20,000 lines handed in", handed_in, lambda: floor(plan), at_most=8,
        against="reading and storing", runs=3,
    )  # fmt: skip
    version = PlanVersion.objects.get()
    line = version.lines.order_by("number")[ROWS // 2]
    numbers = iter(range(10_000_000))

    def keeping(key: str, text: str):
        def kept() -> None:
            cells = [Cells(line.number, {key: text.format(next(numbers) % 900 + 1)})]
            assert len(sheet.write(version=version, cells=cells, by=by).lines) == 1

        return kept

    def updated() -> None:
        PlanLine.objects.filter(pk=line.pk).update(person=f"乙{next(numbers)}")

    for name, key, text in (
        ("a name", "person", "甲{}"), ("a time", "planned_for", "2015年2季度"), ("an area", "area", "{}"),
    ):  # fmt: skip
        bench.compare(
            f"a cell of 20,000 lines kept: {name}", keeping(key, text), updated, at_most=10,
            against="an update of one row", runs=51, warm_up=5,
        )  # fmt: skip
