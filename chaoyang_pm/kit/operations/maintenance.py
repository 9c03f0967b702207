"""The portal closed for a while: a file in the data folder that says why, since when, and how it ends.

Put there by ``restore`` and ``upgrade``, or by hand. One that was left by a killed restore keeps the portal closed
until the restore was run again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.utils import timezone


def path() -> Path:
    return Path(settings.DATA_DIR) / "maintenance"


def is_on() -> bool:
    return path().exists()


def note() -> dict[str, Any]:
    """What the file says; nothing if there is none, or somebody wrote it by hand."""
    with suppress(OSError, ValueError):
        found = orjson.loads(path().read_bytes())
        return found if isinstance(found, dict) else {}
    return {}


def write(**said: Any) -> None:
    """Close the portal, or say more about why it is closed."""
    content = {"since": timezone.now().isoformat(timespec="seconds"), **note(), **said}
    draft = path().with_name(f"maintenance.{os.getpid()}")
    draft.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    os.replace(draft, path())


def end() -> None:
    path().unlink(missing_ok=True)


@contextmanager
def closed(**said: Any) -> Iterator[None]:
    """The portal is closed within. After an error it is as it was before: nothing has changed then."""
    before = path().read_bytes() if is_on() else None
    write(**said)
    try:
        yield
    except BaseException:
        if before is None:
            end()
        else:
            path().write_bytes(before)
        raise
    end()
