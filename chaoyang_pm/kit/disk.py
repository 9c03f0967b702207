"""A full disk, from wherever it is reported: the file system, SQLite or PostgreSQL."""

import errno

from django.utils.translation import gettext as _

#: SQLSTATE disk_full.
_POSTGRESQL = "53100"
_SQLITE = "database or disk is full"
_FILES = (errno.ENOSPC, errno.EDQUOT)


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it was raised from, says that no space is left."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FILES:
            return True
        if getattr(error, "pgcode", None) == _POSTGRESQL or _SQLITE in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def explanation() -> str:
    return _(
        "The server's disk is full. Nothing was written and nothing is lost; ask the administrator to free space, then "
        "start it again."
    )
