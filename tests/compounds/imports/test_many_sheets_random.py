"""However rows are spread over sheets and their headers stand, the import is the same; junk is one sentence."""

import contextlib
import io
import random

import openpyxl
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compounds.imports.choices import Workbook
from compounds.imports.reading import read_or_refuse
from compounds.ledger.models import Entry
from tests.compounds.imports.workbooks import accepted
from tests.kit.sheets.oldbooks import Page, book
from tests.support import HAIHE, JINYUAN, QIANJIN, day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
COLUMNS = {"name": "小区名称", "community": "社区", "buildings": "楼栋数", "households": "户数", "area": "建筑面积"}
GROUPS = {"buildings": "基本情况", "households": "基本情况", "area": "基本情况"}
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def rows_of(rng: random.Random, count: int):
    return [
        {
            "name": f"{rng.choice('华翠海东西')}园{number}", "community": rng.choice([JINYUAN, QIANJIN, HAIHE]),
            "buildings": rng.randint(1, 9), "households": rng.randint(1, 300), "area": rng.randint(1000, 90000),
        }
        for number in range(count)
    ]  # fmt: skip


def laid_out(rng: random.Random, rows):
    """The lines of one sheet, and what is merged (row and column from 0, ends included), as somebody may keep it."""
    order = list(COLUMNS)
    rng.shuffle(order)
    order.sort(key=lambda key: key in GROUPS)
    lines, merged = [["小区台账"]] if rng.random() < 0.5 else [], []
    top = len(lines)
    if rng.random() < 0.5:
        lines += [[COLUMNS[key] if key not in GROUPS else "基本情况" if key == order[2] else None for key in order]]
        lines += [[COLUMNS[key] if key in GROUPS else None for key in order]]
        merged += [(top, top + 1, 0, 0), (top, top + 1, 1, 1), (top, top, 2, 4)]
    else:
        lines.append([COLUMNS[key] for key in order])
    if rng.random() < 0.5:
        rows = sorted(rows, key=lambda row: row["community"])
        place, above = order.index("community"), None
        for row in rows:
            line = [row[key] for key in order]
            if above and above[0] == row["community"]:
                line[place] = None
                above[1].append(len(lines))
            else:
                above = (row["community"], [len(lines)])
                merged.append((len(lines), above[1], place, place))
            lines.append(line)
        merged = [(a, b if isinstance(b, int) else b[-1], c, d) for a, b, c, d in merged]
    else:
        lines += [[row[key] for key in order] for row in rows]
    if rng.random() < 0.5:
        lines.append(["合计", *[None] * 4])
    return lines, [merge for merge in merged if merge[0] < merge[1] or merge[2] < merge[3]]


def as_xlsx(sheets) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, (lines, merged) in enumerate(sheets):
        page = made.create_sheet(f"第{number}张")
        for line in lines:
            page.append(line)
        for top, bottom, left, right in merged:
            page.merge_cells(start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def as_xls(sheets) -> bytes:
    return book(*(Page(f"第{number}张", lines, merged=merged) for number, (lines, merged) in enumerate(sheets)))


class _Undo(Exception):
    pass


@SLOW
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 4), st.sampled_from([as_xlsx, as_xls]))
def test_sheets_headers_and_formats_change_nothing(tmp_path_factory, seed, count, number, writes):
    rng = random.Random(seed)
    rows = rows_of(rng, count)
    parts = [part for at in range(number) if (part := rows[at::number])]
    path = tmp_path_factory.mktemp("sheets") / "台账.upload"
    path.write_bytes(writes([laid_out(rng, part) for part in parts]))
    with contextlib.suppress(_Undo), transaction.atomic():
        result = accepted("import_compounds", path)
        assert (result["rows"], result["created"], result["posted"]) == (count, count, count)
        posted = Entry.objects.values_list("compound__name", "community_id", "area_dm2", "households")
        assert sorted(posted) == sorted(
            (row["name"], row["community"], row["area"] * 100, row["households"]) for row in rows
        )
        assert accepted("import_compounds", path)["unchanged"] == count
        raise _Undo


WORDS = [
    "小区名称", "社区", "建筑面积", "面积", "小区数", "变更类型", "发生日期", "合计", "其中:弃管", "期初", "期末",
    "注:", "x", JINYUAN,
]  # fmt: skip
CELLS = st.none() | st.integers(-9, 9) | st.sampled_from(WORDS)
LINES = st.lists(st.lists(CELLS, max_size=7), min_size=1, max_size=9)
MERGES = st.lists(st.tuples(*[st.integers(0, 8)] * 2, *[st.integers(0, 6)] * 2), max_size=4)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(LINES, MERGES), min_size=1, max_size=3), st.sampled_from(list(Workbook)))
def test_junk_is_refused_or_read_and_nothing_else(tmp_path_factory, sheets, workbook):
    path = tmp_path_factory.getbasetemp() / "junk.upload"
    ordered = [
        (lines, [(min(a, b), max(a, b), min(c, d), max(c, d)) for a, b, c, d in merges]) for lines, merges in sheets
    ]
    path.write_bytes(as_xls(ordered))
    imported, outcome = read_or_refuse(
        workbook=workbook, path=path, filename="junk.xls", default_date=day("2014-01-01")
    )
    assert bool(imported) is outcome.readable
    if imported:
        imported.annotate(path.with_suffix(".xlsx"))
        openpyxl.load_workbook(path.with_suffix(".xlsx"))
    else:
        assert outcome.errors[0].message
