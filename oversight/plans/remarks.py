"""What the bureau has said to lines of a plan, and where a later version stands to it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from oversight.plans.choices import PlanState
from oversight.plans.models import PlanComment, PlanLine, PlanRemark, PlanStep, PlanVersion

#: Facts of a line that two versions are compared by.
COMPARED = (
    "compound_id", "name", "community_id", "category", "mode", "due_on", "by_quarter", "area_dm2", "households",
    "leader", "person", "phone", "unit", "is_pilot", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One word on a line: agreed, or what is to be put right; ``version``: the number of the version it was said of."""

    text: str
    is_agreed: bool
    version: int


def key_of(line: PlanLine) -> tuple:
    """What a line is about, whatever its number: a compound, else the place and name that are written."""
    if line.compound_id is not None:
        return (line.compound_id,)
    return (line.community_id, line.name, line.number)


def as_written(line: PlanLine) -> tuple:
    return tuple(getattr(line, name) for name in COMPARED)


def answered(version: PlanVersion, others: Iterable[PlanVersion]) -> PlanVersion | None:
    """Of the other versions of the plan the one right before, if it was returned."""
    before = [one for one in others if one.number == version.number - 1 and one.state == PlanState.RETURNED]
    return before[0] if before else None


def of_lines(
    version: PlanVersion, lines: Sequence[PlanLine], history: Iterable[PlanStep], earlier: PlanVersion | None, *,
    reviews: bool,
) -> dict[int, list[Said]]:  # fmt: skip
    """What was said of lines, by their numbers, where some of them are shown.

    Of a draft what was said of the ``earlier`` version that it answers; of a version that was returned its comments,
    from its ``history``; and for whoever reviews it his remarks so far.
    """
    found: dict[int, list[Said]] = defaultdict(list)
    if version.state == PlanState.DRAFT and earlier:
        places = {key_of(line): line.number for line in lines}
        comments = list(PlanComment.objects.filter(step__version=earlier, line__isnull=False))
        before = {one.number: one for one in earlier.lines.filter(number__in=[one.line for one in comments])}
        for comment in comments:
            line = before.get(comment.line or 0)
            if line and (number := places.get(key_of(line))):
                found[number].append(Said(comment.text, False, earlier.number))
    for step in history:
        for comment in step.comments.all():
            if comment.line is not None:
                found[comment.line].append(Said(comment.text, False, version.number))
    if reviews and version.state == PlanState.UNDER_REVIEW:
        for remark in version.remarks.all():
            found[remark.line].append(Said(remark.text, remark.is_agreed, version.number))
    return found


def agreed_before(version: PlanVersion, lines: Sequence[PlanLine]) -> dict[int, int]:
    """Lines that stand as they were agreed in the version before: their numbers, and that version's."""
    earlier = PlanVersion.objects.filter(
        programme=version.programme_id, county=version.county_id, number=version.number - 1, state=PlanState.RETURNED
    ).first()  # fmt: skip
    if earlier is None:
        return {}
    agreed = earlier.remarks.filter(is_agreed=True).values("line")
    before = {key_of(line): as_written(line) for line in earlier.lines.filter(number__in=agreed)}
    return {line.number: earlier.number for line in lines if before.get(key_of(line)) == as_written(line)}


def own(version: PlanVersion) -> Mapping[int, PlanRemark]:
    """The remarks made so far, by line."""
    return {remark.line: remark for remark in version.remarks.all()}
