import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.forms import DateInput, StyledForm
from chaoyang_pm.kit.scoping import next_code
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.choices import Role
from communities.people.models import Appointment, User

#: An ideographic space: browsers keep it in a list.
INDENT = "\u3000"


class FilterForm(StyledForm, forms.Form):
    """The filters in the portal's look."""

    use_required_attribute = False


class DivisionField(forms.ModelChoiceField):
    """Counties and subdistricts, each below the one it belongs to."""

    def label_from_instance(self, division: Division) -> str:
        return f"{INDENT * list(CODE_LENGTH.values()).index(len(division.code))}{division}"


class DivisionFilter(filters.ModelChoiceFilter):
    field_class = DivisionField


def offered(request) -> QuerySet[Division]:
    """A list of 1,600 communities helps nobody: they are found with the subdistrict."""
    return Division.objects.living().exclude(level=Level.COMMUNITY).visible_to(request.user)


def standing() -> Q:
    """Appointments in force or to come."""
    return Q(until__isnull=True) | Q(until__gte=business_date())


class AccountFilter(filters.FilterSet):
    """Name, role, place and state; role and place are asked of one and the same appointment."""

    q = filters.CharFilter(
        label=_("Name or log-in name"), method="search", widget=forms.TextInput(attrs={"type": "search"})
    )
    role = filters.ChoiceFilter(label=_("Role"), empty_label=_("All"), choices=Role.choices, method="with_office")
    division = DivisionFilter(label=_("Division"), empty_label=_("All"), queryset=offered, method="with_office")
    active = filters.ChoiceFilter(
        label=_("State"), empty_label=_("All"), method="in_state",
        choices=[("yes", _("May log in")), ("no", _("Disabled")), ("new", _("Never logged in"))],
    )  # fmt: skip

    class Meta:
        model = User
        form = FilterForm
        fields: list[str] = []

    def search(self, users: QuerySet, name: str, text: str) -> QuerySet:
        return users.filter(Q(username__icontains=text) | Q(display_name__icontains=text))

    def with_office(self, users: QuerySet, name: str, value: str) -> QuerySet:
        chosen = self.form.cleaned_data
        held = Appointment.objects.filter(standing(), user=OuterRef("pk"))
        if chosen.get("role"):
            held = held.filter(role=chosen["role"])
        if division := chosen.get("division"):
            held = held.filter(division__gte=division.code, division__lt=next_code(division.code))
        return users.filter(Exists(held))

    def in_state(self, users: QuerySet, name: str, value: str) -> QuerySet:
        if value == "new":
            return users.filter(last_login__isnull=True, is_active=True)
        return users.filter(is_active=value == "yes")


class PeriodForm(FilterForm):
    """Whose log, from day to day."""

    who = forms.CharField(
        label=_("Name or log-in name"), required=False, max_length=150, widget=forms.TextInput(attrs={"type": "search"})
    )
    since = forms.DateField(label=_("From"), required=False, widget=DateInput)
    until = forms.DateField(label=_("To"), required=False, widget=DateInput)
