"""What waits for a second pair of eyes before it reaches the ledger, and which counties must have one."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet
from communities.divisions.models import Division
from compounds.approvals.choices import ProposalState, Verb
from compounds.imports.models import ImportRun
from compounds.ledger.choices import Kind
from compounds.register.models import Compound


class SecondPerson(models.Model):
    """经办、复核分开: the city asks this county for a second person before an entry of its own posts."""

    division = models.OneToOneField(
        Division, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("County")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Asked by")
    )
    asked_at = models.DateTimeField(_("Asked at"), auto_now_add=True)

    class Meta:
        verbose_name = _("Second person")
        verbose_name_plural = _("Second persons")

    def __str__(self) -> str:
        return str(self.division)


def _person(label) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label
    )


class Proposal(models.Model):
    """待审事项: a write that was entered and checked, and posts once everybody who must has agreed.

    ``arguments`` are those of the service that ``verb`` names, ``effects`` what they would have posted when they
    were entered, at the version ``height``. Nothing of it is in the ledger before ``state`` is posted.
    """

    scope_path = "division"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    verb = models.CharField(_("What"), max_length=16, choices=Verb.choices)
    arguments = models.JSONField(_("Arguments"))
    effects = models.JSONField(_("Effects"), default=list)
    height = models.BigIntegerField(_("Version when entered"))
    key = models.CharField(_("Key"), max_length=120)
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by", verbose_name=_("Enters again")
    )
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("County"))
    compound = models.ForeignKey(
        Compound, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Compound")
    )
    run = models.ForeignKey(
        ImportRun, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Import")
    )
    state = models.CharField(_("State"), max_length=10, choices=ProposalState.choices, default=ProposalState.WAITING)
    needs_second = models.BooleanField(_("Needs a second person"), default=False)
    needs_city = models.BooleanField(_("Needs the city's approval"), default=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Entered by")
    )
    proposed_at = models.DateTimeField(_("Entered at"), auto_now_add=True)
    reviewed_by = _person(_("Reviewed by"))
    reviewed_at = models.DateTimeField(_("Reviewed at"), null=True, blank=True)
    approved_by = _person(_("Approved by"))
    approved_at = models.DateTimeField(_("Approved at"), null=True, blank=True)
    closed_by = _person(_("Returned by"))
    closed_at = models.DateTimeField(_("Ended at"), null=True, blank=True)
    comment = models.CharField(_("Comment"), max_length=500, blank=True)
    first_height = models.BigIntegerField(_("First version"), null=True, blank=True)
    last_height = models.BigIntegerField(_("Last version"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        verbose_name = _("Proposal")
        verbose_name_plural = _("Proposals")
        indexes = [
            models.Index(fields=["division"], condition=Q(state=ProposalState.WAITING), name="proposal_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(state=ProposalState.WAITING), name="proposal_waits_once"
            ),
            models.CheckConstraint(condition=Q(needs_second=True) | Q(needs_city=True), name="proposal_needs_somebody"),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("proposed_by")),
                name="proposal_second_person_is_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.POSTED)
                | (
                    (Q(needs_second=False) | Q(reviewed_by__isnull=False))
                    & (Q(needs_city=False) | Q(approved_by__isnull=False))
                ),
                name="proposal_posts_when_all_agreed",
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.RETURNED) | ~Q(comment=""), name="proposal_returned_with_a_comment"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title} · {self.compound or self.run}"

    @property
    def title(self) -> str:
        """What is proposed, in the word of the timeline where it is a change to be recorded."""
        event = self.arguments.get("draft", {}).get("event", {})
        if self.verb in (Verb.RECORD, Verb.REPORT) and event:
            return str(Kind(event["kind"]).label)
        return str(self.get_verb_display())

    @property
    def is_waiting(self) -> bool:
        return self.state == ProposalState.WAITING

    @property
    def is_returned(self) -> bool:
        return self.state == ProposalState.RETURNED

    @property
    def waits_for_second(self) -> bool:
        return self.is_waiting and self.needs_second and self.reviewed_by_id is None

    @property
    def waits_for_city(self) -> bool:
        """The city comes last: what a colleague has not looked at is no matter for it yet."""
        return self.is_waiting and not self.waits_for_second and self.needs_city and self.approved_by_id is None
