"""What checking a workbook found out, kept so that posting need not find it out again."""

import datetime
from dataclasses import dataclass

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.facts.selectors import FactsVersion, facts_version
from communities.people.models import User
from compounds.imports import proof
from compounds.imports.buildings import BuildingImport
from compounds.imports.entries import EntryImport
from compounds.imports.outcome import Applied
from compounds.imports.register import RegisterImport
from compounds.imports.reporting import ReportImport
from compounds.ledger import selectors as ledger
from compounds.ledger.choices import Kind
from compounds.ledger.models import LedgerHead
from compounds.ledger.recording import Recorder, live_keys
from compounds.register.models import Compound

Work = RegisterImport | EntryImport | BuildingImport | ReportImport


@dataclass
class Rehearsal:
    """The rows applied to a recorder that stores nothing, and what that was based on."""

    work: Work
    by: User | None
    #: Codes of the compounds that the rows may touch.
    codes: set[str]
    facts: FactsVersion
    ledger: ledger.Version
    today: datetime.date
    recorder: Recorder
    applied: Applied

    @classmethod
    def of(cls, work: Work, *, by: User | None) -> "Rehearsal":
        """Apply all rows without errors; adds errors to the others. Nothing is locked."""
        facts, newest, today = facts_version(), ledger.newest(), business_date()
        index = work.index()
        codes = work.codes(index)
        compounds = {compound.code: compound for compound in Compound.objects.filter(code__in=codes)}
        recorder = Recorder(compounds, newest.height)
        # The book is read before the keys: whatever others post in between is known by its key, and is never missed in
        # the keys while the book has it already.
        _book, keys = recorder.book, live_keys(work.keys())
        applied = work.apply(recorder, index, keys, only=None, by=by)
        if isinstance(work, RegisterImport | EntryImport):
            proof.warn(work.rows, recorder, column="reason" if isinstance(work, EntryImport) else "taken_over_on")
        return cls(work, by, codes, facts, newest, today, recorder, applied)

    def holds(self, head: LedgerHead, accepted: set[int], *, by: User | None) -> bool:
        """Whether applying the accepted rows again, under the lock that ``head`` stands for, would give just this.

        The ledger is the same, and so are compounds and divisions. A row with an error takes a number from the next
        new compound; and whether somebody may take an entry back depends on more than the ledger.
        """
        rows = self.work.rows
        return (
            len(accepted) == len(rows)
            and (head.height, head.hash) == (self.ledger.height, self.ledger.hash)
            and (self.by, self.today, self.facts) == (by, business_date(), facts_version())
            and not any(row.get("kind") == Kind.REVERSAL for row in rows)
        )
