"""Coverage: balances and counts for any (division, date, height) and grouping (formulas: ledger.md, "Formulas")."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import Substr

from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import as_called_on
from compounds.ledger.choices import Category, Mode
from compounds.register.models import Compound
from oversight.coverage.figures import Counts, Figures, Group
from oversight.coverage.question import Question
from oversight.coverage.reading import held
from oversight.coverage.scans import Held
from oversight.programme import selectors as programme
from oversight.programme.models import CountingRule

#: Groupings by division (with counts of compounds) and by dimension (area and households only).
BY_LEVEL = {level.value: CODE_LENGTH[level] for level in (Level.COUNTY, Level.SUBDISTRICT, Level.COMMUNITY)}
BY_DIMENSION: dict[str, type[Category] | type[Mode]] = {"category": Category, "mode": Mode}
GROUPINGS = (*BY_LEVEL, *BY_DIMENSION)


def coverage(question: Question) -> Figures:
    """The figures of the question's division."""
    key = question.division.code
    return _by_code(question, len(key)).get(key) or Figures({}, question.modes)


def groups(question: Question, by: str) -> list[Group]:
    """The figures of a division by county, subdistrict, community, category or mode.

    Every county of that date appears; below it, the divisions that hold or held compounds. Names are those of then.
    """
    if by in BY_DIMENSION:
        return by_dimension(coverage(question), by)
    found = _by_code(question, BY_LEVEL[by])
    names = _names(question, by, found)
    return [Group(key, names[key], found.get(key) or Figures({}, question.modes)) for key in sorted(names)]


@dataclass(frozen=True)
class SideBySide:
    """A division's figures by several counting rules, in their order."""

    key: str
    name: str
    figures: list[Figures]


def side_by_side(question: Question, rules: list[CountingRule], by: str | None = None) -> list[SideBySide]:
    """口径对照: the division by each rule, or its parts at a level; one reading for all rules."""
    length = BY_LEVEL[by] if by else len(question.division.code)
    counted = [tuple(programme.counted_modes(rule)) for rule in rules]
    found = held(question.division.code, question.as_of, question.height, length, rules=counted)
    names = _names(question, by, found) if by else {question.division.code: str(question.division)}
    return [
        SideBySide(
            key, names[key], [Figures(of.cells, modes, Counts.of(of.masks, modes)) for modes in counted]
        )
        for key in sorted(names)
        if (of := found.get(key, Held()))
    ]  # fmt: skip


def _names(question: Question, by: str, found: Iterable[str]) -> dict[str, str]:
    """The divisions of a grouping by code, as they were called on the date."""
    keys = set(found)
    if by == Level.COUNTY:
        within = Division.objects.subtree(question.division.code[: BY_LEVEL[by]]).filter(level=Level.COUNTY)
        keys |= set(within.existing(question.as_of).values_list("code", flat=True))
    called = as_called_on(Division.objects.filter(code__in=keys), question.as_of)
    return {division.code: str(division) for division in called}


def by_dimension(whole: Figures, by: str) -> list[Group]:
    """A division's figures by category or mode; counts of compounds do not add up over them and are left out."""
    index = list(BY_DIMENSION).index(by)
    return [
        Group(
            choice.value,
            str(choice.label),
            Figures({key: held for key, held in whole.cells.items() if key[index] == choice}, whole.modes, None),
        )
        for choice in BY_DIMENSION[by]
    ]


def _by_code(question: Question, length: int) -> dict[str, Figures]:
    """Figures by the first ``length`` digits of the community."""
    code, modes = question.division.code, question.modes
    found = held(code, question.as_of, question.height, length, rules=[modes])
    pending = area_pending(code, length)
    return {
        key: Figures(of.cells, modes, Counts.of(of.masks, modes, pending.get(key, 0)))
        for key in found.keys() | pending.keys()
        if (of := found.get(key, Held()))
    }


def area_pending(code: str, length: int) -> dict[str, int]:
    """面积待核: compounds of a division without a live registration, by the first digits of their community."""
    waiting = Compound.objects.within(code).area_pending().order_by()
    return dict(waiting.annotate(key=Substr("community_id", 1, length)).values_list("key").annotate(Count("pk")))
