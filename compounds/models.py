"""Django looks for models here and nowhere else; each lives in its room."""

from compounds.imports.models import ImportRun, Synonym
from compounds.ledger.models import Entry, EntryPart, LedgerHead, Posting
from compounds.register.models import Compound
from compounds.structure.models import KnownApart

__all__ = ["Compound", "Entry", "EntryPart", "ImportRun", "KnownApart", "LedgerHead", "Posting", "Synonym"]
