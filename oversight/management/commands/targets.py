from dataclasses import asdict

from chaoyang_pm.kit.commands import FormattedCommand
from oversight.coverage import presenters
from oversight.coverage.question import BadQuestion, resolve
from oversight.coverage.targets import board

COLUMNS = (
    "code", "deadline", "required_m2", "completed_m2", "remaining_m2", "ratio", "scheduled_m2", "status",
    "run_rate_m2_per_month", "forecast", "at_deadline_m2", "newly_lapsed_m2", "name",
)  # fmt: skip


class Command(FormattedCommand):
    help = "The programme's targets at a date, as known at a height of the ledger."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", default="", help="ISO date; default: the business date")
        parser.add_argument("--height", default="", help="height of the ledger; default: the newest")

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            question = resolve(as_of=options["as_of"], height=options["height"])
        except BadQuestion as bad:
            self.fail([asdict(problem) for problem in bad.problems], as_json=as_json)
            return
        rows = [presenters.target(figures) for figures in board(question)]
        if as_json:
            self.print_json(rows)
        else:
            self.print_table(list(COLUMNS), [[row[name] for name in COLUMNS] for row in rows])
