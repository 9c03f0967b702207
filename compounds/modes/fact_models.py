"""What a procedure keeps besides its steps: votes, the tender, fees at zero profit, posts and services; and the dated
rules that votes and tenders are held against."""

from fractions import Fraction

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet
from compounds.modes.choices import Base, Matter, PointKind, TenderCheck, Way
from compounds.modes.models import Procedure, ProcedureStep
from compounds.modes.voting import Ballot, Rule, Threshold, Verdict, judge


class Dated(models.Model):
    """A rule with its validity period and the law that it stands on; the last day is the last on which it holds."""

    valid_from = models.DateField(_("Valid from"))
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    legal_basis = models.CharField(_("Legal basis"), max_length=200)

    class Meta:
        abstract = True

    def holds_on(self, day) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def _period(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")), name=name
    )


class VoteRule(Dated):
    """How owners decide a matter on votes held within a period."""

    matter = models.CharField(_("Matter"), max_length=10, choices=Matter.choices)
    base = models.CharField(_("Majority"), max_length=5, choices=Base.choices)
    numerator = models.PositiveSmallIntegerField(_("Part: numerator"))
    denominator = models.PositiveSmallIntegerField(_("Part: denominator"))
    more_than = models.BooleanField(_("More than this part"), default=False)
    quorum_numerator = models.PositiveSmallIntegerField(_("Taking part: numerator"), null=True, blank=True)
    quorum_denominator = models.PositiveSmallIntegerField(_("Taking part: denominator"), null=True, blank=True)
    counting = models.TextField(_("How it is counted"), blank=True)

    class Meta:
        ordering = ["-valid_from", "matter"]
        verbose_name = _("Rule of votes")
        verbose_name_plural = _("Rules of votes")
        constraints = [
            models.UniqueConstraint(fields=["matter", "valid_from"], name="vote_rule_once_a_day"),
            _period("vote_rule_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(denominator__gt=0, numerator__gt=0, numerator__lte=F("denominator")),
                name="vote_rule_is_a_part",
            ),
            models.CheckConstraint(
                condition=Q(quorum_numerator__isnull=True, quorum_denominator__isnull=True)
                | Q(quorum_denominator__gt=0, quorum_numerator__gt=0, quorum_numerator__lte=F("quorum_denominator")),
                name="vote_rule_quorum_is_a_part",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_matter_display()} {self.valid_from}"

    @property
    def rule(self) -> Rule:
        quorum = None
        if self.quorum_numerator is not None and self.quorum_denominator is not None:
            quorum = Threshold(Fraction(self.quorum_numerator, self.quorum_denominator))
        majority = Threshold(Fraction(self.numerator, self.denominator), self.more_than)
        return Rule(Base(self.base), majority, quorum)

    @property
    def counted(self) -> list[str]:
        """The lines of how it is counted."""
        return [line for line in self.counting.splitlines() if line.strip()]


class Vote(models.Model):
    """A vote of the owners on a step, as it was counted; ``rule`` is what it was held against. Never changed."""

    scope_path = "procedure__compound__community"

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="votes", verbose_name=_("Procedure"))
    step = models.ForeignKey(ProcedureStep, models.PROTECT, related_name="+", verbose_name=_("Step"))
    rule = models.ForeignKey(VoteRule, models.PROTECT, related_name="+", verbose_name=_("Rule of votes"))
    held_on = models.DateField(_("Held on"))
    area_dm2 = models.BigIntegerField(_("Area of all owners (㎡)"))
    heads = models.IntegerField(_("Owners"))
    area_part_dm2 = models.BigIntegerField(_("Area taking part (㎡)"), null=True, blank=True)
    heads_part = models.IntegerField(_("Owners taking part"), null=True, blank=True)
    area_for_dm2 = models.BigIntegerField(_("Area in favour (㎡)"))
    heads_for = models.IntegerField(_("Owners in favour"))
    passed = models.BooleanField(_("Passed"))
    note = models.CharField(_("Note"), max_length=500, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Recorded by"),
    )  # fmt: skip
    recorded_at = models.DateTimeField(_("Recorded at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["procedure", "held_on", "pk"]
        verbose_name = _("Vote of the owners")
        verbose_name_plural = _("Votes of the owners")
        constraints = [
            models.CheckConstraint(
                condition=Q(area_dm2__gt=0, heads__gt=0, area_for_dm2__gte=0, heads_for__gte=0)
                & Q(area_for_dm2__lte=F("area_dm2"), heads_for__lte=F("heads")),
                name="vote_is_possible",
            ),
            models.CheckConstraint(
                condition=(Q(area_part_dm2__isnull=True) | Q(area_part_dm2__lte=F("area_dm2")))
                & (Q(heads_part__isnull=True) | Q(heads_part__lte=F("heads"))),
                name="vote_takes_part_of_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_on} {self.step}"

    @property
    def ballot(self) -> Ballot:
        return Ballot(self.area_dm2, self.heads, self.area_for_dm2, self.heads_for, self.area_part_dm2, self.heads_part)

    @property
    def verdict(self) -> Verdict:
        return judge(self.rule.rule, self.ballot)


class TenderRule(Dated):
    """One number that a tender is held against, ``value`` over ``divisor`` where it is a share."""

    check_of = models.CharField(_("Check"), max_length=10, choices=TenderCheck.choices)
    value = models.PositiveIntegerField(_("Number"))
    divisor = models.PositiveIntegerField(_("of"), default=1)

    class Meta:
        ordering = ["check_of", "-valid_from"]
        verbose_name = _("Rule of tenders")
        verbose_name_plural = _("Rules of tenders")
        constraints = [
            models.UniqueConstraint(fields=["check_of", "valid_from"], name="tender_rule_once_a_day"),
            _period("tender_rule_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(divisor__gt=0), name="tender_rule_divides"),
        ]

    def __str__(self) -> str:
        return f"{self.get_check_of_display()} {self.valid_from}"


class Tender(models.Model):
    """招投标 of P4.2a: announced, evaluated, awarded, filed; or by agreement with the authority's approval."""

    scope_path = "procedure__compound__community"

    procedure = models.OneToOneField(
        Procedure, models.PROTECT, primary_key=True, related_name="tender", verbose_name=_("Procedure")
    )
    way = models.CharField(_("Way"), max_length=10, choices=Way.choices)
    announced_on = models.DateField(_("Announced on"), null=True, blank=True)
    invited = models.PositiveSmallIntegerField(_("Firms invited"), null=True, blank=True)
    bidders = models.PositiveSmallIntegerField(_("Bidders"), null=True, blank=True)
    panel = models.PositiveSmallIntegerField(_("Members of the panel"), null=True, blank=True)
    experts = models.PositiveSmallIntegerField(_("Experts among them"), null=True, blank=True)
    awarded_on = models.DateField(_("Awarded on"), null=True, blank=True)
    winner = models.CharField(_("Awarded to"), max_length=100, blank=True)
    filing_no = models.CharField(_("Filing number"), max_length=60, blank=True)
    filed_on = models.DateField(_("Filed on"), null=True, blank=True)
    approval_no = models.CharField(_("Approval of the agreement: number"), max_length=60, blank=True)
    approved_on = models.DateField(_("Approval of the agreement: date"), null=True, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Tender")
        verbose_name_plural = _("Tenders")
        constraints = [
            models.CheckConstraint(
                condition=Q(experts__isnull=True) | Q(panel__isnull=True) | Q(experts__lte=F("panel")),
                name="tender_experts_are_of_the_panel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.winner}".strip()


class FeeYear(models.Model):
    """零利润收费 of P4.2c: a year's income and cost, and what one ㎡ pays a month. Amounts in 0.01 元."""

    scope_path = "procedure__compound__community"

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="fee_years", verbose_name=_("Procedure"))
    year = models.PositiveSmallIntegerField(_("Year"))
    income_fen = models.BigIntegerField(_("Income (yuan)"))
    cost_fen = models.BigIntegerField(_("Cost (yuan)"))
    price_fen = models.PositiveIntegerField(_("Price (yuan per ㎡ and month)"), null=True, blank=True)
    note = models.CharField(_("Note"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["procedure", "-year"]
        verbose_name = _("Year of fees")
        verbose_name_plural = _("Years of fees")
        constraints = [
            models.UniqueConstraint(fields=["procedure", "year"], name="fee_year_once"),
            models.CheckConstraint(condition=Q(income_fen__gte=0, cost_fen__gte=0), name="fee_year_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def balance_fen(self) -> int:
        return self.income_fen - self.cost_fen


class ServicePoint(models.Model):
    """公益岗 or a service of the 便民服务圈 (P4.2d)."""

    scope_path = "procedure__compound__community"

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="points", verbose_name=_("Procedure"))
    kind = models.CharField(_("Kind"), max_length=8, choices=PointKind.choices)
    name = models.CharField(_("Name"), max_length=60)
    people = models.PositiveSmallIntegerField(_("People"), null=True, blank=True)
    place = models.CharField(_("Where, and when"), max_length=100, blank=True)
    since = models.DateField(_("Since"), null=True, blank=True)
    until = models.DateField(_("Until"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["procedure", "kind", "pk"]
        verbose_name = _("Post or service")
        verbose_name_plural = _("Posts and services")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="service_point_is_named"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="service_point_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name
