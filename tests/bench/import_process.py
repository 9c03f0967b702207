"""One import in a process of its own, between two readings of the floor: what ``test_import.py`` starts.

``python tests/bench/import_process.py WORKBOOK FILE [floor] [again]`` prints JSON: seconds of the phases, of the floor,
and of the same file once more.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
os.environ["CHAOYANG_PM_BUSINESS_DATE"] = "2016-12-31"

from tests.bench.importing import DEFAULT_DATE, floor, imported


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
