"""口径: counting rules by date. A rule is changed by a further row; figures of earlier days stay as they are."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.db import transaction

from communities.people.models import User
from compounds.ledger.choices import Mode
from oversight.programme import selectors
from oversight.programme.models import CountingRule


@transaction.atomic
def add(*, code: str, name: str, modes: Sequence[str], valid_from: datetime.date, by: User) -> CountingRule:
    """Enter a new rule, or from a day on how an existing one counts.

    Raises ValidationError with its fields: a mode that cannot count, a day that the rule has a row for.
    """
    rule = CountingRule(code=code, name=name, modes=[mode for mode in Mode.values if mode in modes])
    rule.valid_from = valid_from
    rule.full_clean()
    with set_actor(by):
        rule.save()
    return rule


@dataclass(frozen=True)
class Stage:
    """One row of a rule: how it counts from a day on, up to the next. ``entry`` says who entered it and when."""

    rule: CountingRule
    modes: list[Mode]
    is_in_force: bool
    entry: LogEntry | None


def stages(on: datetime.date) -> list[list[Stage]]:
    """Every rule with its rows, newest first; the standard rule before the others."""
    rows = list(CountingRule.objects.order_by("code", "-valid_from"))
    in_force = {rule.pk for rule in selectors.rules_on(on)}
    created = LogEntry.objects.get_for_objects(CountingRule.objects.all()).filter(action=LogEntry.Action.CREATE)
    entries = {entry.object_id: entry for entry in created.select_related("actor")}
    codes = sorted({row.code for row in rows}, key=lambda code: (code != selectors.STANDARD, code))
    return [
        [
            Stage(row, [Mode(mode) for mode in selectors.counted_modes(row)], row.pk in in_force, entries.get(row.pk))
            for row in rows
            if row.code == code
        ]
        for code in codes
    ]
