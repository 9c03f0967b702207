"""Rows out of and into tables, in a form that no database prefers.

A row is a JSON list: text, whole numbers and booleans as they are, dates and times in ISO 8601 (times in UTC),
UUIDs as text, bytes in base64, JSON as JSON.
"""

import base64
import datetime
import decimal
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import orjson
from django.core.management.color import no_style
from django.db import DatabaseError, connections, models, transaction
from django.utils.duration import duration_string
from django.utils.translation import gettext as _

from chaoyang_pm.kit import bulk
from chaoyang_pm.kit.operations.problems import Refusal

CHUNK = 5000
#: Keys sorted, because PostgreSQL keeps no order of its own in JSON: the same rows give the same bytes everywhere.
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS


@contextmanager
def snapshot(using: str) -> Iterator[None]:
    """Everything read within is of one moment, and nobody who writes waits for it."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        connection.ensure_connection()  # which sets its mode
        usual = vars(connection)["transaction_mode"]
        vars(connection)["transaction_mode"] = "DEFERRED"
        try:
            with transaction.atomic(using=using):
                yield
        finally:
            vars(connection)["transaction_mode"] = usual
    else:
        with transaction.atomic(using=using):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


def columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in _fields(model)]


def rows(model: type[models.Model], using: str) -> Iterator[bytes]:
    """The table's rows as lines, in order of their keys, several at once."""
    found = model._base_manager.using(using).order_by("pk").values_list(*columns(model)).iterator(chunk_size=CHUNK)
    while block := list(islice(found, 500)):
        yield b"".join(orjson.dumps(row, default=_neutral, option=_OPTIONS) for row in block)


def stored_names(model: type[models.Model], using: str) -> Iterator[str]:
    """Names of the uploaded files that the table's rows point to."""
    for field in _fields(model):
        if isinstance(field, models.FileField):
            names = (
                model._base_manager.using(using).exclude(**{field.attname: ""}).values_list(field.attname, flat=True)
            )
            yield from (name for name in names.iterator() if name)


def load(model: type[models.Model], stated: list[str], lines: Iterable[bytes], using: str) -> int:
    """Insert lines of ``rows``; returns their number. Raises Refusal for what the database does not take."""
    table, fields = model._meta.db_table, {field.attname: field for field in _fields(model)}
    if sorted(stated) != sorted(fields):
        different = ", ".join(sorted(set(stated) ^ fields.keys()))
        raise Refusal(
            _("Table %(table)s has other columns than the backup: %(names)s.") % {"table": table, "names": different}
        )
    connection = connections[using]
    ordered = [fields[name] for name in stated]
    prepare = [(index, _preparing(field, connection)) for index, field in enumerate(ordered) if not _is_plain(field)]
    number, iterator = 0, iter(lines)
    try:
        while block := [orjson.loads(line) for line in islice(iterator, CHUNK)]:
            for row in block:
                for index, convert in prepare:
                    row[index] = convert(row[index])
            bulk.insert_rows(connection, table, [str(field.column) for field in ordered], block)
            number += len(block)
    except (DatabaseError, ValueError, TypeError, IndexError) as error:
        raise Refusal(
            _("Table %(table)s does not take rows %(first)s to %(last)s of the backup: %(why)s")
            % {"table": table, "first": number + 1, "last": number + CHUNK, "why": str(error).strip()}
        ) from error
    return number


def empty(tables: Iterable[type[models.Model]], using: str) -> None:
    """Remove what migrations put into new tables. Their order does not matter: keys are checked later."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 — a model's name


def drop_all(using: str) -> None:
    """Remove every table of the database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        names = [connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)]
        if connection.vendor == "postgresql" and names:
            cursor.execute(f"DROP TABLE {', '.join(names)} CASCADE")
        else:
            for name in names:
                cursor.execute(f"DROP TABLE {name}")


@contextmanager
def rebuilding(using: str) -> Iterator[None]:
    """One transaction in which tables are made anew and filled: all of it happens, or nothing.

    Keys are checked at its end (``check_keys``). SQLite cannot lift its checks within a transaction.
    """
    connection = connections[using]
    connection.ensure_connection()
    lifted = connection.vendor == "sqlite" and connection.disable_constraint_checking()
    try:
        with transaction.atomic(using=using):
            yield
    finally:
        if lifted:
            connection.enable_constraint_checking()


def check_keys(using: str) -> None:
    """All foreign keys lead somewhere. PostgreSQL alters no table on which such a check is still to come."""
    connections[using].check_constraints()


def reset_sequences(tables: list[type[models.Model]], using: str) -> None:
    """The next key that the database gives out follows the greatest one there is."""
    with connections[using].cursor() as cursor:
        for statement in connections[using].ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def _fields(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _neutral(value: Any) -> Any:
    """What JSON has no form for."""
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, datetime.timedelta):
        return duration_string(value)
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in a backup")


def _target(field: models.Field) -> models.Field:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _is_plain(field: models.Field) -> bool:
    return isinstance(_target(field), (*bulk.PLAIN, models.GenericIPAddressField))


def _preparing(field: models.Field, connection) -> Callable[[Any], Any]:
    """From JSON to what the database takes."""
    field = _target(field)
    if isinstance(field, models.JSONField):
        nothing = None if field.null else "null"
        return lambda value: nothing if value is None else json.dumps(value)
    if isinstance(field, models.BinaryField):
        as_hex = connection.vendor == "postgresql"

        def binary(value):
            data = None if value is None else base64.b64decode(value)
            return f"\\x{data.hex()}" if as_hex and data is not None else data

        return binary
    return bulk.preparing(field, connection, convert=field.to_python)
