"""Tables and workbooks as downloads, under a name (with its ending) that says in a demo that it is one."""

import codecs
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.sheets.writing import Cell, Field, csv_lines

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BY_ENDING = {"csv": CSV, "docx": DOCX, "xlsx": XLSX}
_LINES_AT_ONCE = 500


def csv_file(fields: Sequence[Field], rows: Iterable[Sequence[Cell]], *, notice: str = "") -> Iterator[bytes]:
    """A CSV file in portions, with a byte order mark, by which Excel knows UTF-8; ``notice`` is a line above it."""
    yield codecs.BOM_UTF8 + (f"{notice}\r\n".encode() if notice else b"")
    lines = csv_lines(fields, rows)
    while some := list(islice(lines, _LINES_AT_ONCE)):
        yield "".join(some).encode()


def send_csv(
    name: str, fields: Sequence[Field], rows: Iterable[Sequence[Cell]], *, notice: str = ""
) -> StreamingHttpResponse:
    """A table as CSV; the rows are asked for while it is being sent."""
    return StreamingHttpResponse(csv_file(fields, rows, notice=notice), content_type=CSV, headers=_as_file(name))


def send_xlsx(name: str, write: Callable[[IO[bytes]], Any]) -> FileResponse:
    """What ``write`` writes into a temporary file, as a workbook."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 — closed by the response that sends it
    write(file)
    file.seek(0)
    return send_file(name, file)


def send_bytes(name: str, content: bytes) -> HttpResponse:
    """A small file that is in memory: a workbook, CSV or a document, by the ending of ``name``."""
    return HttpResponse(content, content_type=_BY_ENDING[name.rpartition(".")[2]], headers=_as_file(name))


def send_file(name: str, file: IO[bytes]) -> FileResponse:
    """An open workbook."""
    return FileResponse(file, content_type=XLSX, headers=_as_file(name))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": str(content_disposition_header(True, portal.file_name(name)))}
