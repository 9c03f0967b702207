"""How often something happens, counted in the cache: in Redis for all processes together, in memory by each alone.

A cache that is away counts nothing: what is counted here keeps load away, and never decides who may.
"""

import logging
import math
import time

from django.core.cache import cache
from redis import RedisError

log = logging.getLogger(__name__)

#: What a cache that cannot be reached raises.
AWAY = (RedisError, OSError)


def seconds_to_wait(key: str, *, most: int, seconds: int = 60) -> int:
    """Count one more. 0 while there were at most ``most`` in this stretch of time, else the seconds until the next."""
    now = time.time()
    stretch = int(now // seconds)
    name = f"rate:{key}:{stretch}"
    try:
        cache.add(name, 0, 2 * seconds)
        count = cache.incr(name)
    except ValueError:  # a cache that is full forgot it in between
        return 0
    except AWAY:
        log.warning("the cache is away: nothing is counted")
        return 0
    return 0 if count <= most else math.ceil((stretch + 1) * seconds - now)


def is_first(key: str, *, seconds: float) -> bool:
    """Whether this has not happened for so many seconds. True, too, if nobody knows."""
    try:
        return bool(cache.add(f"first:{key}", True, seconds))
    except AWAY:
        return True
