import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import AreaField, StyledForm
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.approvals import selectors as approvals
from compounds.ledger import providers
from compounds.ledger.choices import Category, Mode
from compounds.register import gaps, planning, selectors
from compounds.register.choices import Cover, Gap, Status
from compounds.register.models import Compound


class FilterForm(StyledForm, forms.Form):
    """The filters in the portal's look."""

    use_required_attribute = False


YEARS = {"min_value": 1800, "max_value": 2200}
#: An ideographic space: browsers keep it in a list.
INDENT = "\u3000"


def offered(request) -> QuerySet[Division]:
    """Divisions to choose from: neither 1,600 communities nor ended ones, unless the address names one."""
    named = request.GET.get("division", "") if request else ""
    above = Q(level__in=[level for level in Level if level != Level.COMMUNITY])
    living = above & Q(ended_on__isnull=True)
    divisions = Division.objects.filter(living | Q(code=named) if named.isdigit() else living)
    return divisions.visible_to(request.user) if request else divisions


class DivisionField(forms.ModelChoiceField):
    """Indents each division below the one it belongs to."""

    def label_from_instance(self, division: Division) -> str:
        depth = list(CODE_LENGTH.values()).index(len(division.code))
        return f"{INDENT * depth}{division}"


class DivisionFilter(filters.ModelChoiceFilter):
    field_class = DivisionField


class AreaFilter(filters.Filter):
    field_class = AreaField


class YearFilter(filters.Filter):
    field_class = forms.IntegerField


class CompoundFilter(filters.FilterSet):
    """The filters of the 小区台账; areas are meant at the date and version that the page asks for."""

    q = filters.CharFilter(
        label=_("Name, former name, code or pinyin initials"), method="search",
        widget=forms.TextInput(attrs={"type": "search"}),
    )  # fmt: skip
    division = DivisionFilter(label=_("Division"), queryset=offered, empty_label=_("All"), method="in_division")
    category = filters.ChoiceFilter(
        label=_("Category"), empty_label=_("All"), choices=Category.choices, method="with_pocket"
    )
    mode = filters.ChoiceFilter(label=_("Mode"), empty_label=_("All"), choices=Mode.choices, method="with_pocket")
    status = filters.ChoiceFilter(label=_("Status"), empty_label=_("All"), choices=Status.choices)
    cover = filters.ChoiceFilter(
        label=_("Coverage"), empty_label=_("All"), choices=Cover.choices, method="with_cover"
    )  # fmt: skip
    provider = filters.CharFilter(label=_("Provider"), method="served_by", max_length=100)
    area_from = AreaFilter(label=_("Area from (㎡)"), method="with_area", min_value=0)
    area_to = AreaFilter(label=_("Area to (㎡)"), method="with_area", min_value=0)
    built_from = YearFilter(label=_("Built from"), field_name="built_year", lookup_expr="gte", **YEARS)
    built_to = YearFilter(label=_("Built to"), field_name="built_year", lookup_expr="lte", **YEARS)
    unmanaged = filters.BooleanFilter(
        label=_("Only with unmanaged area"), method="with_unmanaged", widget=forms.CheckboxInput
    )
    unplanned = filters.BooleanFilter(
        label=_("Only unmanaged and in no plan"), method="without_a_plan", widget=forms.CheckboxInput
    )
    gap = filters.ChoiceFilter(
        label=_("Reason of the gap"), empty_label=_("All"), choices=Gap.choices, method="with_gap"
    )  # fmt: skip
    undetermined = filters.BooleanFilter(
        label=_("Only category to be determined"), method="with_undetermined", widget=forms.CheckboxInput
    )
    pending = filters.BooleanFilter(label=_("Only area pending"), method="area_pending", widget=forms.CheckboxInput)
    waiting = filters.BooleanFilter(
        label=_("Only with a takeover waiting for approval"), method="takeover_waiting", widget=forms.CheckboxInput
    )

    #: Shown at once; the others stand below "more filters".
    FIRST = ("division", "category", "mode", "cover")
    CHECKS = ("unmanaged", "unplanned", "undetermined", "pending", "waiting")

    class Meta:
        model = Compound
        form = FilterForm
        fields: list[str] = []

    def __init__(self, *args, as_of, height, **kwargs):
        super().__init__(*args, **kwargs)
        self.moment = {"as_of": as_of, "height": height}
        self.scope = self.request.user.scope

    @property
    def within(self) -> dict:
        """The division asked for, else the reader's scope: where the area lies that is meant."""
        division = self.form.cleaned_data.get("division")
        return {"code": division.code} if division else {"scope": self.scope}

    @property
    def asks_something(self) -> bool:
        """Whether anything but a division is asked for."""
        return any(
            value not in ("", None, False) for name, value in self.form.cleaned_data.items() if name != "division"
        )

    def first(self):
        return [self.form[name] for name in self.FIRST]

    def others(self):
        """The fields below "more filters"."""
        return [self.form[name] for name in self.form.fields if name not in ("q", *self.FIRST)]

    @property
    def asks_others(self) -> bool:
        return any(self.form.cleaned_data.get(field.name) not in ("", None, False) for field in self.others())

    def search(self, compounds: QuerySet, name: str, text: str) -> QuerySet:
        return compounds & selectors.find(text)

    def in_division(self, compounds: QuerySet, name: str, division: Division) -> QuerySet:
        return compounds.filter(pk__in=selectors.lying_in(division.code, **self.moment).values("pk"))

    def with_pocket(self, compounds: QuerySet, name: str, value: str) -> QuerySet:
        """Category and mode are asked of one and the same pocket."""
        asked = {key: self.data.get(key) for key in ("category", "mode") if self.data.get(key)}
        return compounds.filter(pk__in=selectors.holding_area(**self.moment, scope=self.scope, **asked))

    def with_unmanaged(self, compounds: QuerySet, name: str, wanted: bool) -> QuerySet:
        if not wanted:
            return compounds
        return compounds.filter(pk__in=selectors.holding_area(**self.moment, scope=self.scope, mode=Mode.NONE))

    def without_a_plan(self, compounds: QuerySet, name: str, wanted: bool) -> QuerySet:
        """未管且无计划: with unmanaged area, and named by no approved plan of the date."""
        if not wanted:
            return compounds
        return self.with_unmanaged(compounds, name, True).exclude(pk__in=planning.planned(self.moment["as_of"]))

    def with_gap(self, compounds: QuerySet, name: str, value: str) -> QuerySet:
        return compounds.filter(pk__in=gaps.compounds(Gap(value), **self.moment, **self.within))

    def with_undetermined(self, compounds: QuerySet, name: str, wanted: bool) -> QuerySet:
        if not wanted:
            return compounds
        held = selectors.holding_area(**self.moment, scope=self.scope, category=Category.UNDETERMINED)
        return compounds.filter(pk__in=held)

    def with_cover(self, compounds: QuerySet, name: str, value: str) -> QuerySet:
        """As the list shows it: whatever holds no area at the date is pending."""
        active = compounds.filter(status=Status.ACTIVE)
        if value == Cover.PENDING:
            return active.exclude(pk__in=selectors.covered(**self.moment, **self.within))
        return active.filter(pk__in=selectors.covered(**self.moment, **self.within, cover=Cover(value)))

    def with_area(self, compounds: QuerySet, name: str, _value: int) -> QuerySet:
        """Both ends at once, when the first of them is asked for."""
        least, most = (self.form.cleaned_data.get(end) for end in ("area_from", "area_to"))
        if name == "area_to" and least is not None:
            return compounds
        held = selectors.covered(**self.moment, **self.within, area=(least, most))
        return compounds.filter(pk__in=held)

    def served_by(self, compounds: QuerySet, name: str, text: str) -> QuerySet:
        return compounds.filter(pk__in=providers.served_by(text.strip(), user=self.request.user, **self.moment))

    def area_pending(self, compounds: QuerySet, name: str, wanted: bool) -> QuerySet:
        return compounds.filter(status=Status.ACTIVE, has_area=False) if wanted else compounds

    def takeover_waiting(self, compounds: QuerySet, name: str, wanted: bool) -> QuerySet:
        return compounds.filter(pk__in=approvals.takeovers_waiting()) if wanted else compounds
