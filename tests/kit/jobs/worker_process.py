"""A worker that also knows the jobs of the tests: ``python -m tests.kit.jobs.worker_process``."""

import os

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
    import django

    django.setup()
    from celery import signals
    from django.conf import settings
    from django.core.management import call_command

    import tests.kit.jobs.kinds  # noqa: F401 — importing declares them

    ready = settings.DATA_DIR / f"worker-{os.getpid()}.ready"
    signals.worker_ready.connect(lambda **kwargs: ready.touch(), weak=False)
    call_command("worker")
