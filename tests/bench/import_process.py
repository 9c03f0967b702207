"""One import in a process of its own, between two readings of the floor: what ``test_import.py`` starts.

``python tests/bench/import_process.py WORKBOOK FILE [floor] [again]`` prints JSON: seconds of the phases, of the floor,
and of the same file once more.
"""

import datetime
import io
import itertools
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
os.environ["CHAOYANG_PM_BUSINESS_DATE"] = "2016-12-31"

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


def main(workbook: str, file: str, *options: str) -> None:
    import django

    django.setup()
    from compounds.imports import reading, services

    path = Path(file)
    if "floor" in options:  # modules and dictionaries are loaded once in the life of a process, and are no part of it
        small = path.with_name(f"few {path.name}")
        services.check(
            reading.read(workbook=workbook, path=small, filename=small.name, default_date=DEFAULT_DATE), by=None
        )
    before = [floor(path) for _time in range(2)] if "floor" in options else []
    answer = {"import": imported(workbook, path)}
    answer["floor"] = [*before[1:], *([floor(path)] if before else [])]
    if "again" in options:
        answer["again"] = imported(workbook, path)
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
