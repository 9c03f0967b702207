"""Reads on the programme: the one in force, its targets, its counting rules by date."""

import datetime
from collections.abc import Callable

from django.db.models import QuerySet

from compounds.ledger.choices import Mode
from oversight.programme.models import CountingRule, Programme, Target, TargetVersion

STANDARD = "standard"


def current() -> Programme | None:
    """The city's programme; None before the reference data are loaded."""
    return Programme.objects.select_related("city", "baseline").order_by("starts_on").last()


def baseline_date() -> datetime.date | None:
    """Where the programme's baseline lies; None before the reference data are loaded."""
    programme = current()
    return programme.baseline_on if programme else None


def targets(programme: Programme) -> QuerySet[Target]:
    return programme.targets.select_related("clause", "builds_on").prefetch_related("divisions", "versions")


def version_on(target: Target, on: datetime.date) -> TargetVersion:
    """What the target asks for on a date: the newest version valid by then, else its first."""
    versions = sorted(target.versions.all(), key=lambda version: version.valid_from)
    valid = [version for version in versions if version.valid_from <= on]
    return valid[-1] if valid else versions[0]


def rule_codes() -> list[str]:
    return sorted(set(CountingRule.objects.values_list("code", flat=True)))


def rule_on(code: str, on: datetime.date) -> CountingRule | None:
    """The counting rule as it stands on a date: the newest row valid by then, else its first."""
    rows = list(CountingRule.objects.filter(code=code).order_by("valid_from"))
    valid = [row for row in rows if row.valid_from <= on]
    return valid[-1] if valid else rows[0] if rows else None


def modes_over_time(code: str) -> Callable[[datetime.date], tuple[str, ...]]:
    """The modes that a rule counts, by date, from one query."""
    rows = list(CountingRule.objects.filter(code=code).order_by("valid_from"))

    def on(day: datetime.date) -> tuple[str, ...]:
        valid = [row for row in rows if row.valid_from <= day]
        return tuple(counted_modes((valid or rows)[-1 if valid else 0]))

    return on


def rules_on(on: datetime.date) -> list[CountingRule]:
    """Every counting rule as it stands on a date, the standard one first."""
    rules = [rule for code in rule_codes() if (rule := rule_on(code, on))]
    return sorted(rules, key=lambda rule: rule.code != STANDARD)


def counted_modes(rule: CountingRule) -> list[str]:
    """The modes that count, in the order of the screens."""
    return [mode.value for mode in Mode if mode.value in rule.modes]


def counts_towards_a_target(community: str, categories: set[str]) -> bool:
    """Whether a target of the programme in force counts area of one of these categories in a community."""
    programme = current()
    if programme is None:
        return False
    return any(
        categories & set(target.categories) and community.startswith(tuple(d.code for d in target.divisions.all()))
        for target in targets(programme)
    )
