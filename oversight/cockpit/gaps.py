"""缺口构成 of a division and its parts: what of their area is unmanaged, and why (``compounds.register.gaps``)."""

from collections.abc import Iterable
from dataclasses import dataclass

from communities.divisions.choices import BELOW, CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.approvals import selectors as approvals
from compounds.ledger.choices import Category, Mode
from compounds.register import gaps
from compounds.register.choices import Gap
from compounds.register.gaps import Amount
from oversight.cockpit.selectors import names
from oversight.coverage import reading
from oversight.coverage.figures import Counts, Figures
from oversight.coverage.question import Question
from oversight.coverage.scans import Held, together
from oversight.coverage.selectors import area_pending


@dataclass(frozen=True)
class GapRow:
    """One part, or all of them. ``reasons`` in the order of ``Gap`` add up to the area under no mode."""

    code: str
    name: str
    figures: Figures
    reasons: list[Amount]
    waiting: Amount
    pending: int

    @property
    def uncounted(self) -> int:
        """Under a mode that the question's rule does not count."""
        return self.figures.unmanaged - self.figures.area(modes=[Mode.NONE])

    @property
    def undetermined(self) -> int:
        """类别待认定, of the area under no mode."""
        return self.figures.area(categories=[Category.UNDETERMINED], modes=[Mode.NONE])

    @property
    def by_reason(self) -> list[tuple[Gap, Amount]]:
        return list(zip(Gap, self.reasons, strict=True))


@dataclass(frozen=True)
class Gaps:
    """``below``: the level of the rows, None for a community, which has none."""

    below: Level | None
    rows: list[GapRow]
    total: GapRow


def of(question: Question, divisions: list[Division]) -> Gaps:
    """The parts with unmanaged area, the most first; the divisions right below are handed in."""
    division, as_of, height = question.division, question.as_of, question.height
    below = BELOW.get(Level(division.level))
    length = CODE_LENGTH[below] if below else len(division.code)
    held = reading.held(division.code, as_of, height, length, rules=[question.modes])
    pending = area_pending(division.code, length)
    why = gaps.composition(division.code, length, as_of=as_of, height=height)
    among = approvals.takeovers_waiting()
    proposed = gaps.composition(division.code, length, as_of=as_of, height=height, among=among)
    waiting = {key: _sum(amount for (of, _gap), amount in proposed.items() if of == key) for key, _gap in proposed}

    def row(code: str, name: str, keys: Iterable[str]) -> GapRow:
        keys = list(keys)
        of = together(held.get(key, Held()) for key in keys)
        waits = sum(pending.get(key, 0) for key in keys)
        return GapRow(
            code, name, Figures(of.cells, question.modes, Counts.of(of.masks, question.modes, waits)),
            [_sum(why.get((key, gap), Amount()) for key in keys) for gap in Gap],
            _sum(waiting.get(key, Amount()) for key in keys), waits,
        )  # fmt: skip

    called = names(question, divisions, held.keys() | pending.keys()) if below else {}
    rows = [row(key, name, [key]) for key, name in called.items()]
    rows = [each for each in rows if each.figures.unmanaged or each.pending]
    return Gaps(
        below, sorted(rows, key=lambda each: (-each.figures.unmanaged, each.code)),
        row(division.code, str(division), held.keys() | pending.keys()),
    )  # fmt: skip


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, Amount())
