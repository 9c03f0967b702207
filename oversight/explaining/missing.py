"""怎么算的 of 缺口构成: what is unmanaged for one reason, or seen from another side."""

import datetime
from dataclasses import replace

from django.db.models import F, Q
from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.templatetags.figures import signed_m2
from compounds.ledger.choices import Category, Mode
from compounds.register import gaps
from compounds.register.choices import Gap
from oversight.coverage.question import Question
from oversight.coverage.selectors import coverage
from oversight.explaining import behind
from oversight.explaining.choices import Missing
from oversight.explaining.selectors import Explained, square

REASONS = {Missing.LAPSED: Gap.LAPSED, Missing.PARTLY: Gap.PARTLY, Missing.NEVER: Gap.NEVER}


def explain(question: Question, what: Missing, since: datetime.date) -> Explained:
    """One column of a division, against an earlier day."""
    if what in REASONS:
        return _for_a_reason(question, what, since)
    return _uncounted(question, since) if what == Missing.UNCOUNTED else _undetermined(question, since)


def _for_a_reason(question: Question, what: Missing, since: datetime.date) -> Explained:
    """Nothing in the ledger moves a compound from one reason to another: the compounds behind both are the answer."""
    now, then = (_amounts(question, day) for day in (question.as_of, since))
    gap = REASONS[what]
    words = {
        Missing.LAPSED: _("Unmanaged area of the compounds whose recorded management lapsed, where the lapse stands."),
        Missing.PARTLY: _("Unmanaged area of the compounds of which other area is managed and nothing lapsed."),
        Missing.NEVER: _("Unmanaged area of all other compounds: nothing lapsed, and nothing of them is managed."),
    }[what]
    mine = now[gap]
    steps = [
        _("%(number)s compounds: %(area)s") % {"number": f"{mine.compounds:,}", "area": square(mine.area_dm2)},
        " + ".join(f"{each.label} {format_m2(amount.area_dm2)}" for each, amount in now.items())
        + f" = {square(sum(amount.area_dm2 for amount in now.values()))}",
    ]
    return Explained(
        str(what.label), words, steps, square(mine.area_dm2), since, square(then[gap].area_dm2),
        f"{signed_m2(mine.area_dm2 - then[gap].area_dm2)} ㎡",
        query={"division": question.division.code, "gap": gap.value},
        notes=[_("Each compound has one reason, and all of its unmanaged area counts there.")],
    )  # fmt: skip


def _amounts(question: Question, day: datetime.date) -> dict[Gap, gaps.Amount]:
    code = question.division.code
    found = gaps.composition(code, len(code), as_of=day, height=question.height)
    return {gap: found.get((code, gap), gaps.Amount()) for gap in Gap}


def _uncounted(question: Question, since: datetime.date) -> Explained:
    now, then = coverage(question), coverage(replace(question, as_of=since))
    none, before = ((each.area(modes=[Mode.NONE]), each.unmanaged) for each in (now, then))
    value, earlier = none[1] - none[0], before[1] - before[0]
    words = _("Unmanaged area by the counting rule − area under no mode at all.")
    steps = [f"{square(none[1])} − {square(none[0])} = {square(value)}"]
    modes = ~Q(mode__in=[*question.modes, Mode.NONE])
    return _of_events(question, since, Missing.UNCOUNTED, words, steps, value, earlier, modes, {})


def _undetermined(question: Question, since: datetime.date) -> Explained:
    here: dict = {"categories": [Category.UNDETERMINED], "modes": [Mode.NONE]}
    value, earlier = coverage(question).area(**here), coverage(replace(question, as_of=since)).area(**here)
    words = _("Of the area under no mode, what lies in compounds whose category is to be determined.")
    return _of_events(
        question, since, Missing.UNDETERMINED, words, [square(value)], value, earlier,
        Q(category=Category.UNDETERMINED, mode=Mode.NONE),
        {"division": question.division.code, "category": str(Category.UNDETERMINED), "mode": str(Mode.NONE)},
    )  # fmt: skip


def _of_events(
    question: Question, since: datetime.date, what: Missing, words: str, steps: list[str], value: int, before: int,
    which: Q, query: dict[str, str],
) -> Explained:  # fmt: skip
    return Explained(
        str(what.label), words, steps, square(value), since, square(before), f"{signed_m2(value - before)} ㎡",
        rows=behind.by_event(behind.after(question, since).filter(which), F("area_dm2")), columns=[str(what.label)],
        unit="area", query=query,
    )  # fmt: skip
