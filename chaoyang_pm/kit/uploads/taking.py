"""One way in for every upload: size, content, checks, the untouched original with its SHA-256, what is shown of it."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.core.files import File
from django.utils.translation import gettext as _

from chaoyang_pm.kit.uploads import formats, images, pdf
from chaoyang_pm.kit.uploads.formats import Format
from chaoyang_pm.kit.uploads.limits import MIB, Accepts
from chaoyang_pm.kit.uploads.names import cleaned
from chaoyang_pm.kit.uploads.refusals import FileTooLarge, NoSuchFormat, StorageFull
from chaoyang_pm.kit.uploads.store import Store

R = TypeVar("R")


@dataclass(frozen=True)
class Taken:
    """A kept upload. ``original``, ``shown`` and ``preview`` are names within the store.

    ``shown`` of a PDF is the original itself; it has no preview ("") and its pages are not counted (None).
    """

    name: str
    format: Format
    size: int
    sha256: str
    original: str
    shown: str
    shown_format: Format
    preview: str
    pages: int | None

    def discard(self, store: Store) -> None:
        """Remove the files again, where no row came to point at them."""
        for name in {self.original, self.shown, self.preview} - {""}:
            store.path(name).unlink(missing_ok=True)


def sha256_of(file: File) -> str:
    """The SHA-256 of an upload or of an open file, read from its beginning."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def check(file: File, *, accepts: Accepts) -> Format:
    """The format by content of a file that may be taken. Raises UploadRefused, naming what it is and what is taken."""
    name = cleaned(file.name)
    if failure := getattr(file, "failure", ""):
        raise StorageFull(f"{name}: {failure}")
    size = file.size or 0
    if size > accepts.max_bytes:
        message = _("“%(name)s” has %(size)s MB; at most %(most)s MB are accepted.")
        shown = {"name": name, "size": f"{size / MIB:.1f}", "most": accepts.max_bytes // MIB}
        raise FileTooLarge(message % shown)
    file.seek(0)
    head = file.read(formats.HEAD)
    file.seek(0)
    kind = formats.recognise(head)
    if kind not in accepts.formats:
        message = _("“%(name)s” is %(what)s. Accepted are %(accepted)s.")
        what = kind.label if kind else formats.describe(head)
        raise NoSuchFormat(message % {"name": name, "what": what, "accepted": accepts.names})
    assert kind is not None  # noqa: S101 — None is in no list of formats
    return kind


def keep(file: File, *, accepts: Accepts, store: Store, row: Callable[[Taken], tuple[R, bool]]) -> R:
    """``take`` an upload and point a row at it: ``row`` gives the row, and whether it is a new one.

    Where it is not, or the row fails, nothing is left of the files. Raises UploadRefused, and what ``row`` does.
    """
    taken = take(file, accepts=accepts, store=store)
    try:
        found, is_new = row(taken)
    except BaseException:
        taken.discard(store)
        raise
    if not is_new:
        taken.discard(store)
    return found


def take(file: File, *, accepts: Accepts, store: Store) -> Taken:
    """Check an upload and keep it: the original byte for byte, and of a picture what is shown and a preview.

    Raises UploadRefused (StorageFull if the disk is); then nothing is left of it. Whoever does not go on to point
    a row at the files discards them; ``keep`` does both.
    """
    kind, name = check(file, accepts=accepts), cleaned(file.name)
    with store.writing() as batch:
        original, path = batch.new(".original")
        file.seek(0)
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy, 256 * 1024)
        with path.open("rb") as copy:
            digest = hashlib.file_digest(copy, "sha256").hexdigest()
        if kind == Format.PDF:
            pdf.check(path, name)
            made = images.Renditions(shown=original, shown_format=kind, preview="", pages=0)
        else:
            made = images.write_anew(path, kind, name, batch)
        size = path.stat().st_size
    return Taken(
        name=name, format=kind, size=size, sha256=digest, original=original, shown=made.shown,
        shown_format=made.shown_format, preview=made.preview, pages=made.pages or None,
    )  # fmt: skip
