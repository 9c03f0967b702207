"""OLE containers ([MS-CFB]), in which .xls and password-protected .xlsx files come: what is inside, and a clean one.

Chains of sectors are followed for no longer than the file has sectors, so that no container leads in circles.
"""

import struct
from typing import NamedTuple

MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5
SECTOR = 512
_ENTRY = 128
_HEADER = struct.Struct("<8s16sHHHHH6x9I")


class Damaged(ValueError):
    """The container cannot be followed."""


class Entry(NamedTuple):
    """A storage (folder) or a stream (file): its name, kind, first sector, size in bytes."""

    name: str
    kind: int
    start: int
    size: int


class Container:
    """The entries of a container and their contents. Raises Damaged for what is none."""

    def __init__(self, data: bytes):
        if len(data) < SECTOR or not data.startswith(MAGIC):
            raise Damaged("header")
        (_magic, _id, _minor, _major, _order, shift, mini_shift, _n_directory, n_fat, directory, _signature, cutoff,
         mini_fat, _n_mini_fat, difat, _n_difat) = _HEADER.unpack_from(data)  # fmt: skip
        if shift not in (9, 12) or mini_shift != 6:
            raise Damaged("sector size")
        self._data, self._size, self._cutoff = data, 1 << shift, cutoff
        self._sectors = max(0, (len(data) + self._size - 1) // self._size - 1)
        self._fat = self._allocation(n_fat, difat)
        table = self._chain(directory, self._fat, self._sector)
        self.entries = [entry for at in range(0, len(table) - _ENTRY + 1, _ENTRY) if (entry := _entry(table, at))]
        root = next((entry for entry in self.entries if entry.kind == ROOT), None)
        if root is None:
            raise Damaged("root")
        self._small = b"" if root.start == END else self._chain(root.start, self._fat, self._sector)[: root.size]
        words = b"" if mini_fat == END else self._chain(mini_fat, self._fat, self._sector)
        self._small_fat = _words(words)

    def has(self, *names: str) -> bool:
        """Whether there is an entry of one of these names, in whatever folder."""
        return any(entry.name in names for entry in self.entries)

    def stream(self, *names: str) -> bytes | None:
        """The content of the first stream with one of these names, as far as the file has it; None without one."""
        for name in names:
            for entry in self.entries:
                if entry.name == name and entry.kind == STREAM:
                    return self._content(entry)
        return None

    def _content(self, entry: Entry) -> bytes:
        if entry.size == 0:
            return b""
        if entry.size < self._cutoff:
            return self._chain(entry.start, self._small_fat, self._small_sector)[: entry.size]
        return self._chain(entry.start, self._fat, self._sector)[: entry.size]

    def _sector(self, number: int) -> bytes:
        if number >= self._sectors:
            raise Damaged(f"sector {number}")
        start = (number + 1) * self._size
        return self._data[start : start + self._size]

    def _small_sector(self, number: int) -> bytes:
        return self._small[number * 64 : number * 64 + 64]

    def _allocation(self, number: int, difat: int) -> list[int]:
        """Which sector follows which."""
        places = list(struct.unpack_from("<109I", self._data, 76))
        for _step in range(self._sectors):
            if difat in (END, FREE):
                break
            *more, difat = _words(self._sector(difat))
            places += more
        else:
            if difat not in (END, FREE):
                raise Damaged("allocation")
        fat: list[int] = []
        for place in [place for place in places if place != FREE][: min(number, self._sectors)]:
            fat += _words(self._sector(place))
        return fat

    def _chain(self, start: int, table: list[int], read) -> bytes:
        pieces: list[bytes] = []
        while start != END:
            if start >= len(table) or len(pieces) > len(table):
                raise Damaged(f"sector {start}")
            pieces.append(read(start))
            start = table[start]
        return b"".join(pieces)


def wrapped(name: str, content: bytes) -> bytes:
    """A container with one stream of at least 4,096 bytes (a shorter one is filled up with zeros)."""
    content = content.ljust(4096, b"\0")
    stream = -(-len(content) // SECTOR)
    tables = 1
    while tables * 128 < stream + 1 + tables:
        tables += 1
    if tables > 109:
        raise Damaged("size")
    # Sectors: the allocation tables, the directory, the stream.
    chain = [FAT_SECTOR] * tables + [END] + [tables + 2 + at for at in range(stream - 1)] + [END]
    chain += [FREE] * (tables * 128 - len(chain))
    places = list(range(tables)) + [FREE] * (109 - tables)
    header = _HEADER.pack(
        MAGIC, b"\0" * 16, 0x3E, 3, 0xFFFE, 9, 6, 0, tables, tables, 0, 4096, END, 0, END, 0
    ) + struct.pack("<109I", *places)  # fmt: skip
    directory = (
        _packed("Root Entry", ROOT, END, 0, child=1) + _packed(name, STREAM, tables + 1, len(content)) + _packed() * 2
    )
    return header + struct.pack(f"<{len(chain)}I", *chain) + directory + content.ljust(stream * SECTOR, b"\0")


def _packed(name: str = "", kind: int = 0, start: int = 0, size: int = 0, child: int = FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0" if name else b""
    fixed = struct.pack("<64sHBBIII", text, len(text), kind, 1, FREE, FREE, child)
    return (fixed + b"\0" * 36 + struct.pack("<IQ", start, size)).ljust(_ENTRY, b"\0")


def _entry(table: bytes, at: int) -> Entry | None:
    kind = table[at + 66]
    length = min(int.from_bytes(table[at + 64 : at + 66], "little"), 64)
    start, size = struct.unpack_from("<II", table, at + 116)
    name = table[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
    return Entry(name, kind, start, size) if kind in (STORAGE, STREAM, ROOT) else None


def _words(content: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4]))
