import tempfile
from pathlib import Path

import environ
from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _

from chaoyang_pm.kit.management.commands import restore
from chaoyang_pm.kit.operations import backups
from chaoyang_pm.kit.operations.problems import Refusal
from chaoyang_pm.kit.operations.restoring import restore as put_in_place


class Command(restore.Command):
    help = "Move everything from another database, of either kind, into that of DATABASE_URL; heights and hashes stay."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--from", dest="source", required=True, metavar="URL", help="sqlite:////path/portal.sqlite3"
        )
        super(restore.Command, self).add_arguments(parser)

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder:
                path = Path(folder) / "moving.zip"
                backups.backup(path, using=self.source(options["source"]))
                done = put_in_place(path, keep_keys=True, say=self.say)
        except Refusal as refusal:
            self.fail([{"message": str(refusal)}], as_json=as_json)
            return
        self.show(done, as_json=as_json)

    def source(self, url: str) -> str:
        """An alias for the database to move from."""
        if not url.startswith(("sqlite://", "postgres://", "postgresql://")):
            raise Refusal(
                _("%(url)s is no address of a database; write sqlite:////path or postgres://…") % {"url": url}
            )
        wanted = environ.Env.db_url_config(url)
        present = connections.settings["default"]
        if wanted["ENGINE"].endswith("sqlite3") and not Path(wanted["NAME"]).is_file():
            raise Refusal(_("There is no database %(path)s.") % {"path": wanted["NAME"]})
        if all(str(wanted.get(key, "")) == str(present.get(key, "")) for key in ("ENGINE", "NAME", "HOST", "PORT")):
            raise Refusal(_("Source and target are the same database; set DATABASE_URL to the new one."))
        connections.settings["source"] = {**present, "OPTIONS": {}, **wanted}
        return "source"
