"""The tree of administrative divisions. The code is the path: city 4, county 6, subdistrict 9, community 12 digits."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet, next_code
from communities.divisions.choices import CODE_LENGTH, Level

models.CharField.register_lookup(Length)


class DivisionQuerySet(ScopedQuerySet):
    def subtree(self, code: str) -> "DivisionQuerySet":
        """The division ``code`` and everything below it, as one range of the primary key's index."""
        return self.filter(code__gte=code, code__lt=next_code(code))


class Division(models.Model):
    """行政区划: one city, county (县/区/县级市), subdistrict (街道/乡镇) or community (社区/村)."""

    scope_path = "code"

    code = models.CharField(
        _("Code"), max_length=12, primary_key=True, validators=[RegexValidator(r"^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$")]
    )
    name = models.CharField(_("Name"), max_length=60)
    short_name = models.CharField(_("Short name"), max_length=60, blank=True)
    level = models.CharField(_("Level"), max_length=12, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Parent")
    )

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
            models.UniqueConstraint(fields=["parent", "name"], name="division_name_once_per_parent"),
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
