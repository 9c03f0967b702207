"""An export put into an empty ledger, and what has to be the same afterwards."""

from collections import defaultdict
from pathlib import Path

import openpyxl
from django.db.models import Sum

from chaoyang_pm.kit.scoping import next_code
from compounds.imports.models import ImportRun
from compounds.ledger.models import EMPTY_HASH, Entry, EntryPart, LedgerHead, Posting
from compounds.modes.fact_models import FeeYear, ServicePoint, Tender, Vote
from compounds.modes.models import Procedure, StepRecord
from compounds.pilots.models import Pilot
from compounds.register.models import Compound
from compounds.reports.models import Report, ReportComment, ReportFile, ReportStep
from oversight.plans.models import PlanLine
from tests.compounds.imports.workbooks import accepted
from tests.support import ask_json, triggers_lifted

#: By (date, community, compound, category, mode): area and households that came or went.
Movements = dict[tuple, tuple[int, int]]


def movements(code: str = "2113") -> Movements:
    """Where these are equal, every balance is equal at every date."""
    found: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    keys = ("effective_on", "community_id", "compound__code", "category", "mode")
    rows = Posting.objects.filter(community__gte=code, community__lt=next_code(code)).order_by().values_list(*keys)
    for *key, area, households in rows.annotate(Sum("area_dm2"), Sum("households")):
        if area or households:
            found[tuple(key)] = (area, households)
    return dict(found)


def pending() -> set[tuple[str, str]]:
    return set(Compound.objects.area_pending().values_list("code", "community_id"))


def empty() -> None:
    """No compound and no entry; divisions and reference data stay."""
    with triggers_lifted():
        Report.objects.update(instead_of=None)
        for model in (
            ImportRun, EntryPart, Posting, ReportComment, ReportStep, ReportFile, Report, Vote, StepRecord, Tender,
            FeeYear, ServicePoint, Procedure, Pilot, PlanLine,
        ):  # fmt: skip
            model.objects.all().delete()
        Entry.objects.filter(reverses__isnull=False).delete()
        Entry.objects.all().delete()
        Compound.objects.update(status="active", merged_into=None, import_undone=False)
        Compound.objects.all().delete()
        LedgerHead.objects.update(height=0, hash=EMPTY_HASH, recorded_at=None)


def export(path: Path, *options: str) -> dict:
    return ask_json("export", str(path), *options)


def import_again(path: Path) -> tuple[dict, dict | None]:
    """Both sheets, one after the other, without an error; each import says that the other sheet is not for it."""
    register = accepted("import_compounds", path)
    rows = openpyxl.load_workbook(path, read_only=True)["变更"].max_row
    changes = accepted("import_entries", path) if rows > 1 else None
    # What is implausible in a random city was asked when it came into the ledger, and is asked again.
    for result, other in ((register, "变更"), (changes, "台账")):
        asked = [] if result is None else result["warnings"]
        places = {(warning["sheet"], warning["column"]) for warning in asked}
        assert places <= {(other, None)}, asked[:3]
    return register, changes


def edit(path: Path, sheet: str, code: str, **cells: object) -> None:
    """Change cells of a compound's first row, as somebody does who corrects the file."""
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    header = {cell.value: cell.column for cell in page[1]}
    row = next(number for number in range(2, page.max_row + 1) if page.cell(number, 1).value == code)
    for label, value in cells.items():
        page.cell(row, header[label]).value = value
    book.save(path)


def cells(path: Path) -> dict[str, list[tuple]]:
    """Both sheets without the marks."""
    book = openpyxl.load_workbook(path)
    return {sheet: [row[:-1] for row in book[sheet].iter_rows(values_only=True)] for sheet in ("台账", "变更")}
