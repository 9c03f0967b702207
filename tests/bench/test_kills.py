"""The bar for nothing lost and nothing twice: two hundred kills on SQLite with a folder, on PostgreSQL with Redis."""

import json
import os
import time

import pytest

from tests.bench.engines import POSTGRES, SQLITE, engine, portal

KILLS = int(os.environ.get("KILLS", "200"))


@pytest.mark.bench
@pytest.mark.parametrize("name", [SQLITE, POSTGRES])
def test_kills(name, tmp_path, capsys):
    with engine(name, tmp_path) as environment:
        began = time.monotonic()
        result = json.loads(portal(environment, "-m", "tests.kit.jobs.killing", str(KILLS), "2015").splitlines()[-1])
        took = time.monotonic() - began
        with capsys.disabled():
            print(
                f"\n{name}: {result['kills']} kills, {result['lost']} lost, {result['doubled']} doubled "
                f"({result['worker']} workers, {result['web']} web processes, {result['import']} imports; "
                f"{result['jobs']} jobs, {result['cut_off']} of them begun more than once; "
                f"{result['entries']} entries, chain {'intact' if result['ledger'] else 'BROKEN'}; {took:.0f} s)"
            )
    assert (result["kills"], result["lost"], result["doubled"], result["failures"]) == (KILLS, 0, 0, 0)
    assert result["ledger"]
