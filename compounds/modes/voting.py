"""业主大会表决: whether a vote passed, in whole numbers. Which rule holds on a day is data (``VoteRule``)."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chaoyang_pm.kit.figures import format_m2
from compounds.modes.choices import Base


@dataclass(frozen=True)
class Threshold:
    """A part of something that must be reached (``≥``), or exceeded (``more_than``)."""

    part: Fraction
    more_than: bool = False

    def least(self, of: int) -> int:
        """The smallest whole number that is enough."""
        bound = self.part * of
        return bound.__floor__() + 1 if self.more_than else bound.__ceil__()

    def __str__(self) -> str:
        facts = {"part": f"{self.part.numerator}/{self.part.denominator}"}
        return _("more than %(part)s") % facts if self.more_than else _("at least %(part)s") % facts


@dataclass(frozen=True)
class Ballot:
    """A vote as it was counted: areas in 0.01 ㎡, owners as heads. What took part is None where nobody counted it."""

    area: int
    heads: int
    area_for: int
    heads_for: int
    area_part: int | None = None
    heads_part: int | None = None


@dataclass(frozen=True)
class Rule:
    """How a matter is decided: ``quorum`` of all must take part, ``majority`` of ``base`` must be in favour."""

    base: Base
    majority: Threshold
    quorum: Threshold | None = None

    @property
    def needs_part(self) -> bool:
        """Whether it matters how many took part."""
        return self.quorum is not None or self.base == Base.PART


@dataclass(frozen=True)
class Line:
    """One condition of a vote, by area or by heads."""

    of_area: bool
    is_quorum: bool
    base: Base
    threshold: Threshold
    have: int
    of: int

    @property
    def least(self) -> int:
        return self.threshold.least(self.of)

    @property
    def missing(self) -> int:
        return max(0, self.least - self.have)

    @property
    def holds(self) -> bool:
        return not self.missing

    def said(self, number: int) -> str:
        """An amount with its unit."""
        if self.of_area:
            return f"{format_m2(number)} ㎡"
        return ngettext("%(number)s owner", "%(number)s owners", number) % {"number": f"{number:,}"}

    @property
    def heading(self) -> str:
        if self.is_quorum:
            return _("Taking part, by area") if self.of_area else _("Taking part, by owners")
        return _("In favour, by area") if self.of_area else _("In favour, by owners")

    @property
    def sentence(self) -> str:
        """What is asked, what there is, and what is missing."""
        facts = {
            "threshold": self.threshold, "base": self.base.label, "of": self.said(self.of),
            "have": self.said(self.have), "least": self.said(self.least), "missing": self.said(self.missing),
        }  # fmt: skip
        if self.holds:
            return _("%(have)s; asked are %(threshold)s %(base)s (%(of)s): %(least)s. Enough.") % facts
        return _("%(have)s; asked are %(threshold)s %(base)s (%(of)s): %(least)s. %(missing)s missing.") % facts


@dataclass(frozen=True)
class Verdict:
    """Whether a vote passed, condition by condition."""

    lines: tuple[Line, ...]

    @property
    def passed(self) -> bool:
        return all(line.holds for line in self.lines)

    @property
    def has_quorum(self) -> bool:
        return all(line.holds for line in self.lines if line.is_quorum)

    @property
    def summary(self) -> str:
        if self.passed:
            return _("The vote passed.")
        if not self.has_quorum:
            return _("Too few took part: the vote is not valid.")
        return _("The vote did not pass.")


def judge(rule: Rule, ballot: Ballot) -> Verdict:
    """Hold a vote against a rule. The ballot is one that ``problems`` finds nothing wrong with."""
    lines = []
    sides = (
        (True, ballot.area, ballot.area_part, ballot.area_for),
        (False, ballot.heads, ballot.heads_part, ballot.heads_for),
    )
    if rule.quorum:
        lines += [Line(of_area, True, Base.ALL, rule.quorum, part or 0, of) for of_area, of, part, _for in sides]
    for of_area, of, part, in_favour in sides:
        whole = of if rule.base == Base.ALL else part or 0
        lines.append(Line(of_area, False, rule.base, rule.majority, in_favour, whole))
    return Verdict(tuple(lines))


def problems(rule: Rule, ballot: Ballot) -> list[tuple[str, str]]:
    """What of a ballot cannot be, by field."""
    found = []
    sides = (
        ("area_dm2", "area_part_dm2", "area_for_dm2", ballot.area, ballot.area_part, ballot.area_for),
        ("heads", "heads_part", "heads_for", ballot.heads, ballot.heads_part, ballot.heads_for),
    )
    for all_field, part_field, for_field, of, part, in_favour in sides:
        if of <= 0:
            found.append((all_field, _("Give what all owners have together; it is greater than 0.")))
        if part is None:
            if rule.needs_part:
                found.append((part_field, _("By the rule of this date it matters how many took part.")))
        elif part > of:
            found.append((part_field, _("More took part than there are; check both numbers.")))
        if in_favour > (of if part is None else part):
            found.append((for_field, _("More were in favour than could vote; check both numbers.")))
    return found
