"""The area ledger (面积变动明细账): append-only entries and the postings that store their replay differences.

Rows are written by ``compounds.ledger.services`` only; triggers refuse UPDATE, DELETE and TRUNCATE.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet, next_code
from communities.divisions.models import Division
from compounds.ledger.choices import Category, Kind, Mode, Precision, Source
from compounds.register.models import Compound

EMPTY_HASH = "0" * 64


class EntryQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "EntryQuerySet":
        """Entries with a posting in the user's scope; what moves no area goes with its compound."""
        if user.scope.everything:
            return self
        own = Posting.objects.filter(entry=OuterRef("pk"))
        return self.filter(
            Exists(own.visible_to(user)) | (user.scope.q("compound__community") & ~Exists(own))
        )  # fmt: skip

    def visible_parts(self, user: Any) -> list["EntryQuerySet"]:
        """``visible_to`` in parts that share no entry, each found from what lies in the scope."""
        if user.scope.everything:
            return [self]
        there = Posting.objects.visible_to(user).order_by()
        compounds = Compound.objects.filter(user.scope.q("community")).order_by()
        own = Posting.objects.filter(entry=OuterRef("pk"))
        return [
            self.filter(pk__in=there.values("entry")),
            self.filter(~Exists(own), compound__in=compounds.values("pk")),
        ]  # fmt: skip


class Entry(models.Model):
    """变动记录: one recorded event. Areas in 0.01 ㎡ (``area_dm2``).

    Which fields a kind uses stands in ``compounds.ledger.rules``; quantities are as fixed when recorded
    (``ledger.md``, "What the ledger means").
    """

    scope_path = "compound__community"

    height = models.BigIntegerField(_("Height"), primary_key=True)
    kind = models.CharField(_("Kind of change"), max_length=16, choices=Kind.choices)
    effective_on = models.DateField(_("Effective on"))
    precision = models.CharField(_("Precision"), max_length=5, choices=Precision.choices, default=Precision.DAY)
    compound = models.ForeignKey(
        Compound, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("Compound")
    )
    community = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("Community")
    )
    category = models.CharField(_("Category"), max_length=12, choices=Category.choices, blank=True)
    mode_from = models.CharField(_("Mode before"), max_length=12, choices=Mode.choices, blank=True)
    mode_to = models.CharField(_("Mode after"), max_length=12, choices=Mode.choices, blank=True)
    new_category = models.CharField(_("New category"), max_length=12, choices=Category.choices, blank=True)
    target = models.ForeignKey(
        Compound, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("Target compound"),
    )  # fmt: skip
    area_dm2 = models.BigIntegerField(_("Area (0.01 ㎡)"), null=True, blank=True)
    households = models.IntegerField(_("Households"), null=True, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("Reverses")
    )

    provider_from = models.CharField(_("Provider before"), max_length=100, blank=True)
    provider_to = models.CharField(_("Provider after"), max_length=100, blank=True)
    phase = models.CharField(_("Phase"), max_length=60, blank=True)
    building_numbers = models.CharField(_("Buildings concerned"), max_length=200, blank=True)
    date_basis = models.CharField(_("Basis of the date"), max_length=60, blank=True)
    basis_type = models.CharField(_("Basis type"), max_length=60, blank=True)
    basis_name = models.CharField(_("Basis name"), max_length=200, blank=True)
    basis_no = models.CharField(_("Basis number"), max_length=100, blank=True)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    late_reason = models.CharField(_("Reason for the late entry"), max_length=200, blank=True)
    reporting_unit = models.CharField(_("Reporting unit"), max_length=100, blank=True)
    handler = models.CharField(_("Handled by"), max_length=60, blank=True)
    reviewer = models.CharField(_("Reviewed by"), max_length=60, blank=True)
    phone = models.CharField(_("Telephone"), max_length=60, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)

    recorded_at = models.DateTimeField(_("Recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, to_field="username", null=True, blank=True, related_name="+",
        db_index=False, verbose_name=_("Recorded by"),
    )  # fmt: skip
    recorded_for = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("Recorded for"),
    )  # fmt: skip
    source = models.CharField(_("Source"), max_length=16, choices=Source.choices)
    source_ref = models.CharField(_("Source reference"), max_length=200, blank=True)
    source_key = models.CharField(_("Source key"), max_length=80, blank=True)
    hash = models.CharField(_("Checksum"), max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["height"]
        verbose_name = _("Entry")
        verbose_name_plural = _("Entries")
        # Instead of Django's own index (two of them on PostgreSQL) for each foreign key: every one costs each entry,
        # and nobody looks for entries by the person or the community.
        indexes = [
            models.Index(fields=["compound", "effective_on"], name="entry_by_compound"),
            models.Index(fields=["target"], name="entry_by_target", condition=Q(target__isnull=False)),
            models.Index(fields=["source_key"], name="entry_by_source_key", condition=~Q(source_key="")),
            models.Index(fields=["recorded_at"], name="entry_by_recorded_at"),
            models.Index(fields=["provider_to"], name="entry_by_provider", condition=~Q(provider_to="")),
            # With the height: what was searched for is found in the index alone.
            models.Index(fields=["basis_no", "height"], name="entry_by_basis_no", condition=~Q(basis_no="")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(height__gte=1), name="entry_height_from_one"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="entry_kind_known"),
            models.CheckConstraint(condition=Q(precision__in=Precision.values), name="entry_precision_known"),
            models.CheckConstraint(
                condition=Q(kind=Kind.REVERSAL, reverses__isnull=False)
                | (~Q(kind=Kind.REVERSAL) & Q(reverses__isnull=True)),
                name="entry_reversal_names_its_event",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.MERGE) | Q(target__isnull=False), name="entry_merge_names_its_target"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[Kind.REGISTER, Kind.RELOCATE]) | Q(community__isnull=False),
                name="entry_names_its_community",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.height} {self.get_kind_display()} {self.effective_on}"

    @cached_property
    def lock(self) -> str:
        """Why the month of its date is closed for its county, "" where it is open."""
        from compounds.returns import closing  # which closes months over the ledger

        row = closing.closed(self.compound.community_id, self.effective_on)
        return closing.lock(row) if row else ""


class EntryPart(models.Model):
    """One part of a split: what goes from a pocket of the split compound to a new compound.

    The parts of a pocket add up to all of it; what stays is a part whose compound is the split one. A late
    entry that changes a split pocket brings new parts: then ``split`` is the older split, ``entry`` the late one.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="parts")
    split = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    compound = models.ForeignKey(Compound, models.PROTECT, related_name="split_parts")
    category = models.CharField(max_length=12, choices=Category.choices)
    mode = models.CharField(max_length=12, choices=Mode.choices)
    area_dm2 = models.BigIntegerField()
    households = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(area_dm2__gte=0, households__gte=0), name="part_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} → {self.compound_id}"


#: Postings that take area or households away from a compound in a community: few, and indexed by themselves.
TAKING_AWAY = Q(kind__in=[Kind.REGISTER, Kind.RESURVEY, Kind.RELOCATE, Kind.MERGE, Kind.SPLIT, Kind.DEREGISTER]) & (
    Q(area_dm2__lt=0) | Q(households__lt=0)
)


class PostingQuerySet(ScopedQuerySet):
    def taking_away(self) -> "PostingQuerySet":
        return self.filter(TAKING_AWAY)

    def at(self, *, code: str, as_of, height: int) -> "PostingQuerySet":
        """Postings that make up the balances of a division's subtree at (date, height)."""
        return self.filter(
            community__gte=code, community__lt=next_code(code), effective_on__lte=as_of, entry__lte=height
        )


class Posting(models.Model):
    """变动明细: a signed area and number of households on one pocket at one effective date.

    ``entry`` is the record that caused it, ``event`` the event whose effect it is: they differ where a late
    entry or a reversal changes what a relocation, merge, split or deregistration takes along. Sums by
    ``kind`` (of ``event``) are therefore sums over the replay.
    """

    scope_path = "community"

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings")
    event = models.ForeignKey(Entry, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    effective_on = models.DateField()
    compound = models.ForeignKey(Compound, models.PROTECT, related_name="postings", db_index=False)
    community = models.ForeignKey(Division, models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=12, choices=Category.choices)
    mode = models.CharField(max_length=12, choices=Mode.choices)
    area_dm2 = models.BigIntegerField()
    households = models.IntegerField()

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("Posting")
        verbose_name_plural = _("Postings")
        # Instead of Django's own index for each foreign key: these two begin with community and compound. The second
        # holds all that a balance is made of: compound by compound, sums over everything are read from it alone.
        indexes = [
            models.Index(
                fields=["community", "effective_on", "entry"],
                name="posting_by_community",
            ),
            models.Index(
                fields=[
                    "compound",
                    "effective_on",
                    "entry",
                    "community",
                    "category",
                    "mode",
                    "area_dm2",
                    "households",
                ],
                name="posting_by_compound",
            ),
            models.Index(fields=["community", "compound"], name="posting_taking_away", condition=TAKING_AWAY),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(area_dm2=0) | ~Q(households=0), name="posting_moves_something"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="posting_category_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="posting_mode_known"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.effective_on} {self.category}/{self.mode} {self.area_dm2}"


class LedgerHead(models.Model):
    """The newest height and its hash: the one row that a writer locks, last of all locks."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    height = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=EMPTY_HASH)
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ledger_has_one_head")]

    def __str__(self) -> str:
        return f"{self.height}:{self.hash}"
