"""报送情况表: who was to report this month, who has, and who has not."""

from dataclasses import dataclass

from compounds.returns import selectors as returns
from compounds.returns.selectors import Completeness
from oversight.coverage.question import Question


@dataclass(frozen=True)
class Reported:
    """The units below the question's division, by the returns of their communities for the question's month."""

    rows: list[Completeness]
    total: Completeness


def reported(question: Question) -> Reported:
    return Reported(*returns.completeness(question.as_of.replace(day=1), question.division))
