"""Answers kept in the cache for as long as nothing that they are made of is edited.

The ledger only grows: whatever is asked at a height stays as it is there. All else an answer depends on is watched, and
its version is part of the key, so that an edit is seen by the next reader.
"""

import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import get_language

from chaoyang_pm.kit.facts.selectors import facts_version
from chaoyang_pm.kit.rates import AWAY

log = logging.getLogger(__name__)

SECONDS = 3600
Answer = TypeVar("Answer")


def kept(room: str, *asked: object, make: Callable[[], Answer]) -> Answer:
    """The answer of a room to a question, from the cache or made. ``asked`` must name a height of the ledger.

    The version is read first: what is kept may be newer than its key, never older. Without a cache it is made anew.
    """
    version = facts_version()
    parts = (room, settings.RELEASE, get_language(), version.edits, version.stamp, *asked)
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()
    key = f"kept:{room}:{digest}"
    try:
        found = cache.get(key)
    except AWAY:
        log.warning("the cache is away: an answer is made anew")
        return make()
    if found is None:
        found = make()
        with suppress(*AWAY):
            cache.set(key, found, SECONDS)
    return found
