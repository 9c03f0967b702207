"""Short ways to describe answers: serializers that never run, read by the description of the API only."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


def text(about: str = "", **more: Any) -> serializers.CharField:
    return serializers.CharField(help_text=about, **{"allow_blank": True} | more)


def number(about: str = "", *, null: bool = False, **more: Any) -> serializers.FloatField:
    return serializers.FloatField(help_text=about, allow_null=null, **more)


def whole(about: str = "", *, null: bool = False, **more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(help_text=about, allow_null=null, **more)


def date(about: str = "", *, null: bool = False) -> serializers.DateField:
    return serializers.DateField(help_text=about, allow_null=null)


def moment(about: str = "", *, null: bool = False) -> serializers.DateTimeField:
    return serializers.DateTimeField(help_text=about, allow_null=null)


def word(choices: Any, about: str = "", *, null: bool = False, blank: bool = False) -> serializers.ChoiceField:
    """One of a room's words; ``choices`` is its enumeration, whose labels say in Chinese what each means."""
    return serializers.ChoiceField(choices=choices.choices, help_text=about, allow_null=null, allow_blank=blank)


def shape(name: str, fields: Mapping[str, serializers.Field]) -> type[serializers.Serializer]:
    """A serializer made of fields, for names that Python does not let stand in a class, such as ``from``."""
    return type(name, (serializers.Serializer,), dict(fields))
