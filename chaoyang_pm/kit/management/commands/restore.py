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
        parser.add_argument(
            "--keep-tokens", action="store_true", help="tokens go on, for a backup since which none was revoked"
        )
        super().add_arguments(parser)

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            done = restore(
                options["file"], replace=options["replace"], safety=not options["no_safety_backup"],
                keep_keys=options["keep_tokens"], say=self.say,
            )  # fmt: skip
        except Refusal as refusal:
            self.fail([{"message": str(refusal)}], as_json=as_json)
            return
        self.show(done, as_json=as_json)
        if not as_json:
            self.tell_of_keys(done)

    def say(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()

    def tell_of_keys(self, done: Restored) -> None:
        if done.keys_ended:
            text = _(
                "%(number)s tokens were ended, for any of them may have been revoked since the backup. Programs need "
                "new ones: page “Tokens” of their owners, or create_token."
            )
            self.say(text % {"number": done.keys_ended})
        if done.keys_live:
            text = _(
                "%(number)s tokens work again, those revoked since the backup too. Look through them on the page "
                "“Tokens” and revoke what must not come in, or restore without --keep-tokens."
            )
            self.say(text % {"number": done.keys_live})

    def show(self, done: Restored, *, as_json: bool) -> None:
        result = {
            "rows": done.rows, "made_at": done.manifest["made_at"], "facts": done.manifest["facts"],
            "migrated": done.migrated, "safety_backup": str(done.safety) if done.safety else None,
            "set_aside": str(done.set_aside) if done.set_aside else None,
            "tokens_ended": done.keys_ended, "tokens_live": done.keys_live,
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
