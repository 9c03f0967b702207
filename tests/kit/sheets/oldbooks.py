"""Workbooks in the format of Excel 97 to 2003, written record by record, and the containers that they come in."""

import datetime
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

ERRORS = {"#DIV/0!": 0x07, "#REF!": 0x17, "#N/A": 0x2A}
EPOCH = datetime.date(1899, 12, 30)
DATE_FORMAT = 14  # built in


@dataclass
class Page:
    """One sheet. ``state``: 0 visible, 1 hidden, 2 very hidden; ``kind``: 0 cells, 1 Excel 4 macros, 2 a chart."""

    name: str
    rows: Sequence[Sequence[Any]] = ()
    state: int = 0
    kind: int = 0
    merged: Sequence[tuple[int, int, int, int]] = ()
    claims: tuple[int, int] | None = None  # rows and columns that the sheet says it has
    chart: bool = False
    before: bytes = b""
    places: dict[tuple[int, int], Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Formula:
    """A formula with the result that its program stored."""

    result: Any


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def stream(pages: Iterable[Page], version: int = 0x0600, first: bytes = b"", texts: bytes = b"") -> bytes:
    """The stream of a workbook; with version 0x0500 it says that it is one of Excel 95."""
    pages = list(pages)
    head = record(0x0809, struct.pack("<HHHHII", version, 5, 0, 0, 0, 0)) + first
    head += record(0x0042, struct.pack("<H", 1200))
    for number_format in (0, DATE_FORMAT):
        head += record(0x00E0, struct.pack("<HH", 0, number_format).ljust(20, b"\0"))
    head += texts
    names = [_text(page.name, "<B") for page in pages]
    position = len(head) + sum(10 + len(name) for name in names) + 4
    bodies = []
    for page, name in zip(pages, names, strict=True):
        head += record(0x0085, struct.pack("<IBB", position, page.state, page.kind) + name)
        bodies.append(_sheet(page, version))
        position += len(bodies[-1])
    return head + record(0x000A) + b"".join(bodies)


def _text(text: str, length: str) -> bytes:
    return struct.pack(length, len(text)) + b"\1" + text.encode("utf-16-le")


def _sheet(page: Page, version: int) -> bytes:
    cells = {(r, c): value for r, row in enumerate(page.rows) for c, value in enumerate(row) if value is not None}
    cells |= page.places
    rows, columns = page.claims or (
        1 + max((r for r, _ in cells), default=0),
        1 + max((c for _, c in cells), default=0),
    )
    out = record(0x0809, struct.pack("<HHHHII", version, 0x10, 0, 0, 0, 0))
    out += page.before + record(0x0200, struct.pack("<IIHHH", 0, rows, 0, columns, 0))
    for (row, column), value in sorted(cells.items()):
        out += _cell(row, column, value)
    if page.chart:  # its numbers look like cells
        chart = record(0x0203, struct.pack("<HHHd", 0, 0, 0, 4711.0))
        out += record(0x0809, struct.pack("<HHHHII", version, 0x20, 0, 0, 0, 0)) + chart + record(0x000A)
    if page.merged:
        out += record(
            0x00E5, struct.pack("<H", len(page.merged)) + b"".join(struct.pack("<4H", *m) for m in page.merged)
        )
    return out + record(0x000A)


def _cell(row: int, column: int, value: Any) -> bytes:
    if isinstance(value, Formula):
        head, tail = struct.pack("<HHH", row, column, 0), struct.pack("<HIH", 0, 0, 3) + b"\x1e\x01\x00"
        if isinstance(value.result, str) and value.result in ERRORS:
            return record(0x0006, head + struct.pack("<BBBBHH", 2, 0, ERRORS[value.result], 0, 0, 0xFFFF) + tail)
        if isinstance(value.result, str):
            text = record(0x0207, _text(value.result, "<H"))
            return record(0x0006, head + b"\0\0\0\0\0\0\xff\xff" + tail) + text
        return record(0x0006, head + struct.pack("<d", value.result) + tail)
    if isinstance(value, bool):
        return record(0x0205, struct.pack("<HHHBB", row, column, 0, value, 0))
    if isinstance(value, str) and value in ERRORS:
        return record(0x0205, struct.pack("<HHHBB", row, column, 0, ERRORS[value], 1))
    if isinstance(value, datetime.date):
        return record(0x0203, struct.pack("<HHHd", row, column, 1, float((value - EPOCH).days)))
    if isinstance(value, int | float):
        return record(0x0203, struct.pack("<HHHd", row, column, 0, value))
    return record(0x0204, struct.pack("<HHH", row, column, 0) + _text(value, "<H"))


FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def container(streams: dict[str, bytes], storages: Sequence[str] = ()) -> bytes:
    """An OLE container with these streams and (empty) storages; a stream below 4,096 bytes goes into small sectors."""
    small = b"".join(_filled(content, 64) for content in streams.values() if len(content) < 4096)
    entries, sectors, fat, small_fat = [], b"", [], []

    def put(content: bytes) -> int:
        nonlocal sectors
        if not content:
            return END
        first, count = len(fat), -(-len(content) // 512)
        fat.extend([*range(first + 1, first + count), END])
        sectors += _filled(content, 512)
        return first

    for name, content in streams.items():
        if len(content) < 4096:
            start, count = len(small_fat), max(1, -(-len(content) // 64))
            small_fat.extend([*range(start + 1, start + count), END])
        else:
            start = put(content)
        entries.append(_entry(name, 2, start, len(content)))
    entries += [_entry(name, 1, 0, 0) for name in storages]
    mini = put(_filled(struct.pack(f"<{len(small_fat)}I", *small_fat), 512, b"\xff")) if small_fat else END
    root = _entry("Root Entry", 5, put(small), len(small))
    directory = put(_filled(b"".join([root, *entries]), 512))
    tables = 1
    while tables * 128 < len(fat) + tables:
        tables += 1
    at = len(fat)
    fat += [FAT] * tables + [FREE] * (tables * 128 - len(fat) - tables)
    places = [*range(at, at + tables), *[FREE] * (109 - tables)]
    head = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 16 + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, tables, directory, 0, 4096, mini, len(small_fat) and 1, END, 0)
    return head + struct.pack("<109I", *places) + sectors + struct.pack(f"<{len(fat)}I", *fat)


def _filled(content: bytes, size: int, with_: bytes = b"\0") -> bytes:
    return content.ljust(max(1, -(-len(content) // size)) * size, with_)


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    fixed = struct.pack("<64sHBBIII", text, len(text), kind, 1, FREE, FREE, 1 if kind == 5 else FREE)
    return (fixed + b"\0" * 36 + struct.pack("<IQ", start, size)).ljust(128, b"\0")


def book(*pages: Page, first: bytes = b"", texts: bytes = b"", **beside: bytes) -> bytes:
    """An .xls file with these sheets, and further streams beside the workbook."""
    return container({"Workbook": stream(pages, first=first, texts=texts), **beside})
