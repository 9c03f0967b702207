"""Tables of text (.csv and the like) from any spreadsheet program: encoding, delimiter and quotes found out."""

import codecs
import csv
import io
import re

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.errors import SheetError

DELIMITERS = (",", ";", "\t")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MARKUP = re.compile(r"\s*(?:<!doctype|<html|<\?xml|<table|%pdf|\{\\rtf)", re.IGNORECASE)
END = "\x1aend"  # cannot occur: control characters are refused before


def read_records(data: bytes) -> list[tuple[int, list[str]]]:
    """Records with the row numbers a spreadsheet program gives them: one row each, blank ones included.

    A record may hold line breaks within quotes. Raises SheetError for what is no table of text.
    """
    text = _decoded(data)
    if MARKUP.match(text):
        raise _other_document()
    delimiter, text = _delimiter(text)
    if not text.endswith(("\n", "\r")):
        text += "\n"
    # A quote that is never closed swallows everything below it, the end mark included.
    source = io.StringIO(text + END, newline="")
    records: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(csv.reader(source, delimiter=delimiter), start=1):
            records.append((number, cells))
    except csv.Error as error:
        raise _unclosed(len(records) + 1) from error
    if records[-1][1] != [END]:
        raise _unclosed(records[-1][0])
    return records[:-1]


def inspect(beginning: bytes) -> None:
    """Refuse by its first bytes what cannot be a table of text."""
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    text = beginning.decode("latin-1")
    if CONTROL.search(text):
        raise _no_text()
    if MARKUP.match(text.removeprefix("\xef\xbb\xbf")):
        raise _other_document()


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]  # what spreadsheet programs call "Unicode text"
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not CONTROL.search(text):
            return text
    raise _no_text()


def _other_document() -> SheetError:
    return SheetError(_("This is a web page or another document, not a table. Open it and save it as .xlsx."))


def _no_text() -> SheetError:
    return SheetError(
        _(
            "This is neither a workbook nor readable text. Accepted: a workbook (.xlsx, .xls), a UTF-8 or GBK table "
            "(.csv)."
        )
    )


def _delimiter(text: str) -> tuple[str, str]:
    """The delimiter, and the text without the line ``sep=;`` that some programs put first to name it."""
    named = re.match(r"sep=([,;\t])\r?\n", text, re.IGNORECASE)
    if named:
        return named[1], text[named.end() :]
    beginning = "\n".join(text.splitlines()[:50])
    outside_quotes = re.sub(r'"[^"]*"', "", beginning)
    return max(DELIMITERS, key=outside_quotes.count), text


def _unclosed(row: int) -> SheetError:
    return SheetError(
        _("A quotation mark in row %(row)s is never closed. Close it, or save the table as .xlsx.") % {"row": row}
    )
