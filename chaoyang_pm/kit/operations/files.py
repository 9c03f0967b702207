"""Uploaded files and journals of a backup.

Stored files never change under their name, so new ones can be laid beside the old ones before the database knows
them, and old ones be taken away after it has forgotten them: at every moment the rows find their files.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from chaoyang_pm.kit.operations.archive import CHUNK, Reader, Writer, sync_folder

FILES = "files/"
JOURNALS = "journals/"


def folder() -> Path:
    return Path(default_storage.path(""))


def stored() -> Iterator[tuple[str, Path]]:
    """(name, path) of every uploaded file, by name."""
    root = folder()
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(root).as_posix(), path


def pack(writer: Writer, journals: Iterable[str]) -> set[str]:
    """Add files and journals to an archive; returns the names of the files."""
    packed = set()
    for name, path in stored():
        with suppress(FileNotFoundError), path.open("rb") as source:  # taken away meanwhile: no row needs it
            with writer.member(FILES + name, packed=False) as write:
                while data := source.read(CHUNK):
                    write(data)
            packed.add(name)
    for name in journals:
        path = Path(settings.DATA_DIR) / name
        if path.is_file():
            with writer.member(JOURNALS + name) as write:
                write(path.read_bytes())
    return packed


def lay_beside(archive: Reader) -> list[Path]:
    """Put the archive's files in place. Where another file has the name they stay drafts, which are returned."""
    drafts = []
    for member, stated in archive.manifest["members"].items():
        if not member.startswith(FILES):
            continue
        target = folder() / member.removeprefix(FILES)
        if target.is_file() and _sha256(target) == stated["sha256"]:
            continue
        draft = target.with_name(f"{target.name}.restoring")
        archive.copy(member, draft)
        if target.exists():
            drafts.append(draft)
        else:
            os.replace(draft, target)
            sync_folder(target.parent)
    return drafts


def settle(archive: Reader, drafts: list[Path], aside: Path) -> int:
    """After the database was restored: drafts take their names; files that the backup does not have go to ``aside``.

    Returns how many were set aside.
    """
    wanted = {name.removeprefix(FILES) for name in archive.manifest["members"] if name.startswith(FILES)}
    replaced = {draft.with_name(draft.name.removesuffix(".restoring")) for draft in drafts}
    moved = 0
    for name, path in list(stored()):
        if path in drafts:
            continue
        if path in replaced or name not in wanted:
            target = aside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
            moved += 1
    for draft in drafts:
        os.replace(draft, draft.with_name(draft.name.removesuffix(".restoring")))
        sync_folder(draft.parent)
    _merge_journals(archive)
    return moved


def _merge_journals(archive: Reader) -> None:
    """Lines of both, by their beginning, which is a time: what was written after the backup remains a witness."""
    for member in archive.manifest["members"]:
        if not member.startswith(JOURNALS):
            continue
        path = Path(settings.DATA_DIR) / member.removeprefix(JOURNALS)
        with archive.open(member) as source:
            lines = set(source.read().splitlines(keepends=True))
        if path.exists():
            lines |= set(path.read_bytes().splitlines(keepends=True))
        draft = path.with_name(f"{path.name}.restoring")
        with draft.open("wb") as out:
            out.writelines(sorted(lines))
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, path)
        sync_folder(path.parent)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
