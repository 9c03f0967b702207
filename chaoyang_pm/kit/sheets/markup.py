"""XML read with byte positions, so that a workbook can be changed in places and stay as it is elsewhere.

Reading and writing again through a library would lose what that library does not know: pictures, charts,
cached results of formulas. Everything read here was checked by ``package`` before.
"""

import re
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape as _escape

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.errors import SheetError

OPEN_TAG = re.compile(rb"""<[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*>""")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Element(NamedTuple):
    """``start`` to ``end`` in bytes; its opening tag ends at ``inner``, its closing tag starts at ``close``."""

    attributes: dict[str, str]
    start: int
    inner: int
    close: int
    end: int


class Edit(NamedTuple):
    """Bytes ``start`` to ``end`` become ``content``."""

    start: int
    end: int
    content: bytes


def parse(xml: bytes, parser: expat.XMLParserType) -> None:
    """Run a prepared parser; broken XML is a ``SheetError``."""
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise damaged(str(error)) from error


def damaged(detail: str) -> SheetError:
    return SheetError(
        _("The workbook is damaged inside (%(detail)s). Open it, save it again as .xlsx, and retry.")
        % {"detail": detail}
    )


def elements(xml: bytes, name: str) -> list[Element]:
    """All elements of that local name, whatever their prefix, in the order of their closing tags."""
    if not xml:
        return []
    parser = expat.ParserCreate()
    found: list[Element] = []
    opened: list[tuple[dict[str, str], int]] = []

    def start(tag, attributes):
        if tag.rpartition(":")[2] == name:
            opened.append((attributes, parser.CurrentByteIndex))

    def end(tag):
        if tag.rpartition(":")[2] == name:
            attributes, first = opened.pop()
            inner = tag_end(xml, first)
            if xml[inner - 2 : inner] == b"/>":
                found.append(Element(attributes, first, inner, inner, inner))
            else:
                close = parser.CurrentByteIndex
                found.append(Element(attributes, first, inner, close, xml.index(b">", close) + 1))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(xml, parser)
    return found


def tag_end(xml: bytes, start: int) -> int:
    """Where the opening tag that starts at ``start`` ends."""
    tag = OPEN_TAG.match(xml, start)
    if not tag:
        raise damaged(f"byte {start}")
    return tag.end()


def prefix_at(xml: bytes, start: int) -> str:
    """The namespace prefix with its colon of the tag that starts at ``start``; "" if it has none."""
    match = re.compile(rb"<([^\s:/>]+:)?").match(xml, start)
    return match[1].decode() if match and match[1] else ""


def spliced(xml: bytes, edits: list[Edit]) -> bytes:
    """``xml`` with all edits made; they must not overlap, edits at one place keep their order."""
    pieces, done = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [xml[done : edit.start], edit.content]
        done = edit.end
    return b"".join([*pieces, xml[done:]])


def appended(xml: bytes, container: str, *tags: str) -> bytes:
    """``xml`` with empty elements as last children of the first ``container``, under the prefix it uses itself.

    A tag is written as ``name attribute="…"``.
    """
    into = elements(xml, container)[0]
    prefix = prefix_at(xml, into.start)
    content = encoded("".join(f"<{prefix}{tag}/>" for tag in tags))
    if into.end > into.inner:
        return spliced(xml, [Edit(into.close, into.close, content)])
    opening = xml[into.start : into.inner - 2].rstrip() + b">"
    return spliced(xml, [Edit(into.start, into.end, opening + content + encoded(f"</{prefix}{container}>"))])


def with_attribute(tag: bytes, name: str, value: str | None) -> bytes:
    """An opening tag with the attribute set, or taken away for None."""
    bare = re.sub(rb"""\s%s\s*=\s*(?:"[^"]*"|'[^']*')""" % name.encode(), b"", tag, count=1)
    if value is None:
        return bare
    closing = 2 if bare.endswith(b"/>") else 1
    return bare[:-closing].rstrip() + encoded(f' {name}="{escape(value)}"') + bare[-closing:]


def escape(text: str) -> str:
    """Text for XML, in elements and in attributes; what XML cannot hold is left out."""
    return _escape(NOT_XML.sub("", text), {'"': "&quot;", "\n": "&#10;"})


def encoded(markup: str) -> bytes:
    """Markup as bytes that are right in every ASCII-based encoding a part may declare."""
    return markup.encode("ascii", "xmlcharrefreplace")
