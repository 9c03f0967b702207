"""Remembered columns: what an office said once of a workbook's shape holds for the next one of that shape."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auditlog.context import set_actor
from django.db import transaction
from django.db.models import F, Q

from communities.people.models import User
from compounds.imports.choices import Workbook
from compounds.imports.models import ColumnMapping, MappedColumn


@dataclass
class Memory:
    """What is remembered of one shape: keys by heading, in the order of the columns of that heading."""

    pk: int
    at: datetime
    by: str
    #: Whether a county reads by what the city has said.
    of_city: bool
    meanings: dict[str, list[str | None]] = field(default_factory=lambda: defaultdict(list))

    def as_dict(self) -> dict[str, Any]:
        """What the page shows of it."""
        return {"pk": self.pk, "at": self.at.date().isoformat(), "by": self.by, "of_city": self.of_city}


def remembered(workbook: Workbook | str, office: str | None) -> dict[str, Memory]:
    """By signature: what the office has said, else the city. ``office``: a county's code, None for the city."""
    mine = Q(mapping__division__isnull=True) | Q(mapping__division=office) if office else Q(mapping__division=None)
    columns = MappedColumn.objects.filter(mine, mapping__workbook=workbook).select_related("mapping__updated_by")
    found: dict[str, Memory] = {}
    for column in columns.order_by(F("mapping__division").asc(nulls_first=True), "mapping", "heading", "occurrence"):
        mapping = column.mapping
        memory = found.get(mapping.signature)
        if memory is None or memory.pk != mapping.pk:  # the county's comes after the city's, and in its place
            by = str(mapping.updated_by) if mapping.updated_by else ""
            memory = Memory(mapping.pk, mapping.updated_at, by, bool(office) and mapping.division_id is None)
            found[mapping.signature] = memory
        memory.meanings[column.heading].append(column.key or None)
    return found


def remember(
    *, workbook: str, office: str | None, signature: str, columns: Sequence[Mapping[str, Any]], sheet: str,
    filename: str, by: User,
) -> ColumnMapping:  # fmt: skip
    """Keep what the columns of a shape are (``name``, ``text``, ``key`` of each, from left to right)."""
    with transaction.atomic(), set_actor(by):
        mapping, _created = ColumnMapping.objects.update_or_create(
            division_id=office, workbook=workbook, signature=signature,
            defaults={"sheet": sheet[:100], "filename": filename[-200:], "updated_by": by},
        )  # fmt: skip
        mapping.columns.all().delete()
        seen: dict[str, int] = defaultdict(int)
        for column in columns:
            seen[column["name"]] += 1
            MappedColumn.objects.create(
                mapping=mapping, heading=column["name"], occurrence=seen[column["name"]], text=column["text"][:200],
                key=column["key"] or "",
            )  # fmt: skip
    return mapping


def forget(*, mapping: ColumnMapping, by: User) -> None:
    """Read workbooks of that shape by their names again."""
    with transaction.atomic(), set_actor(by):
        mapping.delete()
