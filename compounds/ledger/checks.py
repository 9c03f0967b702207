"""System check: ``manage.py check --database default`` fails where a ledger trigger is missing."""

from django.core.checks import Error, Tags, register
from django.db import connections

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
