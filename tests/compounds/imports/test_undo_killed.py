"""``kill -9`` during an undo, and two undos of one import at once: all of it once, or nothing."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from compounds.imports.choices import RunState
from compounds.imports.models import ImportRun
from compounds.ledger.models import Entry, LedgerHead
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from tests.compounds.imports.test_killed import COMMUNITIES, finished, kill_after, start, writer_is_inside
from tests.compounds.imports.workbooks import write

ROWS = 1_500
OUTSIDE, INSIDE = 2, 3


@pytest.fixture
def workbook(tmp_path) -> Path:
    header = ["小区名称", "社区", "建筑面积(㎡)", "户数", "小区类别"]
    rows = ([f"第{n}小区", COMMUNITIES[n % 4], 4000 + n, 40, "弃管"] for n in range(ROWS))
    return write(tmp_path / "台账.xlsx", [header, *rows])


def undoing(environment: dict[str, str], run: ImportRun, *options: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "undo_import", str(run.pk), "--format", "json", *options],
        cwd=django_settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def undone() -> bool:
    """Whether the import is undone: every entry reversed and every compound withdrawn, or none."""
    reversals = Entry.objects.filter(kind="reversal").count()
    assert reversals in (0, ROWS)
    assert Compound.objects.filter(status="retired", import_undone=True).count() == reversals
    assert LedgerHead.objects.get().height == ROWS + reversals
    assert ImportRun.objects.get().state == (RunState.UNDONE if reversals else RunState.POSTED)
    report = verify()
    assert report.ok, report.findings
    return bool(reversals)


def test_killed_at_any_moment_nothing_is_half_undone(own_database, workbook, django_db_blocker, capsys):
    chance, reason = random.Random(4), ("--reason", "传错了文件")
    with django_db_blocker.unblock():
        finished(start(own_database, workbook))
        run = ImportRun.objects.get()
        began = time.monotonic()
        finished(undoing(own_database, run, "--dry-run"))
        rehearsing = time.monotonic() - began
        for number in range(OUTSIDE):
            moment = rehearsing * (number + chance.random()) / OUTSIDE / 4
            assert kill_after(undoing(own_database, run, *reason), moment)
            assert not undone()
        inside = 0
        for number in range(INSIDE):
            process = undoing(own_database, run, *reason)
            while process.poll() is None and not writer_is_inside(own_database):
                pass
            inside += kill_after(process, rehearsing * number * chance.random() / INSIDE)
            if undone():
                break
        assert inside
        if not undone():
            assert finished(undoing(own_database, run, *reason))["reversed"] == ROWS
        assert undone()
        with capsys.disabled():
            print(f" [{OUTSIDE} killed outside and {inside} inside the transaction]", end="")


def test_two_undos_of_one_import_at_once_undo_it_once(own_database, workbook, django_db_blocker):
    finished(start(own_database, workbook))
    with django_db_blocker.unblock():
        run = ImportRun.objects.get()
        processes = [undoing(own_database, run, "--reason", "传错了文件") for _each in range(2)]
        ends = sorted((process.communicate(), process.returncode)[1] for process in processes)
        assert ends == [0, 1]
        assert undone()
