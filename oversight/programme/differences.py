"""What an edit of a target changes, field by field in words, for the page that asks for a confirmation."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.edits import NOTHING
from chaoyang_pm.kit.figures import format_wan
from chaoyang_pm.kit.labels import field_label
from communities.divisions.models import Division
from compounds.ledger.choices import Category
from oversight.programme.breakdown import Asked, Paper
from oversight.programme.choices import Unit
from oversight.programme.editing import About
from oversight.programme.models import Target, TargetVersion

Row = tuple[str, str, str]


def of_about(before: About | None, after: About) -> list[Row]:
    """Label, before and after of what differs; ``before`` None where there is no such target yet."""
    codes = {code for about in (before, after) if about for code in about.divisions}
    divisions = {code: division.name for code, division in Division.objects.in_bulk(codes).items()}
    rows = []
    for field in fields(About):
        was = _shown(field.name, getattr(before, field.name), divisions) if before else NOTHING
        becomes = _shown(field.name, getattr(after, field.name), divisions)
        if was != becomes:
            rows.append((field_label(Target, field.name), was, becomes))
    return rows


def of_first_version(asked: Asked, paper: Paper, unit: str) -> list[Row]:
    """What the first document asks for."""
    rows = [
        (field_label(TargetVersion, "document"), paper.document),
        (field_label(TargetVersion, "valid_from"), paper.valid_from.isoformat()),
        (field_label(TargetVersion, "deadline"), asked.deadline.isoformat()),
    ]
    if unit == Unit.AREA:
        required = _("all at the baseline") if asked.required is None else _wan(asked.required)
        rows.append((_("Required"), required))
        rows += [(_("Base figure by the document"), _wan(asked.base))] if asked.base is not None else []
        rows += [(f"{_('Milestone')} {day.isoformat()}", _wan(due)) for day, due in asked.milestones]
    return [(label, NOTHING, text) for label, text in rows]


def _shown(name: str, value: Any, divisions: dict[str, str]) -> str:
    if name == "unit":
        return str(Unit(value).label)
    if name == "categories":
        return _joined(str(Category(code).label) for code in Category.values if code in value)
    if name == "divisions":
        return _joined(divisions.get(code, code) for code in sorted(value))
    return str(value) if value != "" else NOTHING


def _joined(names: Iterable[str]) -> str:
    return _(", ").join(names) or NOTHING


def _wan(area_dm2: int) -> str:
    return _("%(area)s × 10,000 ㎡") % {"area": format_wan(area_dm2)}
