"""Writes of the roll-ups: kept up with the ledger, made anew, held against it.

What is to be written is worked out beforehand from entries that never change, so that the database is held for the
writing only; a write that another one came before is worked out again.
"""

import datetime
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import month_end
from chaoyang_pm.kit.jobs import services as jobs
from communities.people import selectors as people
from communities.people.choices import Role
from compounds.ledger import selectors as ledger
from compounds.ledger.models import Posting
from oversight.coverage import rollups
from oversight.coverage.models import RollUp
from oversight.coverage.rollups import TABLES, Rows, Table
from oversight.coverage.scans import Steps, rows

#: The kind of the nightly job.
CHECK = "coverage.check"
log = logging.getLogger(__name__)

#: Called with (counties done, of all).
Say = Callable[[int, int], None]
#: So many differing cells are named; all are counted.
NAMED = 20
#: So often the rows are compared without holding them.
TRIES = 3


@dataclass(frozen=True)
class Refreshed:
    """Rows that were changed, and the height that they stand at now."""

    changed: int
    height: int


def _nothing(done: int, total: int) -> None:
    pass


def refresh(*, finishing: Callable[[Refreshed], None] = lambda done: None) -> Refreshed:
    """Bring the roll-ups to the newest height: what was recorded since is added, wherever it is dated.

    ``finishing`` is called within the transaction. Rows that a check found to differ stay as they are.
    """
    while True:
        before = _state()
        height, newest = _grown(before.height)
        if not before.differs_since and not before.height <= height <= 2 * before.height:
            # The beginning, much at once, or a ledger that is not the one rolled up.
            return rebuild(finishing=finishing)
        idle = before.differs_since or height == before.height
        steps = {} if idle else rollups.between(before.height, height)
        last = max(filter(None, (before.last_month, newest)), default=None)
        with transaction.atomic():
            done = Refreshed(0, before.height)
            if steps:
                mine = RollUp.objects.filter(pk=1, revision=before.revision)
                if not mine.update(height=height, last_month=last, revision=before.revision + 1):
                    continue
                done = Refreshed(_add(steps, before.last_month, last), height)
            finishing(done)
            return done


def _state() -> RollUp:
    """The one row; made when there is none, and then no other row counts."""
    state = RollUp.objects.filter(pk=1).first()
    if state is None:
        with transaction.atomic():
            state, is_new = RollUp.objects.get_or_create(pk=1)
            if is_new:
                for table in TABLES:
                    table.model._default_manager.all().delete()
    return state


def _add(steps: dict[Table, Steps], before: datetime.date | None, last: datetime.date | None) -> int:
    """Add what changed, up to the end of the last month in which anything was posted; rows went to ``before``."""
    if last is None:
        return 0
    carried = sum(rollups.carry_on(table, before, last) for table in TABLES) if before and last > before else 0
    return carried + sum(rollups.add(table, of_table, until=last) for table, of_table in steps.items())


def rebuild(*, finishing: Callable[[Refreshed], None] = lambda done: None, say: Say = _nothing) -> Refreshed:
    """Work out every row from the ledger and put right what differs. Figures read them again, whatever was found."""
    _state()
    with transaction.atomic():
        state = RollUp.objects.select_for_update().get(pk=1)
        height = ledger.newest().height
        state.height, state.last_month = height, _last_month(height=height)
        changed = 0
        codes = rollups.counties()
        for number, county in enumerate(codes):
            say(number, len(codes))
            for table, (held, differing) in _county(county, state).items():
                rollups.store(table, differing, held=held)
                changed += len(differing)
        state.revision += 1
        state.checked_at, state.differs_since, state.differences = timezone.now(), None, {}
        state.save()
        done = Refreshed(changed, height)
        finishing(done)
        return done


def _grown(above: int) -> tuple[int, datetime.date | None]:
    """The newest height, and the end of the last month in which entries after ``above`` posted anything; one query."""
    sql = """
        SELECT height, (SELECT MAX(effective_on) FROM compounds_posting WHERE entry_id > %s AND entry_id <= height)
        FROM compounds_ledgerhead WHERE id = 1
    """
    [(height, newest)] = rows(sql, [above])
    return height, _month_of(newest and rollups.as_date(newest))


def _last_month(*, height: int) -> datetime.date | None:
    """The end of the last month in which anything was posted, also what came to nothing."""
    return _month_of(Posting.objects.filter(entry__lte=height).aggregate(newest=Max("effective_on"))["newest"])


def _month_of(newest: datetime.date | None) -> datetime.date | None:
    return month_end(max(newest, rollups.as_month_end(rollups.FLOOR))) if newest else None


def _county(county: str, state: RollUp) -> dict[Table, tuple[Rows, Rows]]:
    """A county's rows as they are, and where they differ from the ledger at the state's height."""
    found = {}
    for table, steps in rollups.of_county(county, height=state.height).items():
        held = rollups.stored(table, county=county)
        right = rollups.cumulated(steps, until=state.last_month) if state.last_month else {}
        found[table] = (held, rollups.differences(held, right))
    return found


# --- the nightly comparison ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Checked:
    """How many rows were compared at which height, and those that differ, the first ones by name."""

    height: int
    compared: int
    differing: int
    named: list[dict]


def check(*, say: Say = _nothing) -> Checked:
    """Hold every row against the ledger. What differs is kept as it is, and no figure reads roll-ups any more."""
    for _try in range(TRIES):
        before = _state()
        found = _compare(before, say)
        with transaction.atomic():
            state = RollUp.objects.select_for_update().get(pk=1)
            if state.revision == before.revision:
                return _note(state, found)
    with transaction.atomic():
        state = RollUp.objects.select_for_update().get(pk=1)
        return _note(state, _compare(state, say))


def in_words(found: Checked) -> str:
    """What a difference means, and what to do about it."""
    message = _(
        "%(differing)s of %(compared)s cells of the roll-ups differ from the ledger at version %(height)s; the first "
        "is %(first)s. Figures stay right: they are summed from the ledger itself until the roll-ups are made anew "
        "with manage.py refresh_coverage --rebuild. Before that find out who or what changed the roll-ups."
    )
    facts = {"differing": found.differing, "compared": found.compared, "height": found.height}
    return message % (facts | {"first": _first(found)})


def _first(found: Checked) -> str:
    first = found.named[0]
    return f"{first['month_end']} {' '.join(map(str, first['cell']))}"


def known_to_differ() -> bool:
    """Whether a check found that the rows are not what the ledger says, and nobody has made them anew since."""
    return RollUp.objects.filter(differs_since__isnull=False).exists()


def _compare(state: RollUp, say: Say) -> Checked:
    compared, differing = 0, 0
    named: list[dict] = []
    codes = rollups.counties()
    for number, county in enumerate(codes):
        say(number, len(codes))
        for table, (held, right) in _county(county, state).items():
            compared += len(held)
            differing += len(right)
            for (cell, day), values in sorted(right.items())[: NAMED - len(named)]:
                named.append({
                    "table": table.name, "cell": list(cell), "month_end": day.isoformat(),
                    "stored": list(held.get((cell, day), (0,) * len(values))), "ledger": list(values),
                })  # fmt: skip
    return Checked(state.height, compared, differing, named)


def _note(state: RollUp, found: Checked) -> Checked:
    state.checked_at = timezone.now()
    if found.differing:
        if state.differs_since is None:
            state.differs_since, state.revision = timezone.now(), state.revision + 1
            jobs.tell(
                kind=CHECK, people=people.holders((Role.ADMIN, Role.BUREAU)), message=in_words(found),
                result=asdict(found),
            )  # fmt: skip
        state.differences = {"height": found.height, "differing": found.differing, "named": found.named}
        log.error(
            "Roll-ups differ from the ledger at height %s in %s of %s rows, and are not read until "
            "manage.py refresh_coverage --rebuild; the first: %s",
            found.height, found.differing, found.compared, _first(found),
        )  # fmt: skip
    state.save()
    return found
