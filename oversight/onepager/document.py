"""一页纸 as a Word document: one sheet of A4 with headings, a table and charts that can be edited."""

import io

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from chaoyang_pm.kit.figures import DM2_PER_WAN
from chaoyang_pm.kit.portal import selectors as portal
from oversight.onepager import table
from oversight.onepager.drawing import Chart, add_chart
from oversight.onepager.selectors import OnePage
from oversight.onepager.sentences import on_day, sentences

_SERIF, _SANS, _LATIN = "SimSun", "SimHei", "Times New Roman"
_INK = RGBColor(0, 0, 0)
#: Of the table's columns, without and with tasks, in cm; 17 together.
_WIDTHS = {6: (4.0, 2.6, 2.6, 2.4, 2.6, 2.8), 8: (2.6, 1.9, 1.9, 1.7, 2.0, 2.1, 3.1, 1.7)}


def document(page: OnePage) -> bytes:
    """The document. Figures are those of the page."""
    word = Document()
    _set_up(word)
    title = _title(page)
    if notice := portal.notice():
        _centred(word.add_paragraph(notice))
    word.add_heading(title, level=0)
    _centred(word.add_paragraph(about(page)))
    word.add_heading(_("How it stands"), level=1)
    for sentence in sentences(page):
        word.add_paragraph(sentence).paragraph_format.first_line_indent = Pt(20)
    word.add_heading(_("By part"), level=1)
    _table(word, page)
    word.add_heading(_("Charts"), level=1)
    _charts(word, page)
    _footer(word, page)
    properties = word.core_properties
    properties.title, properties.author, properties.comments = title, _("Property management portal"), ""
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def about(page: OnePage) -> str:
    """The line below the title: date, unit, counting rule."""
    return _("Figures as of %(date)s · unit: 10,000 ㎡ · counting rule: %(rule)s") % {
        "date": on_day(page.question.as_of), "rule": page.question.rule
    }  # fmt: skip


def _title(page: OnePage) -> str:
    return _("Property management of residential compounds in %(place)s") % {"place": page.division}


def _set_up(word: WordDocument) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.5), Cm(1.4)
    section.footer_distance = Cm(0.7)
    for name, face, size, before, after in (
        ("Normal", _SERIF, 10, 0, 2), ("Title", _SANS, 17, 0, 3), ("Heading 1", _SANS, 11, 5, 2),
    ):  # fmt: skip
        style = word.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = _LATIN, Pt(size), _INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), face)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.line_spacing = 1.1
    title = word.styles["Title"]
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for border in title.element.pPr.findall(qn("w:pBdr")):
        title.element.pPr.remove(border)


def _centred(paragraph: Paragraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _table(word: WordDocument, page: OnePage) -> None:
    headings = table.headings(page)
    drawn = word.add_table(rows=1, cols=len(headings), style="Table Grid")
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(drawn.columns, _WIDTHS[len(headings)], strict=True):
        column.width = Cm(width)
    _fill(drawn.rows[0], headings, bold=True)
    # The first row is repeated on every sheet, and is the one that a screen reader takes as headings.
    drawn.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for line in table.lines(page):
        _fill(drawn.add_row(), line.cells)
    _fill(drawn.add_row(), table.total(page).cells, bold=True)


def _fill(row, texts: list[str], *, bold: bool = False) -> None:
    for number, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(8.5), bold or None
        cell.width = Cm(_WIDTHS[len(texts)][number])
        paragraph.paragraph_format.space_after = Pt(0)
        if number:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _charts(word: WordDocument, page: OnePage) -> None:
    """Side by side, in a table without lines."""
    bars = Chart(
        _("Coverage rate by part"), _("Coverage rate"), [row.name for row in page.rows],
        [row.rate for row in page.rows], "0.00%", most=1,
    )  # fmt: skip
    line = Chart(
        _("Managed area at each month's end (10,000 ㎡)"), _("Managed"), [month.month for month in page.months],
        [month.figures.managed / DM2_PER_WAN for month in page.months], "#,##0.00", is_line=True,
    )  # fmt: skip
    height = Cm(min(9, max(5.2, 2.2 + 0.42 * len(page.rows))))
    row = word.add_table(rows=1, cols=2).rows[0]
    for number, (cell, chart) in enumerate(zip(row.cells, (bars, line), strict=True), start=1):
        add_chart(word, cell.paragraphs[0], chart, number=number, width=Cm(8.3), height=height)


def _footer(word: WordDocument, page: OnePage) -> None:
    paragraph = word.sections[0].footer.paragraphs[0]
    version = page.question.version
    text = _(
        "Counting rule: %(rule)s · version of the data %(height)s · checksum %(hash)s"
    ) % {"rule": page.question.rule, "height": version.height, "hash": version.hash}  # fmt: skip
    paragraph.add_run(text).font.size = Pt(7.5)
