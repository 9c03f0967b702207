"""What an event that is not recorded yet would change in the figures and targets of today."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import ratio
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.ledger.effects import Effect
from compounds.ledger.events import Change
from oversight.coverage import selectors, targets
from oversight.coverage.question import Question, resolve

SHOWN = (Level.COUNTY, Level.CITY)
#: (community, category, mode) → area in 0.01 ㎡ that comes or goes by today.
Moved = Mapping[tuple[str, str, str], int]


def effects(changes: Iterable[Change], scope: Scope) -> list[Effect]:
    """Managed area and rate of the counties concerned and of the city, and each target's completed area.

    Only what differs, and of divisions outside the scope nothing; of a target that reaches beyond it the change alone.
    """
    today, sums = business_date(), Counter[tuple[str, str, str]]()
    for change in changes:
        if change.effective_on <= today:
            _compound, community, category, mode, area, _households = change.effect
            sums[community, category, mode] += area
    moved = {pocket: area for pocket, area in sums.items() if area}
    if not moved:
        return []
    codes = {community[: CODE_LENGTH[level]] for level in SHOWN for community, _category, _mode in moved}
    divisions = Division.objects.in_bulk(code for code in codes if scope.covers(code))
    question = resolve()
    found = []
    for code in sorted(divisions, key=lambda code: (-len(code), code)):
        found += _coverage(replace(question, division=divisions[code]), moved)
    return found + _targets(question, moved, scope)


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
