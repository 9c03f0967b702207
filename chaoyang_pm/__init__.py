"""Loading the package loads the Celery application, so that every process of the portal calls the same workers."""

from chaoyang_pm.celery import app as celery_app

__all__ = ["celery_app"]
