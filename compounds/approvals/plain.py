"""Arguments of services as JSON, and back: dates, events with their parts, drafts."""

import datetime
from dataclasses import fields, is_dataclass
from typing import Any

from compounds.ledger.events import Event, Part, Pocket
from compounds.ledger.recording import Draft
from compounds.structure.parts import NewCompound

TYPES: dict[str, type] = {kind.__name__: kind for kind in (Event, Part, Pocket, Draft, NewCompound)}
TYPE = "#"


def as_plain(value: Any) -> Any:
    """A value in what JSON knows; TypeError for anything that ``from_plain`` could not bring back."""
    name = type(value).__name__
    if name in TYPES:
        names = [field.name for field in fields(value)] if is_dataclass(value) else value._fields
        return {TYPE: name} | {each: as_plain(getattr(value, each)) for each in names}
    if isinstance(value, datetime.date):
        return {TYPE: "date", "iso": value.isoformat()}
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: as_plain(each) for key, each in value.items()}
        return {TYPE: "map", "items": [[as_plain(key), as_plain(each)] for key, each in value.items()]}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_plain(each) for each in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{name} cannot wait for approval")


def from_plain(value: Any) -> Any:
    """What ``as_plain`` wrote; sequences come back as tuples."""
    if isinstance(value, list):
        return tuple(from_plain(each) for each in value)
    if not isinstance(value, dict):
        return value
    if value.get(TYPE) == "date":
        return datetime.date.fromisoformat(value["iso"])
    if value.get(TYPE) == "map":
        return {from_plain(key): from_plain(each) for key, each in value["items"]}
    plain = {key: from_plain(each) for key, each in value.items() if key != TYPE}
    return TYPES[value[TYPE]](**plain) if TYPE in value else plain
