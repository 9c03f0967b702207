"""Fills and fonts added to a workbook's own style sheet; a coloured cell keeps its borders, fonts and formats."""

from chaoyang_pm.kit.sheets.findings import Severity
from chaoyang_pm.kit.sheets.markup import Edit, elements, encoded, prefix_at, spliced, tag_end, with_attribute

FILLS: dict[Severity, str] = {"error": "FFFDECEA", "warning": "FFFFF4D6"}
EMPTY = encoded(
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)
TEXT = 'xf numFmtId="49" fontId="%d" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"'


class Styles:
    """A style sheet that grows. Styles are the numbers that cells carry. LookupError if it lacks its basic lists."""

    def __init__(self, xml: bytes):
        self._xml = xml
        self._containers = {name: elements(xml, name)[0] for name in ("fonts", "fills", "cellXfs")}
        self._children = {
            name: [xml[at.start : at.end] for at in elements(xml, kind) if into.inner <= at.start < into.close]
            for (name, into), kind in zip(self._containers.items(), ("font", "fill", "xf"), strict=True)
        }
        self._known = {name: len(children) for name, children in self._children.items()}
        self._prefix = prefix_at(xml, self._containers["cellXfs"].start)
        own = [colour.encode() for colour in FILLS.values()]
        own_fills = {i for i, fill in enumerate(self._children["fills"]) if any(colour in fill for colour in own)}
        used = [int(elements(xf, "xf")[0].attributes.get("fillId", 0)) for xf in self._children["cellXfs"]]
        self._coloured = {style for style, fill in enumerate(used) if fill in own_fills}

    def coloured(self, style: int) -> bool:
        """Whether the style carries one of our fills, from an earlier check."""
        return style in self._coloured

    def filled(self, style: int, severity: Severity) -> int:
        """The same style with the fill of the severity."""
        p = self._prefix
        fill = self._add(
            "fills",
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="{FILLS[severity]}"/>'
            f'<{p}bgColor indexed="64"/></{p}patternFill></{p}fill>',
        )
        return self._with_fill(style, fill)

    def plain(self, style: int) -> int:
        """The same style without a fill."""
        return self._with_fill(style, 0)

    def text(self, bold: bool = False, link: bool = False, wrap: bool = False) -> int:
        """A style for text that stays text when somebody edits the cell, whatever it begins with."""
        p, font = self._prefix, 0
        if bold:
            font = self._add("fonts", f'<{p}font><{p}b/><{p}sz val="11"/><{p}name val="Calibri"/></{p}font>')
        if link:
            parts = f'<{p}u/><{p}sz val="11"/><{p}color rgb="FF0563C1"/><{p}name val="Calibri"/>'
            font = self._add("fonts", f"<{p}font>{parts}</{p}font>")
        inside = f'<{p}alignment vertical="top" wrapText="1"/>' if wrap else f'<{p}alignment vertical="top"/>'
        return self._add("cellXfs", f'<{p}{TEXT % font} applyAlignment="1">{inside}</{p}xf>')

    def xml(self) -> bytes:
        edits = []
        for name, into in self._containers.items():
            opening = with_attribute(self._xml[into.start : into.inner], "count", str(len(self._children[name])))
            edits.append(Edit(into.start, into.inner, opening))
            edits.append(Edit(into.close, into.close, b"".join(self._children[name][self._known[name] :])))
        return spliced(self._xml, edits)

    def _with_fill(self, style: int, fill: int) -> int:
        xf = self._children["cellXfs"][style]
        end = tag_end(xf, 0)
        opening = with_attribute(with_attribute(xf[:end], "fillId", str(fill)), "applyFill", "1")
        return self._add("cellXfs", opening + xf[end:])

    def _add(self, name: str, markup: str | bytes) -> int:
        child = encoded(markup) if isinstance(markup, str) else markup
        children = self._children[name]
        if child not in children:
            children.append(child)
        return children.index(child)
