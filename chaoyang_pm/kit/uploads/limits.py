"""How much is taken. Every number of the uploads stands here."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from chaoyang_pm.kit.uploads.formats import Format

MIB = 1024 * 1024


@dataclass(frozen=True)
class Accepts:
    """What a field takes: formats, and the most bytes of one file."""

    formats: tuple[Format, ...]
    max_bytes: int

    @property
    def names(self) -> str:
        return _(", ").join(str(one.label) for one in self.formats)

    @property
    def accept(self) -> str:
        """For the browser's file chooser; iPhones turn HEIC into JPEG where it is not among these."""
        return ",".join(one.content_type for one in self.formats)


SCAN = Accepts((Format.JPEG, Format.PNG, Format.WEBP, Format.TIFF, Format.PDF), 20 * MIB)
PHOTO = Accepts((Format.JPEG, Format.PNG, Format.WEBP), 15 * MIB)

#: All files of one form together; refused before anything of it is stored.
MAX_REQUEST = 100 * MIB
#: How much of a request beyond that is read and thrown away, so that the browser gets to see the answer.
MAX_DRAINED = 1024 * MIB
MAX_FILES = 20

#: Pixels of one picture or page. JPEG is decoded in reduced size, anything else in full (4 bytes per pixel).
MAX_PIXELS = 60_000_000
MAX_PIXELS_JPEG = 120_000_000
MAX_PAGES = 100

#: Longest side, in pixels, of what is shown and of its preview.
SHOWN_SIDE = 2560
PREVIEW_SIDE = 320
#: Unpacked bytes of one compressed part of a PDF that are looked into.
MAX_UNPACKED = 32 * MIB
