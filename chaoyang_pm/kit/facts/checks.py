"""``manage.py check --database default`` and ``/healthz`` fail where an edit would not raise the facts' version."""

from django.core.checks import Error, Tags, register
from django.db import connection, connections

from chaoyang_pm.kit.facts import triggers
from chaoyang_pm.kit.health.checks import Failing


@register(Tags.database)
def edits_are_noted(databases=None, **kwargs):
    return [
        Error(
            f"The trigger {name}, which notes edits for ETags, is missing in database {alias!r}.",
            hint="Run manage.py migrate: it puts the triggers back.",
            id="kit.E001",
        )
        for alias in databases or []
        for name in triggers.missing(connections[alias])
    ]


def triggers_are_healthy() -> None:
    if missing := triggers.missing(connection):
        raise Failing(f"{len(missing)} missing")
