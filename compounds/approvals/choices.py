from django.db import models
from django.utils.translation import gettext_lazy as _


class ProposalState(models.TextChoices):
    """How far a proposal is."""

    WAITING = "waiting", _("Waiting")
    POSTED = "posted", _("Posted")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Withdrawn by whoever entered it")


class Verb(models.TextChoices):
    """What is proposed; each is one service of the floor (``verbs``)."""

    RECORD = "record", _("Record a change")
    CORRECT = "correct", _("Correct an entry")
    REVERSE = "reverse", _("Withdraw an entry")
    RELOCATE = "relocate", _("Relocate a compound")
    MERGE = "merge", _("Merge compounds")
    SPLIT = "split", _("Split a compound")
    WITHDRAW_SPLIT = "withdraw_split", _("Withdraw a split")
    IMPORT = "import", _("Post a workbook")
    UNDO_IMPORT = "undo_import", _("Undo an import")
    REPORT = "report", _("Record what was reported")
