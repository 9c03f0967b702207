"""What an import found and did, in the shape of the contract (ledger.md)."""

from dataclasses import dataclass, field
from typing import Any

from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.sheets.rows import ParsedRow
from communities.divisions.models import Division
from compounds.imports.facts import Changes
from compounds.register.models import Building, Compound
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim


@dataclass(frozen=True)
class BuildingChange:
    """A building that a row adds (None) or changes."""

    compound: Compound
    building: Building | None
    changes: Changes


@dataclass(frozen=True)
class PlannedReport:
    """A report that a row asks for, about a compound or about one that its community's register does not have."""

    row: ParsedRow
    kind: ReportKind
    claim: Claim
    compound: Compound | None
    community: Division


@dataclass
class Applied:
    """What the rows would do, or did: per row one of the sets; facts before and after of updated compounds."""

    created: list[Compound] = field(default_factory=list)
    updated: dict[str, Changes] = field(default_factory=dict)
    updated_rows: set[int] = field(default_factory=set)
    unchanged_rows: set[int] = field(default_factory=set)
    accepted_rows: set[int] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)
    posted: int = 0
    #: Buildings to be written: the row's compound, the building if there is one, and each field before and after.
    buildings: list[BuildingChange] = field(default_factory=list)
    #: Reports to be handed in, each with its row.
    reports: list[PlannedReport] = field(default_factory=list)

    @property
    def created_number(self) -> int:
        """New compounds; of a workbook of buildings new buildings, of one of reports new reports."""
        return len(self.created) + sum(change.building is None for change in self.buildings) + len(self.reports)


@dataclass
class Outcome:
    """Counts and findings of one run. After a refused run all counts but ``rows`` are 0: nothing was written."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    posted: int = 0
    area_pending: int = 0
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    height: int = 0
    #: Rows that are no data (subtotals, signatures) by row number, and headers that no column is known for.
    skipped: list[int] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    #: Words in cells that no list knows, each with its field.
    unknown_words: list[dict[str, str]] = field(default_factory=list)
    readable: bool = True
    #: How each visible sheet was understood (``layouts.layout_of``), and the names of hidden ones.
    sheets: list[dict[str, Any]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    #: The id of the import that keeps what was posted; an undo asks for it.
    run: str = ""
    accepted: int = 0
    #: What the file adds to managed and total area (0.01 ㎡).
    adds_managed: int = 0
    adds_total: int = 0
    #: Whether area that counts towards a target is relabelled: then the city approves what a county imports.
    asks_city: bool = False

    def as_dict(self) -> dict[str, Any]:
        counts = ("rows", "created", "updated", "unchanged", "posted", "area_pending")
        return {
            **{name: getattr(self, name) for name in counts},
            "errors": [_plain(finding) for finding in self.errors],
            "warnings": [_plain(finding) for finding in self.warnings],
            "height": self.height,
        }

    def as_result(self) -> dict[str, Any]:
        """The contract's result with what the page shows beside it."""
        more = (
            "accepted", "skipped", "unknown_columns", "adds_managed", "adds_total", "readable", "unknown_words",
            "asks_city", "sheets", "hidden",
        )  # fmt: skip
        return self.as_dict() | {name: getattr(self, name) for name in more}

    def refused(self) -> "Outcome":
        """The same findings with nothing written."""
        return Outcome(
            rows=self.rows, errors=self.errors, warnings=self.warnings, height=self.height, skipped=self.skipped,
            unknown_columns=self.unknown_columns, unknown_words=self.unknown_words, sheets=self.sheets,
            hidden=self.hidden,
        )  # fmt: skip


def _plain(finding: Finding) -> dict[str, Any]:
    value = finding.value
    if value is not None and not isinstance(value, str | int | float | bool):
        value = str(value)
    return {
        "sheet": finding.sheet,
        "row": finding.row,
        "column": finding.column,
        "value": value,
        "message": finding.message,
    }
