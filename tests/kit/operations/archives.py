"""Archives read and forged, for tests of what is found out."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from chaoyang_pm.kit.operations.archive import DIGITS, KIND, SEAL


def manifest(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("manifest.json"))


def tables(path: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every table: equal tables on any database have equal ones."""
    return {name: stated for name, stated in manifest(path)["members"].items() if name.startswith("tables/")}


def rows(path: Path, table: str, columns: list[str]) -> list[list[Any]]:
    """A table's rows, only these columns."""
    said = manifest(path)["tables"][table]["columns"]
    with zipfile.ZipFile(path) as archive:
        lines = archive.read(f"tables/{table}.jsonl").splitlines()
    places = [said.index(column) for column in columns]
    return [[json.loads(line)[place] for place in places] for line in lines]


def sealed(path: Path) -> None:
    """Put the right seal on a file, as somebody would who knows how the archive is made."""
    content = path.read_bytes()[:-DIGITS]
    path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())


def forged(source: Path, target: Path, change) -> Path:
    """A copy with right checksums and seal, in which ``change(manifest, members)`` has changed what it likes."""
    with zipfile.ZipFile(source) as archive:
        said = json.loads(archive.read("manifest.json"))
        members = {name: archive.read(name) for name in archive.namelist() if name not in (KIND, "manifest.json")}
    change(said, members)
    for name, content in members.items():
        said["members"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(KIND), b"")
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(said))
        archive.comment = SEAL + b"0" * DIGITS
    sealed(target)
    return target
