"""附件: scans and photos filed with a compound, scans that wait for their entry, and who downloaded which original."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet
from chaoyang_pm.kit.uploads import Format, Taken
from chaoyang_pm.kit.uploads.names import stem
from compounds.files.choices import AttachmentKind
from compounds.ledger.models import Entry
from compounds.register.models import Compound


class AttachmentQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Those of compounds and entries that the user sees; withdrawn ones for whoever may download originals."""
        seen = self
        if not user.scope.everything:
            entries = Q(entry__isnull=True) | Q(entry__in=Entry.objects.visible_to(user))
            seen = self.filter(entries, compound__in=Compound.objects.visible_to(user))
        return seen if user.may("files.original") else seen.standing()

    def standing(self) -> Self:
        """Not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class KeptFile(models.Model):
    """What is known of an upload that was taken: ``original``, ``shown`` and ``preview`` are names within the store."""

    title = models.CharField(_("Title"), max_length=200)
    original_name = models.CharField(_("File name"), max_length=200)
    format = models.CharField(_("Format"), max_length=8, choices=Format.choices)
    size = models.BigIntegerField(_("Size (bytes)"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    pages = models.PositiveSmallIntegerField(_("Pages"), null=True, blank=True)
    original = models.CharField(max_length=80, editable=False)
    shown = models.CharField(max_length=80, editable=False)
    shown_format = models.CharField(max_length=8, choices=Format.choices, editable=False)
    preview = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def values(taken: Taken) -> dict[str, Any]:
        """The fields of a row for an upload that was taken."""
        return {
            "title": stem(taken.name), "original_name": taken.name, "format": taken.format, "size": taken.size,
            "sha256": taken.sha256, "pages": taken.pages, "original": taken.original, "shown": taken.shown,
            "shown_format": taken.shown_format, "preview": taken.preview,
        }  # fmt: skip

    @property
    def taken(self) -> Taken:
        """The files as they were taken."""
        return Taken(
            name=self.original_name, format=Format(self.format), size=self.size, sha256=self.sha256,
            original=self.original, shown=self.shown, shown_format=Format(self.shown_format), preview=self.preview,
            pages=self.pages,
        )  # fmt: skip


class Attachment(KeptFile):
    """附件: a file filed with a compound, perhaps as the basis of an entry.

    What was uploaded never changes: there is no code that writes size, SHA-256 or the names again, and the edit
    history has them too.
    """

    scope_path = "compound__community"

    compound = models.ForeignKey(Compound, models.PROTECT, related_name="attachments", verbose_name=_("Compound"))
    entry = models.ForeignKey(
        Entry, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name=_("Entry")
    )
    kind = models.CharField(_("Kind of file"), max_length=8, choices=AttachmentKind.choices)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Uploaded by"),
    )  # fmt: skip
    uploaded_at = models.DateTimeField(_("Uploaded at"), auto_now_add=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Withdrawn by"),
    )  # fmt: skip
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("Reason for the withdrawal"), max_length=200, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Scan or photo")
        verbose_name_plural = _("Scans and photos")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AttachmentKind.values), name="attachment_kind_known"),
            models.CheckConstraint(
                condition=Q(format__in=Format.values, shown_format__in=[Format.JPEG, Format.PDF]),
                name="attachment_format_known",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_holds_something"),
            models.CheckConstraint(
                condition=Q(sha256__length=64) & ~Q(title="") & ~Q(original="") & ~Q(shown=""),
                name="attachment_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="attachment_withdrawn_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["compound", "sha256"], condition=Q(withdrawn_at__isnull=True, entry__isnull=True),
                name="attachment_once_per_compound",
            ),
            models.UniqueConstraint(
                fields=["compound", "entry", "sha256"],
                condition=Q(withdrawn_at__isnull=True, entry__isnull=False), name="attachment_once_per_entry",
            ),
        ]  # fmt: skip


class BasisScan(KeptFile):
    """A scan of its basis that was sent with a form, before the entry is posted: filed with it then, else removed.

    ``key`` is what the form posts once by; ``waits``: what the form says waits for approval, and the scan with it;
    ``kept_until``: what it said was returned, and until then the scan is there for the form that puts it right.
    """

    scope_path = "compound__community"

    compound = models.ForeignKey(Compound, models.PROTECT, related_name="+", verbose_name=_("Compound"))
    key = models.CharField(max_length=120)
    waits = models.BooleanField(default=False)
    kept_until = models.DateTimeField(null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Uploaded by")
    )
    uploaded_at = models.DateTimeField(_("Uploaded at"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Scan that waits for its entry")
        verbose_name_plural = _("Scans that wait for their entries")
        constraints = [
            models.UniqueConstraint(fields=["key", "uploaded_by", "sha256"], name="basis_scan_once_per_form"),
            models.CheckConstraint(condition=~Q(key=""), name="basis_scan_has_a_form"),
        ]  # fmt: skip


class OriginalAccess(models.Model):
    """Who downloaded an original and when: originals may show faces and say where a photo was taken."""

    scope_path = "attachment__compound__community"

    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="accesses", verbose_name=_("Scan or photo"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("User"))
    at = models.DateTimeField(_("Downloaded at"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("Download of an original")
        verbose_name_plural = _("Downloads of originals")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user} {self.attachment}"
