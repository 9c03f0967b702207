"""Short ways to put a ledger together and to ask commands, shared by the tests of several rooms."""

import datetime
import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection, connections, transaction

from chaoyang_pm.kit.jobs import running
from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job
from communities.divisions.models import Division
from communities.people.models import Appointment, User
from compounds.ledger import services, triggers
from compounds.ledger.choices import Source
from compounds.ledger.events import Event, Part
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from tests.model import replay_model

#: What kinds that need a document are recorded with.
BASIS = {"basis_type": "文件", "basis_name": "认定单"}
# Communities of the worked example, and one in another county.
JINYUAN, QIANJIN, HAIHE, XINLIU = "211302001003", "211302003001", "211303004001", "211321001001"


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def dm2(m2: str | int | float | None) -> int | None:
    """``"50,000.50"`` ㎡ in whole 0.01 ㎡; exact, because it goes by the text."""
    if m2 is None:
        return None
    whole, _point, fraction = str(m2).replace(",", "").partition(".")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 100 + int(fraction.ljust(2, "0")[:2] or 0))


def later_transaction() -> None:
    """What follows counts as another transaction: PostgreSQL notes that facts were edited once in each."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('chaoyang_pm.facts_edited', '', true)")


def make_compound(code: str, community: str = JINYUAN, name: str = "", **facts) -> Compound:
    """A compound in the register, without any entry."""
    name = name or f"小区{code}"
    return Compound.objects.create(
        code=code, name=name, community_id=community, normalised_name=name, name_stem=name, initials="xq", **facts
    )


def event(kind: str, on: str | datetime.date, compound: str, *, m2=None, **fields) -> Event:
    """An event with its area in ㎡ (``m2``) or 0.01 ㎡ (``area_dm2``)."""
    on = day(on) if isinstance(on, str) else on
    if m2 is not None:
        fields["area_dm2"] = dm2(m2)
    return Event(kind, on, compound, **fields)


def draft(an_event: Event, **details: str) -> services.Draft:
    return services.Draft(an_event, {**BASIS, **details})


def record(kind: str, on: str | datetime.date, compound: str, *, m2=None, details=None, **fields) -> Entry:
    """Record one event as the command line does."""
    a_draft = draft(event(kind, on, compound, m2=m2, **fields), **(details or {}))
    return services.record(draft=a_draft, by=None, source=Source.COMMAND)


def register(
    code: str, on="2014-01-01", *, community: str = JINYUAN, category="abandoned", mode="none", m2=1000, households=10
) -> Entry:
    """A registration, with the compound if it is not in the register yet."""
    if not Compound.objects.filter(code=code).exists():
        make_compound(code, community)
    return record(
        "register", on, code, community=community, category=category, mode_to=mode, m2=m2, households=households
    )  # fmt: skip


def reverse(height: int, reason: str = "录入有误") -> Entry:
    return services.reverse(height=height, reason=reason, by=None, source=Source.COMMAND)


def person(username: str, role: str = "", division: str = "", *, password: str | None = None, display_name: str = ""):
    """An account, appointed to a role in a division (which is made if there are no divisions yet)."""
    user = User.objects.create_user(username, password=password, display_name=display_name or username)
    if role:
        if division == "2113":
            Division.objects.get_or_create(code="2113", defaults={"name": "朝阳市", "level": "city"})
        Appointment.objects.create(
            user=user, role=role, division_id=division or None, since=day("2014-01-01"),
            department_id="price" if role == "department" else None,
        )  # fmt: skip
    return user


# --- the worked example of the ledger's definition ----------------------------------------------------
EXAMPLE_COMPOUNDS = {"A": JINYUAN, "B": QIANJIN, "C": HAIHE, "D": JINYUAN, "E": XINLIU, "F": QIANJIN}


def _registered(on, code, category, mode, m2, households):
    community = EXAMPLE_COMPOUNDS[code]
    return event(
        "register", on, code, community=community, category=category, mode_to=mode, m2=m2, households=households
    )  # fmt: skip


#: Heights 1 to 20; a number is the height that is reversed.
EXAMPLE: list[Event | int] = [
    _registered("2014-01-01", "A", "abandoned", "none", "100,000.00", 1000),
    _registered("2014-01-01", "B", "renovated", "none", "50,000.50", 500),
    _registered("2014-01-01", "C", "unserved", "none", "80,000.00", 800),
    _registered("2014-01-01", "D", "established", "professional", "30,000.00", 300),
    _registered("2014-01-01", "E", "abandoned", "none", "40,000.00", 400),
    event("takeover", "2014-05-10", "A", mode_to="professional", m2="60,000.00"),
    event("takeover", "2014-08-01", "B", mode_to="community"),
    event("takeover", "2014-09-15", "A", mode_to="owners"),
    _registered("2014-10-01", "F", "new_build", "professional", "25,000.00", 250),
    event("lapse", "2014-12-20", "D"),
    event("takeover", "2014-12-15", "C", mode_to="professional", m2="20,000.00"),
    event("mode_change", "2015-03-01", "A", mode_from="owners", mode_to="professional"),
    event("resurvey", "2015-04-01", "A", category="abandoned", mode_from="professional", m2="1,000.00", households=0),
    7,
    event("relocate", "2015-06-01", "C", community=QIANJIN),
    event("reclassify", "2015-07-01", "E", category="abandoned", new_category="renovated", m2="15,000.00"),
    event("takeover", "2015-05-20", "C", mode_to="professional", m2="10,000.00"),
    17,
    event("merge", "2015-09-01", "D", target="A"),
    event("takeover", "2015-08-15", "D", mode_to="professional"),
]


def post_example(after: int = 0, upto: int = len(EXAMPLE)) -> None:
    """Record the worked example's entries from height ``after + 1`` to ``upto`` in one write."""
    if not after:
        _make_example_compounds()
    # Each at its own time, as if they came one by one.
    with services.writing(EXAMPLE_COMPOUNDS, clock=lambda: services.timezone.now()) as writer:
        for step in EXAMPLE[after:upto]:
            if isinstance(step, int):
                writer.reverse(step, details={"reason": "录入有误"}, by=None, source=Source.COMMAND)
            else:
                writer.record(draft(step), by=None, source=Source.COMMAND)


def post_example_one_by_one() -> None:
    """The same entries, each by a write of its own: takes ten times as long."""
    _make_example_compounds()
    for step in EXAMPLE:
        if isinstance(step, int):
            reverse(step)
        else:
            services.record(draft=draft(step), by=None, source=Source.COMMAND)


def _make_example_compounds() -> None:
    for code, community in EXAMPLE_COMPOUNDS.items():
        make_compound(code, community, f"示例小区{code}")


# --- the independent model -----------------------------------------------------------------------------
def from_model(an_event: replay_model.Event) -> Event:
    """An event of the independent model in the portal's own form."""
    return Event(
        an_event.kind, an_event.on, an_event.compound, community=an_event.community, category=an_event.category,
        mode_from=an_event.mode_from, mode_to=an_event.mode_to, new_category=an_event.new_category,
        target=an_event.target, area_dm2=an_event.area, households=an_event.households,
        parts=tuple(Part(*part) for part in an_event.parts), reverses=an_event.reverses,
        new_parts=tuple((split, tuple(Part(*part) for part in parts)) for split, parts in an_event.new_parts),
    )  # fmt: skip


# --- commands ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Answer:
    """What a command said: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def ask(command: str, *arguments: str) -> Answer:
    """Run a management command in this process."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    return Answer(code, out.getvalue(), err.getvalue())


def ask_json(command: str, *arguments: str) -> Any:
    """The JSON of a command that must succeed."""
    answer = ask(command, *arguments, "--format", "json")
    assert answer.code == 0, answer
    assert answer.err == "", answer
    return answer.json


# --- jobs ----------------------------------------------------------------------------------------------
def work() -> list[Job]:
    """Do what a worker would do with the jobs that wait, in this process and transaction; return them as they ended."""
    jobs = list(Job.objects.filter(state=JobState.QUEUED).order_by("created_at"))
    for job in jobs:
        running.run(job.pk, beats=False)
        job.refresh_from_db()
    return jobs


# --- processes and threads -----------------------------------------------------------------------------
def until(holds: Callable[[], Any], *, seconds: float = 120, otherwise: Callable[[], str] = str) -> Any:
    """Wait for a condition and return its value; fail with what ``otherwise`` says if it does not come to hold."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, otherwise()
        threading.Event().wait(0.02)
    return value


# --- databases -----------------------------------------------------------------------------------------
@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes is taken back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def triggers_lifted() -> Iterator[None]:
    """Somebody with the database's password: for tests of what is found out afterwards."""
    triggers.lift(connection)
    try:
        yield
    finally:
        triggers.install(connection)


def run_sql(statement: str, params: Iterable[Any] = ()) -> int:
    """Execute raw SQL; return the number of rows concerned."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params))
        return cursor.rowcount


def drop_trigger(name: str, table: str) -> str:
    run_sql(f"DROP TRIGGER {name} ON {table}" if connection.vendor == "postgresql" else f"DROP TRIGGER {name}")
    return name


def drop_a_facts_trigger() -> str:
    """One of those by which an edit raises the facts' version; its name."""
    suffix = "" if connection.vendor == "postgresql" else "_update"
    return drop_trigger(f"compounds_compound_facts{suffix}", "compounds_compound")


def process_environment(database_url: str, folder) -> dict[str, str]:
    """The environment of a portal process of its own."""
    return {**os.environ, "DATABASE_URL": database_url, "CHAOYANG_PM_DATA_DIR": str(folder)}


def together(*calls) -> list:
    """What each call returned or raised; all begin at the same moment, each on a connection of its own."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number, call):
        try:
            gate.wait()
            answers[number] = call()
        except Refused as refused:
            answers[number] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
