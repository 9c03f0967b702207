"""``kill -9`` during an import, and two imports of one file at once: all of it once, or nothing.

The processes are portals of their own. Some are killed at moments spread over the time that a check takes, some once
they hold the ledger's lock; nothing is waited for but the processes themselves.
"""

import json
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection, transaction

from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import write
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU

ROWS = 4_000
COMMUNITIES = (JINYUAN, QIANJIN, HAIHE, XINLIU)
OUTSIDE, INSIDE = 2, 3


@pytest.fixture
def workbook(tmp_path) -> Path:
    header = ["小区名称", "社区", "建筑面积(㎡)", "户数", "小区类别"]
    rows = ([f"第{n}小区", COMMUNITIES[n % 4], 4000 + n, 40, "弃管"] for n in range(ROWS))
    return write(tmp_path / "四千行.xlsx", [header, *rows])


def start(environment: dict[str, str], path: Path, *options: str) -> subprocess.Popen:
    command = "import_entries" if "变更" in path.name else "import_compounds"
    command = [sys.executable, "manage.py", command, str(path), "--format", "json", *options]
    return subprocess.Popen(
        command,
        cwd=django_settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def landed() -> int:
    """How many entries there are: none or all, each with its posting, in an unbroken chain."""
    entries = Entry.objects.count()
    assert entries in (0, ROWS)
    assert Posting.objects.count() == Compound.objects.count() == entries == LedgerHead.objects.get().height
    report = verify()
    assert report.ok, report.findings
    return entries


def writer_is_inside(environment: dict[str, str]) -> bool:
    """Whether another process holds the ledger's lock right now."""
    if connection.vendor == "sqlite":
        file = sqlite3.connect(environment["DATABASE_URL"].removeprefix("sqlite:///"), timeout=0, isolation_level=None)
        with closing(file):
            try:
                file.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            file.execute("ROLLBACK")
            return False
    try:
        with transaction.atomic():
            LedgerHead.objects.select_for_update(nowait=True).get()
    except OperationalError:
        return True
    return False


def kill_after(process: subprocess.Popen, seconds: float) -> bool:
    """Kill a process that long from now, unless it ends before: then it must have ended well."""
    try:
        _out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    assert process.returncode == 0, err
    return False


def finished(process: subprocess.Popen) -> dict:
    out, err = process.communicate()
    assert process.returncode == 0, err
    return json.loads(out)


def test_killed_at_any_moment_nothing_is_half_posted_and_the_file_lands_once(
    own_database, workbook, django_db_blocker, capsys
):
    chance = random.Random(9)
    with django_db_blocker.unblock():
        began = time.monotonic()
        finished(start(own_database, workbook, "--dry-run"))
        checking = time.monotonic() - began
        for number in range(OUTSIDE):  # while it reads and checks
            assert kill_after(start(own_database, workbook), checking * (number + chance.random()) / OUTSIDE / 2)
            assert landed() == 0
        inside = 0
        for number in range(INSIDE):  # while it holds the ledger's lock
            process = start(own_database, workbook)
            while process.poll() is None and not writer_is_inside(own_database):
                pass
            inside += kill_after(process, checking * number * chance.random() / INSIDE)
            if landed():
                break
        assert inside
        result = finished(start(own_database, workbook))
        assert (result["created"], result["posted"]) in ((ROWS, ROWS), (0, 0))
        assert result["created"] + result["unchanged"] == ROWS
        assert landed() == ROWS
        with capsys.disabled():
            print(f" [{OUTSIDE} killed outside and {inside} inside the transaction]", end="")


def test_two_imports_of_one_file_at_once_post_it_once(own_database, workbook, django_db_blocker):
    processes = [start(own_database, workbook), start(own_database, workbook)]
    results = sorted((finished(process) for process in processes), key=lambda result: result["posted"])
    assert [result["posted"] for result in results] == [0, ROWS]
    assert [result["unchanged"] for result in results] == [ROWS, 0]
    assert [result["height"] for result in results] == [ROWS, ROWS]
    with django_db_blocker.unblock():
        assert landed() == ROWS


def test_two_imports_of_the_same_changes_at_once_post_them_once(own_database, tmp_path, django_db_blocker):
    """Each row takes only a part, so that nothing but its source key keeps it from being posted twice."""
    header = ["小区编号", "小区名称", "社区", "建筑面积(㎡)", "小区类别"]
    compounds = [[f"X{number}", f"第{number}小区", JINYUAN, 5000, "弃管"] for number in range(200)]
    finished(start(own_database, write(tmp_path / "台账.xlsx", [header, *compounds])))
    header = ["小区编号", "变更类型", "发生日期", "新管理模式", "面积(㎡)"]
    takeovers = [[f"X{number % 200}", "接管", "2015-01-01", "自助", 1 + number] for number in range(1000)]
    path = write(tmp_path / "变更.xlsx", [header, *takeovers])
    processes = [start(own_database, path), start(own_database, path)]
    results = sorted((finished(process) for process in processes), key=lambda result: result["posted"])
    assert [(result["posted"], result["unchanged"]) for result in results] == [(0, 1000), (1000, 0)]
    with django_db_blocker.unblock():
        assert Entry.objects.filter(kind="takeover").count() == 1000
        assert verify().ok
