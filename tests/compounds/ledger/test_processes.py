"""Several processes post at once, and some are killed: invariant 5 on a database of its own.

Nothing here waits for a time: processes start together when they are told to, and are killed after a line of output.
"""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compounds.ledger import services, triggers
from compounds.ledger.choices import Source
from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.ledger.verify import verify
from tests import own
from tests.support import draft, event, process_environment, register

PROCESSES, EACH = 8, 200
COMPOUNDS = [f"P{number}" for number in range(PROCESSES)]
SHARED = "共有"


@pytest.fixture
def own_database(own_template, tmp_path, django_db_blocker, data_folder):
    """A database with the reference data that other processes can reach, as this process's default one."""
    with django_db_blocker.unblock(), own.database(tmp_path, own_template) as (url, name), own.as_default(name):
        yield process_environment(url, data_folder)


@pytest.fixture
def posters(own_database):
    """Starts posting processes that wait for a line before they begin; all are gone afterwards."""
    started: list[subprocess.Popen] = []

    def start(name: str, entries: int, output: int = subprocess.PIPE) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.compounds.ledger.posting_process", name, str(entries), SHARED]
        process = subprocess.Popen(
            command, cwd=django_settings.BASE_DIR, env=own_database, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        started.append(process)
        return process

    for code in (*COMPOUNDS, SHARED):
        register(code, m2=10_000, households=100)
    connection.close()
    yield start
    for process in started:
        process.kill()
        process.communicate()


def begin(processes: list[subprocess.Popen]) -> None:
    """Let all go at the same moment, once the slowest is ready."""
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stdout.read()
    go(processes)


def go(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()


def check_ledger(posted: int) -> None:
    """Gap-free heights, nothing lost, nothing half posted, chain and postings in order."""
    heights = list(Entry.objects.order_by("height").values_list("height", flat=True))
    assert heights == list(range(1, len(heights) + 1))
    assert len(heights) == posted + PROCESSES + 1
    assert LedgerHead.objects.get().height == len(heights)
    recorded = list(Entry.objects.order_by("height").values_list("recorded_at", flat=True))
    assert recorded == sorted(recorded)
    # A registration posts once, a move twice: never one side without the other.
    assert Posting.objects.count() == 2 * posted + PROCESSES + 1
    report = verify()
    assert report.ok, report.findings


def test_eight_processes_posting_200_entries_each_leave_1600_heights_without_a_gap(posters, capsys):
    processes = [posters(code, EACH) for code in COMPOUNDS]
    started = time.monotonic()
    begin(processes)
    heights = []
    for process in processes:
        output, _none = process.communicate()
        assert process.returncode == 0, output
        assert "locked" not in output
        heights.append([int(line) for line in output.split()])
    taken = time.monotonic() - started
    with capsys.disabled():
        vendor, rate = connection.vendor, PROCESSES * EACH / taken
        print(f"\n{PROCESSES} processes, {PROCESSES * EACH} entries on {vendor}: {taken:.1f} s, {rate:.0f} entries/s")
    assert all(len(own) == EACH and own == sorted(own) for own in heights)
    first = PROCESSES + 2
    assert sorted(height for own in heights for height in own) == list(range(first, first + PROCESSES * EACH))
    check_ledger(PROCESSES * EACH)


def test_processes_killed_at_any_moment_leave_nothing_half_posted(posters):
    """What a killed process had printed stands; at most the one call that it was in stands unprinted."""
    chance, printed, killed = random.Random(9), 0, 0
    for _round in range(4):
        # One pipe for all: the moment of a kill is a line of anybody's.
        reading, writing = os.pipe()
        processes = [posters(code, 10_000, writing) for code in COMPOUNDS[:4]]
        os.close(writing)
        with os.fdopen(reading) as output:
            assert [output.readline() for _process in processes] == ["ready\n"] * 4
            go(processes)
            for process in chance.sample(processes, 4):
                lines = [output.readline() for _line in range(chance.randint(1, 12))]
                assert all(line.strip().isdigit() for line in lines), lines
                process.kill()
                assert process.wait() == -signal.SIGKILL
                printed, killed = printed + len(lines), killed + 1
            printed += output.read().count("\n")
        stands = Entry.objects.count() - PROCESSES - 1
        assert printed <= stands <= printed + 2 * killed
        check_ledger(stands)
        connection.close()
    # And the next writer goes on as if nothing had happened.
    output, _none = posters(COMPOUNDS[0], 10).communicate("\n")
    assert len(output.split()) == 11, output
    check_ledger(Entry.objects.count() - PROCESSES - 1)


def test_a_writer_locks_compounds_by_code_and_the_head_last(own_database):
    """One order of locks is what keeps writers from waiting for each other in a ring."""
    for code in ("乙", "甲", "丙"):
        register(code)
    services.record(draft=draft(event("merge", "2014-02-01", "丙", target="乙")), by=None, source=Source.COMMAND)
    drafts = [draft(event("takeover", "2014-01-15", code, mode_to="owners")) for code in ("甲", "丙")]
    with CaptureQueriesContext(connection) as captured:
        services.record_all(drafts=drafts, by=None, source=Source.COMMAND)
    if connection.vendor == "postgresql":
        locks = [query["sql"] for query in captured if "FOR UPDATE" in query["sql"]]
        assert "compounds_compound" in locks[0]
        assert 'ORDER BY "compounds_compound"."code" ASC' in locks[0]
        assert all(f"'{code}'" in locks[0] for code in ("甲", "乙", "丙")), (
            "the linked compound is locked with the named"
        )
        assert "compounds_ledgerhead" in locks[-1]
        assert len(locks) == 2
    else:
        assert captured[0]["sql"].startswith("BEGIN IMMEDIATE")
    assert triggers.missing(connection) == []
