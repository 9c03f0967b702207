"""怎么算的 of a target, or of the part that a division was given: what is completed, required and due."""

import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2, format_percent
from chaoyang_pm.kit.scoping import Scope
from chaoyang_pm.kit.templatetags.figures import signed, signed_m2
from compounds.ledger.choices import Category
from oversight.coverage import progress
from oversight.coverage.parts import PartFigures, now_and_then
from oversight.coverage.targets import TargetBoard, TargetFigures, counted
from oversight.explaining.behind import by_event
from oversight.explaining.choices import OfTarget
from oversight.explaining.selectors import Explained, shown_points, square
from oversight.programme import selectors as programme
from oversight.programme.choices import Unit
from oversight.programme.models import Target
from oversight.programme.selectors import Given

#: The whole target or a part of it, measured by the same formulas.
Measured = TargetFigures | PartFigures


def explain(board: TargetBoard, target: Target, what: OfTarget, scope: Scope, since: datetime.date) -> Explained:
    """One figure of a target. Behind what is completed stand the events that a reader may see."""
    now, before = board.of(target), board.at(since).of(target)
    title = f"{target.name} · {what.label}"
    return _explained(board, now, before, getattr(before, what), what, title, scope, since)


def explain_part(
    board: TargetBoard, target: Target, given: Given, earlier: Given | None, what: OfTarget, scope: Scope,
    since: datetime.date,
) -> Explained:  # fmt: skip
    """The same of a part, and of what it had been ``earlier``: what was not given yet has nothing before."""
    now, before = now_and_then(board, target, given, since, earlier)
    known = earlier is not None or what == OfTarget.COMPLETED
    title = " · ".join((target.name, _("Part of this division"), str(what.label)))
    return _explained(board, now, before, getattr(before, what) if known else None, what, title, scope, since)


def _explained(
    board: TargetBoard, now: Measured, before: Measured, earlier: int | float | None, what: OfTarget, title: str,
    scope: Scope, since: datetime.date,
) -> Explained:  # fmt: skip
    target, value = now.target, getattr(now, what)
    words, steps = _formula(board, now, what)
    if what == OfTarget.RATIO:
        facts = format_percent(value), since, format_percent(earlier), shown_points(value, earlier)
    else:
        shown, change = (square, _signed_square) if _is_area(target) else (_number, signed)
        facts = shown(value), since, "—", "—"
        if earlier is not None:
            facts = shown(value), since, shown(int(earlier)), change(value - int(earlier))
    if not _is_area(target) or what not in (OfTarget.COMPLETED, OfTarget.RATIO):
        return Explained(title, words, steps, *facts)
    postings = counted(_territory(board, now), target, board.question)
    rows = by_event(postings.filter(scope.q("community"), effective_on__gt=since), F("area_dm2"))
    notes = [] if scope.everything else [_("Events outside your divisions count, and are not listed.")]
    return Explained(title, words, steps, *facts, rows=rows, columns=[_("Completed")], unit="area", notes=notes)


def _is_area(target: Target) -> bool:
    return target.unit == Unit.AREA


def _signed_square(area: int) -> str:
    return f"{signed_m2(area)} ㎡"


def _number(communities: int) -> str:
    return f"{communities:,}"


def _amount(target: Target, amount: int) -> str:
    return square(amount) if _is_area(target) else _("%(number)s communities") % {"number": _number(amount)}


def _territory(board: TargetBoard, now: Measured):
    return now.territory if isinstance(now, TargetFigures) else board.territories_of([now.given.code])[now.given.code]


def _formula(board: TargetBoard, now: Measured, what: OfTarget) -> tuple[str, list[str]]:
    match what:
        case OfTarget.COMPLETED:
            return _completed(board, now)
        case OfTarget.REQUIRED:
            return _required(board, now)
        case OfTarget.SCHEDULED:
            return _scheduled(board, now)
    amounts = " ÷ ".join(_amount(now.target, amount) for amount in (now.completed, now.required))
    return _("Completion rate = completed ÷ required."), [f"{amounts} = {format_percent(now.ratio)}"]


def _completed(board: TargetBoard, now: Measured) -> tuple[str, list[str]]:
    target = now.target
    if not _is_area(target):
        words = _("Completed = of the communities asked, those with a pilot: begun by the date, not failed.")
        return words, [_amount(target, now.completed)]
    if isinstance(now, PartFigures):
        where, parts = str(now.division), now.by_category
    else:
        where = _(", ").join(str(division) for division in target.divisions.all())
        parts = board.completed_by_category(target, board.question.as_of)
    named = " + ".join(f"{Category(category).label} {format_m2(area)}" for category, area in parts.items())
    words = _(
        "Completed = area of the target's categories in its divisions (%(divisions)s) under the modes that the "
        "counting rule counts."
    ) % {"divisions": where}
    return words, [f"{named} = {square(sum(parts.values()))}"]


def _required(board: TargetBoard, now: Measured) -> tuple[str, list[str]]:
    target, version, required = now.target, now.version, _amount(now.target, now.required)
    named = f"{version.document or target.clause_id} ({version.valid_from}): {required}"
    if isinstance(now, PartFigures):
        return _("Required = what the document gave to this division of the target."), [named]
    if not _is_area(target):
        return _("Required = urban communities with unmanaged area at the baseline."), [required]
    if now.version.required_dm2 is not None:
        return _("Required = what the document names."), [named]
    on, height = board.baseline
    words = _(
        "Required = all area of the target's categories in its divisions at the baseline, as known when it was locked "
        "(until then: at the date and version asked for)."
    )
    return words, [
        _("all area of the categories, baseline %(day)s, version %(height)s: %(area)s")
        % {"day": on, "height": height, "area": required}
    ]


def _scheduled(board: TargetBoard, now: Measured) -> tuple[str, list[str]]:
    words = _(
        "Scheduled = the part of what is required that is due by the date: straight from the programme's start to the "
        "deadline, or from milestone to milestone."
    )
    target, version, day = now.target, now.version, board.question.as_of
    found = progress.leg(
        now.required, start=board.programme.starts_on, deadline=version.deadline, on=day,
        milestones=programme.milestones(version),
    )  # fmt: skip
    if found is None:
        return words, [_("The deadline %(day)s has come: all is due, %(area)s.") % {
            "day": version.deadline, "area": _amount(target, now.required)
        }]  # fmt: skip
    span = _("%(since)s to %(until)s: %(gone)s of %(days)s days") % {
        "since": found.since, "until": found.until, "gone": found.gone(day), "days": found.days
    }  # fmt: skip
    plain = format_m2 if _is_area(target) else _number
    start = f"{plain(found.reached)} + " if found.reached else ""
    share = f"{plain(found.due - found.reached)} × {found.gone(day)} ÷ {found.days}"
    return words, [span, f"{start}{share} = {_amount(target, found.scheduled(day))}"]
