"""The audit log as people read it: who entered, edited or deleted a row, and each field before and after."""

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.db.models import DateTimeField, Field, Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WHAT = {
    LogEntry.Action.CREATE: gettext_lazy("Entered"),
    LogEntry.Action.UPDATE: gettext_lazy("Edited"),
    LogEntry.Action.DELETE: gettext_lazy("Deleted"),
}
NOTHING = "—"
#: (field's name, what was stored) → what is shown; None leaves it to the field.
Show = Callable[[str, Any], str | None]


@dataclass(frozen=True)
class Edit:
    """``details``: label, before and after of each field; ``by`` is None for the command line.

    ``is_new``: the row was entered, so that there is no before.
    """

    when: datetime.datetime
    by: Any
    what: str
    details: tuple[tuple[str, str, str], ...] = ()
    is_new: bool = False


def of(row: Model, *, without: Collection[str] = (), show: Show | None = None) -> list[Edit]:
    """Everything noted of one row, newest first; one query."""
    noted = LogEntry.objects.get_for_object(row).select_related("actor").order_by("-timestamp", "-pk")
    return [read(entry, type(row), without=without, show=show) for entry in noted]


def read(
    entry: LogEntry, model: type[Model], *, without: Collection[str] = (), show: Show | None = None, what: str = "",
    labels: Mapping[str, Any] | None = None,
) -> Edit:  # fmt: skip
    """One entry of the log about a row of ``model``. ``labels``: what fields are called here, if not by the model."""
    return Edit(
        entry.timestamp, entry.actor, what or str(WHAT.get(entry.action, "")),
        details(entry, model, without=without, show=show, labels=labels), entry.action == LogEntry.Action.CREATE,
    )  # fmt: skip


def details(
    entry: LogEntry,
    model: type[Model],
    *,
    without: Collection[str] = (),
    show: Show | None = None,
    labels: Mapping[str, Any] | None = None,
) -> tuple[tuple[str, str, str], ...]:
    """Label, before and after of every field that the entry names, in the model's order; lost fields are left out."""
    found = []
    left_out = {*without, model._meta.pk.name}
    for field in (*model._meta.fields, *model._meta.many_to_many):
        change = entry.changes_dict.get(field.name)
        if change is None or field.name in left_out:
            continue
        label = str((labels or {}).get(field.name) or field.verbose_name)
        if isinstance(change, dict):  # rows of another table, added or taken away
            names = ", ".join(change["objects"])
            found.append((label, *((NOTHING, names) if change["operation"] == "add" else (names, NOTHING))))
            continue
        before, after = (_shown(field, value, show) for value in change)
        if before != after:
            found.append((label, before, after))
    return tuple(found)


def _shown(field: Field, value: Any, show: Show | None) -> str:
    if value in ("", "None", None):
        return NOTHING
    if show and (said := show(field.name, value)) is not None:
        return said
    if value in ("True", "False"):
        return _("yes") if value == "True" else _("no")
    if isinstance(field, DateTimeField) and (moment := parse_datetime(str(value))):
        aware = moment if timezone.is_aware(moment) else moment.replace(tzinfo=datetime.UTC)
        return f"{timezone.localtime(aware):%Y-%m-%d %H:%M}"
    return str(dict(field.flatchoices).get(value, value))
