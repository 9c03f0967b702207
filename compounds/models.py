"""Django looks for models here and nowhere else; each lives in its room."""

from compounds.approvals.models import Proposal, SecondPerson
from compounds.files.models import Attachment, BasisScan, OriginalAccess
from compounds.imports.models import ColumnMapping, ImportRun, MappedColumn, Synonym
from compounds.ledger.models import Entry, EntryPart, LedgerHead, Posting
from compounds.modes.fact_models import FeeYear, ServicePoint, Tender, TenderRule, Vote, VoteRule
from compounds.modes.models import EvidenceRule, Procedure, ProcedureKind, ProcedureStep, StepRecord
from compounds.pilots.models import Pilot
from compounds.register.models import Building, ChosenColumns, Compound, SavedView
from compounds.reports.models import Report, ReportComment, ReportFile, ReportStep, ReviewDays, SkippedLevel
from compounds.returns.models import ExtensionRight, Return, ReturnDeadline, ReturnScan, ReturnStep
from compounds.structure.models import KnownApart

__all__ = [
    "Attachment",
    "BasisScan",
    "Building",
    "ChosenColumns",
    "ColumnMapping",
    "Compound",
    "Entry",
    "EntryPart",
    "EvidenceRule",
    "ExtensionRight",
    "FeeYear",
    "ImportRun",
    "KnownApart",
    "LedgerHead",
    "MappedColumn",
    "OriginalAccess",
    "Pilot",
    "Posting",
    "Procedure",
    "ProcedureKind",
    "ProcedureStep",
    "Proposal",
    "Report",
    "ReportComment",
    "ReportFile",
    "ReportStep",
    "Return",
    "ReturnDeadline",
    "ReturnScan",
    "ReturnStep",
    "ReviewDays",
    "SavedView",
    "SecondPerson",
    "ServicePoint",
    "SkippedLevel",
    "StepRecord",
    "Synonym",
    "Tender",
    "TenderRule",
    "Vote",
    "VoteRule",
]  # fmt: skip
