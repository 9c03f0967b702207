"""Refusals: every one says what is wrong, in which field, with which value, and what would be accepted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2
from compounds.ledger.book import Blocked
from compounds.ledger.choices import Category, Kind, Mode
from compounds.ledger.events import Event, Pocket

Label = Callable[[str], str]


@dataclass(frozen=True)
class Problem:
    """One reason. ``field`` is an Entry field's name ("" for the event as a whole), ``value`` what was given."""

    field: str
    value: Any
    message: str


class Refused(Exception):
    """A write that the ledger does not accept; nothing was written.

    ``in_the_way`` is the recorded event that could no longer be applied, if that is the reason, and
    ``shortfall_dm2`` the area (0.01 ㎡) by which it would be short.
    """

    def __init__(self, *problems: Problem, in_the_way: Event | None = None, shortfall_dm2: int | None = None):
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems, self.in_the_way, self.shortfall_dm2 = problems, in_the_way, shortfall_dm2


def refuse(field: str, value: Any, message: str) -> Refused:
    return Refused(Problem(field, value, message))


def pocket_label(pocket: Pocket) -> str:
    """类别 / 模式 in words."""
    return f"{Category(pocket.category).label} / {Mode(pocket.mode).label}"


def event_label(event: Event) -> str:
    """A recorded event in a message: its height, date and kind."""
    return _("version %(height)s (%(date)s, %(kind)s)") % {
        "height": event.height,
        "date": event.effective_on.isoformat(),
        "kind": Kind(event.kind).label,
    }


def explain(blocked: Blocked, label: Label) -> Refused:
    """The refusal for an event that the replay does not accept. ``label`` names a compound or division by code."""
    conflict, proposed = blocked.conflict, blocked.proposed
    own = conflict.event is proposed
    reason = _reason(conflict.event, conflict.problem, conflict.params, label)
    if own:
        return Refused(
            Problem(_field(conflict.problem), _value(proposed, conflict.problem), reason),
            shortfall_dm2=conflict.params.get("shortfall"),
        )
    message = _("Then %(event)s could no longer be applied: %(reason)s") % {
        "event": event_label(conflict.event),
        "reason": reason,
    }
    if conflict.problem == "parts_differ":
        message += " " + _("Bring new parts for that split, or reverse it first.")
    elif proposed.kind == Kind.REVERSAL:
        message += " " + _("Reverse that one first.")
    else:
        message += " " + _("Correct that one first, or enter a smaller area or a later date.")
    field = "reverses" if proposed.kind == Kind.REVERSAL else _field(conflict.problem)
    value = proposed.reverses if proposed.kind == Kind.REVERSAL else _value(proposed, conflict.problem)
    return Refused(
        Problem(field, value, message), in_the_way=conflict.event, shortfall_dm2=conflict.params.get("shortfall")
    )


def _field(problem: str) -> str:
    return {
        "short_of_area": "area_dm2",
        "short_of_households": "households",
        "elsewhere": "community",
        "apart": "target",
        "parts_differ": "parts",
    }.get(problem, "effective_on")


def _value(event: Event, problem: str) -> Any:
    value = getattr(event, _field(problem), "")
    return value.isoformat() if hasattr(value, "isoformat") else value


def _reason(event: Event, problem: str, params: dict, label: Label) -> str:
    facts = {"date": event.effective_on.isoformat(), "compound": label(params["compound"])}
    match problem:
        case "short_of_area":
            facts |= {name: format_m2(params[name]) for name in ("held", "asked", "shortfall")}
            facts["pocket"] = pocket_label(params["pocket"])
            return (
                _(
                    "on %(date)s %(compound)s has %(held)s ㎡ in %(pocket)s, %(asked)s ㎡ are needed: "
                    "%(shortfall)s ㎡ too little."
                )
                % facts
            )
        case "short_of_households":
            facts |= {name: params[name] for name in ("held", "asked", "shortfall")}
            facts["pocket"] = pocket_label(params["pocket"])
            return (
                _(
                    "on %(date)s %(compound)s has %(held)s households in %(pocket)s, %(asked)s are needed: "
                    "%(shortfall)s too few."
                )
                % facts
            )
        case "not_registered":
            return _("on %(date)s %(compound)s is not registered yet.") % facts
        case "retired":
            facts["by"] = event_label(params["by"])
            return _("%(compound)s takes no event after %(by)s.") % facts
        case "elsewhere":
            facts |= {"named": label(params["named"]), "lies_in": label(params["lies_in"])}
            return _("on %(date)s %(compound)s lies in %(lies_in)s, not in %(named)s.") % facts
        case "apart":
            facts |= {"lies_in": label(params["lies_in"]), "other": label(params["other"])}
            return (
                _(
                    "on %(date)s the compounds lie in different communities, %(lies_in)s and %(other)s; "
                    "relocate one of them first."
                )
                % facts
            )
        case "parts_differ":
            facts |= {
                "held": format_m2(params["held"]),
                "asked": format_m2(params["asked"]),
                "held_households": params["held_households"],
                "asked_households": params["asked_households"],
                "pocket": pocket_label(params["pocket"]),
            }
            return (
                _(
                    "on %(date)s %(compound)s has %(held)s ㎡ and %(held_households)s households in %(pocket)s, "
                    "the parts add up to %(asked)s ㎡ and %(asked_households)s households."
                )
                % facts
            )
    raise ValueError(problem)
