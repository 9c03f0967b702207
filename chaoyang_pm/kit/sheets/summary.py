"""The sheet at the end of an annotated workbook: counts, then every finding with a link to its cell."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import package
from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.sheets.grid import column_letters
from chaoyang_pm.kit.sheets.markup import appended, elements, encoded, escape
from chaoyang_pm.kit.sheets.notes import MAIN
from chaoyang_pm.kit.sheets.styles import Styles
from chaoyang_pm.kit.sheets.values import shown
from chaoyang_pm.kit.sheets.words import is_own_sheet

MAX_LINKS = 65_530  # per sheet, says Excel
MAX_TEXT = 32_767  # per cell
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
WIDTHS = (28, 20, 28, 12, 90)


def text_cell(reference: str, text: Any, style: int, prefix: str = "") -> str:
    """A cell that holds text and never a formula."""
    p = prefix
    content = f'<{p}t xml:space="preserve">{escape(str(text)[:MAX_TEXT])}</{p}t>'
    return f'<{p}c r="{reference}" s="{style}" t="inlineStr"><{p}is>{content}</{p}is></{p}c>'


def add_summary(
    parts: package.Parts, names: Mapping[str, str], findings: Sequence[Finding], summary: Mapping[str, Any],
    styles: Styles,
) -> None:  # fmt: skip
    """Add the sheet, or put it in the place of the one that an earlier check added.

    ``names``: what each sheet that was read is called in this workbook.
    """
    content = _worksheet(names, findings, summary, styles)
    sheets = package.worksheets(parts)
    own = next((sheet for sheet in sheets if is_own_sheet(sheet.name)), None)
    if own:
        parts[own.part] = content
        parts.pop(package.rels_name(own.part), None)
        return
    part = package.unused_name(parts, "xl/worksheets/check%d.xml")
    parts[part] = content
    package.declare(parts, part, SHEET_TYPE)
    reference = package.link(parts, package.WORKBOOK, "worksheet", part)
    ids = [int(sheet.attributes.get("sheetId", 0)) for sheet in elements(parts[package.WORKBOOK], "sheet")]
    parts[package.WORKBOOK] = appended(
        parts[package.WORKBOOK],
        "sheets",
        f'sheet xmlns:link="{package.RELATIONSHIPS_NAMESPACE}" name="{escape(_("Check summary"))}" '
        f'sheetId="{max(ids, default=0) + 1}" link:id="{reference}"',
    )


def _worksheet(
    names: Mapping[str, str], findings: Sequence[Finding], summary: Mapping[str, Any], styles: Styles
) -> bytes:  # fmt: skip
    text, bold = styles.text(wrap=True), styles.text(bold=True)
    table: list[tuple[list[Any], int]] = [([_("Check summary")], bold)]
    table += [([_("Sheet"), name], text) for name in names.values()]
    several = len(names) > 1
    table += [([label, value], text) for label, value in summary.items()]
    columns = [_("Cell"), _("Column"), _("Value"), _("Severity"), _("Message")]
    table += [([], text), ([*columns, _("Sheet")] if several else columns, bold)]
    first = len(table) + 1
    table += [([*_line(finding), finding.sheet] if several else _line(finding), text) for finding in findings]
    places = enumerate(findings, start=first)
    links = {f"A{number}": _target(names[finding.sheet], finding) for number, finding in places if finding.row}
    link_style = styles.text(link=True)
    rows = []
    for number, (cells, style) in enumerate(table, start=1):
        references = [f"{column_letters(index)}{number}" for index in range(len(cells))]
        rows.append(
            f'<row r="{number}">'
            + "".join(
                text_cell(reference, cell, link_style if reference in links else style)
                for reference, cell in zip(references, cells, strict=True)
            )
            + "</row>"
        )
    widths = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(WIDTHS, 1))
    hyperlinks = "".join(
        f'<hyperlink ref="{reference}" location="{escape(target)}"/>'
        for reference, target in islice(links.items(), MAX_LINKS)
    )
    return encoded(
        f'<worksheet xmlns="{MAIN}"><cols>{widths}</cols><sheetData>{"".join(rows)}</sheetData>'
        + (f"<hyperlinks>{hyperlinks}</hyperlinks>" if hyperlinks else "")
        + "</worksheet>"
    )


def _line(finding: Finding) -> list[str]:
    severity = _("Error") if finding.severity == "error" else _("Warning")
    value = "" if finding.value is None else shown(finding.value)
    return [_place(finding), finding.column or "", value, severity, finding.message]


def _place(finding: Finding) -> str:
    if finding.row is None:
        return ""
    return f"{column_letters(finding.index)}{finding.row}" if finding.index is not None else str(finding.row)


def _target(sheet_name: str, finding: Finding) -> str:
    quoted = sheet_name.replace("'", "''")
    return f"'{quoted}'!{column_letters(finding.index or 0)}{finding.row}"
