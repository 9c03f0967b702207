"""The broker of a portal without Redis: one folder per queue, one file per message.

Kombu's own file-system transport opens a file and then fills it, so that a worker may read half a message and end over
it; here a message appears by a rename and is taken by whoever removes it.
"""

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual
from kombu.utils.json import dumps, loads


class Channel(virtual.Channel):
    """Queues as folders below the transport option ``folder``."""

    def _queue(self, queue: str) -> Path:
        folder = Path(self.connection.client.transport_options["folder"]) / queue
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        folder, name = self._queue(queue), f"{time.time_ns():020}-{uuid.uuid4()}"
        half = folder / f"{name}.part"
        try:
            half.write_text(dumps(message), encoding="utf-8")
            half.rename(folder / f"{name}.msg")
        except OSError:
            half.unlink(missing_ok=True)
            raise

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = self._queue(queue)
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".msg"):
                continue
            try:
                text = (folder / name).read_text(encoding="utf-8")
                (folder / name).unlink()  # one of several workers succeeds
                return loads(text)
            except FileNotFoundError:
                continue
            except ValueError:  # cut off by a power failure; the sweep calls again
                continue
        raise Empty

    def _size(self, queue: str) -> int:
        return sum(name.endswith(".msg") for name in os.listdir(self._queue(queue)))

    def _purge(self, queue: str) -> int:
        names = [name for name in os.listdir(self._queue(queue)) if name.endswith(".msg")]
        for name in names:
            (self._queue(queue) / name).unlink(missing_ok=True)
        return len(names)

    def _has_queue(self, queue: str, **kwargs: Any) -> bool:
        return True


class Transport(virtual.Transport):
    Channel = Channel
    #: Queues and exchanges are declared by every process for itself.
    global_state = virtual.BrokerState()
    default_port = 0  # type: ignore[assignment]  # kombu joins it to an address that a folder has not
    driver_type = driver_name = "spool"

    def driver_version(self) -> str:
        return "1"
