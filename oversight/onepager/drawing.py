"""Native charts for Word documents: a chart part with its numbers, and the workbook behind them for editing.

python-docx has no charts; the parts are made as ECMA-376 has them (part 1, 21.2 DrawingML charts).
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import xlsxwriter
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Length
from docx.text.paragraph import Paragraph

from chaoyang_pm.kit.sheets.sending import XLSX

_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_BLUE, _GREY = "1D5FAE", "D5DBE5"
_TEXT = (
    '<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="800"/></a:pPr>'
    '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
)
_NO_LINE = "<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>"


@dataclass(frozen=True)
class Chart:
    """One series. ``values`` are as the workbook holds them; None leaves a gap. ``is_line``: else horizontal bars."""

    title: str
    series: str
    labels: Sequence[str]
    values: Sequence[float | None]
    number_format: str
    is_line: bool = False
    most: float | None = None


def add_chart(document: Document, paragraph: Paragraph, chart: Chart, *, number: int, width: Length, height: Length):
    """Put a chart into a paragraph; ``number`` tells it from the document's others."""
    package = document.part.package
    book = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), XLSX, _workbook(chart), package)
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART, b"", package)
    part._blob = _chart(chart, part.relate_to(book, RELATIONSHIP_TYPE.PACKAGE)).encode()
    shown = document.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    paragraph.add_run()._r.append(parse_xml(_inline(chart, number, shown, width, height)))


def _workbook(chart: Chart) -> bytes:
    """Labels and values, so that Word can edit the chart's data. Text stays text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_string(0, 1, chart.series)
        number_format = book.add_format({"num_format": chart.number_format})
        for row, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True), start=1):
            sheet.write_string(row, 0, label)
            if value is not None:
                sheet.write_number(row, 1, value, number_format)
    return buffer.getvalue()


def _inline(chart: Chart, number: int, relation: str, width: Length, height: Length) -> str:
    quoted = escape(chart.title, {'"': "&quot;"})
    return (
        '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        f'{_NAMESPACES}><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{int(width)}" '
        f'cy="{int(height)}"/><wp:docPr id="{number}" name="chart {number}" descr="{quoted}"/>'
        "<wp:cNvGraphicFramePr/><a:graphic>"
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<c:chart r:id="{relation}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )


def _chart(chart: Chart, book: str) -> str:
    plot = _line(chart) if chart.is_line else _bars(chart)
    title = (
        '<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="900" b="1"/></a:pPr><a:r>'
        f'<a:rPr lang="zh-CN" sz="900" b="1"/><a:t>{escape(chart.title)}</a:t></a:r></a:p></c:rich></c:tx>'
        '<c:overlay val="0"/></c:title>'
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><c:chartSpace {_NAMESPACES}>'
        f'<c:roundedCorners val="0"/><c:chart>{title}<c:autoTitleDeleted val="0"/>'
        f'<c:plotArea><c:layout/>{plot}</c:plotArea><c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f'<c:spPr><a:ln><a:noFill/></a:ln></c:spPr><c:externalData r:id="{book}"><c:autoUpdate val="0"/>'
        "</c:externalData></c:chartSpace>"
    )


def _data(chart: Chart, look: str, labels: str) -> str:
    """The one series: its name, its look, and where in the workbook its labels and values stand."""
    last = len(chart.labels) + 1
    names = "".join(f'<c:pt idx="{n}"><c:v>{escape(label)}</c:v></c:pt>' for n, label in enumerate(chart.labels))
    values = "".join(
        f'<c:pt idx="{n}"><c:v>{value!r}</c:v></c:pt>' for n, value in enumerate(chart.values) if value is not None
    )
    count = f'<c:ptCount val="{len(chart.labels)}"/>'
    return (
        '<c:ser><c:idx val="0"/><c:order val="0"/><c:tx><c:strRef><c:f>Sheet1!$B$1</c:f><c:strCache>'
        f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(chart.series)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f"{look}{labels}<c:cat><c:strRef><c:f>Sheet1!$A$2:$A${last}</c:f><c:strCache>{count}{names}</c:strCache>"
        f"</c:strRef></c:cat><c:val><c:numRef><c:f>Sheet1!$B$2:$B${last}</c:f><c:numCache>"
        f"<c:formatCode>{escape(chart.number_format)}</c:formatCode>{count}{values}</c:numCache></c:numRef></c:val>"
    )


def _labels(chart: Chart, *, shown: bool) -> str:
    if not shown:
        return ""
    return (
        f'<c:dLbls><c:numFmt formatCode="{escape(chart.number_format)}" sourceLinked="0"/>'
        f'<c:spPr><a:noFill/></c:spPr>{_TEXT}<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/>'
        '<c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    )


def _bars(chart: Chart) -> str:
    fill = f'<c:spPr><a:solidFill><a:srgbClr val="{_BLUE}"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/>'
    return (
        '<c:barChart><c:barDir val="bar"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
        f'{_data(chart, fill, _labels(chart, shown=True))}</c:ser><c:gapWidth val="50"/>'
        '<c:axId val="1"/><c:axId val="2"/></c:barChart>' + _axes(chart, "l", "b", turned=True)
    )


def _line(chart: Chart) -> str:
    stroke = (
        f'<c:spPr><a:ln w="22225"><a:solidFill><a:srgbClr val="{_BLUE}"/></a:solidFill></a:ln></c:spPr>'
        '<c:marker><c:symbol val="circle"/><c:size val="4"/><c:spPr><a:solidFill>'
        f'<a:srgbClr val="{_BLUE}"/></a:solidFill></c:spPr></c:marker>'
    )
    return (
        '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
        f'{_data(chart, stroke, "")}<c:smooth val="0"/></c:ser><c:marker val="1"/>'
        '<c:axId val="1"/><c:axId val="2"/></c:lineChart>' + _axes(chart, "b", "l", turned=False)
    )


def _axes(chart: Chart, category: str, value: str, *, turned: bool) -> str:
    """``turned``: the first label stands on top, as in the table."""
    most = "" if chart.most is None else f'<c:max val="{chart.most}"/>'
    unit = "" if chart.most is None else f'<c:majorUnit val="{chart.most / 4}"/>'
    skip = "" if turned else f'<c:tickLblSkip val="{max(1, len(chart.labels) // 4)}"/>'
    grid = (
        f'<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="{_GREY}"/></a:solidFill></a:ln>'
        "</c:spPr></c:majorGridlines>"
    )
    return (
        f'<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="{"maxMin" if turned else "minMax"}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{category}"/><c:numFmt formatCode="General" sourceLinked="0"/>'
        f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>{_TEXT}'
        f'<c:crossAx val="2"/><c:crosses val="autoZero"/>{skip}</c:catAx>'
        f'<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/>{most}<c:min val="0"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{value}"/>{grid}'
        f'<c:numFmt formatCode="{"0%" if turned else "#,##0.00"}" sourceLinked="0"/><c:majorTickMark val="none"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>{_NO_LINE}{_TEXT}<c:crossAx val="1"/>'
        f'<c:crosses val="{"max" if turned else "autoZero"}"/>{unit}</c:valAx>'
    )
