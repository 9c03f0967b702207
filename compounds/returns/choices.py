from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReturnState(models.TextChoices):
    """How far a monthly return is. A community's is done when it is submitted, a county's when the city accepts it."""

    DUE = "due", _("Not submitted")
    PREPARED = "prepared", _("Made, to be sealed")
    SUBMITTED = "submitted", pgettext_lazy("of a return", "Submitted")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted; the month is closed")


class ReturnStepKind(models.TextChoices):
    """What a person did with a return."""

    SUBMIT = "submit", pgettext_lazy("of a return", "Submitted")
    PREPARE = "prepare", _("Made from the ledger")
    SEAL = "seal", _("Sealed copy handed in")
    RETURN = "return", _("Returned")
    ACCEPT = "accept", _("Accepted")
    REOPEN = "reopen", _("Month opened again")
    EXTEND = "extend", _("Extended")


#: States of a return that has been handed in.
IN = (ReturnState.SUBMITTED, ReturnState.ACCEPTED)
