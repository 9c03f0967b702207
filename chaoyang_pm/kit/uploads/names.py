"""What people call their files: kept as text, never part of a path, harmless when sent back."""

import unicodedata
from pathlib import PurePosixPath

from chaoyang_pm.kit.uploads.formats import Format

MAX_NAME = 200


def cleaned(name: str | None) -> str:
    """The last part of a name without folders, control characters and those that turn the direction of writing."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    return kept[-MAX_NAME:] or "-"


def stem(name: str) -> str:
    """A name without its ending."""
    return PurePosixPath(name).stem if name.strip(".") else name


def download_name(name: str, kind: Format) -> str:
    """A name with the ending of what the file is: nobody's ``evil.html`` comes back as such."""
    known = {"jpeg": (".jpg", ".jpeg"), "tiff": (".tif", ".tiff")}.get(kind.value, (kind.suffix,))
    return name if name.lower().endswith(known) else f"{name}{kind.suffix}"
