"""PDFs are kept as they are, so what a scan never has is refused: encryption, scripts, programs to start, other files.

This is a search for names in the file and in its compressed parts, not a reader of PDFs: somebody determined may
hide a name from it. Therefore a PDF is sent as a download, never shown within the portal.
"""

import re
import zlib
from pathlib import Path

from django.utils.translation import gettext as _

from chaoyang_pm.kit.uploads.limits import MAX_UNPACKED
from chaoyang_pm.kit.uploads.refusals import UploadRefused


def _name(text: str) -> bytes:
    """A PDF name, each letter as itself or as ``#`` and two digits, and nothing that goes on."""
    letters = "".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in text)
    return f"/{letters}(?![A-Za-z0-9])".encode()


_FORBIDDEN = re.compile(
    b"(?P<locked>%s)|(?P<script>%s)|(?P<start>%s)|(?P<file>%s)"
    % (
        _name("Encrypt"),
        b"|".join(map(_name, ["JavaScript", "RichMedia", "XFA"])),
        b"|".join(map(_name, ["Launch", "SubmitForm", "ImportData"])),
        b"|".join(map(_name, ["EmbeddedFile", "EmbeddedFiles"])),
    )
)
_OBJECTS = re.compile(_name("ObjStm"))
_STREAM = re.compile(rb"stream\r?\n")
#: So far before and after its type the dictionary of a stream reaches at most.
_REACH = 2000
_PLAIN_FLATE = re.compile(rb"/Filter\s*(?:\[\s*)?/(?:FlateDecode|Fl)\b\s*\]?")


def check(path: Path, name: str) -> None:
    """Raises UploadRefused for a PDF that is cut off or holds what a scan never does."""
    content = path.read_bytes()
    if b"%%EOF" not in content[-2048:]:
        message = _("“%(name)s” is cut off: the end of the PDF is missing. Upload it again.")
        raise UploadRefused(message % {"name": name})
    _search(content, name)
    for found in _OBJECTS.finditer(content):
        # The filter may stand before the type: the dictionary begins at the object's own "obj".
        begin = content.rfind(b"obj", max(0, found.start() - _REACH), found.start())
        stream = _STREAM.search(content, found.end(), found.end() + _REACH)
        if begin < 0 or stream is None:
            raise UploadRefused(_unreadable(name))
        _search(_unpacked(content, stream.end(), content[begin : stream.start()], name), name)


def _unpacked(content: bytes, begin: int, dictionary: bytes, name: str) -> bytes:
    if b"/Filter" not in dictionary:
        return b""  # plain text, already searched with the rest
    if not _PLAIN_FLATE.search(dictionary):
        raise UploadRefused(_unreadable(name))
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(memoryview(content)[begin:], MAX_UNPACKED)
    except zlib.error:
        raise UploadRefused(_unreadable(name)) from None
    if not unpacker.eof:
        raise UploadRefused(_unreadable(name))
    return unpacked


def _search(content: bytes, name: str) -> None:
    if not (found := _FORBIDDEN.search(content)):
        return
    what = {
        "locked": _("is protected by a password or against printing"),
        "script": _("holds a script"),
        "start": _("starts programs or sends data when it is opened"),
        "file": _("holds other files"),
    }[found.lastgroup or "script"]
    message = _("“%(name)s” %(what)s, which a scan never does; print it as PDF anew and upload that.")
    raise UploadRefused(message % {"name": name, "what": what})


def _unreadable(name: str) -> str:
    return _("“%(name)s” has parts that cannot be checked; print it as PDF anew and upload that.") % {"name": name}
