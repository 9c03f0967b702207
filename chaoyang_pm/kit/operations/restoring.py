"""``restore``: check the archive, then make the database anew in one transaction, and prove it.

Until that transaction ends nothing of the present data has changed; a kill at any moment leaves either the old
database or the restored one, whole. Files are laid beside the old ones before it, and tidied up after it.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import db
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations import backups, files, keepers, maintenance, states, tables
from chaoyang_pm.kit.operations.archive import Reader
from chaoyang_pm.kit.operations.locks import exclusive
from chaoyang_pm.kit.operations.problems import Refusal

Say = Callable[[str], None]


@dataclass
class Restored:
    """What was done."""

    manifest: dict[str, Any]
    safety: Path | None = None
    rows: int = 0
    migrated: list[str] = field(default_factory=list)
    set_aside: Path | None = None
    #: Keys of programs that were ended, or that live again.
    keys_ended: int = 0
    keys_live: int = 0


def restore(
    path: Path, *, replace: bool = False, safety: bool = True, keep_keys: bool = False,
    say: Say = lambda line: None, using: str = db.DEFAULT_DB_ALIAS,
) -> Restored:  # fmt: skip
    """Restore an archive. Raises Refusal with nothing changed.

    Keys of programs that it holds are ended, as sessions are: which of them were revoked since the backup it cannot
    know. ``keep_keys``: nothing happened since.
    """
    with Reader(path.absolute()) as archive, exclusive(using, waiting=lambda: say(_waiting())):
        then = states.of_manifest(archive.manifest, using)
        done = Restored(archive.manifest)
        interrupted = maintenance.note() if maintenance.note().get("work") == "restore" else {}
        if interrupted:
            say(_interrupted(interrupted))
        _refuse_to_lose_data(archive, replace, using)
        with maintenance.closed(work="restore", archive=str(archive.path), step="preparing"):
            if replace and safety and _tables(using):
                done.safety = backups.backup(backups.path_for("before-restore"), using=using).path
                maintenance.write(safety=str(done.safety))
                say(_("What was there is kept in %(path)s.") % {"path": done.safety})
            try:
                drafts = files.lay_beside(archive)
                maintenance.write(step="rows")
                _rebuild(archive, then, done, say, using, keep_keys=keep_keys)
            except (DatabaseError, OSError) as error:
                raise Refusal(_("Nothing was restored: %(why)s") % {"why": str(error).strip()}) from error
            maintenance.write(step="files")
            aside = Path(settings.DATA_DIR) / f"set-aside-{timezone.localtime():%Y%m%d-%H%M%S}"
            if files.settle(archive, drafts, aside):
                done.set_aside = aside
        if done.migrated:
            for command in settings.UPGRADE_COMMANDS:
                call_command(command, stdout=io.StringIO())
    return done


def _rebuild(
    archive: Reader, then: states.State, done: Restored, say: Say, using: str, *, keep_keys: bool
) -> None:  # fmt: skip
    """All of it in one transaction, which ends only if every room finds its data as the backup says."""

    def before_each(action: str, *of_what) -> None:
        if action == "apply_start":
            tables.check_keys(using)

    with tables.rebuilding(using):
        tables.drop_all(using)
        executor = MigrationExecutor(connections[using], before_each)
        executor.migrate(then.targets)
        present = {model._meta.db_table: model for model in then.tables()}
        tables.empty(then.tables(), using)
        for table, stated in archive.manifest["tables"].items():
            if table not in present:
                raise Refusal(
                    _("The backup holds a table that its migrations do not make: %(table)s.") % {"table": table}
                )
            if stated["rows"]:
                say(f"{table}: {stated['rows']}")
            with archive.open(f"tables/{table}.jsonl") as lines:
                done.rows += tables.load(present[table], stated["columns"], lines, using)
        tables.check_keys(using)
        tables.reset_sequences(then.tables(), using)
        if then.missing:
            done.migrated = [f"{app}.{name}" for app, name in then.missing]
            say(_("Migrating forward: %(names)s") % {"names": ", ".join(done.migrated)})
            executor.loader.build_graph()
            executor.migrate(executor.loader.graph.leaf_nodes())
            tables.check_keys(using)
        ContentType.objects.clear_cache()
        emit_post_migrate_signal(verbosity=0, interactive=False, db=using)
        say(_("Verifying"))
        facts = archive.manifest["facts"]
        findings = [text for keeper in keepers.all_keepers() for text in keeper.findings(facts.get(keeper.name, {}))]
        if findings:
            raise Refusal(
                _("Nothing was restored: the backup's data are not in order.") + "\n" + "\n".join(findings[:20])
            )
        for keeper in keepers.all_keepers():
            keeper.restored()
            if keep_keys:
                done.keys_live += keeper.live_keys()
            else:
                done.keys_ended += keeper.end_keys()
                keeper.settle()


def _refuse_to_lose_data(archive: Reader, replace: bool, using: str) -> None:
    """Without ``--replace`` only into a database that nobody has used; never into somebody else's."""
    present = _tables(using)
    if present and MigrationRecorder.Migration._meta.db_table not in present:
        raise Refusal(_("The database holds tables that are not the portal's. Give the portal a database of its own."))
    if replace or not present:
        return
    state = states.of_database(using)
    held = keepers.holdings(state.apps, using)
    if not held:
        return
    reasons = [
        _("The database is in use: it holds %(what)s.")
        % {"what": ", ".join(f"{number} {name}" for name, number in held.items())}
    ]
    facts = archive.manifest["facts"]
    for keeper in keepers.all_keepers():
        if loss := keeper.comparison(facts.get(keeper.name, {}), state.apps, using).loss:
            reasons.append(loss)
    reasons.append(_("To put the backup in its place, use --replace: what is there is backed up first."))
    raise Refusal("\n".join(reasons))


def _tables(using: str) -> list[str]:
    with connections[using].cursor() as cursor:
        return connections[using].introspection.table_names(cursor)


def _waiting() -> str:
    return _("Another migration, backup or restore of this database is going on; waiting for it.")


def _interrupted(note: dict[str, Any]) -> str:
    """What an earlier restore that was killed has left, and how to mend it."""
    text = _(
        "A restore of %(archive)s, begun %(since)s, did not come to its end. Rows are restored all or not at all: the "
        "database is as it was before, or as in that backup. To mend it, run to its end: restore %(archive)s --replace"
    ) % {"archive": note.get("archive", "?"), "since": note.get("since", "?")}
    if note.get("safety"):
        text += "\n" + _("What was there before it is kept in %(path)s.") % {"path": note["safety"]}
    return text
