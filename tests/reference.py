"""The reference data of the tests: stored once in a run's test database, and out of the way where a test has none.

Most tests stand on it, and loading it anew took most of their time.
"""

from functools import cache

from django.db import connection

from tests.kept import Kept

_created: dict[str, int] = {}


@cache
def _kept() -> Kept:
    """What ``load_reference`` fills, parents first."""
    from communities.models import Department, Division
    from compounds.models import (
        ExtensionRight,
        ProcedureKind,
        ProcedureStep,
        ReturnDeadline,
        ReviewDays,
        SkippedLevel,
        Synonym,
        TenderRule,
        VoteRule,
    )
    from oversight.models import Clause, CountingRule, PlanDeadline, Programme, Target, TargetVersion

    models = (Division, Department, SkippedLevel, Synonym, Programme, Clause, Target, Target.divisions.through)
    more = (ProcedureKind, ProcedureStep, VoteRule, TenderRule, ReturnDeadline, ExtensionRight, ReviewDays)
    return Kept(*models, TargetVersion, CountingRule, *more, PlanDeadline)


def store() -> None:
    """Load it into an empty test database, to stay there. The log begins with each test."""
    from auditlog.models import LogEntry

    from oversight.programme.services import load_reference

    _created.update(load_reference())
    LogEntry.objects.all().delete()
    _kept().take()


def load() -> dict[str, int]:
    """What ``load_reference`` leaves in an empty database; what it created, by kind."""
    from oversight.programme.services import load_reference

    standing = _kept().filled()
    if standing == {False}:  # a test that commits has emptied all tables
        _kept().put_back()
    elif standing != {True}:
        load_reference()
    return dict(_created)


def remove() -> None:
    """As if it had never been loaded, unless a module has built on it.

    Nothing refers to it, then, which PostgreSQL need not find out row by row.
    """
    from chaoyang_pm.kit.facts.models import FactsEdit
    from compounds.register.models import Compound

    if Compound.objects.exists():
        return
    with connection.cursor() as cursor:
        trusted = False
        if connection.vendor == "postgresql":
            cursor.execute("SHOW is_superuser")
            trusted = cursor.fetchone()[0] == "on"
        if trusted:
            cursor.execute("SET session_replication_role = replica")
        for table in (*reversed(_kept().tables), FactsEdit._meta.db_table):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        if trusted:
            cursor.execute("SET session_replication_role = origin")
