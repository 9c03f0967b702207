from django.core.management.base import BaseCommand

from oversight.programme.services import load_reference


class Command(BaseCommand):
    help = "Load divisions, programme, clauses, targets and counting rules from fixtures/; again changes nothing."

    def handle(self, *args, **options) -> None:
        created = load_reference()
        self.stdout.write(", ".join(f"{name}: +{number}" for name, number in created.items()))
