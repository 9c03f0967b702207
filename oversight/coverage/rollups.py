"""The rows of the roll-ups: worked out from changes by month, read, and stored where they differ.

A *cell* is a row's key without its month. ``Rows`` maps (cell, month end) to values; what is nothing has no row.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, models

from chaoyang_pm.kit import bulk
from chaoyang_pm.kit.dates import month_end, months_between, next_month_end
from compounds.ledger.asking import EARLIEST
from oversight.coverage import scans
from oversight.coverage.models import COUNTY, MonthBalance, MonthCount
from oversight.coverage.scans import Steps

Cell = tuple
Values = tuple[int, ...]
Rows = dict[tuple[Cell, datetime.date], Values]

#: Nobody can ask for an earlier date: what is dated before counts in this month.
FLOOR = f"{EARLIEST - datetime.timedelta(days=1):%Y-%m}"


@dataclass(frozen=True)
class Table:
    """One table of roll-ups: what identifies a cell, and what is summed in it."""

    model: type[models.Model]
    cell: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.cell, "month_end", *self.values)


BALANCES = Table(MonthBalance, ("county", "category", "mode"), ("area_dm2", "households"))
COUNTS = Table(MonthCount, ("county", "mask"), ("compounds",))
TABLES = (BALANCES, COUNTS)


# --- from the ledger -------------------------------------------------------------------------------------
def of_county(county: str, *, height: int) -> dict[Table, Steps]:
    """Everything that ever changed in a county, as known at a height."""
    balances = scans.balance_steps(county, COUNTY, height=height, since=FLOOR)
    masks = scans.mask_steps(county, COUNTY, height=height, since=FLOOR)
    return {BALANCES: balances, COUNTS: masks}


def between(above: int, height: int, *, code: str = "", length: int = COUNTY, since: str = FLOOR) -> dict[Table, Steps]:
    """What the entries of heights after ``above`` up to ``height`` changed by month, all before ``since`` in that."""
    balances = scans.balance_steps(code, length, height=height, above=above, since=since)
    return {BALANCES: balances, COUNTS: scans.mask_steps(code, length, height=height, since=since, above=above)}


def as_month_end(month: str) -> datetime.date:
    return month_end(datetime.date.fromisoformat(f"{month}-01"))


def cumulated(steps: Steps, *, until: datetime.date) -> Rows:
    """The steps summed up, for every month from a cell's first step to ``until``; zeros too."""
    found: Rows = {}
    for cell, months in steps.items():
        changes = {as_month_end(month): values for month, values in months.items()}
        if not changes:
            continue
        day, held = min(changes), None
        while day <= until:
            change = changes.get(day)
            if change is not None:
                held = change if held is None else tuple(map(sum, zip(held, change, strict=True)))
            found[cell, day] = held or ()
            day = next_month_end(day)
    return found


# --- in the database -------------------------------------------------------------------------------------
def counties() -> list[str]:
    """Every county of the ledger, and every one that rows name."""
    found: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT substr(code, 1, %s) FROM communities_division WHERE level = 'community'", [COUNTY]
        )
        found.update(code for (code,) in cursor.fetchall())
        for table in TABLES:
            cursor.execute(f"SELECT DISTINCT county FROM {table.name}")
            found.update(code for (code,) in cursor.fetchall())
    return sorted(found)


def stored(table: Table, *, county: str) -> Rows:
    """The rows of a county."""
    return _read(table.model._default_manager.filter(county=county), table)


def _read(rows: models.QuerySet, table: Table) -> Rows:
    return _rows(rows.order_by().values_list(*table.columns).iterator(chunk_size=5_000), table)


def _rows(read: Iterable[tuple], table: Table) -> Rows:
    width = len(table.cell)
    return {(row[:width], as_date(row[width])): row[width + 1 :] for row in read}


def as_date(value: datetime.date | str) -> datetime.date:
    """SQLite's cursor knows no dates."""
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


def differences(held: Rows, right: Rows) -> Rows:
    """Where the first rows differ from the second, with the right values; zeros for what should not be there."""
    changed = {key: values for key, values in right.items() if any(values) and held.get(key) != values}
    return changed | {key: (0,) * len(values) for key, values in held.items() if not any(right.get(key) or ())}


def store(table: Table, changed: Rows, *, held: Rows) -> None:
    """Put right what differs: new rows, other values, and no row for nothing."""
    gone = [key for key, values in changed.items() if not any(values)]
    new = [(key, values) for key, values in changed.items() if any(values) and key not in held]
    other = [(key, values) for key, values in changed.items() if any(values) and key in held]
    bulk.insert_rows(connection, table.name, table.columns, [_line(key, values) for key, values in new])
    _overwrite(table, [_line(key, values) for key, values in other])
    _remove(table, [_line(key, ()) for key in gone])


def add(table: Table, steps: Steps, *, until: datetime.date) -> int:
    """Add changes by month to the rows of that month and of all later ones; returns how many rows changed."""
    names = ("since", "upto", *table.cell, *(f"more_{name}" for name in table.values))
    lines = list(_stretches(steps, until=until))
    return sum(_add(table, names, chunk, until) for chunk in _chunks(lines, len(names)))


def _stretches(steps: Steps, *, until: datetime.date) -> Iterator[tuple]:
    """(first month end, first one after it, cell, what is added to each month between), so that a row has one."""
    for cell, months in steps.items():
        added: Values = ()
        begins = [as_month_end(month) for month in sorted(months)]
        ends = [*begins[1:], until + datetime.timedelta(days=1)]
        for month, first, end in zip(sorted(months), begins, ends, strict=True):
            added = tuple(map(sum, zip(added, months[month], strict=True))) if added else months[month]
            if any(added):
                yield (first, end, *cell, *added)


def _add(table: Table, names: tuple[str, ...], lines: list[tuple], until: datetime.date) -> int:
    marks = f"({', '.join(['%s'] * len(names))})"
    named = ", ".join(f"column{number} AS {name}" for number, name in enumerate(names, start=1))
    stretches = f"(SELECT {named} FROM (VALUES {', '.join([marks] * len(lines))}) AS given) AS stretch"
    params = [part for line in lines for part in line]
    same = " AND ".join(f"held.{name} = stretch.{name}" for name in table.cell)
    sums = ", ".join(f"{name} = {name} + more_{name}" for name in table.values)
    is_nothing = " AND ".join(f"{name} = 0" for name in table.values)
    since = min(line[0] for line in lines)
    expected = sum(months_between(first, end) for first, end, *_rest in lines)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table.name} AS held SET {sums} FROM {stretches} "
            f"WHERE {same} AND held.month_end >= stretch.since AND held.month_end < stretch.upto "
            f"RETURNING {is_nothing}",
            params,
        )
        emptied = cursor.fetchall()
        changed = len(emptied)
        if changed < expected:
            columns, given = ", ".join((*table.cell, *table.values)), ", ".join(names[2:])
            months = _month_ends(since, until)
            cursor.execute(
                f"INSERT INTO {table.name} ({columns}, month_end) SELECT {given}, month_end FROM {stretches} "
                f"JOIN (SELECT column1 AS month_end FROM (VALUES {', '.join(['(%s)'] * len(months))}) AS given) "
                f"AS month ON month.month_end >= stretch.since AND month.month_end < stretch.upto "
                f"WHERE NOT EXISTS (SELECT 1 FROM {table.name} AS held "
                f"WHERE {same} AND held.month_end = month.month_end)",
                [*params, *months],
            )
            changed += cursor.rowcount
        if any(row[0] for row in emptied):
            cells = {line[2 : 2 + len(table.cell)] for line in lines}
            of_cell = f"({', '.join(['%s'] * len(table.cell))})"
            cursor.execute(
                f"DELETE FROM {table.name} WHERE {is_nothing} AND month_end >= %s AND month_end <= %s "
                f"AND ({', '.join(table.cell)}) IN (VALUES {', '.join([of_cell] * len(cells))})",
                [since, until, *(part for cell in cells for part in cell)],
            )
    return changed


def _month_ends(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    found = [first]
    while found[-1] < last:
        found.append(next_month_end(found[-1]))
    return found


def carry_on(table: Table, last: datetime.date, until: datetime.date) -> int:
    """Rows for the months after ``last``, as they stand there; returns their number."""
    names, day, number = ", ".join((*table.cell, *table.values)), last, 0
    with connection.cursor() as cursor:
        while (day := next_month_end(day)) <= until:
            cursor.execute(
                f"INSERT INTO {table.name} (month_end, {names}) "
                f"SELECT %s, {names} FROM {table.name} WHERE month_end = %s",
                [day, last],
            )
            number += cursor.rowcount
    return number


def _line(key: tuple[Cell, datetime.date], values: Values) -> tuple:
    cell, day = key
    return (*cell, day.isoformat(), *values)


def _overwrite(table: Table, lines: list[tuple]) -> None:
    conflict = ", ".join((*table.cell, "month_end"))
    values = ", ".join(f"{name} = excluded.{name}" for name in table.values)
    marks = f"({', '.join(['%s'] * len(table.columns))})"
    with connection.cursor() as cursor:
        for chunk in _chunks(lines, len(table.columns)):
            cursor.execute(
                f"INSERT INTO {table.name} ({', '.join(table.columns)}) "
                f"VALUES {', '.join([marks] * len(chunk))} ON CONFLICT ({conflict}) DO UPDATE SET {values}",
                [part for line in chunk for part in line],
            )


def _remove(table: Table, lines: list[tuple]) -> None:
    where = " AND ".join(f"{name} = %s" for name in (*table.cell, "month_end"))
    if lines:
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {table.name} WHERE {where}", lines)


def _chunks(lines: list, width: int) -> Iterator[list]:
    """As many at once as the database takes parameters for."""
    size = (connection.features.max_query_params or 10_000) // (width + 1)
    for start in range(0, len(lines), size):
        yield lines[start : start + size]
