"""The tree of administrative divisions and how it changed.

The code is the path: city 4, county 6, subdistrict 9, community 12 digits.
"""

import datetime

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaoyang_pm.kit.scoping import ScopedQuerySet, next_code
from communities.divisions.choices import CODE_LENGTH, Level, SuccessionKind

models.CharField.register_lookup(Length)


class DivisionQuerySet(ScopedQuerySet):
    def subtree(self, code: str) -> "DivisionQuerySet":
        """The division ``code`` and everything below it, as one range of the primary key's index."""
        return self.filter(code__gte=code, code__lt=next_code(code))

    def living(self) -> "DivisionQuerySet":
        """Divisions that no succession has ended: the ones to choose from."""
        return self.filter(ended_on__isnull=True)

    def existing(self, on: datetime.date) -> "DivisionQuerySet":
        """Divisions that there were on a date."""
        began = Q(began_on__isnull=True) | Q(began_on__lte=on)
        return self.filter(began, Q(ended_on__isnull=True) | Q(ended_on__gt=on))


class Division(models.Model):
    """行政区划: one city, county (县/区/县级市), subdistrict (街道/乡镇) or community (社区/村).

    ``began_on`` is its first day (None: as far back as anybody asks), ``ended_on`` the first day without it. A
    division whose succession was undone ends on the day it began: there was none on any date.
    """

    scope_path = "code"

    code = models.CharField(
        _("Code"), max_length=12, primary_key=True, validators=[RegexValidator(r"^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$")]
    )
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=60)
    short_name = models.CharField(_("Short name"), max_length=60, blank=True)
    level = models.CharField(_("Level"), max_length=12, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Parent")
    )
    began_on = models.DateField(_("Began on"), null=True, blank=True)
    ended_on = models.DateField(_("Ended on"), null=True, blank=True)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("Division")
        verbose_name_plural = _("Divisions")
        indexes = [models.Index(fields=["name"], name="division_name")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    *[Q(level=level, code__length=length) for level, length in CODE_LENGTH.items()], _connector=Q.OR
                ),
                name="division_code_length_is_level",
            ),
            models.CheckConstraint(
                condition=Q(level=Level.CITY, parent__isnull=True) | (~Q(level=Level.CITY) & Q(parent__isnull=False)),
                name="division_only_city_has_no_parent",
            ),
            models.UniqueConstraint(
                fields=["parent", "name"], name="division_name_once_per_parent", condition=Q(ended_on__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(began_on__isnull=True) | Q(ended_on__gte=F("began_on")),
                name="division_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def is_urban(self) -> bool:
        """Whether this is an urban community (城市社区): by code, because names mislead (DESIGN.md)."""
        if self.level != Level.COMMUNITY:
            return False
        number = int(self.code[-3:])
        return number < 200 or 400 <= number < 500

    def existed(self, on: datetime.date) -> bool:
        return (self.began_on is None or self.began_on <= on) and (self.ended_on is None or on < self.ended_on)

    @property
    def never_was(self) -> bool:
        """Whether the succession that made it was undone; its code and name are free again."""
        return self.ended_on is not None and self.ended_on == self.began_on


class Succession(models.Model):
    """One change of divisions. Written by ``compounds.successions.services`` only, with the relocations it records.

    ``first_height`` to ``last_height`` are the entries of those relocations, None where no compound with area moved.
    """

    scope_path = "lines__to_division"

    kind = models.CharField(_("Kind"), max_length=10, choices=SuccessionKind.choices)
    effective_on = models.DateField(_("Effective on"))
    document = models.CharField(_("Document"), max_length=200, blank=True)
    document_no = models.CharField(_("Document number"), max_length=100, blank=True)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    key = models.CharField(max_length=80, editable=False)
    recorded_at = models.DateTimeField(_("Recorded at"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Carried out by"),
    )  # fmt: skip
    #: Compounds without area that moved along, with the communities that they lay in; it undoes their move.
    pending = models.JSONField(default=dict, editable=False)
    first_height = models.BigIntegerField(_("First height"), null=True, blank=True)
    last_height = models.BigIntegerField(_("Last height"), null=True, blank=True)
    undone_at = models.DateTimeField(_("Undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Undone by")
    )
    undone_reason = models.CharField(_("Why it was undone"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-effective_on", "-pk"]
        verbose_name = _("Change of divisions")
        verbose_name_plural = _("Changes of divisions")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SuccessionKind.values), name="succession_kind_known"),
            models.CheckConstraint(condition=~Q(document="") | ~Q(document_no=""), name="succession_names_a_document"),
            models.CheckConstraint(
                condition=Q(first_height__isnull=True, last_height__isnull=True)
                | Q(first_height__gte=1, last_height__gte=F("first_height")),
                name="succession_heights_in_order",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_reason="")
                | (Q(undone_at__isnull=False) & ~Q(undone_reason="")),
                name="succession_undone_with_a_reason",
            ),
            models.UniqueConstraint(fields=["key"], name="succession_once", condition=Q(undone_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.effective_on}"

    @property
    def scope_code(self) -> str:
        """A change concerns the city as a whole: it takes from one division and gives to another."""
        return self.lines.all()[0].to_division_id[: CODE_LENGTH[Level.CITY]]

    @property
    def top_lines(self) -> list["SuccessionLine"]:
        """The lines that say it in short: of divisions that end, without those that only go along with their parent."""
        lines = list(self.lines.all())
        ended = {line.from_division_id for line in lines if line.ends}
        return [line for line in lines if line.ends and line.from_division_id[:-3] not in ended] or lines

    @property
    def source_prefix(self) -> str:
        """How the source keys of the entries that it recorded begin."""
        return f"succession:{self.pk}:"


class SuccessionLine(models.Model):
    """A division and its successor, at every level concerned; both are the same where only the name changed.

    ``is_new`` says that the successor began with this change, ``ends`` that the predecessor ended with it.
    """

    succession = models.ForeignKey(Succession, models.CASCADE, related_name="lines")
    from_division = models.ForeignKey(
        Division, models.PROTECT, related_name="followed_by", verbose_name=pgettext_lazy("division", "From")
    )
    to_division = models.ForeignKey(
        Division, models.PROTECT, related_name="follows", verbose_name=pgettext_lazy("division", "To")
    )
    from_name = models.CharField(_("Name before"), max_length=60)
    to_name = models.CharField(_("Name after"), max_length=60)
    is_new = models.BooleanField(_("Successor is new"), default=False)
    ends = models.BooleanField(_("Predecessor ends"), default=False)

    class Meta:
        ordering = ["from_division", "to_division"]
        verbose_name = _("Line of a change of divisions")
        verbose_name_plural = _("Lines of a change of divisions")
        constraints = [
            models.UniqueConstraint(fields=["succession", "from_division", "to_division"], name="succession_line_once"),
            models.CheckConstraint(
                condition=~Q(from_division=F("to_division")) | Q(is_new=False, ends=False),
                name="succession_line_of_one_division_renames",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_division_id} → {self.to_division_id}"


class FormerName(models.Model):
    """曾用名: what a division was called until the day before ``until``."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="former_names", verbose_name=_("Division"))
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=60)
    short_name = models.CharField(_("Short name"), max_length=60, blank=True)
    until = models.DateField(_("Until"))
    succession = models.ForeignKey(Succession, models.CASCADE, related_name="former_names")

    class Meta:
        ordering = ["division", "until"]
        verbose_name = _("Former name")
        verbose_name_plural = _("Former names")
        constraints = [models.UniqueConstraint(fields=["division", "until"], name="former_name_once_per_day")]

    def __str__(self) -> str:
        return self.short_name or self.name
