"""Comments on cells: the two parts (texts, and the shapes that show them) a worksheet has for them."""

import re
from typing import NamedTuple
from xml.parsers import expat

from chaoyang_pm.kit.sheets.grid import REFERENCE, column_index
from chaoyang_pm.kit.sheets.markup import encoded, escape, parse

SEPARATOR = "\n----------\n"  # between our text and what somebody had written on the same cell
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHAPES_PER_BLOCK = 1024
NOTE_SHAPE = re.compile(rb'<v:shape\s(?:(?!</v:shape>).)*?ObjectType="Note".*?</v:shape>', re.DOTALL)
SHAPE_ID = re.compile(rb"_x0000_s(\d+)")
VML_EMPTY = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"></xml>'
)
VML_TEMPLATE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
VML_SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;width:240pt;height:75pt;z-index:1;'
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{left}, 15, {row}, 2, {right}, 15, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill>"
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


class Note(NamedTuple):
    """A comment on the cell ``reference`` (such as F7)."""

    reference: str
    author: str
    text: str


def read_notes(xml: bytes) -> list[Note]:
    """The comments of a comments part; formatting within a text is dropped."""
    parser = expat.ParserCreate()
    authors: list[str] = []
    notes: list[Note] = []
    text: list[str] = []
    comment: dict[str, str] = {}

    def start(tag, attributes):
        name = tag.rpartition(":")[2]
        if name in ("author", "comment"):
            text.clear()
        if name == "comment":
            comment.clear()
            comment.update(attributes)

    def end(tag):
        name = tag.rpartition(":")[2]
        if name == "author":
            authors.append("".join(text))
        elif name == "comment":
            number = int(comment.get("authorId", 0))
            author = authors[number] if number < len(authors) else ""
            notes.append(Note(comment.get("ref", ""), author, "".join(text)))

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text.append
    parse(xml, parser)
    return notes


def comments_part(notes: list[Note]) -> bytes:
    authors = list(dict.fromkeys(note.author for note in notes))
    place = {author: number for number, author in enumerate(authors)}
    names = "".join(f"<author>{escape(author)}</author>" for author in authors)
    comments = "".join(
        f'<comment ref="{note.reference}" authorId="{place[note.author]}"><text><r><t xml:space="preserve">'
        f"{escape(note.text)}</t></r></text></comment>"
        for note in notes
    )
    return encoded(
        f'<comments xmlns="{MAIN}"><authors>{names}</authors><commentList>{comments}</commentList></comments>'
    )


def shapes_part(notes: list[Note], beside: bytes = b"") -> bytes:
    """Shapes that show the notes. Of an earlier part (``beside``) all but its notes stays: buttons, check boxes."""
    base = NOTE_SHAPE.sub(b"", beside) if b"</xml>" in beside else encoded(VML_EMPTY)
    used = max((int(number) for number in SHAPE_ID.findall(base)), default=SHAPES_PER_BLOCK - 1)
    shapes = [] if b'id="_x0000_t202"' in base else [VML_TEMPLATE]
    for number, note in enumerate(notes, start=(used // SHAPES_PER_BLOCK + 1) * SHAPES_PER_BLOCK):
        cell = REFERENCE.fullmatch(note.reference)
        if cell:
            row, column = int(cell[2]) - 1, column_index(cell[1])
            shapes.append(
                VML_SHAPE.format(id=number, row=row, column=column, left=column + 1, right=column + 5, bottom=row + 5)
            )
    end = base.rindex(b"</xml>")
    return base[:end] + encoded("".join(shapes)) + base[end:]
