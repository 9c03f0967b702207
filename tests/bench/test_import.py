"""What checks, replay and hash chain of an import cost: a ratio to reading the file and storing its rows."""

import io
import itertools
import time
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from django.db import connection

from compounds.imports import reading, services
from compounds.imports.choices import Workbook
from compounds.ledger.models import Entry
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, day

ROWS = 20_000
HEADER = (
    "小区名称", "社区", "地址", "小区类型", "建成年份", "楼栋数", "户数", "建筑面积(㎡)", "面积来源", "小区类别",
    "产权性质", "收费标准",
    "联系人", "联系电话", "备注",
)  # fmt: skip
TEXT = (0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14)


def row(number: int) -> list:
    return [
        f"第{number}小区", (JINYUAN, QIANJIN, HAIHE, XINLIU)[number % 4], f"长江路{number}号", "封闭小区",
        1980 + number % 40,
        number % 30, 40 + number % 900, 4000 + number, "测绘", ("弃管", "已改造", "其他未实施")[number % 3], "房改房",
        "0.5元/平米/月",
        f"联系人{number % 50}", f"1390421{number % 10000:04}", f"第{number}行",
    ]  # fmt: skip


@pytest.fixture
def workbook(tmp_path) -> Path:
    path = tmp_path / "两万行.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("台账")
        page.write_row(0, 0, HEADER)
        for number in range(ROWS):
            page.write_row(number + 1, 0, row(number))
    return path


def floor(path: Path) -> float:
    """Seconds to read the cells and to store them as they are, in the fastest way that the database offers."""
    columns = [f"c{index} {'text' if index in TEXT else 'bigint'}" for index in range(len(HEADER))]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE bench_floor ({', '.join(columns)})")
        began = time.perf_counter()
        lines = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]
        rows = [[cell if index in TEXT else int(cell) for index, cell in enumerate(line)] for line in lines]
        if connection.vendor == "postgresql":
            text = io.StringIO("".join("\t".join(map(str, line)) + "\n" for line in rows))
            cursor.cursor.copy_expert("COPY bench_floor FROM STDIN", text)
        else:
            cursor.executemany(f"INSERT INTO bench_floor VALUES ({', '.join(['%s'] * len(HEADER))})", rows)
        took = time.perf_counter() - began
        cursor.execute("SELECT count(*) FROM bench_floor")
        assert cursor.fetchone() == (ROWS,)
    return took


@pytest.mark.bench
def test_register_import_against_reading_and_storing(reference, workbook, capsys, settings):
    settings.BUSINESS_DATE = day("2016-12-31")
    least = min(floor(workbook) for _time in range(1))
    marks = [time.perf_counter()]
    imported = reading.read(
        workbook=Workbook.REGISTER, path=workbook, filename=workbook.name, default_date=day("2014-01-01")
    )
    marks.append(time.perf_counter())
    accepted = services.check(imported, by=None)
    marks.append(time.perf_counter())
    outcome = services.post(imported, accepted, by=None)
    marks.append(time.perf_counter())
    assert (outcome.created, outcome.posted, outcome.errors) == (ROWS, ROWS, [])
    assert Entry.objects.count() == ROWS
    took = [later - earlier for earlier, later in itertools.pairwise(marks)]
    with capsys.disabled():
        print(
            f"\n{connection.vendor}: {ROWS:,} rows in {sum(took):.2f} s (read {took[0]:.2f}, check {took[1]:.2f}, post "
            f"{took[2]:.2f}); floor {least:.2f} s; ratio {sum(took) / least:.1f}"
        )
