from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class KitConfig(AppConfig):
    name = "chaoyang_pm.kit"
    label = "kit"
    verbose_name = _("Background work")

    def ready(self) -> None:
        from chaoyang_pm.kit.desk import registry as desk
        from chaoyang_pm.kit.facts import checks as facts
        from chaoyang_pm.kit.facts import triggers
        from chaoyang_pm.kit.health import checks
        from chaoyang_pm.kit.jobs.desk import failed
        from chaoyang_pm.kit.operations import keepers
        from chaoyang_pm.kit.portal.backups import PortalKeeper

        keepers.provide(PortalKeeper())
        checks.provide_own()
        checks.provide("facts", facts.triggers_are_healthy, asks_database=True)
        desk.provide("jobs", failed, place=40)
        post_migrate.connect(triggers.after_migrate, sender=self)
        # Pages name kinds of jobs as well as workers do: every process knows them all.
        autodiscover_modules("tasks")
