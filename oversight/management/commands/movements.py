from dataclasses import asdict

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from oversight.coverage import presenters
from oversight.coverage.movements import movements
from oversight.coverage.question import BadQuestion, Problem, resolve, resolve_date


class Command(FormattedCommand):
    help = "What moved in a division between two dates, by kind of event."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--division", default="", help="division code; default: the programme's city")
        parser.add_argument("--from", dest="since", required=True, help="ISO date of the opening figure")
        parser.add_argument("--to", dest="as_of", required=True, help="ISO date of the closing figure")
        parser.add_argument("--height", default="", help="height of the ledger; default: the newest")
        parser.add_argument("--rule", default="", help="counting rule; default: standard")

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            question = resolve(**{name: options[name] for name in ("division", "as_of", "height", "rule")})
            since = resolve_date(options["since"], field="from")
            if since > question.as_of:
                message = _("The first date lies after the last; give the earlier one first.")
                raise BadQuestion([Problem("from", options["since"], message)])
        except BadQuestion as bad:
            self.fail([asdict(problem) for problem in bad.problems], as_json=as_json)
            return
        data = presenters.movements(question, since, movements(question, since))
        if as_json:
            self.print_json(data)
            return
        columns = ["managed_m2", "total_m2", "households"]
        lines = [
            ("opening", data["opening"]),
            *((row["kind"], row) for row in data["by_kind"]),
            ("closing", data["closing"]),
        ]
        self.print_table(["", *columns], [[name, *(row[column] for column in columns)] for name, row in lines])
