"""Kills workers, web servers and imports while work is going on, and then counts what was lost or happened twice.

``python -m tests.kit.jobs.killing KILLS SEED`` in the environment of a migrated portal of its own; prints JSON.

Work is of three kinds: workbooks uploaded and posted through HTTP, workbooks imported from the command line (in the
foreground and in the background), and jobs whose effect nothing but the lease keeps from happening twice.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
    django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client

from chaoyang_pm.kit.jobs import services
from chaoyang_pm.kit.jobs.choices import OPEN
from chaoyang_pm.kit.jobs.models import Job
from compounds.imports.models import ImportRun
from compounds.ledger.models import Entry, Posting
from compounds.ledger.verify import verify
from tests import support
from tests.kit.jobs.kinds import effects
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, person

HEADER = "小区编号,小区名称,社区,建筑面积(㎡),户数,小区类别\n"
CSRF = "k" * 32
#: A job may be killed many times before it is left alone.
until = partial(support.until, seconds=900)


# --- processes -------------------------------------------------------------------------------------------
class Nursery:
    """Forks portal processes from one that has loaded everything, so that a dead one is replaced in no time."""

    def __init__(self, folder: Path):
        self.folder, self.lock = folder, threading.Lock()
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            ours.close()
            self._bring_forth(theirs.makefile("rw"))
        theirs.close()
        self.pipe = ours.makefile("rw")

    def start(self, name: str, *arguments: str) -> int:
        """Start a command; its output and, if it ends by itself, its exit code land in files by ``name``."""
        with self.lock:
            self.pipe.write(json.dumps([name, *arguments]) + "\n")
            self.pipe.flush()
            return int(self.pipe.readline())

    def _bring_forth(self, pipe: Any) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        for line in pipe:
            name, *command = json.loads(line)
            pid = os.fork()
            if pid == 0:
                self._be(name, command)
            pipe.write(f"{pid}\n")
            pipe.flush()
        os._exit(0)

    def _be(self, name: str, command: list[str]) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        output = os.open(self.folder / f"{name}.out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(os.open(self.folder / "processes.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        code = 0
        try:
            call_command(*command)
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        sys.stdout.flush()
        (self.folder / f"{name}.exit").write_text(str(code))
        os._exit(code)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Web:
    """The real server, with two processes that answer."""

    def __init__(self, folder: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log, self.over = folder / "processes.log", threading.Event()
        self.start()
        self.keeper = threading.Thread(target=self._keep_alive)
        self.keeper.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "chaoyang_pm.wsgi:application", "--interface", "wsgi"]
        command += ["--port", str(self.port), "--workers", "2", "--log-level", "critical", "--respawn-failed-workers"]
        command += ["--workers-kill-timeout", "2"]
        with self.log.open("a") as log:
            self.server = subprocess.Popen(
                command, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
            )

    def _keep_alive(self) -> None:
        """Whoever runs the portal starts a dead server again; this one ends if its processes die too often."""
        while not self.over.wait(0.1):
            if self.server.poll() is not None:
                self._kill()
                self.start()

    def stop(self) -> None:
        self.over.set()
        self.keeper.join()
        self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()

    def workers(self) -> list[int]:
        children: list[str] = []
        with suppress(OSError):
            children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        # The tracker of shared memory is no server.
        return [pid for pid in map(int, children) if b"resource_tracker" not in self._command_line(pid)]

    @staticmethod
    def _command_line(pid: int) -> bytes:
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        return b"resource_tracker"

    def answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/") as answer:
            return answer.status == 200
        return False

    def post(self, path: str, session: str, fields: dict[str, str], file: tuple[str, str] | None = None) -> str | None:
        """Where the answer leads to; None if there was no answer, or another one."""
        boundary, parts = uuid.uuid4().hex, []
        for name, value in ({"csrfmiddlewaretoken": CSRF} | fields).items():
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n')
        if file:
            head = f'Content-Disposition: form-data; name="file"; filename="{file[0]}"\r\nContent-Type: text/csv'
            parts.append(f"--{boundary}\r\n{head}\r\n\r\n{file[1]}\r\n")
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=("".join(parts) + f"--{boundary}--\r\n").encode(),
            headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Cookie": f"sessionid={session}; csrftoken={CSRF}",
            },
        )
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=60):
                return None
        except urllib.error.HTTPError as answer:
            return answer.headers["Location"] if answer.code == 302 else None
        except (OSError, ValueError):
            return None


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


# --- work ------------------------------------------------------------------------------------------------
class Work:
    """What is being done, and what must stand in the end: areas by compound code, and names of effects."""

    def __init__(self, nursery: Nursery, web: Web, folder: Path, chance: random.Random):
        self.nursery, self.web, self.folder, self.chance = nursery, web, folder, chance
        self.over, self.lock, self.number = threading.Event(), threading.Lock(), 0
        self.areas: dict[str, int] = {}
        self.names: list[str] = []
        self.imports: set[int] = set()
        self.failures: list[BaseException] = []
        self.session = self._log_in()

    def _log_in(self) -> str:
        client = Client()
        client.force_login(person("killer", "bureau", "2113"))
        return client.cookies["sessionid"].value

    def start(self) -> list[threading.Thread]:
        loops: list[Callable[[], None]] = [self.upload, self.upload, self.command, self.command, self.act, self.act]
        threads = [threading.Thread(target=self._until_over, args=(loop,)) for loop in loops]
        for thread in threads:
            thread.start()
        return threads

    def _until_over(self, step: Callable[[], None]) -> None:
        try:
            while not self.over.is_set():
                step()
        except BaseException as failure:  # told by the main thread
            self.failures.append(failure)
        finally:
            connections.close_all()

    def rows(self) -> tuple[int, str, dict[str, int]]:
        """A workbook that no other one resembles, and the areas that it brings."""
        with self.lock:
            self.number += 1
            number, size = self.number, self.chance.choice((5, 40, 200))
        codes = {f"K{number:04}-{row}": 1000 + number + row for row in range(size)}
        places = (JINYUAN, QIANJIN, HAIHE, XINLIU)
        lines = [f"{c},{c}号小区,{places[n % 4]},{area},10,弃管\n" for n, (c, area) in enumerate(codes.items())]
        return number, HEADER + "".join(lines), codes

    def upload(self) -> None:
        """Through the pages: upload, wait for the check, post; a request without an answer is sent again."""
        number, text, codes = self.rows()
        form = {"workbook": "register", "default_date": "2014-01-01"}

        def sent() -> str | None:
            return self.web.post("/imports/", self.session, form, (f"{number}.csv", text))

        run = ImportRun.objects.get(pk=until(sent).split("/")[-2])

        def posted() -> bool:
            run.refresh_from_db()
            idle = not Job.objects.filter(key=f"import:{run.pk}", state__in=OPEN).exists()
            if run.state == "checked" and idle:
                self.web.post(f"/imports/{run.pk}/post/", self.session, {})
            return run.state == "posted"

        until(posted, otherwise=lambda: f"{run.state}: {run.result}")
        self.areas |= codes

    def command(self) -> None:
        """From the command line, every third time in the background; a killed one is started again."""
        number, text, codes = self.rows()
        path = self.folder / f"{number}.csv"
        path.write_text(text, encoding="utf-8")
        background = ["--background"] if number % 3 == 0 else []
        attempt, code = 0, None
        while code is None:
            attempt, name = attempt + 1, f"import-{number}-{attempt}"
            pid = self.nursery.start(name, "import_compounds", str(path), "--format", "json", *background)
            self.imports.add(pid)
            until(lambda pid=pid: not lives(pid))
            self.imports.discard(pid)
            with suppress(FileNotFoundError):
                code = (self.folder / f"{name}.exit").read_text()
        output = (self.folder / f"{name}.out").read_text()
        assert code == "0", output
        if background:
            job = Job.objects.get(pk=json.loads(output)["id"])
            until(lambda: Job.objects.filter(pk=job.pk).exclude(state__in=OPEN).exists())
        self.areas |= codes

    def act(self) -> None:
        """A job whose effect would show twice."""
        name = f"wirkung-{uuid.uuid4().hex[:12]}"
        job = services.enqueue(kind="test.steps", by=None, parameters={"name": name})
        self.names.append(name)
        until(lambda: Job.objects.filter(pk=job.pk).exclude(state__in=OPEN).exists())


# --- the killer, and what it left ------------------------------------------------------------------------
WEIGHTS = {"busy": 4, "import": 2}


def kill(
    nursery: Nursery, web: Web, work: Work, workers: list[int], chance: random.Random, kills: int
) -> dict[str, int]:
    killed = dict.fromkeys(("worker", "web", "import"), 0)
    while sum(killed.values()) < kills and not work.failures:
        wait_for_work(workers)
        victims = {
            "worker": workers,
            "busy": busy(workers),
            "web": [*web.workers(), web.server.pid],
            "import": sorted(work.imports),
        }
        # Mostly those that are at work.
        kind = chance.choice(
            [kind for kind, those in victims.items() if those for _time in range(WEIGHTS.get(kind, 1))]
        )
        victim = chance.choice(victims[kind])
        threading.Event().wait(chance.uniform(0, 0.5))
        kind = "worker" if kind == "busy" else kind
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed[kind] += 1
        if kind == "worker":
            workers[workers.index(victim)] = nursery.start(f"worker-{killed[kind]}", "worker")
    return killed


def busy(workers: list[int]) -> list[int]:
    """Those of the workers that hold a job right now."""
    names = Job.objects.filter(state="running").values_list("worker", flat=True)
    return [pid for pid in workers if any(name.endswith(f":{pid}") for name in names)]


def wait_for_work(workers: list[int]) -> None:
    """New workers take a moment to get to work, and killing idle ones shows little; but nothing waits for ever."""
    for _look in range(100):
        if busy(workers):
            return
        threading.Event().wait(0.05)


def judge(work: Work) -> dict[str, Any]:
    """Lost is what is missing or has no end; doubled is what is there more than once, or more than it should be."""
    lost = Job.objects.exclude(state="done").count()
    doubled, stands = 0, dict.fromkeys(work.areas, 0)
    for code, area in Posting.objects.values_list("compound__code", "area_dm2"):
        stands[code] = stands.get(code, 0) + area
    for code, area in stands.items():
        wanted = work.areas.get(code, 0) * 100
        lost, doubled = lost + (area < wanted), doubled + (area > wanted)
    counts = [effects(name) for name in work.names]
    report = verify()
    return {
        "lost": lost + counts.count(0), "doubled": doubled + sum(count > 1 for count in counts),
        "entries": Entry.objects.count(), "jobs": Job.objects.count(),
        "cut_off": Job.objects.filter(attempt__gt=1).count(), "ledger": report.ok,
    }  # fmt: skip


def main(kills: int, seed: int) -> int:
    folder, chance = settings.DATA_DIR / "kills", random.Random(seed)
    folder.mkdir()
    nursery = Nursery(folder)
    web = Web(folder)
    try:
        work = Work(nursery, web, folder, chance)
        until(lambda: len(web.workers()) == 2 and web.answers())
        workers = [nursery.start(f"worker-{name}", "worker") for name in ("a", "b", "c")]
        threads = work.start()
        until(lambda: Job.objects.filter(state="done").exists())
        killed = kill(nursery, web, work, workers, chance, kills)
        work.over.set()
        for thread in threads:
            thread.join()
        until(lambda: not Job.objects.filter(state__in=OPEN).exists())
        for failure in work.failures:
            print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        result = {"kills": sum(killed.values()), **killed, **judge(work), "failures": len(work.failures)}
        print(json.dumps(result))
    finally:
        web.stop()
        nursery.pipe.close()
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
