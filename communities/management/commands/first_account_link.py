from django.core.management.base import BaseCommand
from django.urls import reverse

from communities.people.services import first_account_token


class Command(BaseCommand):
    help = "Print the path of the page that makes the first account; nothing once there is an account."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options) -> None:
        if token := first_account_token():
            self.stdout.write(reverse("people:first_account", args=[token]))
