"""``upgrade``: a backup, the migrations, the reference data, and the checks, while everybody else waits."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django import db
from django.conf import settings
from django.core.checks import ERROR, Tags, run_checks
from django.core.management import call_command
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations import backups, keepers, maintenance, states
from chaoyang_pm.kit.operations.locks import exclusive
from chaoyang_pm.kit.operations.problems import Refusal


@dataclass
class Upgraded:
    migrated: list[str] = field(default_factory=list)
    backup: Path | None = None


def upgrade(*, backup_to: Path | None = None, with_backup: bool = True, say: Callable[[str], None]) -> Upgraded:
    """Bring the database to this release. Raises Refusal before anything changed, or if it is not in order after it."""
    using = db.DEFAULT_DB_ALIAS
    with exclusive(using, waiting=lambda: say(_("Another migration, backup or restore is going on; waiting for it."))):
        if maintenance.note().get("work") == "restore":
            raise Refusal(_("A restore did not come to its end. Run it again first: see the file %(path)s.")
                          % {"path": maintenance.path()})  # fmt: skip
        state = states.of_database(using)
        done = Upgraded([f"{app}.{name}" for app, name in state.missing])
        if state.missing and with_backup and state.applied and keepers.holdings(state.apps, using):
            done.backup = backups.backup(backup_to or backups.path_for("before-upgrade")).path
            say(_("What was there is kept in %(path)s.") % {"path": done.backup})
        if state.missing:
            say(_("Migrating forward: %(names)s") % {"names": ", ".join(done.migrated)})
        call_command("migrate", interactive=False, verbosity=0)
        for command in settings.UPGRADE_COMMANDS:
            call_command(command, stdout=io.StringIO())
        found = run_checks(tags=[Tags.database], databases=[using])
        if problems := [check.msg for check in found if check.level >= ERROR]:
            raise Refusal("\n".join(problems))
    return done
