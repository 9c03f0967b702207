from pathlib import Path

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.operations.problems import Refusal
from chaoyang_pm.kit.operations.upgrading import upgrade


class Command(FormattedCommand):
    help = "After a new release was installed: backup, migrations, reference data, checks. Again changes nothing."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--backup", metavar="FILE", type=Path, help="default: one in the data folder's backups")
        parser.add_argument("--no-backup", action="store_true", help="there is a backup already")
        super().add_arguments(parser)

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            done = upgrade(backup_to=options["backup"], with_backup=not options["no_backup"], say=self.say)
        except Refusal as refusal:
            self.fail([{"message": str(refusal)}], as_json=as_json)
            return
        if as_json:
            self.print_json({"migrated": done.migrated, "backup": str(done.backup) if done.backup else None})
        elif done.migrated:
            self.stdout.write(_("OK: the database is as this release needs it (%(number)s migrations).")
                              % {"number": len(done.migrated)})  # fmt: skip
        else:
            self.stdout.write(_("OK: there was nothing to migrate."))

    def say(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()
