"""The columns of the tables about reporting, exactly as bureaus know them (screens.md, tables 1 and 9)."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from compounds.returns.selectors import Completeness
from oversight.coverage.question import Question
from oversight.tables.choices import Table
from oversight.tables.completeness import Reported
from oversight.tables.layouts import titled
from oversight.tables.monthly import MODES, Monthly, MonthlyRow
from oversight.tables.printed import Column, Line, Printed, Role, Sort


def monthly(question: Question, found: Monthly) -> Printed:
    """1 · 序号 | 考核单位 | 年度任务 | 本月接管(个/万㎡/户) | 本月撤管 | 累计完成 | 完成率 | 序时进度 | 超(欠)序时 |
    专业化 | 经理人 | 业主自行 | 自助 | 社区 | 排名 | 备注."""
    taken = _("Taken over this month")
    columns = [
        Column(_("No."), Sort.COUNT, width=5), Column(_("Unit assessed"), width=18),
        Column(_("Task of the year"), Sort.WAN),
        Column(_("compounds (unit)"), Sort.COUNT, taken, 7), Column(_("10,000 ㎡"), Sort.WAN, taken, 10),
        Column(_("households (unit)"), Sort.COUNT, taken, 8), Column(_("Lapsed this month"), Sort.WAN, width=10),
        Column(_("Completed in all"), Sort.WAN), Column(_("Completion rate"), Sort.RATE, width=10),
        Column(_("Scheduled"), Sort.WAN, width=11), Column(_("Ahead (behind)"), Sort.WAN, width=11),
        *(Column(label, Sort.WAN, width=10) for label in _mode_labels()),
        Column(pgettext("of a table", "Rank"), Sort.COUNT, width=6), Column(_("Note"), width=14),
    ]  # fmt: skip

    def values(row: MonthlyRow, number: int | str, name: str) -> tuple:
        return (
            number, name, row.task, row.taken_over.compounds, row.taken_over.area, row.taken_over.households,
            row.lapsed.area, row.completed, row.ratio, row.scheduled, row.ahead, *(row.modes[mode] for mode in MODES),
            row.rank, "",
        )  # fmt: skip

    lines = [
        Line(values(row, number, row.name), link=("coverage:division", row.key), link_at=1)
        for number, row in enumerate(found.rows, start=1)
    ]
    total = Line(values(found.total, "", _("Total")), Role.TOTAL) if lines else None
    note = _(
        "Task of the year: what is to be completed in all by the end of the year, by deadline and milestones; "
        "completion rate and rank are held against it. Lapsed: by the counting rule."
    )
    return Printed(
        Table.MONTHLY, question, titled(question, Table.MONTHLY, f"{question.as_of:%Y-%m}"),
        _("10,000 ㎡, compounds, households"), question.as_of.isoformat(), columns, lines, total, [note],
    )  # fmt: skip


def _mode_labels() -> list[str]:
    return [
        _("Professional"),
        _("Manager"),
        pgettext("of a table", "Owners"),
        pgettext("of a table", "Self-help"),
        _("Community"),
    ]


def returns(question: Question, found: Reported) -> Printed:
    """9 · 单位 | 应报 | 已报 | 逾期 | 代报 | 退回 | 未报名单."""
    columns = [
        Column(_("Unit of figures"), width=20), Column(_("To report"), Sort.COUNT, width=8),
        Column(_("Reported, of returns"), Sort.COUNT, width=8),
        Column(pgettext("of a table", "Overdue"), Sort.COUNT, width=8),
        Column(_("On behalf"), Sort.COUNT, width=8), Column(pgettext("of a table", "Returned"), Sort.COUNT, width=8),
        Column(_("Not reported yet"), width=60),
    ]  # fmt: skip

    def values(unit: Completeness, name: str, missing: str) -> tuple:
        return (name, unit.asked, unit.is_in, unit.overdue, unit.on_behalf, unit.returned, missing)

    def missing(unit: Completeness) -> str:
        return _(", ").join(row.division.name for row in unit.missing) or "—"

    lines = [Line(values(unit, unit.name, missing(unit)), link=("coverage:division", unit.code)) for unit in found.rows]
    number = str(len(found.total.missing)) if found.total.missing else "—"
    total = Line(values(found.total, _("Total"), number), Role.TOTAL) if lines else None
    return Printed(
        Table.RETURNS, question, titled(question, Table.RETURNS, f"{question.as_of:%Y-%m}"),
        _("returns of communities"), f"{question.as_of:%Y-%m}", columns, lines, total,
        [_("Only communities that hold compounds are asked. No change is a return, too.")],
    )  # fmt: skip
