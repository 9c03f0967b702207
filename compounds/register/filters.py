import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.ledger.choices import Category, Mode
from compounds.register import selectors
from compounds.register.choices import Status
from compounds.register.models import Compound


class FilterForm(StyledForm, forms.Form):
    """The filters in the portal's look."""

    use_required_attribute = False


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
    unmanaged = filters.BooleanFilter(
        label=_("Only with unmanaged area"), method="with_unmanaged", widget=forms.CheckboxInput
    )
    pending = filters.BooleanFilter(label=_("Only area pending"), method="area_pending", widget=forms.CheckboxInput)

    class Meta:
        model = Compound
        form = FilterForm
        fields: list[str] = []

    def __init__(self, *args, as_of, height, **kwargs):
        super().__init__(*args, **kwargs)
        self.moment = {"as_of": as_of, "height": height}
        self.scope = self.request.user.scope

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

    def area_pending(self, compounds: QuerySet, name: str, wanted: bool) -> QuerySet:
        return compounds.filter(status=Status.ACTIVE, has_area=False) if wanted else compounds
