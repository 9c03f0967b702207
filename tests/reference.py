"""The reference data of a test: loaded once by the portal's own command, afterwards put back row by row.

Most tests stand on it, and loading it anew took most of their time.
"""

from typing import Any

from django.db import connection

from chaoyang_pm.kit.bulk import insert_rows

_rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
_created: dict[str, int] = {}


def _tables() -> list[str]:
    """What ``load_reference`` fills, parents first."""
    from communities.models import Department, Division
    from compounds.models import Synonym
    from oversight.models import Clause, CountingRule, Programme, Target, TargetVersion

    models = (Division, Department, Synonym, Programme, Clause, Target, Target.divisions.through, TargetVersion)
    return [model._meta.db_table for model in (*models, CountingRule)]


def load() -> dict[str, int]:
    """What ``load_reference`` leaves in an empty database; what it created, by kind."""
    from communities.models import Division
    from oversight.programme.services import load_reference

    if Division.objects.exists():
        return load_reference()
    if not _rows:
        _created.update(load_reference())
        for table in _tables():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                _rows[table] = ([column[0] for column in cursor.description], cursor.fetchall())
        return dict(_created)
    for table, (columns, rows) in _rows.items():
        insert_rows(connection, table, columns, rows)
    return dict(_created)
