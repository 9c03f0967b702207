"""``backup``: database, uploaded files and journals in one file, of one moment, while the portal works."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import db
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations import files, keepers, states, tables
from chaoyang_pm.kit.operations.archive import Writer
from chaoyang_pm.kit.operations.locks import exclusive
from chaoyang_pm.kit.operations.problems import Refusal


@dataclass(frozen=True)
class Backup:
    """What was written: where, how much, and the seal by which it can be recognised."""

    path: Path
    seal: str
    manifest: dict[str, Any]

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.manifest["tables"].values())

    @property
    def files(self) -> int:
        return sum(name.startswith(files.FILES) for name in self.manifest["members"])


def backup(path: Path, *, overwrite: bool = False, using: str = db.DEFAULT_DB_ALIAS) -> Backup:
    """Write a backup. Raises Refusal; then nothing is left under ``path``."""
    path = path.absolute()
    with Writer(path, overwrite=overwrite) as writer:
        try:
            with exclusive(using), tables.snapshot(using):
                manifest = _rows(writer, using)
        except DatabaseError as error:
            raise Refusal(_("The database cannot be read: %(why)s") % {"why": str(error).strip()}) from error
        # Files come after the rows: every file that a row names had been stored before the row.
        journals = [name for keeper in keepers.all_keepers() for name in keeper.journals]
        packed = files.pack(writer, journals)
        manifest["missing_files"] = sorted(set(manifest["missing_files"]) - packed)
        seal = writer.finish(manifest)
        return Backup(path, seal, manifest | {"members": writer.members})


def path_for(occasion: str) -> Path:
    """A new name in the data folder's ``backups``."""
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = timezone.localtime().strftime("%Y%m%d-%H%M%S")
    path = folder / f"{occasion}-{now}.zip"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{occasion}-{now}-{number}.zip"
    return path


def _rows(writer: Writer, using: str) -> dict[str, Any]:
    state = states.of_database(using)
    if not state.applied:
        raise Refusal(_("The database has no tables of the portal; there is nothing to back up."))
    writer.begin()
    counted, names = {}, set()
    for model in state.tables():
        table = model._meta.db_table
        lines = 0
        with writer.member(f"tables/{table}.jsonl") as write:
            for block in tables.rows(model, using):
                write(block)
                lines += block.count(b"\n")
        counted[table] = {"rows": lines, "columns": tables.columns(model)}
        names |= set(tables.stored_names(model, using))
    return {
        "made_at": timezone.now().astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "engine": _engine(using),
        "migrations": state.as_json,
        "facts": keepers.facts(state.apps, using),
        "tables": counted,
        "missing_files": sorted(names),
    }


def _engine(using: str) -> str:
    connection = connections[using]
    version = connection.get_database_version()
    return f"{connection.vendor} {'.'.join(map(str, version))}"
