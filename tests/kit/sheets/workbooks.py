"""Workbooks made in code, as the tests of this folder need them."""

import io
import zipfile

import openpyxl
import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(*rows, prepare=None) -> bytes:
    """An .xlsx with these rows from A1; ``prepare(book, page)`` may change it before it is saved."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "登记表"
    for row in rows:
        page.append(list(row))
    if prepare:
        prepare(book, page)
    return saved(book)


def as_excel_writes(*rows, prepare=None) -> bytes:
    """The same with texts in a part of their own; ``prepare(book, page)`` gets XlsxWriter's objects."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet("登记表")
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
        if prepare:
            prepare(book, page)
    return file.getvalue()


def saved(book) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(data: bytes, **changes) -> bytes:
    """The same file with parts replaced: ``name=content`` or, for a change of what is there, ``name=function``.

    Part names are given by their last word: ``sheet1`` for xl/worksheets/sheet1.xml.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            change = changes.get(entry.filename.rpartition("/")[2].partition(".")[0])
            if change is not None:
                content = change(content) if callable(change) else change
            new.writestr(entry.filename, content)
    return file.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.read(name)


def worksheet(rows: str) -> bytes:
    """A worksheet part around the XML of its rows."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
