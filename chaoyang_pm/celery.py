"""The Celery application: Redis where ``REDIS_URL`` names one, else a folder in the data folder."""

import os

from celery import Celery, signals
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")

TRANSPORT_ALIASES["spool"] = "chaoyang_pm.kit.jobs.spool:Transport"
app = Celery("chaoyang_pm")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.on_after_configure.connect
def _sweep_in_every_worker(sender: Celery, **kwargs) -> None:
    from chaoyang_pm.kit.jobs.worker import SweepStep  # needs Django's apps to be loaded

    sender.steps["worker"].add(SweepStep)


@signals.setup_logging.connect
def _log_as_django_does(**kwargs) -> None:
    """A receiver is enough for Celery to leave the handlers alone that the settings describe."""
