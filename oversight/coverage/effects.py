"""What an event that is not recorded yet would change in the figures and targets of today."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db import connection
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import ratio
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.ledger.effects import Effect, Glance
from compounds.ledger.events import Change
from oversight.coverage import selectors, targets
from oversight.coverage.question import Question, resolve
from oversight.coverage.territory import territories
from oversight.programme import selectors as programme

SHOWN = (Level.COUNTY, Level.CITY)
#: (community, category, mode) → area in 0.01 ㎡ that comes or goes by today.
Moved = Mapping[tuple[str, str, str], int]


def effects(changes: Iterable[Change], scope: Scope) -> list[Effect]:
    """Managed area and rate of the counties concerned and of the city, and each target's completed area.

    Only what differs, and of divisions outside the scope nothing; of a target that reaches beyond it the change alone.
    """
    moved = _moved(changes)
    if not moved:
        return []
    codes = {community[: CODE_LENGTH[level]] for level in SHOWN for community, _category, _mode in moved}
    divisions = Division.objects.in_bulk(code for code in codes if scope.covers(code))
    question = resolve()
    found = []
    for code in sorted(divisions, key=lambda code: (-len(code), code)):
        found += _coverage(replace(question, division=divisions[code]), moved)
    return found + _targets(question, moved, scope)


def _moved(changes: Iterable[Change]) -> dict[tuple[str, str, str], int]:
    today, sums = business_date(), Counter[tuple[str, str, str]]()
    for change in changes:
        if change.effective_on <= today:
            _compound, community, category, mode, area, _households = change.effect
            sums[community, category, mode] += area
    return {pocket: area for pocket, area in sums.items() if area}


_HELD = """
    SELECT mode, SUM(CASE WHEN entry_id <= %s THEN area_dm2 ELSE 0 END), SUM(area_dm2) FROM compounds_posting
    WHERE {within} AND effective_on <= %s GROUP BY mode
"""


def glance(changes: Iterable[Change], community: str, height: int) -> list[Glance]:
    """The rate of a community as known at a version, now and afterwards; and how each target's completed area moves."""
    moved, today = _moved(changes), business_date()
    rules = programme.rules_on(today)
    modes = set(programme.counted_modes(rules[0])) if rules else set()
    within, bounds = Scope((community,)).sql("community_id")
    with connection.cursor() as cursor:
        cursor.execute(_HELD.format(within=within), [height, *bounds, today])
        held = [(mode, int(then), int(now)) for mode, then, now in cursor.fetchall()]
    inside = {pocket: area for pocket, area in moved.items() if pocket[0] == community}
    rates = [
        ratio(sum(row[at] for row in held if row[0] in modes), sum(row[at] for row in held)) for at in (1, 2)
    ]  # fmt: skip
    after = ratio(
        sum(now for mode, _then, now in held if mode in modes)
        + sum(area for (_place, _category, mode), area in inside.items() if mode in modes),
        sum(now for _mode, _then, now in held) + sum(inside.values()),
    )
    then, now = rates
    change = None if now is None or after is None else after - now
    found = [Glance(_("Coverage rate of the community"), "rate", then, now, after, change)]
    counted = {pocket: area for pocket, area in moved.items() if pocket[2] in modes}
    asked = list(programme.targets_of_area()) if counted else []
    lies_in = territories({each.code: [one.code for one in each.divisions.all()] for each in asked}) if asked else {}
    for target in asked:
        gained = sum(
            area
            for (place, category, _mode), area in counted.items()
            if category in target.categories and lies_in[target.code].covers(place)
        )
        if gained:
            found.append(Glance(target.name, "area", None, None, None, gained))
    return found


def _coverage(question: Question, moved: Moved) -> list[Effect]:
    inside = {pocket: area for pocket, area in moved.items() if pocket[0].startswith(question.division.code)}
    total = sum(inside.values())
    managed = sum(area for (_community, _category, mode), area in inside.items() if mode in question.modes)
    if not (total or managed):
        return []
    before = selectors.coverage(question)
    rate, new_rate = before.rate, ratio(before.managed + managed, before.total + total)
    name = {"division": str(question.division)}
    return [
        Effect(_("%(division)s: managed area") % name, "area", before.managed, before.managed + managed, managed),
        Effect(
            _("%(division)s: coverage rate by area") % name, "rate", rate, new_rate,
            None if rate is None or new_rate is None else new_rate - rate,
        ),
    ]  # fmt: skip


def _targets(question: Question, moved: Moved, scope: Scope) -> list[Effect]:
    counted = {pocket: area for pocket, area in moved.items() if pocket[2] in question.modes}
    found = []
    for figures in targets.board(question) if counted else ():
        change = sum(
            area
            for (community, category, _mode), area in counted.items()
            if figures.counts_area and category in figures.target.categories and figures.territory.covers(community)
        )
        if change:
            knows = all(scope.covers(code) for code in figures.territory.codes)
            before, after = (figures.completed, figures.completed + change) if knows else (None, None)
            what = _("%(target)s: completed") % {"target": figures.target.name}
            found.append(Effect(what, "area", before, after, change))
    return found
