"""What a file is, by its first bytes. Neither its name nor the browser's word counts."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

#: So many bytes are enough to tell.
HEAD = 4096


class Format(models.TextChoices):
    """Formats that can be taken."""

    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    WEBP = "webp", "WebP"
    TIFF = "tiff", "TIFF"
    PDF = "pdf", "PDF"

    @property
    def content_type(self) -> str:
        return "application/pdf" if self is Format.PDF else f"image/{self.value}"

    @property
    def suffix(self) -> str:
        return {"jpeg": ".jpg", "tiff": ".tif"}.get(self.value, f".{self.value}")


def recognise(head: bytes) -> Format | None:
    """The format by its signature; None for anything that is not taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Format.WEBP
    if head.startswith((b"II*\0", b"MM\0*")):
        return Format.TIFF
    if head.startswith(b"%PDF-"):
        return Format.PDF
    return None


_HEIC = gettext_lazy("an iPhone picture (HEIC); choose “Most Compatible” in the camera's settings or send it as JPEG")
_VIDEO = gettext_lazy("a video")
_OFFICE = gettext_lazy("an Office document or a ZIP archive; print it as PDF")
_ARCHIVE = gettext_lazy("an archive; unpack it first")
_PROGRAM = gettext_lazy("a program")
#: (signature, what it is) of what people upload by mistake or on purpose.
_OTHERS = (
    (b"GIF8", gettext_lazy("a GIF picture")), (b"BM", gettext_lazy("a BMP picture; save it as PNG or JPEG")),
    (b"PK\3\4", _OFFICE), (b"PK\5\6", _OFFICE), (b"\xd0\xcf\x11\xe0", _OFFICE), (b"Rar!", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE), (b"\x1f\x8b", _ARCHIVE), (b"MZ", _PROGRAM), (b"\x7fELF", _PROGRAM), (b"#!", _PROGRAM),
    (b"%!PS", gettext_lazy("a PostScript file; print it as PDF")),
)  # fmt: skip
#: Brands of the ISO media container, by bytes 8 to 12.
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def describe(head: bytes) -> str:
    """What a file that is not taken seems to be, to be put into a sentence."""
    if not head:
        return _("an empty file")
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return str(_HEIC if brand in _HEIF else gettext_lazy("an AVIF picture") if brand == b"avif" else _VIDEO)
    if head.startswith(b"PK\3\4") and b"OFD.xml" in head:
        return _("an OFD document; print it as PDF")
    for signature, what in _OTHERS:
        if head.startswith(signature):
            return str(what)
    if b"%PDF-" in head[:1024]:
        return _("a PDF with something else before it; save it anew")
    return _markup_or_text(head)


def _markup_or_text(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<"):
        if b"<svg" in start:
            return _("an SVG drawing")
        return _("an HTML or XML page")
    if b"\0" not in head:
        return _("a text file")
    return _("of an unknown kind")
