from django.core.management.commands import migrate
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations.locks import exclusive


class Command(migrate.Command):
    """Django's own, but one at a time: of two that start together, the second waits and finds nothing to do."""

    def handle(self, *args, **options) -> None:
        def waiting() -> None:
            self.stderr.write(_("Another migration, backup or restore of this database is going on; waiting for it."))

        with exclusive(options["database"], waiting=waiting):
            super().handle(*args, **options)
