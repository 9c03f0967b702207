"""The forms that an answer can take: JSON; CSV and xlsx of the same rows, streamed in constant memory."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.problems import Unacceptable
from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.problems import Problem, bad
from chaoyang_pm.kit.sheets import sending
from chaoyang_pm.kit.sheets.sending import send_csv, send_xlsx
from chaoyang_pm.kit.sheets.writing import Field, Shape, write_xlsx
from chaoyang_pm.kit.sheets.writing import Table as Sheet

JSON, CSV, XLSX = "json", "csv", "xlsx"
MEDIA_TYPES = {
    JSON: "application/json",
    CSV: "text/csv",
    XLSX: sending.XLSX,
}


@dataclass(frozen=True)
class Table:
    """Rows under column names, for CSV and xlsx. Values are text, numbers, or None for an empty cell."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def asked(request: HttpRequest, named: str, possible: Sequence[str]) -> str:
    """The format that the address names, else the one that the Accept header prefers.

    Raises BadQuestion for an unknown name, Unacceptable (406) where the header accepts none.
    """
    accepted = ", ".join(possible)
    if named:
        if named not in possible:
            message = _("There is no format “%(value)s” here; accepted: %(accepted)s.")
            raise bad("format", named, message % {"value": named, "accepted": accepted})
        return named
    header = request.headers.get("Accept", "")
    if not header or "*/*" in header:  # a browser's or program's usual header, which JSON satisfies
        preferred = request.get_preferred_type([MEDIA_TYPES[name] for name in possible]) if header else None
        return next((name for name in possible if MEDIA_TYPES[name] == preferred), JSON)
    preferred = request.get_preferred_type([MEDIA_TYPES[name] for name in possible])
    if preferred is None:
        message = _("None of “%(value)s” can be given; accepted: %(accepted)s.")
        types = ", ".join(MEDIA_TYPES[name] for name in possible)
        raise Unacceptable([Problem("Accept", header, message % {"value": header, "accepted": types})])
    return next(name for name in possible if MEDIA_TYPES[name] == preferred)


def as_json(data: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(data), content_type=MEDIA_TYPES[JSON], status=status)


def as_table(table: Table, form: str, name: str) -> HttpResponseBase:
    """A CSV or xlsx file called ``name`` (without ending); xlsx on several sheets where one cannot hold all rows."""
    fields = [Field(column, Shape.ANY, 16) for column in table.columns]
    if form == CSV:
        return send_csv(f"{name}.csv", fields, table.rows)
    sheet = Sheet("Data", fields, table.rows, title=portal.notice())
    return send_xlsx(f"{name}.xlsx", lambda file: write_xlsx(file, [sheet]))


def flat(row: Mapping[str, Any], columns: Sequence[str]) -> list[Any]:
    """The cells of a row of an answer: ``community.code`` is the ``code`` within ``community``; dates as in JSON."""
    cells = []
    for column in columns:
        value: Any = row
        for step in column.split("."):
            value = value.get(step) if value is not None else None
        cells.append(value.isoformat() if isinstance(value, datetime.date) else value)
    return cells
