"""Word documents in the look of official papers: one place for their page, typefaces and tables."""

import io
from collections.abc import Sequence

from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

SERIF, SANS, LATIN = "SimSun", "SimHei", "Times New Roman"
INK = RGBColor(0, 0, 0)


def set_up(word: WordDocument) -> None:
    """A4 upright, black, with Chinese typefaces for text and headings."""
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.5), Cm(1.4)
    section.footer_distance = Cm(0.7)
    for name, face, size, before, after in (
        ("Normal", SERIF, 10, 0, 2), ("Title", SANS, 17, 0, 3), ("Heading 1", SANS, 11, 5, 2),
    ):  # fmt: skip
        style = word.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = LATIN, Pt(size), INK
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


def centred(paragraph: Paragraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def add_table(
    word: WordDocument, headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *,
    last_bold: bool = False, numbers: bool = True,
) -> None:  # fmt: skip
    """A table with lines; widths in cm. ``numbers``: all columns but the first stand to the right."""
    drawn = word.add_table(rows=1, cols=len(headings), style="Table Grid")
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = Cm(width)
    _fill(drawn.rows[0], headings, widths, bold=True, numbers=numbers)
    # The first row is repeated on every sheet, and is the one that a screen reader takes as headings.
    drawn.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for index, texts in enumerate(rows, start=1):
        _fill(drawn.add_row(), texts, widths, bold=last_bold and index == len(rows), numbers=numbers)


def _fill(row, texts: Sequence[str], widths: Sequence[float], *, bold: bool, numbers: bool) -> None:
    for number, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(text)
        run.font.size, run.bold = Pt(8.5), bold or None
        cell.width = Cm(widths[number])
        paragraph.paragraph_format.space_after = Pt(0)
        if number and numbers:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def saved(word: WordDocument, *, title: str, author: str) -> bytes:
    """The finished document."""
    properties = word.core_properties
    properties.title, properties.author, properties.comments = title, author, ""
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()
