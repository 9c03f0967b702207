"""Many rows of one table at once, several times as fast as ``bulk_create`` and ``bulk_update``.

Those prepare every value anew, and put one condition per row into an update.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, cast

from django.db import connection, models

#: Fields whose Python values every database driver takes as they are.
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)
_REMEMBERED = 50_000
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def insert(objects: Sequence[models.Model]) -> None:
    """Store new objects of one model in this order. Keys that the database gives out are not put on the objects."""
    if not objects:
        return
    fields = [field for field in objects[0]._meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    for field in fields:
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            for each in objects:
                field.pre_save(each, add=True)
    columns = [str(field.column) for field in fields]
    insert_rows(connection, objects[0]._meta.db_table, columns, _rows(objects, fields))
    for each in objects:
        each._state.adding, each._state.db = False, connection.alias


def update(objects: Sequence[models.Model], names: Sequence[str]) -> None:
    """Store these fields of objects of one model as they stand, one statement for all; ``auto_now`` is left alone."""
    if not objects:
        return
    meta = objects[0]._meta
    fields = [cast(models.Field, meta.get_field(name)) for name in names]
    key = meta.pk
    assert key is not None  # noqa: S101 — every model has one
    table = connection.ops.quote_name(meta.db_table)
    columns = ", ".join(f"{connection.ops.quote_name(str(field.column))} = %s" for field in fields)
    where = connection.ops.quote_name(str(key.column))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {columns} WHERE {where} = %s",  # noqa: S608 — names of the model
            list(_rows(objects, [*fields, key])),
        )


def insert_rows(connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Store rows whose values are as the database's driver takes them."""
    table = connection.ops.quote_name(table)
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lines = io.StringIO("".join(map(_copied, rows)))
            with connection.wrap_database_errors:  # which Django's cursor does only for its own methods
                cursor.cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", lines)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))  # noqa: S608 — names of the model


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


def _rows(objects: Iterable[models.Model], fields: Sequence[models.Field]) -> Iterator[list[Any]]:
    values = attrgetter(*(field.attname for field in fields))
    prepared = [(index, preparing(field, connection)) for index, field in enumerate(fields) if not _is_plain(field)]
    for each in objects:
        row = list(values(each))
        for index, prepare in prepared:
            row[index] = prepare(row[index])
        yield row


def _is_plain(field: models.Field) -> bool:
    return isinstance(field.target_field if isinstance(field, models.ForeignKey) else field, PLAIN)


def _copied(row: Sequence[Any]) -> str:
    """A line in the text format of COPY."""
    return "\t".join([r"\N" if value is None else str(value).translate(_ESCAPED) for value in row]) + "\n"
