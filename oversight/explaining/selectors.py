"""怎么算的: a figure with its formula in words and in numbers, a month ago, and what lies behind the difference."""

import datetime
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2, format_percent
from chaoyang_pm.kit.templatetags.figures import signed, signed_m2
from compounds.ledger.choices import Mode
from oversight.coverage.figures import Counts, Figures
from oversight.coverage.question import Question
from oversight.coverage.selectors import coverage
from oversight.explaining import behind
from oversight.explaining.choices import Figure

_IN_HOUSEHOLDS = (Figure.HOUSEHOLDS, Figure.ALL_HOUSEHOLDS)


@dataclass(frozen=True)
class Explained:
    """A figure as read, with everything it stands on.

    ``words`` is the formula, ``steps`` the same with numbers. ``rows``: what lies behind the difference, None where
    nothing in the ledger does. ``columns`` are the headings of the rows' amounts, ``unit`` that of them. ``query``: the
    filters of the register that show the compounds behind the figure.
    """

    title: str
    words: str
    steps: list[str]
    shown: str
    since: datetime.date
    before: str
    change: str
    rows: QuerySet | None = None
    columns: list[str] = field(default_factory=list)
    unit: str = ""
    query: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def explain(question: Question, figure: Figure, since: datetime.date) -> Explained:
    """One figure of a division, against an earlier day."""
    now, then = coverage(question), coverage(replace(question, as_of=since))
    if figure == Figure.COMPOUNDS:
        return _by_compounds(question, since, now, then)
    words, steps = _formula(figure, now)
    value, before = _value(figure, now), _value(figure, then)
    is_rate = figure in (Figure.RATE, Figure.HOUSEHOLDS, Figure.PROFESSIONAL)
    if figure == Figure.ALL_HOUSEHOLDS:
        difference = f"{value:,}", since, f"{before:,}", signed(now.households_total - then.households_total)
    else:
        difference = _difference(value, before, since, is_rate=is_rate)
    return Explained(
        str(figure.label), words, steps, *difference, rows=behind.events(question, since, figure),
        columns=_columns(figure), unit="households" if figure in _IN_HOUSEHOLDS else "area",
        query=_query(question, figure),
        notes=[_("A parent's rate is the sum over the sum, never the mean of rates.")] if is_rate else [],
    )  # fmt: skip


def shown_points(now: float | None, then: float | None) -> str:
    """The difference of two rates in percentage points."""
    if now is None or then is None:
        return "—"
    change = round((now - then) * 100, 2)
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return _("%(change)s points") % {"change": f"{sign}{abs(change):.2f}"}


def square(area: int) -> str:
    return f"{format_m2(area)} ㎡"


def _value(figure: Figure, figures: Figures) -> int | float | None:
    return {
        Figure.TOTAL: figures.total, Figure.MANAGED: figures.managed, Figure.UNMANAGED: figures.unmanaged,
        Figure.RATE: figures.rate, Figure.HOUSEHOLDS: figures.households_rate,
        Figure.PROFESSIONAL: figures.professional_rate, Figure.ALL_HOUSEHOLDS: figures.households_total,
    }[figure]  # fmt: skip


def _difference(value, before, since: datetime.date, *, is_rate: bool) -> tuple[str, datetime.date, str, str]:
    if is_rate:
        return format_percent(value), since, format_percent(before), shown_points(value, before)
    return square(value), since, square(before), f"{signed_m2(value - before)} ㎡"


def _formula(figure: Figure, now: Figures) -> tuple[str, list[str]]:
    """The formula in words, and with the numbers put in."""
    total, managed, unmanaged = square(now.total), square(now.managed), square(now.unmanaged)
    match figure:
        case Figure.TOTAL:
            return _("Total area = managed area + unmanaged area: everything registered that lies here."), [
                f"{managed} + {unmanaged} = {total}"
            ]
        case Figure.MANAGED:
            parts = [(Mode(mode), now.area(modes=[mode])) for mode in now.modes]
            named = " + ".join(f"{mode.label} {format_m2(area)}" for mode, area in parts)
            return _("Managed area = the sum of what lies under the modes that the counting rule counts."), [
                f"{named} = {managed}"
            ]
        case Figure.UNMANAGED:
            return _("Unmanaged area = total area − managed area."), [f"{total} − {managed} = {unmanaged}"]
        case Figure.HOUSEHOLDS:
            return _("Coverage rate by households = households on managed area ÷ all households."), [
                f"{now.households_managed:,} ÷ {now.households_total:,} = {format_percent(now.households_rate)}"
            ]
        case Figure.ALL_HOUSEHOLDS:
            return _("Households = households on managed area + households on unmanaged area."), [
                f"{now.households_managed:,} + {now.households_unmanaged:,} = {now.households_total:,}"
            ]
        case Figure.PROFESSIONAL:
            professional = square(now.area(modes=[Mode.PROFESSIONAL]))
            return _("Professional rate = area under professional management ÷ total area, by every counting rule."), [
                f"{professional} ÷ {total} = {format_percent(now.professional_rate)}"
            ]
    return _("Coverage rate = managed area ÷ total area."), [f"{managed} ÷ {total} = {format_percent(now.rate)}"]


def _columns(figure: Figure) -> list[str]:
    return {
        Figure.RATE: [_("Managed area"), _("Total area")],
        Figure.PROFESSIONAL: [str(Mode.PROFESSIONAL.label), _("Total area")],
        Figure.HOUSEHOLDS: [_("Households managed"), _("All households")],
    }.get(figure, [str(figure.label)])


def _query(question: Question, figure: Figure) -> dict[str, str]:
    """Under a rule that counts every mode, what is unmanaged is a filter of the register."""
    counts_all = set(question.modes) == {mode for mode in Mode if mode != Mode.NONE}
    narrowed = {"unmanaged": "on"} if figure == Figure.UNMANAGED and counts_all else {}
    narrowed = {"mode": str(Mode.PROFESSIONAL)} if figure == Figure.PROFESSIONAL else narrowed
    return {"division": question.division.code} | narrowed


def _by_compounds(question: Question, since: datetime.date, now: Figures, then: Figures) -> Explained:
    counts, before = now.counts or Counts(), then.counts or Counts()
    words = _(
        "Coverage rate by compounds = compounds without unmanaged area ÷ all compounds with area (managed, in part, "
        "not managed)."
    )
    steps = [
        f"{counts.managed:,} ÷ ({counts.managed:,} + {counts.partial:,} + {counts.unmanaged:,}) = "
        f"{format_percent(counts.rate)}"
    ]
    moved = _("managed %(managed)s, in part %(partial)s, unmanaged %(unmanaged)s") % {
        "managed": signed(counts.managed - before.managed), "partial": signed(counts.partial - before.partial),
        "unmanaged": signed(counts.unmanaged - before.unmanaged),
    }  # fmt: skip
    return Explained(
        str(Figure.COMPOUNDS.label), words, steps, format_percent(counts.rate), since, format_percent(before.rate),
        f"{shown_points(counts.rate, before.rate)} ({moved})", rows=behind.states(question, since), unit="states",
        query={"division": question.division.code},
        notes=[
            _("%(number)s compounds whose area is pending are in no rate.") % {"number": f"{counts.area_pending:,}"}
        ],
    )  # fmt: skip
