"""Who wants to know that the ledger has grown: what is made from it lies one floor above, which says so at the start.

They are told once a transaction that recorded something is committed, in the process that recorded it, and do no more
than to ask for work: what they make has to be right without being told, too.
"""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

_followers: list[Callable[[], None]] = []


def follow(follower: Callable[[], None]) -> None:
    if follower not in _followers:
        _followers.append(follower)


def tell() -> None:
    """Something was recorded and committed; whatever a follower meets with, it stays so."""
    for follower in _followers:
        try:
            follower()
        except Exception:
            log.exception("What follows the ledger could not be asked for")
