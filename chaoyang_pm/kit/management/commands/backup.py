from pathlib import Path

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.operations import keepers
from chaoyang_pm.kit.operations.backups import backup
from chaoyang_pm.kit.operations.problems import Refusal


class Command(FormattedCommand):
    help = "Write database, uploaded files and journals into one file, while the portal works."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--force", action="store_true", help="overwrite FILE")
        super().add_arguments(parser)

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            made = backup(options["file"], overwrite=options["force"])
        except Refusal as refusal:
            self.fail([{"message": str(refusal)}], as_json=as_json)
            return
        for name in made.manifest["missing_files"]:
            self.stderr.write(_("A row names an uploaded file that does not exist: %(name)s") % {"name": name})
        result = {
            "file": str(made.path), "bytes": made.path.stat().st_size, "rows": made.rows, "files": made.files,
            "missing_files": made.manifest["missing_files"], "sha256": made.seal, "facts": made.manifest["facts"],
        }  # fmt: skip
        if as_json:
            self.print_json(result)
        else:
            self.stdout.write(_("%(file)s: %(rows)s rows, %(files)s files, %(bytes)s bytes") % result)
            self.stdout.write(f"OK {keepers.summary(made.manifest['facts'])}")
