from django.core.management.commands import migrate
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations.locks import exclusive


class Command(migrate.Command):
    """Django's own, but one at a time: of two that start together, the second waits and finds nothing to do."""

    def get_check_kwargs(self, options) -> dict:
        """Without the checks of the database: what they find missing there, a migrate puts back."""
        return {name: value for name, value in super().get_check_kwargs(options).items() if name != "databases"}

    def handle(self, *args, **options) -> None:
        def waiting() -> None:
            self.stderr.write(_("Another migration, backup or restore of this database is going on; waiting for it."))

        with exclusive(options["database"], waiting=waiting):
            super().handle(*args, **options)
