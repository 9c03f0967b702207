"""Writes on the programme itself: its name and dates, and what its targets are about. Each leaves its history.

How much is asked, by when and of whom stands in versions and parts (``breakdown``), which are never edited.
"""

import datetime
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from auditlog.context import set_actor
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import EARLIEST
from chaoyang_pm.kit.problems import Problem
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.choices import Category
from oversight.programme import breakdown
from oversight.programme.breakdown import Asked, Paper, TargetRefused
from oversight.programme.choices import Unit
from oversight.programme.models import Baseline, Clause, Milestone, PartVersion, Programme, Target, TargetVersion

#: A code stands in addresses.
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")


class Meanwhile(Exception):
    """Somebody else has edited the row since it was read; nothing was written."""


@dataclass(frozen=True)
class Dates:
    """What can be edited of a programme; its code and its city are what everything hangs on."""

    name: str
    starts_on: datetime.date
    baseline_on: datetime.date


@dataclass(frozen=True)
class About:
    """What a target is about. ``divisions`` and ``categories`` in any order, ``builds_on`` a target's code or ""."""

    name: str
    clause: str
    unit: str
    divisions: tuple[str, ...]
    categories: tuple[str, ...]
    builds_on: str = ""
    position: int = 0


def dates_of(programme: Programme) -> Dates:
    return Dates(programme.name, programme.starts_on, programme.baseline_on)


def about_of(target: Target) -> About:
    codes = tuple(sorted(division.code for division in target.divisions.all()))
    return About(
        target.name, target.clause_id, target.unit, codes, _in_order(target.categories), target.builds_on_id or "",
        target.position,
    )  # fmt: skip


def fingerprint(facts: Dates | About) -> str:
    """What a form remembers of the facts that it was opened with."""
    text = json.dumps(asdict(facts), sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


# --- the programme ---------------------------------------------------------------------------------------
@transaction.atomic
def edit_programme(*, programme: Programme, dates: Dates, by: User | None, seen: str = "") -> list[str]:
    """Edit name and dates; returns the fields that differed. Raises TargetRefused or, by ``seen``, Meanwhile."""
    row = Programme.objects.select_for_update().get(pk=programme.pk)
    _check_seen(dates_of(row), seen)
    check_programme(programme=row, dates=dates)
    values = asdict(dates) | {"name": dates.name.strip()}
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        with set_actor(by):
            row.save(update_fields=changed)
    return changed


def check_programme(*, programme: Programme, dates: Dates) -> None:
    """Raises TargetRefused if it could not be edited so."""
    problems = []
    if not dates.name.strip():
        problems.append(Problem("name", "", _("Give the programme's name.")))
    for name, day in (("starts_on", dates.starts_on), ("baseline_on", dates.baseline_on)):
        if day < EARLIEST:
            message = _("%(value)s is too long ago; dates from %(earliest)s are accepted.")
            facts = {"value": day.isoformat(), "earliest": EARLIEST.isoformat()}
            problems.append(Problem(name, day.isoformat(), message % facts))
    if dates.baseline_on != programme.baseline_on and Baseline.objects.filter(programme=programme).exists():
        message = _("The baseline is locked; its date stays %(date)s.")
        facts = {"date": programme.baseline_on.isoformat()}
        problems.append(Problem("baseline_on", dates.baseline_on.isoformat(), message % facts))
    problems += _due_before(programme, dates.starts_on) if dates.starts_on != programme.starts_on else []
    if problems:
        raise TargetRefused(problems)


def _due_before(programme: Programme, start: datetime.date) -> list[Problem]:
    """Nothing that stands may be due on the first day or before it."""
    of_target = TargetVersion.objects.filter(target__programme=programme, withdrawn_at=None)
    of_part = PartVersion.objects.filter(part__target__programme=programme, withdrawn_at=None)
    milestones = Milestone.objects.filter(Q(target_version__in=of_target) | Q(part_version__in=of_part))
    of_whom = Coalesce("target_version__target", "part_version__part__target")
    due = [
        *of_target.filter(deadline__lte=start).values_list("deadline", "target"),
        *of_part.filter(deadline__lte=start).values_list("deadline", "part__target"),
        *milestones.filter(due_on__lte=start).values_list("due_on", of_whom),
    ]
    if not due:
        return []
    day, target = min(due)
    message = _("%(target)s has something due on %(date)s; the programme must start before that.")
    return [Problem("starts_on", start.isoformat(), message % {"target": target, "date": day.isoformat()})]


# --- targets ---------------------------------------------------------------------------------------------
@transaction.atomic
def add_target(
    *, programme: Programme, code: str, about: About, asked: Asked, paper: Paper, by: User | None
) -> Target:  # fmt: skip
    """A new target with its first version. Raises TargetRefused with every problem."""
    programme = Programme.objects.select_for_update().get(pk=programme.pk)
    problems = [*_of_code(code), *_of_about(programme, code, about), *_of_first(about, asked)]
    problems += breakdown.of_first_version(programme=programme, asked=asked, paper=paper)
    if problems:
        raise TargetRefused(problems)
    with set_actor(by):
        target = Target.objects.create(
            programme=programme, code=code, name=about.name.strip(), clause_id=about.clause, unit=about.unit,
            categories=list(_in_order(about.categories)), builds_on_id=about.builds_on or None,
            position=about.position,
        )  # fmt: skip
        target.divisions.set(Division.objects.filter(pk__in=about.divisions))
        breakdown.add_version(target=target, asked=asked, paper=paper, by=by)
    return target


@transaction.atomic
def edit_target(*, target: Target, about: About, by: User | None, seen: str = "") -> list[str]:
    """Edit what a target is about; returns the fields that differed. Raises TargetRefused or, by ``seen``, Meanwhile.

    Figures of every date follow: a target is what it is about.
    """
    row = Target.objects.select_for_update(of=("self",)).select_related("programme").get(pk=target.pk)
    now = about_of(row)
    _check_seen(now, seen)
    check_target(target=row, about=about)
    values = {
        "name": about.name.strip(), "clause_id": about.clause, "unit": about.unit, "position": about.position,
        "categories": list(_in_order(about.categories)), "builds_on_id": about.builds_on or None,
    }  # fmt: skip
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    with set_actor(by):
        if changed:
            row.save(update_fields=changed)
        if set(about.divisions) != set(now.divisions):
            row.divisions.set(Division.objects.filter(pk__in=about.divisions))
            changed.append("divisions")
    return [name.removesuffix("_id") for name in changed]


def check_target(*, target: Target, about: About) -> None:
    """Raises TargetRefused if it could not be edited so."""
    problems = [*_of_about(target.programme, target.code, about), *_of_what_stands(target, about_of(target), about)]
    if problems:
        raise TargetRefused(problems)


def _in_order(categories: Iterable[str]) -> tuple[str, ...]:
    """As the screens have them; what is none of them last, so that it can be named."""
    chosen = set(categories)
    return (*(code for code in Category.values if code in chosen), *sorted(chosen - set(Category.values)))


def _check_seen(now: Dates | About, seen: str) -> None:
    if seen and seen != fingerprint(now):
        raise Meanwhile(_("Somebody else has edited this meanwhile: here is how it stands now. Look at it again."))


# --- what cannot be ------------------------------------------------------------------------------------
def _of_code(code: str) -> list[Problem]:
    if not CODE.fullmatch(code):
        message = _("A code has at most 20 letters, digits, points, hyphens and underscores, such as T5.")
        return [Problem("code", code, message)]
    if Target.objects.filter(pk=code).exists():
        return [Problem("code", code, _("There is a target %(code)s already.") % {"code": code})]
    return []


def _of_about(programme: Programme, code: str, about: About) -> list[Problem]:
    problems = []
    if not about.name.strip():
        problems.append(Problem("name", "", _("Give the target's name.")))
    if not Clause.objects.filter(pk=about.clause, programme=programme).exists():
        problems.append(Problem("clause", about.clause, _("Choose a clause of the programme.")))
    if about.unit not in Unit.values:
        problems.append(Problem("unit", about.unit, _("Choose what the target counts.")))
    if unknown := set(about.categories) - set(Category.values):
        message = _("Unknown categories: %(unknown)s. Accepted: %(accepted)s.")
        facts = {"unknown": ", ".join(sorted(unknown)), "accepted": ", ".join(Category.values)}
        problems.append(Problem("categories", ", ".join(sorted(unknown)), message % facts))
    if about.unit == Unit.AREA and not about.categories:
        problems.append(Problem("categories", "", _("Choose the categories whose area counts.")))
    return problems + _of_divisions(programme, about) + _of_order(programme, code, about)


def _of_divisions(programme: Programme, about: About) -> list[Problem]:
    if not about.divisions:
        return [Problem("divisions", "", _("Choose the divisions that the target asks something of."))]
    known = Division.objects.in_bulk(about.divisions)
    problems = []
    for code in sorted(set(about.divisions)):
        above = next((other for other in about.divisions if other != code and code.startswith(other)), None)
        if code not in known or not code.startswith(programme.city_id):
            message = _("There is no division “%(value)s” in %(city)s.")
            problems.append(Problem("divisions", code, message % {"value": code, "city": programme.city}))
        elif above in known:
            message = _("%(division)s lies in %(other)s, which is chosen as a whole.")
            facts = {"division": known[code], "other": known[above]}
            problems.append(Problem("divisions", code, message % facts))
    return problems


def _of_order(programme: Programme, code: str, about: About) -> list[Problem]:
    """A target builds on another one of the same unit, and never on itself, by however many steps."""
    if not about.builds_on:
        return []
    others = {target.code: target for target in Target.objects.filter(programme=programme)}
    first = others.get(about.builds_on)
    if first is None or about.builds_on == code:
        return [Problem("builds_on", about.builds_on, _("Choose another target of the programme."))]
    if first.unit != Unit.AREA or about.unit != Unit.AREA:
        return [Problem("builds_on", about.builds_on, _("Only a target of area builds on another target of area."))]
    step: str | None = first.code
    passed: set[str] = set()
    while step and step not in passed:
        passed.add(step)
        step = others[step].builds_on_id
    if code in passed:
        message = _("%(target)s builds on %(code)s itself.")
        return [Problem("builds_on", first.code, message % {"target": first.code, "code": code})]
    return []


def _of_first(about: About, asked: Asked) -> list[Problem]:
    if about.unit != Unit.COMMUNITIES or (asked.required, asked.base, asked.milestones) == (None, None, ()):
        return []
    message = _("A target of communities asks for one in each urban community with unmanaged area; leave this blank.")
    return [Problem("required", "", message)]


def _of_what_stands(target: Target, now: About, about: About) -> list[Problem]:
    """Amounts that stand are in the target's unit, and parts lie in its divisions."""
    problems = []
    parts = PartVersion.objects.filter(part__target=target, withdrawn_at=None)
    if about.unit != now.unit:
        amounts = Q(required_dm2__isnull=False) | Q(base_dm2__isnull=False) | Q(milestones__isnull=False)
        if target.versions.filter(amounts, withdrawn_at=None).exists() or parts.exists():
            message = _("Its versions and parts are amounts of %(unit)s; a target of another unit is a new target.")
            problems.append(Problem("unit", about.unit, message % {"unit": Unit(now.unit).label}))
        if builder := Target.objects.filter(builds_on=target).exclude(pk=target.pk).first():
            message = _("%(target)s builds on it and counts %(unit)s.")
            facts = {"target": builder.code, "unit": Unit(now.unit).label}
            problems.append(Problem("unit", about.unit, message % facts))
    if about.divisions and set(about.divisions) != set(now.divisions):
        codes = tuple(about.divisions)
        held = parts.select_related("part__division").order_by("part__division")
        outside = [str(row.part.division) for row in held if not row.part.division_id.startswith(codes)]
        if outside:
            message = _("These were given parts and would lie outside: %(divisions)s. Take the parts back first.")
            names = _(", ").join(dict.fromkeys(outside))
            problems.append(Problem("divisions", "", message % {"divisions": names}))
    return problems
