"""A folder of files with random names: outside of what the web server serves, readable by the portal's user only."""

import datetime
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaoyang_pm.kit.uploads.refusals import disk_may_be_full


class Batch:
    """Files that are written together: all of them stay, or none."""

    def __init__(self, store: "Store"):
        self.store = store
        self.names: list[str] = []

    def new(self, suffix: str) -> tuple[str, Path]:
        """An empty file with a random name; returns its name within the store and its path."""
        token = secrets.token_hex(16)
        name = f"{token[:2]}/{token}{suffix}"
        path = self.store.path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Never executable, and only ours: nothing outside of the portal has business here.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self.names.append(name)
        return name, path

    def put(self, content: bytes, suffix: str) -> str:
        name, path = self.new(suffix)
        path.write_bytes(content)
        return name

    def discard(self) -> None:
        for name in self.names:
            self.store.path(name).unlink(missing_ok=True)

    def settle(self) -> None:
        """On the disk before a row says that they are there."""
        for path in [self.store.path(name) for name in self.names]:
            for place in (path, path.parent):
                descriptor = os.open(place, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)


class Store:
    """The files below ``root``."""

    def __init__(self, root: Path):
        self.root = Path(root)

    def path(self, name: str) -> Path:
        """Where the file of a name given out by this store lies."""
        return self.root / name

    @contextmanager
    def writing(self) -> Iterator[Batch]:
        """A batch of files; if the block fails, a full disk included, nothing of them is left."""
        batch = Batch(self)
        try:
            with disk_may_be_full():
                yield batch
                batch.settle()
        except BaseException:
            batch.discard()
            raise

    def names(self) -> Iterator[str]:
        """Every file of the store."""
        for path in sorted(self.root.glob("*/*")):
            if path.is_file():
                yield str(path.relative_to(self.root))

    def sweep(self, known: set[str], *, before: datetime.datetime) -> list[str]:
        """Remove files that nobody knows and that were last written before a moment; returns their names."""
        removed = []
        for name in self.names():
            path = self.path(name)
            if name not in known and path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                removed.append(name)
        return removed
