"""``manage.py check --database default`` and ``/healthz`` fail where a ledger trigger is missing."""

from django.core.checks import Error, Tags, register
from django.db import connection, connections

from chaoyang_pm.kit.health.checks import Failing
from compounds.ledger import triggers


@register(Tags.database)
def ledger_triggers_are_in_place(databases=None, **kwargs):
    return [
        Error(
            f"The ledger trigger {name} is missing in database {alias!r}.",
            hint="Run manage.py migrate: it puts the triggers back.",
            id="compounds.E001",
        )
        for alias in databases or []
        for name in triggers.missing(connections[alias])
    ]


def triggers_are_healthy() -> None:
    if missing := triggers.missing(connection):
        raise Failing(f"{len(missing)} missing")
