from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunitiesConfig(AppConfig):
    name = "communities"
    verbose_name = _("Divisions and people")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from communities.models import Division, User

        auditlog.register(Division)
        auditlog.register(User, mask_fields=["password"], exclude_fields=["last_login"])
