from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.selectors import COLUMNS, row_of


class Command(FormattedCommand):
    help = "Background jobs, newest first."

    def handle(self, *args, **options) -> None:
        rows = [row_of(job) for job in Job.objects.order_by("-created_at")]
        if options["format"] == "json":
            self.print_json(rows)
        else:
            self.print_table(COLUMNS, [list(row.values()) for row in rows])
