"""Rows that many tests begin with: made once by the portal's own code, afterwards put back row by row."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from chaoyang_pm.kit.bulk import insert_rows


class Kept:
    """All rows of some models' tables, parents first."""

    def __init__(self, *its_models: type[models.Model]):
        self.tables = [model._meta.db_table for model in its_models]
        self.rows: dict[str, tuple[list[str], list[list[Any]]]] = {}

    def filled(self) -> set[bool]:
        """Of each table whether it has a row."""
        with connection.cursor() as cursor:
            tables = map(connection.ops.quote_name, self.tables)
            cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables))
            return set(map(bool, cursor.fetchone()))

    def take(self) -> None:
        for table in self.tables:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                columns = [column[0] for column in cursor.description]
                self.rows[table] = (columns, list(map(_as_the_driver_takes_it, cursor.fetchall())))

    def put_back(self) -> None:
        for table, (columns, rows) in self.rows.items():
            insert_rows(connection, table, columns, rows)


def _as_the_driver_takes_it(row: Sequence[Any]) -> list[Any]:
    return [json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list) else cell for cell in row]
