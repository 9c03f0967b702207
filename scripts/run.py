"""``make run``: brings the database up to date, starts the web server, says where it is, and ends it cleanly.

An empty database gets the demo city first, unless DEMO=0.
"""

import contextlib
import ctypes
import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = os.environ.get("HOST", "127.0.0.1")
PORT = os.environ.get("PORT", "8000")
START_SECONDS = 60
STOP_SECONDS = 15
LOOK_SECONDS = 0.3
FIRST_PAUSE, LONGEST_PAUSE = 1, 30
PR_SET_PDEATHSIG = 1


def complaint() -> str:
    """Why nothing can listen at HOST and PORT; empty if it can."""
    if not (PORT.isascii() and PORT.isdigit() and 0 < int(PORT) < 65536):
        return f"PORT={PORT}: expected a number from 1 to 65535."
    try:
        family, kind, _, _, address = socket.getaddrinfo(HOST, int(PORT), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        return f"Cannot listen on {HOST}, port {PORT}: {reason}. Choose another with: make run PORT=8001"
    return ""


def prepare() -> tuple[str, str]:
    """Migrate, load the reference data, and the demo city into an empty database (unless DEMO=0).

    Returns the path that makes the first account, if there is none yet, and a demonstration's log-ins in one line.
    """
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # empty, unless somebody collects static files there
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", stdout=io.StringIO())
    if os.environ.get("DEMO", "1") != "0" and is_empty():
        print("Loading the demo city (DEMO=0 leaves the database empty)", flush=True)
        call_command("demo", stdout=io.StringIO())
    first_account = io.StringIO()
    call_command("first_account_link", stdout=first_account)
    logins = demo_logins()
    connections.close_all()
    return first_account.getvalue().strip(), logins


def is_empty() -> bool:
    """Whether nobody uses the database yet: where there is an account, somebody is about to enter the real thing."""
    from communities.people.models import User
    from compounds.register.models import Compound

    return not Compound.objects.exists() and not User.objects.exists()


def demo_logins() -> str:
    """The log-ins of a demonstration in one line; empty for any other database."""
    from communities.people import demo

    names = " ".join(user.username for user in demo.logins())
    return f"Demo log-ins: {names} – password of each: {demo.PASSWORD}" if names else ""


class Part:
    """One of the processes that the portal is made of; started again, after a pause, when it dies."""

    def __init__(self, name: str, *command: str):
        self.name, self.command, self.pause = name, command, FIRST_PAUSE
        self.start()

    def start(self) -> None:
        # A session of its own: the terminal's signals reach this process only, which then ends the others in order.
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.command], cwd=ROOT, start_new_session=True, preexec_fn=end_with_parent
        )
        self.started = time.monotonic()

    def keep_alive(self) -> None:
        """Start it again if it is dead; later and later while it dies at once."""
        if self.process.poll() is None:
            return
        if time.monotonic() - self.started > LONGEST_PAUSE:
            self.pause = FIRST_PAUSE
        code = self.process.returncode
        print(f"The {self.name} ended ({code}); it is started again in {self.pause} s.", file=sys.stderr, flush=True)
        self.kill()
        time.sleep(self.pause)
        self.pause = min(2 * self.pause, LONGEST_PAUSE)
        self.start()

    def kill(self) -> None:
        """The process and whatever it has started and left behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def end_with_parent() -> None:
    """Should this process be killed, the system ends its children (Linux; elsewhere they would be left)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start() -> list[Part]:
    server = ["granian", "chaoyang_pm.wsgi:application", "--interface", "wsgi", "--host", HOST, "--port", PORT]
    server += ["--workers", "2", "--blocking-threads", "4", "--log-level", "warning", "--respawn-failed-workers"]
    server += ["--workers-kill-timeout", "10"]  # one that hangs while it starts would keep the server from ending
    return [Part("web server", *server), Part("worker", "django", "worker")]


def answers() -> bool:
    try:
        socket.create_connection((HOST, int(PORT)), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until_it_answers(server: Part) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        if answers():
            return True
        time.sleep(0.05)
    return False


def stop(parts: list[Part]) -> None:
    """All at once: the server finishes its requests, the worker puts its jobs back between two steps."""
    for part in parts:
        part.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        with contextlib.suppress(subprocess.TimeoutExpired):
            part.process.wait(max(0, deadline - time.monotonic()))
        part.kill()


def main() -> int:
    if problem := complaint():
        print(problem, file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
    os.environ.setdefault("CHAOYANG_PM_LOG_LEVEL", "WARNING")  # no line per request between what is said here
    sys.path.insert(0, str(ROOT))
    first_account, logins = prepare()
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, signal.default_int_handler)
    parts = start()
    try:
        if not wait_until_it_answers(parts[0]):
            print("The web server did not start; its messages are above.", file=sys.stderr)
            return 1
        address = f"http://{f'[{HOST}]' if ':' in HOST else HOST}:{PORT}"
        print(f"The portal is at {address}/  (Ctrl-C ends it)", flush=True)
        if logins:
            print(logins, flush=True)
        if first_account:
            print(f"There is no account yet. Make the first one, once, at {address}{first_account}", flush=True)
        while True:
            for part in parts:
                part.keep_alive()
            time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        return 0
    finally:
        # Told twice to end, it ends once.
        for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(end, signal.SIG_IGN)
        stop(parts)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
