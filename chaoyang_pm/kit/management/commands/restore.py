from pathlib import Path

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.operations import keepers
from chaoyang_pm.kit.operations.problems import Refusal
from chaoyang_pm.kit.operations.restoring import Restored, restore


class Command(FormattedCommand):
    help = "Restore a backup into an empty database, or in place of the present one; ends with a verification."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--replace", action="store_true", help="in place of present data, which is backed up first")
        parser.add_argument(
            "--no-safety-backup", action="store_true", help="for a database that cannot be read any more"
        )
        super().add_arguments(parser)

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            done = restore(
                options["file"], replace=options["replace"], safety=not options["no_safety_backup"], say=self.say
            )
        except Refusal as refusal:
            self.fail([{"message": str(refusal)}], as_json=as_json)
            return
        self.show(done, as_json=as_json)

    def say(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()

    def show(self, done: Restored, *, as_json: bool) -> None:
        result = {
            "rows": done.rows, "made_at": done.manifest["made_at"], "facts": done.manifest["facts"],
            "migrated": done.migrated, "safety_backup": str(done.safety) if done.safety else None,
            "set_aside": str(done.set_aside) if done.set_aside else None,
        }  # fmt: skip
        if as_json:
            self.print_json(result)
            return
        if done.set_aside:
            self.say(
                _("Uploaded files that the backup does not have were moved to %(path)s.") % {"path": done.set_aside}
            )
        text = _("Restored as of %(made_at)s: %(rows)s rows, verified. Everybody logs in again.")
        self.stdout.write(text % result)
        self.stdout.write(f"OK {keepers.summary(done.manifest['facts'])}")
