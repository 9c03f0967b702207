from contextlib import suppress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import AreaField, DateInput, StyledForm
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import Level
from communities.divisions.models import Division
from compounds.register import buildings, selectors
from compounds.register.models import Building, Compound, SavedView
from compounds.register.services import FACTS


class FactsForm(StyledForm, forms.ModelForm):
    """Descriptive facts of a compound; area and households change by recorded events only."""

    residential_area_dm2 = AreaField(label=_("Residential area (㎡)"), required=False, min_value=0)

    class Meta:
        model = Compound
        fields = FACTS
        widgets = {"committee_term_ends": DateInput, "note": forms.Textarea(attrs={"rows": 3})}

    GROUPS = (
        (_("Name and place"), ("name", "former_names", "address", "kind", "built_year", "buildings")),
        (_("Area and category"), ("residential_area_dm2", "area_source", "category_basis", "renovated_year")),
        (_("Ownership"), ("ownership", "original_owner", "developer")),
        (_("Management"), (
            "contract_term", "contract_filing_no", "fee", "collection_rate", "owners_committee", "committee_term_ends",
            "unmanaged_reason", "abandoned_since",
        )),
        (_("Persons and note"), ("duty_person", "contact", "phone", "note")),
    )  # fmt: skip

    def __init__(self, *args, only: str = "", **kwargs):
        """``only``: the form of one fact. Every field carries along what its reader saw."""
        super().__init__(*args, **kwargs)
        if only:
            self.fields = {only: self.fields[only]}
        for field in self.fields.values():
            field.show_hidden_initial = True

    def seen(self) -> dict[str, Any]:
        """What the reader saw of each fact that the reader changed, as far as the form was sent with it."""
        found = {}
        for name in self.changed_data:
            bound = self[name]
            if bound.html_initial_name in self.data:
                with suppress(ValidationError):
                    found[name] = bound.field.clean(self.data[bound.html_initial_name])
        return found

    def catch_up(self, current: dict[str, Any]) -> None:
        """Sent again, the form replaces what the facts are now."""
        self.data = self.data.copy()
        for name, value in current.items():
            shown = self[name].field.prepare_value(value)
            self.data[self[name].html_initial_name] = "" if shown is None else str(shown)

    def groups(self):
        """The fields in the order of the page, under their headings."""
        for heading, fields in self.GROUPS:
            yield heading, [self[name] for name in fields]


class CommunityForm(StyledForm, forms.Form):
    """A community out of those in the user's scope."""

    community = forms.ChoiceField(label=_("Community"))

    def __init__(self, *args, scope: Scope, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["community"].choices = [
            ("", _("Choose a community")), *selectors.communities_by_subdistrict(scope),
        ]  # fmt: skip

    def clean_community(self) -> Division:
        return Division.objects.living().get(code=self.cleaned_data["community"], level=Level.COMMUNITY)


class NewCompoundForm(CommunityForm):
    """Where it lies and what it is called; the rest is added on its page."""

    name = forms.CharField(label=_("Compound name"), max_length=100)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Compound kind"), required=False)
    built_year = forms.IntegerField(label=_("Built in"), required=False, min_value=1900, max_value=2100)
    checked = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "—"), *Compound._meta.get_field("kind").choices]

    def possible_duplicates(self) -> list[Compound]:
        """Compounds of the same name in the community, unless the reader has seen them under this very name."""
        community, name = self.cleaned_data["community"], self.cleaned_data["name"]
        if self.cleaned_data["checked"] == self.fingerprint():
            return []
        return list(selectors.possible_duplicates(community=community.code, name=name))

    def fingerprint(self) -> str:
        return f"{self.cleaned_data['community'].code} {self.cleaned_data['name']}"

    def facts(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("address", "kind", "built_year")}


class SavedViewForm(StyledForm, forms.ModelForm):
    """The name that a reader gives a view of the list, and whether it comes up first."""

    class Meta:
        model = SavedView
        fields = ("name", "is_default")


class BuildingForm(StyledForm, forms.ModelForm):
    """One building; ``seen`` says which state of it the reader saw."""

    area_dm2 = AreaField(label=_("Area (㎡)"), required=False, min_value=0)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Building
        fields = buildings.FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["seen"].initial = buildings.stamp(self.instance)

    def catch_up(self) -> None:
        """Sent again, the form replaces what the building is now."""
        self.data = self.data.copy()
        self.data["seen"] = buildings.stamp(Building.objects.get(pk=self.instance.pk))
