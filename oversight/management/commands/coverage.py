import csv
import sys
from dataclasses import asdict

from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.sheets.writing import write_table
from oversight.coverage import presenters, selectors
from oversight.coverage.question import BadQuestion, resolve


class Command(FormattedCommand):
    help = "Coverage of a division at a date, as known at a height of the ledger."
    formats = ("table", "json", "csv", "xlsx")

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--division", default="", help="division code; default: the programme's city")
        parser.add_argument("--as-of", default="", help="ISO date; default: the business date")
        parser.add_argument("--height", default="", help="height of the ledger; default: the newest")
        parser.add_argument("--rule", default="", help="counting rule; default: standard")
        parser.add_argument("--by", choices=selectors.GROUPINGS)
        parser.add_argument("--output", help="file to write; needed for xlsx unless standard output is a file")

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            question = resolve(**{name: options[name] for name in ("division", "as_of", "height", "rule")})
        except BadQuestion as bad:
            self.fail([asdict(problem) for problem in bad.problems], as_json=as_json)
            return
        groups = selectors.groups(question, options["by"]) if options["by"] else None
        data = presenters.coverage(question, selectors.coverage(question), groups)
        header, rows = list(presenters.COVERAGE_COLUMNS), presenters.coverage_rows(data)
        match options["format"]:
            case "json":
                self.print_json(data)
            case "csv":
                csv.writer(self.stdout, lineterminator="\n").writerows([header, *rows])
            case "xlsx":
                self._write_xlsx(options["output"], header, rows)
            case _:
                self.print_table(header, rows)

    def _write_xlsx(self, output: str | None, header: list[str], rows: list[list]) -> None:
        content = write_table(header, rows)
        if output:
            with open(output, "wb") as file:
                file.write(content)
        else:
            sys.stdout.buffer.write(content)
