"""Workbooks as files, written from rows as dictionaries, and the import commands' answers about them."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.register.models import Compound
from tests.support import Answer, ask

Row = dict[str, Any]
RESULT = {
    "rows", "created", "updated", "unchanged", "posted", "area_pending", "errors", "warnings", "height",
}  # fmt: skip
FINDING = {"sheet", "row", "column", "value", "message"}


def header_of(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def grid(rows: Sequence[Row], header: Sequence[str] = ()) -> list[list[Any]]:
    """The header and the cells below it."""
    names = list(header) or header_of(rows)
    return [names, *([row.get(name) for name in names] for row in rows)]


def write(path: Path, lines: Iterable[Sequence[Any]], *, sheet: str = "台账", encoding: str = "utf-8") -> Path:
    """Lines of cells as .xlsx or .csv, by the name of the file."""
    if path.suffix == ".csv":
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([[_as_text(cell) for cell in line] for line in lines])
        return path
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for line in lines:
        page.append(list(line))
    book.save(path)
    return path


def _as_text(cell: Any) -> str:
    """As a spreadsheet program saves it."""
    return "" if cell is None else str(cell).removesuffix(" 00:00:00")


def ran(command: str, path: Path | str, *options: str) -> tuple[Answer, dict]:
    """An import with JSON: the answer, and the result object that it always prints."""
    answer = ask(command, str(path), *options, "--format", "json")
    result = answer.json
    assert set(result) == RESULT
    for finding in (*result["errors"], *result["warnings"]):
        assert set(finding) == FINDING
        assert finding["message"]
        assert finding["message"] in answer.err  # reasons go to standard error, too
    return answer, result


def accepted(command: str, path: Path, *options: str) -> dict:
    """The result of an import that must succeed without an error."""
    answer, result = ran(command, path, *options)
    assert (answer.code, result["errors"]) == (0, []), answer.err
    return result


def refused(command: str, path: Path | str, *options: str) -> dict:
    """The result of an import that must be refused and write nothing."""
    before = stored()
    answer, result = ran(command, path, *options)
    assert answer.code == 1
    assert result["errors"]
    assert stored() == before
    assert result["height"] == before[0]
    assert counts(result) == (0, 0, 0, 0, 0)
    return result


def counts(result: dict) -> tuple[int, ...]:
    """(created, updated, unchanged, posted, area_pending)."""
    return tuple(result[name] for name in ("created", "updated", "unchanged", "posted", "area_pending"))


def places(findings: Iterable[dict]) -> list[tuple[int, str]]:
    """Where the findings are, in the order of the sheet."""
    return sorted((finding["row"], finding["column"]) for finding in findings)


def stored() -> tuple:
    """Everything an import could change."""
    head = LedgerHead.objects.get(pk=1)
    compounds = Compound.objects.order_by("code").values_list(
        "code", "name", "former_names", "community_id", "status", "has_area", "address", "phone", "updated_at"
    )
    return head.height, head.hash, Entry.objects.count(), Posting.objects.count(), list(compounds)


class Files:
    """Imports rows through files in one folder, each under a name of its own."""

    def __init__(self, folder: Path):
        self.folder, self.number = folder, 0

    def file(self, rows: Sequence[Row], suffix: str = ".xlsx", **how: Any) -> Path:
        self.number += 1
        return write(self.folder / f"第{self.number}份{suffix}", grid(rows), **how)

    def register(self, *rows: Row, options: Sequence[str] = (), **how: Any) -> dict:
        return accepted("import_compounds", self.file(rows, **how), *options)

    def change(self, *rows: Row, options: Sequence[str] = (), **how: Any) -> dict:
        return accepted("import_entries", self.file(rows, **how), *options)

    def register_refused(self, *rows: Row, options: Sequence[str] = (), **how: Any) -> dict:
        return refused("import_compounds", self.file(rows, **how), *options)

    def change_refused(self, *rows: Row, options: Sequence[str] = (), **how: Any) -> dict:
        return refused("import_entries", self.file(rows, **how), *options)
