"""The columns of 任务分解表 as bureaus know them (screens.md, table 4)."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from chaoyang_pm.kit.figures import format_wan, masked
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from compounds.ledger.choices import Category
from oversight.coverage.question import Question
from oversight.plans.models import PlanVersion
from oversight.plans.states import LineActual
from oversight.tables.assignments import Assignments
from oversight.tables.choices import Table
from oversight.tables.layouts import titled, when
from oversight.tables.printed import Column, Line, Printed, Role, Sort


def assignments(question: Question, found: Assignments, phones: Scope) -> Printed:
    """4 · 序号 | 责任单位 | 街道 | 社区 | 小区 | 类别 | 面积 | 户数 | 拟用模式 | 完成时限 | 责任领导 | 责任人 | 电话 |
    完成情况, county by county.

    Telephones are given in full where ``phones`` covers the community.
    """
    columns = [
        Column(_("No."), Sort.COUNT, width=6), Column(_("Responsible unit"), width=18),
        Column(pgettext("printed table", "Subdistrict"), width=12), Column(_("Community"), width=12),
        Column(_("Compound"), width=20), Column(pgettext("printed table", "Category"), width=14),
        Column(_("Area"), Sort.M2, width=13), Column(_("Households"), Sort.COUNT, width=8),
        Column(_("Intended mode"), width=14),
        Column(_("To be completed by"), width=12), Column(_("Responsible leader"), width=10),
        Column(_("Answerable"), width=10), Column(_("Phone"), width=13), Column(_("How far it is"), width=18),
    ]  # fmt: skip
    by_version: dict[int, list[Line]] = {version.pk: [] for version in found.versions}
    for number, one in enumerate(found.lines, start=1):
        by_version[one.line.version_id].append(_line(number, one, found, phones))
    lines: list[Line] = []
    for version in found.versions:
        lines += [Line((_heading(version, found),), Role.HEADING), *by_version[version.pk]]
    done = _("%(done)s of %(all)s done") % {"done": found.done, "all": len(found.lines)}
    total = Line(
        (_("Total"), *[""] * 5, found.area, found.households, *[""] * 5, done), Role.TOTAL
    )  # fmt: skip
    return Printed(
        Table.ASSIGNMENTS, question, titled(question, Table.ASSIGNMENTS), _("㎡, households"),
        question.as_of.isoformat(), columns, lines, total if found.lines else None, _notes(found),
    )  # fmt: skip


def _line(number: int, one: LineActual, found: Assignments, phones: Scope) -> Line:
    line, community = one.line, one.foreseen.community
    phone = line.phone if phones.covers(community) else masked(line.phone)
    values = (
        number, line.unit or str(line.version.county), found.places[community[: CODE_LENGTH[Level.SUBDISTRICT]]],
        found.places[community], line.compound.name if line.compound else line.name or "—", _category(one), one.planned,
        one.foreseen.households, line.get_mode_display(), when(one.foreseen.due_on, line.by_quarter), line.leader,
        line.person, phone, how_far(one),
    )  # fmt: skip
    if line.compound:
        return Line(values, link=("register:detail", line.compound.code), link_at=4)
    return Line(values)


def _category(one: LineActual) -> str:
    """As written, else what was unmanaged on the plan's day."""
    categories = [one.line.category] if one.line.category else sorted(one.foreseen.pockets)
    return _(", ").join(str(Category(category).label) for category in categories) or "—"


def how_far(one: LineActual) -> str:
    """完成情况: the state, with the day on which it was done, or the days that it is overdue."""
    label = str(one.state.label)
    if one.done_on:
        return _("%(what)s (%(about)s)") % {"what": label, "about": one.done_on.isoformat()}
    if one.days:
        days = ngettext("%(days)s day", "%(days)s days", one.days) % {"days": one.days}
        return _("%(what)s (%(about)s)") % {"what": label, "about": days}
    return label


def _heading(version: PlanVersion, found: Assignments) -> str:
    own = [one for one in found.lines if one.line.version_id == version.pk]
    text = _("%(county)s: %(state)s, version %(number)s, %(no)s; %(lines)s lines, %(area)s × 10,000 ㎡")
    return text % {
        "county": version.county, "state": _("approved plan") if found.is_approved(version) else
        _("plan with the bureau, not approved yet"), "number": version.number, "no": version.document_no,
        "lines": len(own), "area": format_wan(sum(one.planned for one in own)),
    }  # fmt: skip


def _notes(found: Assignments) -> list[str]:
    text = _(
        "%(target)s, by %(date)s: %(completed)s × 10,000 ㎡ completed and %(planned)s planned of %(required)s "
        "required; %(difference)s."
    )
    notes = [
        text % {
            "target": one.target, "date": one.deadline.isoformat(), "completed": format_wan(one.completed),
            "planned": format_wan(one.planned), "required": format_wan(one.required),
            "difference": (_("%(area)s more than required") if one.difference >= 0 else _("%(area)s are missing"))
            % {"area": format_wan(abs(one.difference))},
        }
        for one in found.sums
    ]  # fmt: skip
    if found.missing:
        notes.append(_("Without a plan: %(counties)s.") % {"counties": _(", ").join(map(str, found.missing))})
    return notes
