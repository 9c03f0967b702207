"""Roll-ups: sums over the ledger at the ends of months, county by county. Made from it, and again if need be.

Rows are written by ``oversight.coverage.services`` only. They hold what the ledger holds at the height in the row of
``RollUp``; what was recorded since is added by whoever reads them (``oversight.coverage.reading``).
"""

from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from communities.divisions.choices import CODE_LENGTH, Level
from compounds.ledger.choices import Category, Mode
from oversight.coverage.figures import EVERY_BIT

COUNTY = CODE_LENGTH[Level.COUNTY]


class IsMonthEnd(Func):
    """Whether a date is the last of its month."""

    output_field = models.BooleanField()
    template = "EXTRACT(DAY FROM %(expressions)s + 1) = 1"

    def as_sqlite(self, compiler, connection, **context):
        template = "date(%(expressions)s, 'start of month', '+1 month', '-1 day') = %(expressions)s"
        return self.as_sql(compiler, connection, template=template, **context)


class MonthBalance(models.Model):
    """What a county held in one category and mode at a month's end, in 0.01 ㎡ and households; no row for nothing."""

    month_end = models.DateField()
    county = models.CharField(max_length=COUNTY)
    category = models.CharField(max_length=12, choices=Category.choices)
    mode = models.CharField(max_length=12, choices=Mode.choices)
    area_dm2 = models.BigIntegerField()
    households = models.BigIntegerField()

    class Meta:
        verbose_name = _("Month-end balance")
        verbose_name_plural = _("Month-end balances")
        # No values: every late entry changes those of all later months.
        indexes = [models.Index(fields=["month_end", "county"], name="month_balance_by_month")]
        constraints = [
            models.UniqueConstraint(fields=["county", "category", "mode", "month_end"], name="month_balance_once"),
            models.CheckConstraint(condition=IsMonthEnd("month_end"), name="month_balance_at_month_end"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="month_balance_category_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="month_balance_mode_known"),
            models.CheckConstraint(condition=Q(area_dm2__gte=0, households__gte=0), name="month_balance_not_negative"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.month_end} {self.county} {self.category}/{self.mode} {self.area_dm2}"


class MonthCount(models.Model):
    """How many compounds held area in exactly these modes in a county at a month's end; no row for none.

    ``mask`` is the set of modes (see ``oversight.coverage.figures``), so that one row serves every counting rule.
    """

    month_end = models.DateField()
    county = models.CharField(max_length=COUNTY)
    mask = models.PositiveSmallIntegerField()
    compounds = models.IntegerField()

    class Meta:
        verbose_name = _("Month-end count")
        verbose_name_plural = _("Month-end counts")
        indexes = [models.Index(fields=["month_end", "county"], name="month_count_by_month")]
        constraints = [
            models.UniqueConstraint(fields=["county", "mask", "month_end"], name="month_count_once"),
            models.CheckConstraint(condition=IsMonthEnd("month_end"), name="month_count_at_month_end"),
            models.CheckConstraint(condition=Q(mask__gte=1, mask__lte=EVERY_BIT), name="month_count_mask_known"),
            models.CheckConstraint(condition=Q(compounds__gte=0), name="month_count_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.month_end} {self.county} {self.mask} {self.compounds}"


class RollUp(models.Model):
    """How far the ledger is rolled up: one row, none before the first time.

    ``height`` and ``last_month`` say what the rows hold; ``revision`` rises with every change of them. A check that
    found them to differ from the ledger sets ``differs_since``: from then on no figure reads them, until a rebuild.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    height = models.BigIntegerField(default=0)
    last_month = models.DateField(null=True)
    revision = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    differs_since = models.DateTimeField(null=True)
    differences = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="roll_up_is_one_row"),
            models.CheckConstraint(condition=Q(height__gte=0), name="roll_up_height_not_negative"),
            models.CheckConstraint(
                condition=Q(last_month__isnull=True) | IsMonthEnd("last_month"), name="roll_up_at_month_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.height} {self.last_month}"
