"""Why an upload is not taken; str() names the file, what is wrong with it, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from chaoyang_pm.kit.disk import is_full


class UploadRefused(Exception):
    """The file is not taken; nothing of it is kept."""


class FileTooLarge(UploadRefused):
    """It, or what it comes to together with others, has more bytes than are taken."""


class NoSuchFormat(UploadRefused):
    """By its content it is none of what is taken."""


class StorageFull(UploadRefused):
    """The disk has no room; what was there before is untouched."""


def full_message() -> str:
    return _(
        "The server's disk is full, so the file could not be kept; everything kept before is untouched. "
        "Tell the administrator, then upload it again."
    )


@contextmanager
def disk_may_be_full() -> Iterator[None]:
    """Turns the system's "no space left" into a StorageFull that people understand."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StorageFull(full_message()) from error
        raise
