"""The columns of the printed tables, exactly as bureaus know them (screens.md, tables 2, 3, 5 and 6)."""

import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from chaoyang_pm.kit.figures import format_wan
from communities.divisions.choices import Level
from compounds.ledger.choices import Kind, Mode
from compounds.ledger.models import Entry
from oversight.coverage.movements import Amount, Restated, explained
from oversight.coverage.question import Question
from oversight.tables.choices import Item, Measure, Table
from oversight.tables.movements import BY_COMPOUND, Amounts, Movements
from oversight.tables.printed import EVERY_LINE, Column, Line, Printed, Role, Sort
from oversight.tables.summary import Summary, SummaryRow
from oversight.tables.unmanaged import UnmanagedList


def movements(question: Question, found: Movements, measure: Measure) -> Printed:
    """2 · 单位 | 期初 | 新增登记 | 接管 | 撤管 | 类别调整 | 面积核定 | 归属调整 | 更正 | 期末."""
    sort = Sort.COUNT if measure == Measure.HOUSEHOLDS else Sort.WAN
    columns = [Column(_("Unit of figures"), width=20), *(Column(str(item.label), sort) for item in Item)]
    view = "register:detail" if found.by == BY_COMPOUND else "coverage:division"

    def values(name: str, amounts: Amounts) -> tuple:
        return (name, *(_of(amounts[item], measure) for item in Item))

    lines = [
        Line(values(row.name, row.amounts), link=None if found.by == BY_COMPOUND else (view, row.key))
        for row in found.rows
    ]
    period = _("%(first)s – %(last)s") % {"first": found.since.isoformat(), "last": question.as_of.isoformat()}
    title = titled(question, Table.MOVEMENTS, str(measure.label))
    notes = [
        _("Opening: as known when its month had closed (version %(known)s); correction: what became known of it since, "
          "up to version %(height)s.") % {"known": found.known, "height": question.height},
    ]  # fmt: skip
    if found.target:
        notes.append(_("Only what counts towards %(target)s.") % {"target": found.target.target})
    for amount, text in (
        (found.deregistered, _("Registration includes deregistration: %(amount)s.")),
        (found.changed_mode, _("Takeover and lapse include changes of mode under this counting rule: %(amount)s.")),
    ):
        if moved := _of(amount, measure):
            notes.append(text % {"amount": sort.shown(moved)})
    return Printed(
        Table.MOVEMENTS, question, title, _("households") if sort == Sort.COUNT else _("10,000 ㎡"), period, columns,
        lines, Line(values(_("Total"), found.total), Role.TOTAL), notes,
    )  # fmt: skip


def _of(amount: Amount, measure: Measure) -> int:
    return getattr(amount, measure.value)


def summary(question: Question, found: Summary) -> Printed:
    """3 · 街道 | 社区 | 小区数 | 面积 | 户数 | 已管 | 部分 | 未管 | 覆盖率(面积/个数/户数) | 面积待核 | 待认定."""
    rate = _("Coverage rate")
    columns = [
        Column(pgettext("printed table", "Subdistrict"), width=16), Column(_("Community"), width=16),
        Column(_("Number of compounds"), Sort.COUNT, width=9), Column(_("Area"), Sort.WAN),
        Column(_("Households"), Sort.COUNT), Column(_("Managed"), Sort.COUNT, width=8),
        Column(_("In part"), Sort.COUNT, width=8), Column(_("Unmanaged"), Sort.COUNT, width=8),
        Column(_("Area"), Sort.RATE, rate, 10), Column(_("By number"), Sort.RATE, rate, 10),
        Column(_("Households"), Sort.RATE, rate, 10), Column(_("Area pending"), Sort.COUNT, width=10),
        Column(_("To be determined"), Sort.WAN, width=10),
    ]  # fmt: skip

    def values(row: SummaryRow) -> tuple:
        figures, counts = row.figures, row.figures.counts
        return (
            row.subdistrict, _("Subtotal") if row.is_subtotal else row.community, counts and counts.with_area,
            figures.total, figures.households_total, counts and counts.managed, counts and counts.partial,
            counts and counts.unmanaged, figures.rate, counts and counts.rate, figures.households_rate,
            counts and counts.area_pending, row.undetermined,
        )  # fmt: skip

    lines = [
        Line(
            values(row),
            Role.SUBTOTAL if row.is_subtotal else Role.ROW,
            ("coverage:division", row.code),
            link_at=0 if row.is_subtotal or found.by != Level.COMMUNITY else 1,
        )
        for row in found.rows
    ]
    whole = SummaryRow(question.division.code, found.rows[0].level, "", "", found.total) if found.rows else None
    total = Line((_("Total"), *values(whole)[1:]), Role.TOTAL) if whole else None
    return Printed(
        Table.SUMMARY, question, titled(question, Table.SUMMARY), _("10,000 ㎡, compounds, households"),
        question.as_of.isoformat(), columns, lines, total,
        [_("To be determined: area whose category is not determined yet. Area pending: compounds without a measured "
           "area, in none of the rates.")],
    )  # fmt: skip


def unmanaged(question: Question, found: UnmanagedList) -> Printed:
    """5 · 小区 | 面积 | 户数 | 未管原因 | 拟用模式 | 时限 | 责任人 | 卡在哪步, community by community."""
    columns = [
        Column(_("Compound"), width=24), Column(_("Area"), Sort.M2, width=14), Column(_("Households"), Sort.COUNT),
        Column(_("Why unmanaged"), width=34), Column(_("Intended mode")), Column(_("Time limit")),
        Column(_("Answerable")), Column(_("Stuck at which step"), width=16),
    ]  # fmt: skip
    lines: list[Line] = []
    by_community: dict[str, list[Line]] = {}
    for row in found.rows:
        name = row.name if not row.managed else _("%(name)s (in part)") % {"name": row.name}
        mode = str(Mode(row.mode).label) if row.mode else "—"
        limit = when(row.plan.due_on, row.plan.by_quarter) if row.plan else "—"
        values = (
            name, row.area, row.households, row.reason or "—", mode, limit, row.person or "—", row.step or "—",
        )  # fmt: skip
        by_community.setdefault(row.community, []).append(Line(values, link=("register:detail", row.code)))
    for community, its in by_community.items():
        number = ngettext("%(number)s compound", "%(number)s compounds", len(its)) % {"number": len(its)}
        area = format_wan(sum(int(line.values[1] or 0) for line in its))
        text = _("%(place)s: %(number)s, %(area)s × 10,000 ㎡")
        facts = {"place": found.places[community], "number": number, "area": area}
        lines += [Line((text % facts,), Role.HEADING), *its]
    number = ngettext("Total: %(number)s compound", "Total: %(number)s compounds", len(found.rows))
    total = Line((number % {"number": len(found.rows)}, found.area, found.households, *[""] * 5), Role.TOTAL)
    notes = [
        _("Of compounds managed in part, the area that is not managed. “—”: given by no approved plan or procedure. "
          "Where a procedure stands is said as of today."),
    ]  # fmt: skip
    if found.pending:
        text = ngettext(
            "%(number)s more compound is not listed: its area is not measured yet.",
            "%(number)s more compounds are not listed: their areas are not measured yet.", found.pending,
        )  # fmt: skip
        notes.append(text % {"number": found.pending})
    return Printed(
        Table.UNMANAGED, question, titled(question, Table.UNMANAGED), _("㎡, households"), question.as_of.isoformat(),
        columns, lines, total if found.rows else None, notes,
    )  # fmt: skip


def when(due_on: datetime.date, by_quarter: bool) -> str:
    """A time of a plan: 2014年3季度, 2014-09."""
    if by_quarter:
        return _("Q%(quarter)s %(year)s") % {"quarter": (due_on.month + 2) // 3, "year": due_on.year}
    return f"{due_on:%Y-%m}"


def restatement(
    question: Question, earlier: int, found: list[Restated], measure: Measure, shown: slice = EVERY_LINE
) -> Printed:  # fmt: skip
    """6 · 小区 | 原报数 | 现数 | 差额 | 原因 | 依据 | 审核人; the last three of the lines that are shown only."""
    sort = Sort.COUNT if measure == Measure.HOUSEHOLDS else Sort.M2
    columns = [
        Column(_("Compound"), width=22), Column(_("Reported"), sort, width=15), Column(_("Figure now"), sort, width=15),
        Column(_("Difference"), sort, width=15), Column(_("Why"), width=40), Column(_("Basis"), width=34),
        Column(_("Checked by")),
    ]  # fmt: skip
    changed = [row for row in found if _of(row.change, measure)]
    changed[shown] = explained(question, earlier, changed[shown])
    lines = [
        Line(
            (
                row.compound.name, _of(row.before, measure), _of(row.after, measure), _of(row.change, measure),
                _each(_why(entry) for entry in row.entries), _each(basis(entry) for entry in row.entries) or "—",
                _each(entry.reviewer for entry in row.entries) or "—",
            ),
            link=("register:detail", row.compound.code),
        )
        for row in changed
    ]  # fmt: skip
    sums = [sum(int(line.values[number] or 0) for line in lines) for number in (1, 2, 3)]
    total = Line((_("Total"), *sums, "", "", ""), Role.TOTAL) if lines else None
    note = _("Reported: as known at version %(earlier)s; now: at version %(height)s. Only what differs is listed.")
    return Printed(
        Table.RESTATEMENT, question, titled(question, Table.RESTATEMENT, str(measure.label)),
        _("households") if sort == Sort.COUNT else _("㎡"), question.as_of.isoformat(), columns, lines, total,
        [note % {"earlier": earlier, "height": question.height}],
    )  # fmt: skip


def _why(entry: Entry) -> str:
    """What was recorded, of which day, and why so late or at all."""
    told = entry.reverses if entry.kind == Kind.REVERSAL and entry.reverses else entry
    what = entry.get_kind_display()
    if told is not entry:
        what = _("%(label)s: %(value)s") % {"label": what, "value": told.get_kind_display()}
    why = entry.reason or entry.late_reason
    dated = f"{told.effective_on.isoformat()} {what}"
    return _("%(what)s (%(about)s)") % {"what": dated, "about": why} if why else dated


def basis(entry: Entry) -> str:
    return " ".join(part for part in (entry.basis_type, entry.basis_name, entry.basis_no) if part)


def _each(texts) -> str:
    """Every text once, in order."""
    return _("; ").join(dict.fromkeys(text for text in texts if text))


def titled(question: Question, table: Table, about: str = "") -> str:
    title = _("%(division)s · %(table)s") % {"division": question.division.name, "table": table.label}
    return _("%(what)s (%(about)s)") % {"what": title, "about": about} if about else title
