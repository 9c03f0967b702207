from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.password_validation import get_default_password_validators
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.forms import DateInput, StyledForm
from chaoyang_pm.kit.uploads.forms import UploadField
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.choices import LEVEL_OF, Role
from communities.people.models import Department, User
from communities.people.permissions import roles_to_give


class LoginForm(StyledForm, AuthenticationForm):
    """Log-in name and password."""


class NewPassword(StyledForm):
    """What the framework asks of a password, said in one sentence as the portal speaks."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        least = max(getattr(one, "min_length", 0) for one in get_default_password_validators())
        self.fields["new_password1"].help_text = _(
            "At least %(least)s characters, not digits alone; no common password, and nothing like your name."
        ) % {"least": least}
        self.fields["new_password2"].help_text = _("The same once more.")


class OwnPasswordForm(NewPassword, PasswordChangeForm):
    """Old password, and the new one twice."""


class LinkPasswordForm(NewPassword, SetPasswordForm):
    """A password over a one-time link."""


class CodeForm(StyledForm, forms.Form):
    """Six digits from the phone."""

    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$", label=_("Six digits"), max_length=9,
        error_messages={"invalid": _("A code has six digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip

    def clean_code(self):
        return "".join(self.cleaned_data["code"].split())


class RemoveFactorForm(CodeForm):
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    field_order = ["password", "code"]


class FirstAccountForm(StyledForm, BaseUserCreationForm):
    """The administrator of an empty portal."""

    display_name = forms.CharField(label=_("Name"), max_length=60)

    class Meta:
        model = User
        fields = ["username", "display_name"]


class UnlockForm(forms.Form):
    username = forms.CharField(max_length=255, widget=forms.HiddenInput)


# --- offices ---------------------------------------------------------------------------------------------
class PlaceForm(StyledForm, forms.Form):
    """First step of an appointment: the role, and for offices below the counties which county."""

    use_required_attribute = False
    role = forms.ChoiceField(label=_("Role"))
    county = forms.ChoiceField(
        label=_("County"), required=False, help_text=_("Needed for subdistricts and communities.")
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles_to_give(user)]
        counties = Division.objects.living().filter(level=Level.COUNTY).visible_to(user)
        self.counties = {division.code: str(division) for division in counties}
        self.fields["county"].choices = [("", "—"), *self.counties.items()]
        if len(self.counties) < 2:
            del self.fields["county"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        below = LEVEL_OF.get(cleaned.get("role")) in (Level.SUBDISTRICT, Level.COMMUNITY)
        if "county" in self.fields and below and not cleaned.get("county"):
            self.add_error("county", _("Choose the county that the subdistrict or community belongs to."))
        return cleaned

    @property
    def within(self) -> str:
        """The county that the choice lies in; "" where all are meant."""
        if "county" in self.fields:
            return self.cleaned_data.get("county") or ""
        return next(iter(self.counties), "")


class OfficeForm(StyledForm, forms.Form):
    """Second step: where exactly, in which department, and since when."""

    division = forms.ChoiceField(label=_("Division"))
    department = forms.ModelChoiceField(Department.objects.all(), label=_("Department"), empty_label=None)
    since = forms.DateField(label=_("Since"), widget=DateInput, initial=business_date)

    def __init__(self, *args, user: User, role: Role, within: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.role, self.level = role, LEVEL_OF[role]
        if role != Role.DEPARTMENT:
            del self.fields["department"]
        offered = Division.objects.living().filter(level=self.level or "").visible_to(user)
        if self.level in (Level.SUBDISTRICT, Level.COMMUNITY):
            offered = offered.filter(code__startswith=within).select_related("parent")
        self.offered = {division.code: division for division in offered}
        if len(self.offered) > 1:
            self.fields["division"].choices = [("", "—"), *self._choices()]
        else:
            del self.fields["division"]

    def _choices(self) -> list[tuple[str, Any]]:
        """Communities stand below their subdistrict."""
        if self.level != Level.COMMUNITY:
            return [(code, str(division)) for code, division in self.offered.items()]
        groups: dict[str, list[tuple[str, str]]] = {}
        for code, division in self.offered.items():
            groups.setdefault(str(division.parent), []).append((code, str(division)))
        return list(groups.items())

    def office(self) -> dict[str, Any]:
        """The appointment as the services take it."""
        only = next(iter(self.offered.values()), None)
        return {
            "role": self.role,
            "division": self.offered[self.cleaned_data["division"]] if "division" in self.fields else only,
            "department": self.cleaned_data.get("department"),
            "since": self.cleaned_data["since"],
        }


class AccountForm(OfficeForm):
    """A new account with its first appointment."""

    display_name = forms.CharField(label=_("Name"), max_length=60)
    username = forms.CharField(
        label=_("Log-in name"), max_length=150, required=False,
        help_text=_("Left blank, it is made from office and code, such as street_211302003. It never changes."),
    )  # fmt: skip
    field_order = ["display_name", "division", "department", "username", "since"]


class NameForm(StyledForm, forms.Form):
    display_name = forms.CharField(label=_("Name"), max_length=60)


class EndForm(StyledForm, forms.Form):
    """The last day of an appointment."""

    until = forms.DateField(
        label=_("Last day"), widget=DateInput,
        help_text=_("Yesterday or an earlier day ends it at once; a later day ends it after that day."),
    )  # fmt: skip


# --- workbook --------------------------------------------------------------------------------------------
MAX_MB = 5


class WorkbookForm(StyledForm, forms.Form):
    """A workbook of accounts, and how its answer is wanted."""

    file = UploadField(
        label=_("Workbook"), help_text=_("Excel (.xlsx) or CSV (UTF-8 or GBK), at most 5 MB. The file is not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )  # fmt: skip
    answer = forms.ChoiceField(
        label=_("Initial passwords"), widget=forms.RadioSelect, initial="page",
        choices=[("page", _("On a page of slips to print")), ("xlsx", _("As a workbook"))],
    )  # fmt: skip

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_MB * 1024 * 1024:
            raise forms.ValidationError(_("The file has more than 5 MB; a list of accounts is smaller."))
        return file
