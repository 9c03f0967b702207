"""怎么算的 of a target: what is completed, required and due."""

import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.scoping import Scope
from chaoyang_pm.kit.templatetags.figures import signed, signed_m2
from compounds.ledger.choices import Category
from oversight.coverage import progress
from oversight.coverage.cards import last_month_end
from oversight.coverage.targets import TargetBoard, counted
from oversight.explaining.behind import by_event
from oversight.explaining.choices import OfTarget
from oversight.explaining.selectors import Explained, square
from oversight.programme import selectors as programme
from oversight.programme.choices import Unit
from oversight.programme.models import Target, TargetVersion


def explain(board: TargetBoard, target: Target, what: OfTarget, scope: Scope) -> Explained:
    """One figure of a target. Behind what is completed stand the events that a reader may see."""
    since = last_month_end(board.question)
    then = board.at(since)
    title = f"{target.name} · {what.label}"
    if target.unit == Unit.COMMUNITIES:
        return _communities(board, then, target, what, title)
    value, before = _amount(board, target, what), _amount(then, target, what)
    words, steps = _formula(board, target, what)
    facts = title, words, steps, square(value), since, square(before), f"{signed_m2(value - before)} ㎡"
    if what != OfTarget.COMPLETED:
        return Explained(*facts)
    postings = counted(board.territory(target), target, board.question)
    rows = by_event(postings.filter(scope.q("community"), effective_on__gt=since), F("area_dm2"))
    notes = [] if scope.everything else [_("Events outside your divisions count, and are not listed.")]
    return Explained(*facts, rows=rows, columns=[_("Completed")], unit="area", notes=notes)


def _version(board: TargetBoard, target: Target) -> TargetVersion:
    return programme.version_on(target, board.versions_on)


def _amount(board: TargetBoard, target: Target, what: OfTarget) -> int:
    if what == OfTarget.COMPLETED:
        return board.completed(target, board.question.as_of)
    version = _version(board, target)
    required = board.required(target, version)
    return required if what == OfTarget.REQUIRED else board.scheduled(required, version)


def _formula(board: TargetBoard, target: Target, what: OfTarget) -> tuple[str, list[str]]:
    if what == OfTarget.COMPLETED:
        return _completed(board, target)
    version = _version(board, target)
    return _required(board, target, version) if what == OfTarget.REQUIRED else _scheduled(board, target, version)


def _completed(board: TargetBoard, target: Target) -> tuple[str, list[str]]:
    parts = board.completed_by_category(target, board.question.as_of)
    named = " + ".join(f"{Category(category).label} {format_m2(area)}" for category, area in parts.items())
    words = _(
        "Completed = area of the target's categories in its divisions (%(divisions)s) under the modes that the "
        "counting rule counts."
    ) % {"divisions": _(", ").join(str(division) for division in target.divisions.all())}
    return words, [f"{named} = {square(sum(parts.values()))}"]


def _required(board: TargetBoard, target: Target, version: TargetVersion) -> tuple[str, list[str]]:
    required = square(board.required(target, version))
    if version.required_dm2 is not None:
        words = _("Required = what the document names.")
        return words, [f"{version.document or target.clause_id} ({version.valid_from}): {required}"]
    on, height = board.baseline
    words = _(
        "Required = all area of the target's categories in its divisions at the baseline, as known when it was locked "
        "(until then: at the date and version asked for)."
    )
    return words, [
        _("all area of the categories, baseline %(day)s, version %(height)s: %(area)s")
        % {"day": on, "height": height, "area": required}
    ]


def _scheduled(board: TargetBoard, target: Target, version: TargetVersion) -> tuple[str, list[str]]:
    required, day, words = board.required(target, version), board.question.as_of, _scheduled_words()
    found = progress.leg(
        required, start=board.programme.starts_on, deadline=version.deadline, on=day,
        milestones=programme.milestones(version),
    )  # fmt: skip
    if found is None:
        return words, [_("The deadline %(day)s has come: all is due, %(area)s.") % {
            "day": version.deadline, "area": square(required)
        }]  # fmt: skip
    span = _("%(since)s to %(until)s: %(gone)s of %(days)s days") % {
        "since": found.since, "until": found.until, "gone": found.gone(day), "days": found.days
    }  # fmt: skip
    start = f"{format_m2(found.reached)} + " if found.reached else ""
    share = f"{format_m2(found.due - found.reached)} × {found.gone(day)} ÷ {found.days}"
    return words, [span, f"{start}{share} = {square(found.scheduled(day))}"]


def _communities(board: TargetBoard, then: TargetBoard, target: Target, what: OfTarget, title: str) -> Explained:
    now, before = board.of(target), then.of(target)
    value, earlier = (getattr(figures, what.value) for figures in (now, before))
    since: datetime.date = then.question.as_of
    words = {
        OfTarget.COMPLETED: _("Completed = urban communities whose pilot compound is recorded."),
        OfTarget.REQUIRED: _("Required = urban communities with unmanaged area at the baseline."),
        OfTarget.SCHEDULED: _scheduled_words(),
    }[what]
    steps = [_("%(number)s communities") % {"number": f"{value:,}"}]
    return Explained(title, words, steps, f"{value:,}", since, f"{earlier:,}", signed(value - earlier))


def _scheduled_words() -> str:
    return _(
        "Scheduled = the part of what is required that is due by the date: straight from the programme's start to the "
        "deadline, or from milestone to milestone."
    )
