"""Pictures are decoded and written anew: turned upright, without metadata, no larger than a screen needs.

Whatever else a file carried (places, thumbnails, comments, a second file behind the picture) is not in what is shown.
"""

import io
import threading
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image

from chaoyang_pm.kit.uploads import limits
from chaoyang_pm.kit.uploads.formats import Format
from chaoyang_pm.kit.uploads.refusals import UploadRefused
from chaoyang_pm.kit.uploads.store import Batch

# Pillow's own guard, which also looks at what is inside of a container, at the same place as ours.
Image.MAX_IMAGE_PIXELS = limits.MAX_PIXELS_JPEG
#: One picture at a time per process: a large one takes a quarter of a gigabyte while it is decoded.
_DECODING = threading.Lock()
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_GREY = ("1", "L")
_SMALL = ("L", "RGB", "RGBA", "CMYK", "YCbCr")


@dataclass(frozen=True)
class Renditions:
    """Names of what was written anew, within the store."""

    shown: str
    shown_format: Format
    preview: str
    pages: int


def write_anew(source: Path, kind: Format, name: str, batch: Batch) -> Renditions:
    """What is shown of a picture (a JPEG; of several pages a PDF of JPEGs) and its preview. Raises UploadRefused."""
    with _DECODING:
        try:
            picture = Image.open(source, formats=[kind.label.upper()])
        except Image.DecompressionBombError:
            raise _too_many_pixels(name, kind) from None
        except Exception as error:
            raise _damaged(name) from error
        with picture:
            first = _page(picture, 0, kind, name)
            assert first is not None  # noqa: S101 — a picture has a first page
            preview = batch.put(_jpeg(_within(first, limits.PREVIEW_SIDE), 80), ".jpg")
            second = _page(picture, 1, kind, name) if kind == Format.TIFF else None
            if second is None:
                return Renditions(batch.put(_jpeg(first, 85), ".jpg"), Format.JPEG, preview, 1)
            return _document(picture, first, second, preview, name, batch)


def _document(
    picture: Image.Image, first: Image.Image, second: Image.Image, preview: str, name: str, batch: Batch
) -> Renditions:
    """A scan of several pages as a PDF that any browser shows, page by page: a hundred at once need a gigabyte."""
    shown, path = batch.new(Format.PDF.suffix)
    page: Image.Image | None = first
    number = 0
    while page is not None:
        if number == limits.MAX_PAGES:
            message = _("“%(name)s” has more than %(most)s pages; split it.")
            raise UploadRefused(message % {"name": name, "most": limits.MAX_PAGES})
        page.save(path, "PDF", append=number > 0, title="", resolution=150, quality=85)
        number += 1
        page = second if number == 1 else _page(picture, number, Format.TIFF, name)
    return Renditions(shown, Format.PDF, preview, number)


def _page(picture: Image.Image, number: int, kind: Format, name: str) -> Image.Image | None:
    """A page as clean pixels (RGB or grey), upright and within the size shown; None beyond the last."""
    try:
        try:
            picture.seek(number)
        except EOFError:
            return None
        pixels = picture.width * picture.height
        if pixels > (limits.MAX_PIXELS_JPEG if kind == Format.JPEG else limits.MAX_PIXELS):
            raise _too_many_pixels(name, kind)
        return _clean(picture)
    except (UploadRefused, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise _too_many_pixels(name, kind) from None
    except Exception as error:  # decoders raise whatever a broken file makes them stumble over
        raise _damaged(name) from error


def _clean(picture: Image.Image) -> Image.Image:
    turn = _UPRIGHT.get(_orientation(picture))
    if picture.format in ("JPEG", "MPO"):
        picture.draft(None, (limits.SHOWN_SIDE, limits.SHOWN_SIDE))
    picture.load()
    plain = _plain(picture)
    if turn is not None:
        plain = plain.transpose(turn)
    # A new picture: Pillow would carry the comment and the like of the old one along.
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean


def _plain(picture: Image.Image) -> Image.Image:
    """In the size shown, grey or RGB, what is transparent on white."""
    see_through = "A" in picture.mode or "transparency" in picture.info
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    elif picture.mode not in _SMALL:
        picture = picture.convert("L" if picture.mode in _GREY else "RGBA" if see_through else "RGB")
    elif see_through:
        picture = picture.convert("RGBA")
    picture = _within(picture, limits.SHOWN_SIDE)
    if picture.mode == "RGBA":
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture).convert("RGB")
    return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _orientation(picture: Image.Image) -> int:
    """How a camera was held; an unreadable note of it turns nothing."""
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:
        return 1


def _within(picture: Image.Image, side: int) -> Image.Image:
    if max(picture.size) <= side:
        return picture
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _damaged(name: str) -> UploadRefused:
    message = _("“%(name)s” is damaged or was cut off on the way; open it on your side and save it anew.")
    return UploadRefused(message % {"name": name})


def _too_many_pixels(name: str, kind: Format) -> UploadRefused:
    most = limits.MAX_PIXELS_JPEG if kind == Format.JPEG else limits.MAX_PIXELS
    message = _("“%(name)s” has more than %(most)s million pixels; scan it at 300 dpi or make it smaller.")
    return UploadRefused(message % {"name": name, "most": most // 1_000_000})
