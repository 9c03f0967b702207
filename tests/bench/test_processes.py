"""Many processes post at once: sixteen a thousand entries each on PostgreSQL, four 250 each on SQLite."""

import json
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings

from tests.bench.engines import POSTGRES, SQLITE, engine, portal
from tests.support import JINYUAN

#: Several, because every posting replays its compound's history.
SHARED = [f"共有{number}" for number in range(16)]


@pytest.mark.bench
@pytest.mark.parametrize(("name", "processes", "each"), [(POSTGRES, 16, 1000), (SQLITE, 4, 250)])
def test_heights_have_no_gap_and_nobody_is_refused_for_locking(name, processes, each, tmp_path, capsys):
    with engine(name, tmp_path) as environment:
        codes = [*(f"P{number}" for number in range(processes)), *SHARED]
        workbook = tmp_path / "台账.csv"
        rows = "".join(f"{code},{code}小区,{JINYUAN},10000,100,弃管\n" for code in codes)
        workbook.write_text("小区编号,小区名称,社区,建筑面积(㎡),户数,小区类别\n" + rows, encoding="utf-8")
        portal(environment, "manage.py", "import_compounds", str(workbook))
        posters = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.compounds.ledger.posting_process", code, str(each), ",".join(SHARED)],
                cwd=django_settings.BASE_DIR, env=environment, text=True, bufsize=1,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            for code in codes[:processes]
        ]  # fmt: skip
        for poster in posters:
            assert poster.stdout.readline() == "ready\n", poster.stdout.read()
        began = time.monotonic()
        for poster in posters:
            poster.stdin.write("\n")
            poster.stdin.flush()
        heights: list[int] = []
        for poster in posters:
            output, _none = poster.communicate()
            assert poster.returncode == 0, output  # refused for locking, it would have ended with the error
            heights += map(int, output.split())
        took = time.monotonic() - began
        first = len(codes) + 1
        assert sorted(heights) == list(range(first, first + processes * each))
        verdict = json.loads(portal(environment, "manage.py", "ledger", "verify", "--format", "json"))
        assert (verdict["ok"], verdict["height"]) == (True, first - 1 + processes * each)
        with capsys.disabled():
            print(
                f"\n{name.split()[0]}: {processes} processes x {each} entries: heights without a gap, 0 refused for "
                f"locking, {took:.0f} s, {processes * each / took:.0f} entries/s"
            )
