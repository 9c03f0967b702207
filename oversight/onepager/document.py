"""一页纸 as a Word document: one sheet of A4 with headings, a table and charts that can be edited."""

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as WordDocument
from docx.shared import Cm, Pt

from chaoyang_pm.kit.figures import DM2_PER_WAN
from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.word import add_table, centred, saved, set_up
from oversight.onepager import table
from oversight.onepager.drawing import Chart, add_chart
from oversight.onepager.selectors import OnePage
from oversight.onepager.sentences import on_day, sentences

#: Of the table's columns, without and with tasks, in cm; 17 together.
_WIDTHS = {6: (4.0, 2.6, 2.6, 2.4, 2.6, 2.8), 8: (2.6, 1.9, 1.9, 1.7, 2.0, 2.1, 3.1, 1.7)}


def document(page: OnePage) -> bytes:
    """The document. Figures are those of the page."""
    word = Document()
    set_up(word)
    title = _title(page)
    if notice := portal.notice():
        centred(word.add_paragraph(notice))
    word.add_heading(title, level=0)
    centred(word.add_paragraph(about(page)))
    word.add_heading(_("How it stands"), level=1)
    for sentence in sentences(page):
        word.add_paragraph(sentence).paragraph_format.first_line_indent = Pt(20)
    word.add_heading(_("By part"), level=1)
    _table(word, page)
    word.add_heading(_("Charts"), level=1)
    _charts(word, page)
    _footer(word, page)
    return saved(word, title=title, author=_("Property management portal"))


def about(page: OnePage) -> str:
    """The line below the title: date, unit, counting rule."""
    return _("Figures as of %(date)s · unit: 10,000 ㎡ · counting rule: %(rule)s") % {
        "date": on_day(page.question.as_of), "rule": page.question.rule
    }  # fmt: skip


def _title(page: OnePage) -> str:
    return _("Property management of residential compounds in %(place)s") % {"place": page.division}


def _table(word: WordDocument, page: OnePage) -> None:
    headings = table.headings(page)
    lines = [line.cells for line in table.lines(page)]
    add_table(word, headings, [*lines, table.total(page).cells], _WIDTHS[len(headings)], last_bold=True)


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
