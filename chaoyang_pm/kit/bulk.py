"""Many rows of one table at once, several times as fast as ``bulk_create`` and ``bulk_update``.

Those prepare every value anew, and put one condition per row into an update.
"""

import gc
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar, cast

from django.db import connection, models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")

#: Fields whose Python values every database driver takes as they are.
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)
#: Rows that are made into text, or handed to SQLite, at a time: bounds what lies in memory besides the objects.
BLOCK = 2_000
_REMEMBERED = 50_000
# Between cells, between rows, and for NULL, while a block is escaped as one text.
_CELL, _ROW, _NULL = "\x1f", "\x1e", "\x1d"


@contextmanager
def uncollected() -> Iterator[None]:
    """Many objects and no cycles among them: the garbage collector would look through all of them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def new(model: type[M], values: dict[str, Any], related: dict[str, models.Model | None] | None = None) -> M:
    """An object that is not stored yet, by attribute names (``community_id``), its other fields as their defaults.

    A twentieth of what the model's constructor takes: nothing is converted, no signal is sent. Fields whose default
    is made anew each time have to be given. ``related``: objects that foreign keys point to, by the field's name, so
    that they are at hand; their keys are not looked at.
    """
    each = model.__new__(model)
    each.__dict__ = _defaults(model) | values
    each._state = ModelState()
    if related:
        each._state.fields_cache = related
    return each


@cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    return {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if not (field.has_default() and callable(field.default))
    }


def insert(objects: Sequence[models.Model]) -> None:
    """Store new objects of one model in this order. Keys that the database gives out are not put on the objects."""
    if not objects:
        return
    fields = [field for field in objects[0]._meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    for field in fields:
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            now = field.pre_save(objects[0], add=True)  # rows of one call are of one moment
            for each in objects:
                each.__dict__[field.attname] = now
    names = [field.attname for field in fields]
    insert_values(type(objects[0]), names, map(attrgetter(*names), objects))
    alias = connection.alias
    for each in objects:
        each._state.adding, each._state.db = False, alias


def insert_values(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Store new rows of a model that need be no objects: the values of these attributes, as Python has them."""
    fields = [_field(model, name) for name in names]
    insert_rows(connection, model._meta.db_table, [str(field.column) for field in fields], _prepared(rows, fields))


def update(objects: Sequence[models.Model], names: Sequence[str]) -> None:
    """Store these fields of objects of one model as they stand, one statement for all; ``auto_now`` is left alone."""
    if not objects:
        return
    meta = objects[0]._meta
    fields = [_field(type(objects[0]), name) for name in names]
    key = meta.pk
    assert key is not None  # noqa: S101 — every model has one
    stored = [*fields, key]
    table = connection.ops.quote_name(meta.db_table)
    columns = ", ".join(f"{connection.ops.quote_name(str(field.column))} = %s" for field in fields)
    where = connection.ops.quote_name(str(key.column))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {columns} WHERE {where} = %s",  # noqa: S608 — names of the model
            list(_prepared(map(attrgetter(*(field.attname for field in stored)), objects), stored)),
        )


def insert_rows(connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Store rows whose values are as the database's driver takes them."""
    table = connection.ops.quote_name(table)
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors:  # which Django's cursor does only for its own methods
                cursor.cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", _Copied(rows), size=1 << 17)
        else:
            marks = ", ".join(["%s"] * len(columns))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 — names of the model
            for block in batched(rows, BLOCK):
                cursor.executemany(statement, block)


def preparing(field: models.Field, connection, convert: Callable[[Any], Any] | None = None) -> Callable[[Any], Any]:
    """``get_db_prep_save`` with a memory: dates and the like come again and again. ``convert`` comes before it."""
    known: dict[Any, Any] = {}

    def prepare(value: Any) -> Any:
        if value not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[value] = field.get_db_prep_save(convert(value) if convert else value, connection)
        return known[value]

    return prepare


def _field(model: type[models.Model], name: str) -> models.Field:
    return cast(models.Field, model._meta.get_field(name))


def _prepared(rows: Iterable[Sequence[Any]], fields: Sequence[models.Field]) -> Iterator[Sequence[Any]]:
    """The rows with every value as the driver takes it. Block by block, and in a block column by column."""
    prepared = [(index, _preparing(field)) for index, field in enumerate(fields) if not _is_plain(field)]
    for block in batched(rows, BLOCK):
        columns: list[Sequence[Any]] = list(zip(*block, strict=True))
        for index, prepare in prepared:
            columns[index] = [None if value is None else prepare(value) for value in columns[index]]
        yield from zip(*columns, strict=True)


def _preparing(field: models.Field) -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):  # what the driver makes of it is no text that COPY understands
        return (field.encoder or json.JSONEncoder)(ensure_ascii=False).encode
    return preparing(field, connection)


def _is_plain(field: models.Field) -> bool:
    return isinstance(field.target_field if isinstance(field, models.ForeignKey) else field, PLAIN)


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of ``size``, made as they are asked for."""
    iterator = iter(items)
    while block := list(islice(iterator, size)):
        yield block


class _Copied(io.TextIOBase):
    """Rows as a file in the text format of COPY, made block by block while the server stores the block before."""

    def __init__(self, rows: Iterable[Sequence[Any]]):
        self._blocks = batched(rows, BLOCK)
        self._text, self._read = "", 0

    def read(self, size: int | None = -1) -> str:
        if self._read >= len(self._text):
            self._text, self._read = _copied(next(self._blocks, [])), 0
        end = len(self._text) if size is None or size < 0 else self._read + size
        self._read, piece = end, self._text[self._read : end]
        return piece


def _copied(rows: list[Sequence[Any]]) -> str:
    """Lines in the text format of COPY. Escaping takes one look at all of them instead of one at every cell."""
    if not rows:
        return ""
    columns = list(zip(*rows, strict=True))
    text = _ROW.join(map(_CELL.join, zip(*map(_texts, columns), strict=True)))
    signs, blanks = len(rows) * len(columns) - 1, sum(column.count(None) for column in columns)
    if text.count(_CELL) + text.count(_ROW) != signs or text.count(_NULL) != blanks:
        # Somebody's text holds one of the three signs; they pass through COPY as they are.
        return "".join(
            ["\t".join([r"\N" if cell is None else _escaped(str(cell)) for cell in row]) + "\n" for row in rows]
        )
    return _escaped(text).replace(_NULL, r"\N").replace(_CELL, "\t").replace(_ROW, "\n") + "\n"


def _texts(column: Sequence[Any]) -> Sequence[str]:
    """A column's values as text. Most columns of a bulk have one value throughout."""
    if column.count(column[0]) == len(column):
        return [_NULL if column[0] is None else str(column[0])] * len(column)
    return [_NULL if cell is None else str(cell) for cell in column]


def _escaped(text: str) -> str:
    for sign, escape in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        if sign in text:
            text = text.replace(sign, escape)
    return text
