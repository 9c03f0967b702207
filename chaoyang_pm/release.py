"""Which release of the portal this is."""

import hashlib
import tomllib
from collections.abc import Iterable
from pathlib import Path


def release(project: Path, packages: Iterable[str]) -> str:
    """The project's version and, since a portal is brought up to date between two of them as well, its program."""
    version = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    program = hashlib.blake2b(digest_size=6)
    for path in sorted(path for package in packages for path in (project / package).rglob("*.py")):
        content = path.read_bytes()
        program.update(f"{path.relative_to(project).as_posix()}:{len(content)}:".encode() + content)
    return f"{version}+{program.hexdigest()}"
