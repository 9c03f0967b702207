"""The file of a backup: a ZIP archive with a manifest, and a seal over every byte of it.

    chaoyang_pm-backup         first member, so that the file is known by its beginning
    tables/<table>.jsonl       a line of JSON per row, the same on every database
    files/<stored name>        uploaded files
    journals/<name>            text files of the data folder that are only ever appended to
    manifest.json              last member: format, migrations, facts, and size and SHA-256 of all others

The file ends with the SHA-256 of everything before it, written as the ZIP archive's comment: one pass shows a
truncated or altered file before anything is read from it. ``unzip`` opens it like any other.
"""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations.problems import Refusal

FORMAT = 1
KIND = "chaoyang_pm-backup"
MANIFEST = "manifest.json"
SEAL = b"chaoyang_pm backup, sha256 of all before: "
DIGITS = 64
CHUNK = 1 << 20
#: Members that a manifest may name; nothing that leads out of a folder.
MEMBER = re.compile(r"(?:tables/\w+\.jsonl|journals/[\w.-]+|files/.+)", re.DOTALL)


class Writer:
    """Writes the members of one archive into a temporary file, which takes the final name only when it is whole."""

    def __init__(self, path: Path, *, overwrite: bool):
        self.path, self.overwrite = path, overwrite
        self.members: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> "Writer":
        if self.path.is_dir():
            raise Refusal(_("%(path)s is a folder; name a file.") % {"path": self.path})
        self._refuse_to_overwrite()
        try:
            self._remove_leftovers()
            self.draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
            self._file = os.fdopen(os.open(self.draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        except OSError as error:
            raise Refusal(_cannot_write(self.path, error)) from error
        fcntl.flock(self._file, fcntl.LOCK_EX)  # says that its writer lives
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        return self

    def __exit__(self, kind, error, trace) -> None:
        with suppress(OSError, ValueError):
            self._zip.close()
        with suppress(OSError, ValueError):
            self._file.close()
        self.draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Refusal(_cannot_write(self.path, error)) from error

    @contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator[Callable[[bytes], None]]:
        """A member to write to, piece by piece."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as out:

            def write(data: bytes) -> None:
                nonlocal size
                out.write(data)
                digest.update(data)
                size += len(data)

            yield write
        self.members[name] = {"bytes": size, "sha256": digest.hexdigest()}

    def begin(self) -> None:
        self._zip.writestr(zipfile.ZipInfo(KIND), b"")

    def finish(self, manifest: dict[str, Any]) -> str:
        """Write the manifest and the seal, and give the file its name. Returns the seal."""
        content = manifest | {"format": FORMAT, "members": self.members}
        self._zip.writestr(MANIFEST, orjson.dumps(content, option=orjson.OPT_INDENT_2), zipfile.ZIP_DEFLATED)
        self._zip.comment = SEAL + b"0" * DIGITS
        self._zip.close()
        seal = _digest(self._file, self._file.seek(0, os.SEEK_END) - DIGITS)
        self._file.seek(-DIGITS, os.SEEK_END)
        self._file.write(seal.encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._take_name()
        return seal

    def _take_name(self) -> None:
        if self.overwrite:
            os.replace(self.draft, self.path)
        else:
            try:
                os.link(self.draft, self.path)
            except FileExistsError:
                self._refuse_to_overwrite()
            except OSError:  # a file system without hard links
                self._refuse_to_overwrite()
                os.replace(self.draft, self.path)
        sync_folder(self.path.parent)

    def _refuse_to_overwrite(self) -> None:
        if self.path.exists() and not self.overwrite:
            raise Refusal(
                _("%(path)s exists. Choose another name, or overwrite it with --force.") % {"path": self.path}
            )

    def _remove_leftovers(self) -> None:
        """Temporary files of backups that were killed: their lock is free."""
        for old in self.path.parent.glob(f".{self.path.name}.*.part"):
            with suppress(OSError), old.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                old.unlink()


class Reader:
    """An archive that was checked from its first to its last byte. Raises Refusal if anything is amiss."""

    def __init__(self, path: Path):
        self.path = path
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise Refusal(_("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror}) from error

    def __enter__(self) -> "Reader":
        try:
            self._check_seal()
            self._zip = zipfile.ZipFile(self._file)
            self.manifest = self._read_manifest()
            self._check_members()
        except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, EOFError) as error:
            self._file.close()
            raise Refusal(_("%(path)s is damaged: %(why)s.") % {"path": self.path, "why": error}) from error
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *exception) -> None:
        self._zip.close()
        self._file.close()

    def open(self, member: str):
        return self._zip.open(member)

    def copy(self, member: str, target: Path) -> None:
        """Write a member to a file, durably."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.open(member) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, CHUNK)
            out.flush()
            os.fsync(out.fileno())

    def _check_seal(self) -> None:
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        beginning = self._file.read(30 + len(KIND))
        if beginning[:4] != b"PK\x03\x04" or beginning[30:] != KIND.encode():
            raise Refusal(_("%(path)s is not a backup of this portal.") % {"path": self.path})
        self._file.seek(max(0, size - len(SEAL) - DIGITS))
        end = self._file.read()
        if not end.startswith(SEAL):
            raise Refusal(
                _("%(path)s is cut off: its end is missing after %(size)s bytes. Copy it again from where it was made.")
                % {"path": self.path, "size": size}
            )
        self.seal = _digest(self._file, size - DIGITS)
        if self.seal.encode() != end[len(SEAL) :]:
            raise Refusal(
                _("%(path)s was changed after it was made, or damaged on its way: its checksum does not match.")
                % {"path": self.path}
            )

    def _read_manifest(self) -> dict[str, Any]:
        manifest = orjson.loads(self._zip.read(MANIFEST))
        if not isinstance(manifest["format"], int) or manifest["format"] > FORMAT:
            raise Refusal(
                _("%(path)s has format %(theirs)s; this release reads up to %(ours)s. Install the newer release first.")
                % {"path": self.path, "theirs": manifest["format"], "ours": FORMAT}
            )
        return manifest

    def _check_members(self) -> None:
        stated = self.manifest["members"]
        found = set(self._zip.namelist()) - {KIND, MANIFEST}
        for name in sorted(stated.keys() ^ found):
            raise Refusal(_("%(path)s does not hold what its manifest says: %(name)s.") % self._names(name))
        for name, expected in stated.items():
            if not MEMBER.fullmatch(name) or {"", ".", ".."} & set(name.split("/")):
                raise Refusal(_("%(path)s names a file outside its folders: %(name)s.") % self._names(name))
            digest, size, lines = hashlib.sha256(), 0, 0
            with self.open(name) as member:
                while data := member.read(CHUNK):
                    digest.update(data)
                    size, lines = size + len(data), lines + data.count(b"\n")
            if (size, digest.hexdigest()) != (expected["bytes"], expected["sha256"]):
                raise Refusal(_("%(path)s holds a changed %(name)s: its checksum does not match.") % self._names(name))
            if name.startswith("tables/"):
                table = self.manifest["tables"][Path(name).stem]
                if lines != table["rows"]:
                    raise Refusal(_("%(path)s holds an incomplete %(name)s.") % self._names(name))

    def _names(self, name: str) -> dict[str, Any]:
        return {"path": self.path, "name": name}


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(file: BinaryIO, size: int) -> str:
    """SHA-256 of the first ``size`` bytes."""
    digest = hashlib.sha256()
    file.seek(0)
    while size > 0 and (data := file.read(min(CHUNK, size))):
        digest.update(data)
        size -= len(data)
    return digest.hexdigest()


def _cannot_write(path: Path, error: OSError) -> str:
    return _(
        "%(path)s could not be written: %(why)s. Nothing is left of it; free some space or choose another place."
    ) % {
        "path": path,
        "why": error.strerror or str(error),
    }
