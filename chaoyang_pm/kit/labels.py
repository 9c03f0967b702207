"""What a model's fields and their values are called on a page."""

from typing import Any, cast

from django.db.models import Field, Model


def field_label(model: type[Model], name: str) -> str:
    return str(_field(model, name).verbose_name)


def value_label(model: type[Model], name: str, value: Any) -> str:
    """A value's name where the field has choices, else the value itself."""
    return str(dict(_field(model, name).flatchoices).get(value, value))


def _field(model: type[Model], name: str) -> Field:
    return cast(Field, model._meta.get_field(name))
