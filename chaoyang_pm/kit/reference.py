"""Rows that the portal begins with and a bureau edits: created where they are missing, otherwise left as they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models


def create_missing(model: type[models.Model], rows: Iterable[Mapping[str, Any]], *, by: tuple[str, ...]) -> int:
    """``by`` names the fields that tell rows apart. Returns how many are new."""
    created = 0
    for row in rows:
        values = dict(row)
        key = {name: values.pop(name) for name in by}
        _row, is_new = model._default_manager.get_or_create(**key, defaults=values)
        created += is_new
    return created
