from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunitiesConfig(AppConfig):
    name = "communities"
    verbose_name = _("Divisions and people")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from chaoyang_pm.kit.facts import triggers as facts
        from chaoyang_pm.kit.operations import keepers
        from communities.models import Appointment, Division, Schedule, User
        from communities.notices import channels, deadlines
        from communities.notices.backups import NoticesKeeper
        from communities.people.backups import PeopleKeeper
        from communities.tokens.backups import TokensKeeper
        from communities.tokens.deadlines import ending_tokens

        facts.watch_room("communities", "communities.divisions.")
        auditlog.register(Division)
        # A masked hash still shows half of it; that a password changed is noted by the services.
        # Addresses are the person's own matter, and no log of rights is to hold them.
        auditlog.register(User, exclude_fields=["last_login", "password", "email", "phone", "language"])
        auditlog.register(Schedule)
        auditlog.register(Appointment)
        keepers.provide(PeopleKeeper())
        keepers.provide(TokensKeeper())
        keepers.provide(NoticesKeeper())
        channels.check_gateway()
        deadlines.provide("tokens", ending_tokens)
