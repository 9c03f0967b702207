"""The register of compounds (小区台账): what there is. Area and households live in the ledger."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import Scope, ScopedQuerySet, next_code
from communities.divisions.models import Division
from compounds.register.choices import AreaSource, CompoundKind, Status


class CompoundQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "CompoundQuerySet":
        """Compounds that lie in the user's scope or once lay there (DESIGN.md, "Decisions")."""
        scope = user.scope
        return self if scope.everything else self.filter(scope.q("community") | self._left(scope))

    def visible_parts(self, user: Any) -> list["CompoundQuerySet"]:
        """``visible_to`` in parts that share no compound: those that lie in the scope, those that once did.

        A database finds each part by an index, and both together by none.
        """
        scope = user.scope
        if scope.everything:
            return [self]
        return [self.filter(scope.q("community")), self.filter(self._left(scope), ~scope.q("community"))]

    def _left(self, scope: Scope) -> Q:
        """Compounds of which something was taken away within a scope: all that lay there and no longer do are among
        them, because what they held there has come to nothing."""
        postings: Any = self.model._meta.get_field("postings").related_model
        taken = postings.objects.taking_away().filter(scope.q("community")).order_by().values("compound")
        return Q(pk__among=taken)

    def within(self, code: str) -> "CompoundQuerySet":
        """Compounds that lie in the subtree of a division now."""
        return self.filter(community__gte=code, community__lt=next_code(code))

    def area_pending(self) -> "CompoundQuerySet":
        """面积待核: in the register, but no live entry has brought any area."""
        return self.filter(status=Status.ACTIVE, has_area=False)


class Compound(models.Model):
    """小区: one management area (物业管理区域).

    ``community``, ``status``, ``merged_into`` and ``has_area`` follow the ledger and are written by its
    posting service only; while no area is registered the community is edited here. ``import_undone`` marks a
    retired compound that an import had created and its undo withdrew: an import with its code takes it up again.
    """

    scope_path = "community"

    code = models.CharField(_("Compound code"), max_length=32, unique=True)
    name = models.CharField(_("Compound name"), max_length=100)
    former_names = models.CharField(_("Former names"), max_length=200, blank=True)
    community = models.ForeignKey(
        Division, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Community")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status.choices, default=Status.ACTIVE)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", db_index=False,
        verbose_name=_("Merged into"),
    )  # fmt: skip
    has_area = models.BooleanField(_("Area registered"), default=False)
    import_undone = models.BooleanField(_("Withdrawn with its import"), default=False, editable=False)

    address = models.CharField(_("Address"), max_length=200, blank=True)
    kind = models.CharField(_("Compound kind"), max_length=16, choices=CompoundKind.choices, blank=True)
    built_year = models.PositiveSmallIntegerField(_("Built in"), null=True, blank=True)
    buildings = models.PositiveIntegerField(_("Buildings"), null=True, blank=True)
    residential_area_dm2 = models.BigIntegerField(_("Residential area (0.01 ㎡)"), null=True, blank=True)
    area_source = models.CharField(_("Area source"), max_length=12, choices=AreaSource.choices, blank=True)
    category_basis = models.CharField(_("Basis of the category"), max_length=200, blank=True)
    ownership = models.CharField(_("Ownership"), max_length=60, blank=True)
    original_owner = models.CharField(_("Original owner"), max_length=100, blank=True)
    developer = models.CharField(_("Developer"), max_length=100, blank=True)
    renovated_year = models.PositiveSmallIntegerField(_("Renovated in"), null=True, blank=True)
    contract_term = models.CharField(_("Contract term"), max_length=60, blank=True)
    contract_filing_no = models.CharField(_("Contract filing number"), max_length=60, blank=True)
    fee = models.CharField(_("Fee"), max_length=60, blank=True)
    collection_rate = models.DecimalField(
        _("Collection rate (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    owners_committee = models.CharField(_("Owners' committee"), max_length=100, blank=True)
    committee_term_ends = models.DateField(_("Committee's term ends"), null=True, blank=True)
    unmanaged_reason = models.CharField(_("Why unmanaged"), max_length=200, blank=True)
    abandoned_since = models.CharField(_("Abandoned since"), max_length=30, blank=True)
    duty_person = models.CharField(_("Person in charge"), max_length=60, blank=True)
    contact = models.CharField(_("Contact"), max_length=60, blank=True)
    phone = models.CharField(_("Telephone"), max_length=60, blank=True)
    note = models.TextField(_("Note"), blank=True)

    normalised_name = models.CharField(max_length=100, editable=False)
    name_stem = models.CharField(max_length=100, editable=False)
    initials = models.CharField(max_length=60, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CompoundQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("Compound")
        verbose_name_plural = _("Compounds")
        # The first two begin with the community, which needs no index besides; few compounds are merged.
        indexes = [
            models.Index(fields=["community", "normalised_name"], name="compound_by_name"),
            models.Index(fields=["community", "name_stem"], name="compound_by_stem"),
            models.Index(fields=["initials"], name="compound_by_initials"),
            models.Index(fields=["merged_into"], name="compound_merged", condition=Q(merged_into__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(code=""), name="compound_is_named"),
            models.CheckConstraint(
                condition=Q(status=Status.MERGED, merged_into__isnull=False)
                | (~Q(status=Status.MERGED) & Q(merged_into__isnull=True)),
                name="compound_merged_points_on",
            ),
            models.CheckConstraint(
                condition=Q(import_undone=False) | Q(status=Status.RETIRED), name="compound_undone_is_retired"
            ),
            models.CheckConstraint(
                condition=Q(collection_rate__isnull=True) | Q(collection_rate__gte=0, collection_rate__lte=100),
                name="compound_collection_rate_is_percent",
            ),
            models.CheckConstraint(
                condition=Q(residential_area_dm2__isnull=True) | Q(residential_area_dm2__gte=0),
                name="compound_residential_area_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    """楼栋: one building of a compound, described; its area counts nowhere (areas live in the ledger).

    A removed one stays, so that its history can be read.
    """

    scope_path = "compound__community"

    compound = models.ForeignKey(
        Compound, models.PROTECT, related_name="building_rows", verbose_name=_("Compound")
    )  # fmt: skip
    name = models.CharField(_("Building number or name"), max_length=60)
    floors = models.PositiveSmallIntegerField(_("Floors"), null=True, blank=True)
    units = models.PositiveSmallIntegerField(_("Units (staircases)"), null=True, blank=True)
    households = models.PositiveIntegerField(_("Households"), null=True, blank=True)
    area_dm2 = models.BigIntegerField(_("Area (0.01 ㎡)"), null=True, blank=True)
    built_year = models.PositiveSmallIntegerField(_("Built in"), null=True, blank=True)
    is_removed = models.BooleanField(_("Removed"), default=False, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("Building")
        verbose_name_plural = _("Buildings")
        constraints = [
            models.UniqueConstraint(
                fields=["compound", "name"], condition=Q(is_removed=False), name="building_named_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="building_is_named"),
            models.CheckConstraint(
                condition=Q(area_dm2__isnull=True) | Q(area_dm2__gte=0), name="building_area_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A reader's own name for what the address of the list says: filters, columns and sort. One may come up first."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("User"))
    name = models.CharField(_("Name of the view"), max_length=40)
    query = models.TextField(_("Address"), blank=True)
    is_default = models.BooleanField(_("Comes up first"), default=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("Saved view")
        verbose_name_plural = _("Saved views")
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_named_once"),
            models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="saved_view_one_default"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_is_named"),
        ]

    def __str__(self) -> str:
        return self.name


class ChosenColumns(models.Model):
    """The columns that a reader chose last, in their order."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("User"))
    columns = models.CharField(_("Columns"), max_length=600)

    class Meta:
        verbose_name = _("Chosen columns")
        verbose_name_plural = _("Chosen columns")

    def __str__(self) -> str:
        return self.columns
