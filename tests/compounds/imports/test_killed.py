"""``kill -9`` during an import, and two imports of one file at once: all of it once, or nothing.

The processes are portals of their own. They are killed where they are, at moments spread over the time that a whole
import takes; nothing is waited for but the processes themselves.
"""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import write
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU

ROWS = 4_000
COMMUNITIES = (JINYUAN, QIANJIN, HAIHE, XINLIU)
KILLS = 7


@pytest.fixture
def workbook(tmp_path) -> Path:
    header = ["小区名称", "社区", "建筑面积(㎡)", "户数", "小区类别"]
    rows = ([f"第{n}小区", COMMUNITIES[n % 4], 1000 + n, n % 90, "弃管"] for n in range(ROWS))
    return write(tmp_path / "四千行.xlsx", [header, *rows])


def start(environment: dict[str, str], path: Path) -> subprocess.Popen:
    command = [sys.executable, "manage.py", "import_compounds", str(path), "--format", "json"]
    return subprocess.Popen(
        command, cwd=django_settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def landed() -> int:
    """How many entries there are: none or all, each with its posting, in an unbroken chain."""
    entries = Entry.objects.count()
    assert entries in (0, ROWS)
    assert Posting.objects.count() == Compound.objects.count() == entries == LedgerHead.objects.get().height
    report = verify()
    assert report.ok, report.findings
    return entries


def test_killed_at_any_moment_nothing_is_half_posted_and_the_file_lands_once(
    own_database, workbook, django_db_blocker, capsys
):
    chance = random.Random(9)
    with django_db_blocker.unblock():
        before = time.monotonic()
        # The first one sets the measure: it is killed last of all, when it has printed its result.
        whole = 2.5
        killed = 0
        for number in range(KILLS):
            process = start(own_database, workbook)
            try:
                out, _err = process.communicate(timeout=whole * (number + chance.random()) / KILLS)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                killed += 1
            else:
                assert process.returncode == 0
            if landed():
                break
        assert killed
        process = start(own_database, workbook)
        out, err = process.communicate()
        assert process.returncode == 0, err
        result = json.loads(out)
        assert result["created"] + result["unchanged"] == ROWS
        assert result["posted"] in (0, ROWS)
        assert landed() == ROWS
        with capsys.disabled():
            print(f" [{killed} kills in {time.monotonic() - before:.1f} s]", end="")
