import warnings

from celery import current_app
from celery.exceptions import SecurityWarning
from django.core.management.base import BaseCommand

# Without the chatter between workers: what they have to know of each other stands in the database.
OPTIONS = ["--pool=threads", "--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]


class Command(BaseCommand):
    help = "Run background jobs until told to end (what systemd and `make run` start)."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--threads", type=int, default=2, help="jobs at a time (default 2)")

    def handle(self, *args, **options) -> None:
        # It warns of root because of messages that hold code; ours are JSON with a number in it.
        warnings.simplefilter("ignore", SecurityWarning)
        current_app.worker_main(["--quiet", "worker", f"--concurrency={options['threads']}", *OPTIONS])
