from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunitiesConfig(AppConfig):
    name = "communities"
    verbose_name = _("Divisions and people")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from chaoyang_pm.kit.operations import keepers
        from communities.models import Division, User
        from communities.people.backups import PeopleKeeper

        auditlog.register(Division)
        auditlog.register(User, mask_fields=["password"], exclude_fields=["last_login"])
        keepers.provide(PeopleKeeper())
