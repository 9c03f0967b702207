"""Workbooks of reports: rows by the names of their columns, and the fixtures that send them."""

import io
from collections.abc import Callable

import openpyxl

from compounds.imports.models import ImportRun
from compounds.reports.claims import CLAIMED
from compounds.reports.models import Report
from tests.support import work

HEADER = [
    "小区编号", "小区名称", "社区", "地址", "上报事项", "发生日期", "日期依据", "小区类别", "原管理模式", "新管理模式",
    "面积(㎡)", "户数", "原物业服务单位", "新物业服务单位", "依据文号", "补报原因", "备注",
]  # fmt: skip

NAMES = {"A": "甲园", "B": "乙园", "C": "丙园", "M": "木园", "N": "邻园", "P": "没面积小区"}


def line(**cells) -> list:
    """A row of the workbook by the names of its columns, without their units."""
    named = {name.partition("(")[0]: name for name in HEADER}
    assert set(cells) <= set(named), cells
    return [cells.get(name.partition("(")[0]) for name in HEADER]


def takeover(code: str = "A", **more) -> list:
    return line(
        **{"小区编号": code, "上报事项": "接管", "发生日期": "2014-05-01", "新管理模式": "委托社区管理", **more}
    )


def book(*rows: list, header=HEADER, prepare: Callable = lambda sheet, book: None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "上报"
    for cells in ([header] if header else []) + list(rows):
        sheet.append(cells)
    prepare(sheet, made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def confirm(client, run: ImportRun) -> ImportRun:
    client.post(f"/imports/{run.pk}/post/", {"confirmed": "1"})
    work()
    run.refresh_from_db()
    return run


def undo(client, run: ImportRun) -> ImportRun:
    client.post(f"/imports/{run.pk}/undo/", {"reason": "传错了"})
    work()
    run.refresh_from_db()
    return run


def places(run: ImportRun, kind: str = "errors") -> set[tuple[int, str]]:
    return {(finding["row"], finding["column"]) for finding in run.result[kind]}


def said(run: ImportRun, kind: str = "errors") -> str:
    return " ".join(finding["message"] for finding in run.result[kind])


def facts(report: Report) -> dict:
    return {
        name: getattr(report, name) for name in (*CLAIMED, "kind", "compound_id", "community_id", "reporter", "whole")
    }
