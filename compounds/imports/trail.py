"""The audit rows of bulk writes: the audit library does not see them, and an undo reads them again.

Every row carries a ``cid`` that names the import (or its undo), so that what an import overwrote can be found again.
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast
from uuid import UUID

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Field, ForeignKey, Model
from django.utils import timezone

from chaoyang_pm.kit import bulk
from communities.people.models import User
from compounds.imports.facts import Changes
from compounds.register.models import Compound

_COLUMNS = (
    "object_pk", "object_id", "object_repr", "action", "changes", "content_type_id", "cid", "timestamp", "actor_id",
    "changes_text",
)  # fmt: skip


def cid_of(run: UUID) -> str:
    """What the audit rows of an import carry."""
    return f"import:{run}"


def cid_of_undo(run: UUID) -> str:
    """What the audit rows of its undo carry."""
    return f"import-undo:{run}"


def write(
    *, created: Iterable[tuple[Any, Changes]] = (), updated: Iterable[tuple[Any, Changes]] = (), cid: str,
    by: User | None, model: type[Model] = Compound,
) -> None:  # fmt: skip
    """Store what happened to stored compounds, or rows of another ``model``. Fields that follow from others are left
    out."""
    same = (ContentType.objects.get_for_model(model).pk, cid, timezone.now(), by.pk if by else None, "")
    names = _Names(model)
    rows = (
        (
            str(row.pk), row.pk, row.name, action,
            {
                names[name]: [as_text(before), as_text(after)]
                for name, (before, after) in changes.items()
                if names[name]
            },
            *same,
        )
        for action, those in ((LogEntry.Action.CREATE, created), (LogEntry.Action.UPDATE, updated))
        for row, changes in those
    )  # fmt: skip
    bulk.insert_values(LogEntry, _COLUMNS, rows)


class _Names(dict[str, str]):
    """By attribute: how the audit rows call it, "" for what follows from other fields."""

    def __init__(self, model: type[Model]):
        super().__init__()
        self.model = model

    def __missing__(self, attribute: str) -> str:
        editable = self.model._meta.get_field(attribute).editable or attribute == "is_removed"
        self[attribute] = attribute.removesuffix("_id") if editable else ""
        return self[attribute]


def read(cid: str, model: type[Model] = Compound) -> Iterator[tuple[int, bool, dict[str, tuple[str, str]]]]:
    """(key of the row, whether it was created, field → (before, after) as text), oldest first."""
    rows = LogEntry.objects.filter(cid=cid, content_type=ContentType.objects.get_for_model(model))
    for key, action, changes in rows.order_by("pk").values_list("object_id", "action", "changes"):
        yield key, action == LogEntry.Action.CREATE, {name: tuple(values) for name, values in changes.items()}


def as_text(value: Any) -> str:
    return "None" if value is None else str(value)


def as_value(name: str, text: str, model: type[Model] = Compound) -> Any:
    """The value of a field that ``as_text`` wrote, for its attribute (a community by its code)."""
    field = column(name, model)
    if text == "None" and field.null:
        return None
    return (field.target_field if isinstance(field, ForeignKey) else field).to_python(text)


def column(name: str, model: type[Model] = Compound) -> Field:
    """A field by the name that the audit rows use."""
    return cast(Field, model._meta.get_field(name))
