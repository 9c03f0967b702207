"""A workbook file as named parts, opened only after everything that could do harm was refused."""

import io
import itertools
import posixpath
import zipfile
from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.markup import Edit, appended, elements, encoded, escape, spliced

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
RATIO_MATTERS_FROM = 10 * 1024 * 1024  # a small sheet of equal rows packs well, and harms nobody

WORKBOOK = "xl/workbook.xml"
TYPES = "[Content_Types].xml"
#: What the content types of a workbook with macros say, Excel 4's macro sheets among them.
MACROS = (b"macroenabled", b"vbaproject", b"macrosheet")
PACKAGE_NAMESPACE = "http://schemas.openxmlformats.org/package/2006"
RELATIONSHIPS_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Parts = dict[str, bytes]


class SheetPart(NamedTuple):
    """A worksheet by the name on its tab, the part that holds it, and whether people see it."""

    name: str
    part: str
    visible: bool


class Relationship(NamedTuple):
    """A reference of one part to another: its id, the last word of its type, the part it names."""

    id: str
    kind: str
    target: str


def too_big(size: int) -> SheetError:
    return SheetError(
        _("The file has %(size)s MB; at most %(limit)s MB are accepted. Remove pictures and other sheets, or split it.")
        % {"size": f"{size / 1024 / 1024:.1f}", "limit": MAX_FILE_BYTES // 1024 // 1024}
    )


def unpack(data: bytes) -> Parts:
    """All parts of an .xlsx file by name; ``SheetError`` for anything else, however broken."""
    parts = _parts(data, lambda name: True)
    _refuse_other_documents(parts)
    for name, content in parts.items():
        _refuse_entities(name, content)
    return parts


def inspect(data: bytes) -> None:
    """Refuse what ``unpack`` refuses by the names of the parts alone: other documents, macros, passwords, bombs."""
    _refuse_other_documents(_parts(data, lambda name: name in (TYPES, "mimetype")))


def _parts(data: bytes, wanted: Callable[[str], bool]) -> Parts:
    """The parts by name, with the content of those that are ``wanted``."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_bomb(len(data), sum(entry.file_size for entry in entries))
            if any(entry.flag_bits & 1 for entry in entries):
                raise locked()
            names = [entry.filename.replace("\\", "/").lstrip("/") for entry in entries]
            return {n: archive.read(e) if wanted(n) else b"" for n, e in zip(names, entries, strict=True)}
    except SheetError:
        raise
    except Exception as error:  # a damaged archive fails in a dozen ways, zlib and struct among them
        raise damaged_file() from error


def pack(parts: Parts, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts as one file. The content types come first, as some programs expect."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression, compresslevel=3) as archive:
        for name in sorted(parts, key=lambda name: (not name.startswith("[Content"), not name.startswith("_rels"))):
            archive.writestr(name, parts[name])
    return file.getvalue()


def worksheets(parts: Parts) -> list[SheetPart]:
    """The worksheets in the order of their tabs; chart sheets and the like are left out."""
    targets = {link.id: link for link in relationships(parts, WORKBOOK)}
    found = []
    for sheet in elements(parts[WORKBOOK], "sheet"):
        link = targets.get(next((value for name, value in sheet.attributes.items() if name.endswith(":id")), ""))
        if link and link.kind == "worksheet" and link.target in parts:
            visible = sheet.attributes.get("state", "visible") == "visible"
            found.append(SheetPart(sheet.attributes.get("name", ""), link.target, visible))
    return found


def rels_name(part: str) -> str:
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def relationships(parts: Parts, part: str) -> list[Relationship]:
    """What ``part`` refers to inside the file; links to the outside are left alone."""
    found = []
    for link in elements(parts.get(rels_name(part), b""), "Relationship"):
        about = link.attributes
        if about.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), about.get("Target", "")))
            found.append(
                Relationship(about.get("Id", ""), about.get("Type", "").rpartition("/")[2], target.lstrip("/"))
            )
    return found


def link(parts: Parts, part: str, kind: str, target: str) -> str:
    """Make ``part`` refer to ``target`` unless it does already; the id of the reference."""
    for known in relationships(parts, part):
        if known.kind == kind and known.target == target:
            return known.id
    name = rels_name(part)
    content = parts.get(name, encoded(f'<Relationships xmlns="{PACKAGE_NAMESPACE}/relationships"/>'))
    taken = {about.attributes.get("Id") for about in elements(content, "Relationship")}
    new_id = next(candidate for number in itertools.count(1) if (candidate := f"rIdCheck{number}") not in taken)
    tag = f'Relationship Id="{new_id}" Type="{RELATIONSHIPS_NAMESPACE}/{kind}" Target="/{escape(target)}"'
    parts[name] = appended(content, "Relationships", tag)
    return new_id


def unlink(parts: Parts, part: str, kind: str) -> None:
    """Drop all references of one kind from ``part``."""
    content = parts.get(rels_name(part), b"")
    links = [link for link in elements(content, "Relationship") if link.attributes.get("Type", "").endswith(f"/{kind}")]
    if links:
        parts[rels_name(part)] = spliced(content, [Edit(link.start, link.end, b"") for link in links])


def declare(parts: Parts, part: str, content_type: str) -> None:
    """Name the content type of a new part."""
    content = parts["[Content_Types].xml"]
    if not any(about.attributes.get("PartName") == f"/{part}" for about in elements(content, "Override")):
        tag = f'Override PartName="/{escape(part)}" ContentType="{content_type}"'
        parts["[Content_Types].xml"] = appended(content, "Types", tag)


def unused_name(parts: Parts, pattern: str) -> str:
    """The first of ``pattern % 1``, ``pattern % 2``, … that is no part yet."""
    return next(name for number in itertools.count(1) if (name := pattern % number) not in parts)


def _refuse_bomb(packed: int, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * packed):
        raise SheetError(
            _("The file unpacks to %(size)s MB, which no register needs; at most %(limit)s MB are accepted.")
            % {"size": unpacked // 1024 // 1024, "limit": MAX_UNPACKED_BYTES // 1024 // 1024}
        )


def _refuse_other_documents(parts: Parts) -> None:
    types = parts.get(TYPES, b"").lower()
    if "xl/vbaProject.bin" in parts or any(word in types for word in MACROS):
        raise SheetError(_("The workbook contains macros (.xlsm), which are not accepted. Save it as .xlsx."))
    if any(name.startswith("word/") for name in parts):
        raise a_word_document()
    if "xl/workbook.bin" in parts:
        raise SheetError(_("This is a binary workbook (.xlsb). Open it and save it as .xlsx."))
    if b"opendocument" in parts.get("mimetype", b""):
        raise SheetError(_("This is an OpenDocument file. Open it and save it as .xlsx."))
    if WORKBOOK not in parts:
        raise not_a_workbook()


def _refuse_entities(name: str, content: bytes) -> None:
    """A part that is XML must be plain: no document type, no entities, no encoding that could hide them."""
    is_xml = name.endswith((".xml", ".rels", ".vml"))
    if not is_xml and not content[:64].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or (is_xml and b"\0" in content):
        raise SheetError(
            _("The workbook contains definitions that no spreadsheet program writes (%(part)s); it is not opened.")
            % {"part": name}
        )


def damaged_file() -> SheetError:
    return SheetError(_("The file is damaged or incomplete. Open it, save it again as .xlsx, and retry."))


def locked() -> SheetError:
    return SheetError(_("The workbook is protected by a password. Remove the password and save it again."))


def a_word_document() -> SheetError:
    return SheetError(_("This is a Word document. Put the table into a workbook and save it as .xlsx."))


def not_a_workbook() -> SheetError:
    return SheetError(_("This is not a spreadsheet. A workbook (.xlsx, .xls) or a table of text (.csv) is accepted."))
