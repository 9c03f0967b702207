"""The audit log as people read it: who entered, edited or deleted a row, and each field before and after."""

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

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

    ``is_new``: the row was entered, so that there is no before. ``name`` is what the row was called then.
    """

    when: datetime.datetime
    by: Any
    what: str
    details: tuple[tuple[str, str, str], ...] = ()
    is_new: bool = False
    name: str = ""


@dataclass(frozen=True)
class Telling:
    """What a page tells of an entry: which fields and in which words.

    ``only`` these fields in this order, else all but ``without`` in the model's order. ``labels``: what fields are
    called here, if not by the model. ``masked`` fields changed also where both sides read the same. ``what`` happened,
    where it is not one of WHAT (None leaves it to them).
    """

    only: Sequence[str] = ()
    without: Collection[str] = ()
    show: Show | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    masked: Collection[str] = ()
    what: Callable[[LogEntry], str | None] = lambda _entry: None


PLAIN = Telling()


def of(*rows: Model, telling: Telling = PLAIN) -> list[Edit]:
    """Everything noted of rows of one model, newest first; one query."""
    if not rows:
        return []
    model = type(rows[0])
    noted = LogEntry.objects.get_for_model(model).filter(object_pk__in=[str(row.pk) for row in rows])
    return [read(entry, model, telling) for entry in noted.select_related("actor").order_by("-timestamp", "-pk")]


def read(entry: LogEntry, model: type[Model], telling: Telling = PLAIN) -> Edit:
    """One entry of the log about a row of ``model``."""
    what = telling.what(entry)
    return Edit(
        entry.timestamp, entry.actor, str(WHAT.get(entry.action, "")) if what is None else what,
        _details(entry, model, telling), entry.action == LogEntry.Action.CREATE, entry.object_repr,
    )  # fmt: skip


def _details(entry: LogEntry, model: type[Model], telling: Telling) -> tuple[tuple[str, str, str], ...]:
    """Label, before and after of every field that the entry names; fields that the model has lost are left out."""
    found = []
    for each in _fields(model, telling):
        change = entry.changes_dict.get(each.name)
        if change is None:
            continue
        label = str(telling.labels.get(each.name) or each.verbose_name)
        if isinstance(change, dict):  # rows of another table, added or taken away
            names = ", ".join(change["objects"])
            found.append((label, *((NOTHING, names) if change["operation"] == "add" else (names, NOTHING))))
            continue
        before, after = (_shown(each, value, telling.show) for value in change)
        if before != after or each.name in telling.masked:
            found.append((label, before, after))
    return tuple(found)


def _fields(model: type[Model], telling: Telling) -> list[Field]:
    if telling.only:
        return [cast(Field, model._meta.get_field(name)) for name in telling.only]
    left_out = {*telling.without, model._meta.pk.name}
    return [each for each in (*model._meta.fields, *model._meta.many_to_many) if each.name not in left_out]


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
