"""Files as people upload them, good and bad, made where they are needed."""

import io
import struct
import zipfile
import zlib

from PIL import Image

SECRET = b"SECRET-41.5731N-120.4503E"
COMMENT = "SECRET-COMMENT"
_ORIENTATION, _GPS, _MAKE = 0x0112, 0x8825, 0x010F


def picture(fmt="JPEG", mode="RGB", size=(600, 400), colour=None, **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, *([colour] if colour is not None else [])).save(out, fmt, **options)
    return out.getvalue()


def photo(orientation=6, size=(600, 400), **options) -> bytes:
    """A photo as phones make them: held sideways, with the place and the maker in it."""
    exif = Image.Exif()
    exif[_ORIENTATION], exif[_MAKE] = orientation, SECRET.decode()
    exif.get_ifd(_GPS).update({1: "N", 2: (41.0, 34.0, 23.0), 3: "E", 4: (120.0, 27.0, 1.0)})
    return picture(size=size, exif=exif.tobytes(), comment=COMMENT, **options)


def scan(pages=3, mode="1") -> bytes:
    """A scanner's TIFF of several pages."""
    more = [Image.new(mode, (1240, 1754)) for _page in range(pages - 1)]
    return picture("TIFF", mode, (1240, 1754), save_all=True, append_images=more)


def pdf(extra: bytes = b"", objects: bytes | None = None, filters: bytes = b"/Filter /FlateDecode") -> bytes:
    """A PDF of a page; ``extra`` goes into its catalogue, ``objects`` into a compressed stream of objects."""
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + extra + b" >>\nendobj\n"
    if objects is not None:
        packed = zlib.compress(objects)
        body += b"5 0 obj\n<< /Type /ObjStm /N 1 /First 4 " + filters + b" /Length %d >>\nstream\n" % len(packed)
        body += packed + b"\nendstream\nendobj\n"
    return body + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def bomb(side=60_000) -> bytes:
    """A PNG of a few bytes that says it has 3,600 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def archive(name="word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, b"<script>alert(1)</script>")
    return out.getvalue()
