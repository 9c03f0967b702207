from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PlanState(models.TextChoices):
    """How far a version of a county's plan is. Only a draft is written; in every other state its lines are final."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", pgettext_lazy("of a plan", "Submitted")
    UNDER_REVIEW = "under_review", pgettext_lazy("of a plan", "Under review")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", pgettext_lazy("of a plan", "Approved")
    SUPERSEDED = "superseded", pgettext_lazy("of a plan", "Replaced by an amendment")


class PlanStepKind(models.TextChoices):
    """What a person did with a plan."""

    DRAFT = "draft", _("Begun")
    SUBMIT = "submit", pgettext_lazy("of a plan", "Submitted")
    TAKE_UP = "take_up", _("Review begun")
    RETURN = "return", _("Returned")
    APPROVE = "approve", pgettext_lazy("of a plan", "Approved")
    SUPERSEDE = "supersede", pgettext_lazy("of a plan", "Replaced by an amendment")


#: States in which the bureau has the plan.
WITH_BUREAU = (PlanState.SUBMITTED, PlanState.UNDER_REVIEW)
#: A county has one version at a time that is not decided.
UNDECIDED = (PlanState.DRAFT, *WITH_BUREAU)
