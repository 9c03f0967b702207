"""Base of the portal's commands: output for people or as JSON, refusals on standard error with exit code 1."""

import sys
from typing import Any

import orjson
from django.core.management.base import BaseCommand


class FormattedCommand(BaseCommand):
    """A command with ``--format``. Subclasses return their result from ``run`` and print it in ``show``."""

    formats: tuple[str, ...] = ("table", "json")
    requires_system_checks: list[str] = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--format", choices=self.formats, default=self.formats[0])

    def print_json(self, value: Any) -> None:
        self.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())

    def print_table(self, header: list[str], rows: list[list[Any]]) -> None:
        """Columns separated by tabs: readable, and ready to be pasted into a workbook."""
        for row in [header, *rows]:
            self.stdout.write("\t".join("—" if cell is None else str(cell) for cell in row))

    def fail(self, problems: list[dict[str, Any]], result: Any = None, *, as_json: bool) -> None:
        """Say every problem on standard error, print the result object if JSON was asked for, and exit with 1."""
        for problem in problems:
            place = problem.get("field") or ""
            value = problem.get("value")
            label = f"{place}={value}: " if place and value not in (None, "") else f"{place}: " if place else ""
            self.stderr.write(f"{label}{problem['message']}")
        if as_json:
            self.print_json({"errors": problems} if result is None else result)
        sys.exit(1)
