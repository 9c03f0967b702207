"""What an import costs and what it is held against, for processes of their own and for others."""

import datetime
import io
import itertools
import time
from pathlib import Path

DEFAULT_DATE = datetime.date(2014, 1, 1)


def floor(path: Path) -> float:
    """Seconds to read the cells and to store them as they are, in the fastest way that the database offers."""
    import python_calamine
    from django.db import connection, transaction

    first = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1]
    whole = [index for index, cell in enumerate(first) if isinstance(cell, float)]
    columns = [f"c{index} {'bigint' if index in whole else 'text'}" for index in range(len(first))]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE bench_floor ({', '.join(columns)})")
        began = time.perf_counter()
        rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]
        for row in rows:
            for index in whole:
                row[index] = int(row[index])
        if connection.vendor == "postgresql":
            text = io.StringIO("".join(["\t".join(map(str, row)) + "\n" for row in rows]))
            cursor.cursor.copy_expert("COPY bench_floor FROM STDIN", text)
        else:
            with transaction.atomic():
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO bench_floor VALUES ({marks})", rows)
        took = time.perf_counter() - began
        cursor.execute("SELECT count(*) FROM bench_floor")
        assert cursor.fetchone() == (len(rows),)
        cursor.execute("DROP TABLE bench_floor")
    return took


def imported(workbook: str, path: Path) -> dict[str, float]:
    """Import the file and commit it; seconds per phase and what came of it."""
    from compounds.imports import reading, services, store

    marks = [time.perf_counter()]
    work = reading.read(workbook=workbook, path=path, filename=path.name, default_date=DEFAULT_DATE)
    marks.append(time.perf_counter())
    accepted = services.check(work, by=None)
    marks.append(time.perf_counter())
    run = store.keep_path(path=path, workbook=workbook, filename=path.name, default_date=DEFAULT_DATE, by=None)
    outcome = services.post(work, accepted, by=None, run=run)
    marks.append(time.perf_counter())
    assert not outcome.errors, outcome.errors[:3]
    counts = {name: getattr(outcome, name) for name in ("rows", "posted", "unchanged")}
    phases = zip(("read", "check", "post"), itertools.pairwise(marks), strict=True)
    return {name: later - earlier for name, (earlier, later) in phases} | counts
