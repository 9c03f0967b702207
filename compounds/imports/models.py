"""Words that importers understand, and what was imported by whom."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet
from communities.divisions.models import Division
from compounds.imports.choices import Field, RunState, Workbook, right


class Synonym(models.Model):
    """A word that clerks write and the code it stands for; labels and codes themselves are always understood.

    A withdrawn one stays: the reference data, loaded again, would bring it back otherwise.
    """

    field = models.CharField(_("Field"), max_length=16, choices=Field.choices)
    word = models.CharField(_("Word"), max_length=60)
    meaning = models.CharField(_("Means"), max_length=30)
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("Withdrawn by"),
    )  # fmt: skip

    class Meta:
        ordering = ["field", "meaning", "word"]
        verbose_name = _("Synonym")
        verbose_name_plural = _("Synonyms")
        constraints = [
            models.UniqueConstraint(
                fields=["field", "word"], name="synonym_means_one_thing", condition=Q(withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word} → {self.meaning}"


class ColumnMapping(models.Model):
    """How an office reads workbooks of one shape: which of their columns is which. Next month's file is read alike.

    ``signature`` is that of the header (``kit.sheets.headings``). ``division`` is the office's county; the city's
    own have none, and serve whoever has no other.
    """

    scope_path = "division"

    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Division")
    )
    workbook = models.CharField(_("Workbook"), max_length=10, choices=Workbook.choices)
    signature = models.CharField(_("Shape of the header"), max_length=64)
    #: Where it came from, for people: the sheet and the file.
    sheet = models.CharField(_("Sheet"), max_length=100)
    filename = models.CharField(_("File name"), max_length=200)
    updated_at = models.DateTimeField(_("Remembered at"), auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Remembered by")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        verbose_name = _("Column mapping")
        verbose_name_plural = _("Column mappings")
        constraints = [
            models.UniqueConstraint(
                fields=["division", "workbook", "signature"], condition=Q(division__isnull=False),
                name="one_mapping_of_a_shape_per_division",
            ),
            models.UniqueConstraint(
                fields=["workbook", "signature"], condition=Q(division__isnull=True),
                name="one_mapping_of_a_shape_for_the_city",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.filename} · {self.sheet}"


class MappedColumn(models.Model):
    """One column of a remembered shape, and what it is; a blank ``key`` is a column that is not read.

    ``heading`` is compared, ``text`` is shown; columns of one heading are told apart by their ``occurrence``.
    """

    mapping = models.ForeignKey(ColumnMapping, models.CASCADE, related_name="columns")
    heading = models.CharField(_("Heading"), max_length=200)
    occurrence = models.PositiveSmallIntegerField(_("Occurrence"), default=1)
    text = models.CharField(_("Header"), max_length=200)
    key = models.CharField(_("Means"), max_length=30, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Mapped column")
        verbose_name_plural = _("Mapped columns")
        constraints = [
            models.UniqueConstraint(fields=["mapping", "heading", "occurrence"], name="column_is_mapped_to_one_thing"),
            models.UniqueConstraint(fields=["mapping", "key"], condition=~Q(key=""), name="thing_has_one_column"),
            models.CheckConstraint(condition=Q(occurrence__gte=1), name="occurrence_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.text} → {self.key or '—'}"


class ImportRun(models.Model):
    """A workbook from its check to its posting, and to its undoing. The file stays: an entry leads back to its row.

    ``first_height`` to ``last_height`` are the entries that it posted: one transaction under the ledger's lock, so no
    other entry lies between them. None if it posted none.

    ``division`` is the county that it is about: rows outside of it are errors, and only its people see it; the
    city's own imports have none.
    """

    scope_path = "division"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workbook = models.CharField(_("Workbook"), max_length=10, choices=Workbook.choices)
    state = models.CharField(_("State"), max_length=10, choices=RunState.choices, default=RunState.CHECKED)
    filename = models.CharField(_("File name"), max_length=200)
    file = models.FileField(_("File"), upload_to="imports/")
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    default_date = models.DateField(_("Registration date where the cell is blank"), null=True, blank=True)
    result = models.JSONField(_("Result"), default=dict)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Division")
    )
    created_at = models.DateTimeField(_("Uploaded at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Uploaded by")
    )
    posted_at = models.DateTimeField(_("Posted at"), null=True, blank=True)
    first_height = models.BigIntegerField(_("First version"), null=True, blank=True)
    last_height = models.BigIntegerField(_("Last version"), null=True, blank=True)
    undone_at = models.DateTimeField(_("Undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Undone by")
    )
    undo_reason = models.CharField(_("Why it was undone"), max_length=200, blank=True)
    undo_first_height = models.BigIntegerField(_("First version of the undo"), null=True, blank=True)
    undo_last_height = models.BigIntegerField(_("Last version of the undo"), null=True, blank=True)
    undo_result = models.JSONField(_("What was undone"), default=dict, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("Import")
        verbose_name_plural = _("Imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=RunState.UNDONE, undone_at__isnull=False)
                | (~Q(state=RunState.UNDONE) & Q(undone_at__isnull=True)),
                name="import_undone_says_when",
            ),
            models.CheckConstraint(
                condition=Q(first_height__isnull=True, last_height__isnull=True)
                | Q(
                    first_height__isnull=False,
                    last_height__isnull=False,
                    first_height__gte=1,
                    last_height__gte=F("first_height"),
                ),
                name="import_heights_are_a_range",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def upload_right(self) -> str:
        """What the permission matrix calls checking and posting it; likewise for undoing it."""
        return right(self.workbook, "upload")

    @property
    def undo_right(self) -> str:
        return right(self.workbook, "undo")

    @property
    def is_of_reports(self) -> bool:
        return self.workbook == Workbook.REPORTS

    @property
    def is_of_buildings(self) -> bool:
        return self.workbook == Workbook.BUILDINGS
