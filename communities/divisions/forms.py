from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaoyang_pm.kit.forms import StyledForm
from communities.divisions.browsing import ALL, ENDED, LIVING, Asked
from communities.divisions.choices import Level
from communities.divisions.models import Division


def _names() -> dict[str, forms.Field]:
    length = Division._meta.get_field("name").max_length
    return {
        "name": forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=length),
        "short_name": forms.CharField(
            label=_("Short name"), max_length=length, required=False,
            help_text=_("As figures and lists call it, where the name is too long; blank: the name itself."),
        ),
    }  # fmt: skip


class FindForm(StyledForm, forms.Form):
    """What the list of divisions is filtered by."""

    use_required_attribute = False

    q = forms.CharField(
        label=_("Name or code"), required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"})
    )
    level = forms.ChoiceField(label=_("Level"), required=False, choices=[("", _("All")), *Level.choices])
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[(LIVING, _("in being")), (ENDED, _("ended")), (ALL, _("in being or ended"))],
    )  # fmt: skip

    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(data["q"].strip(), data["level"], data["state"])


class NameForm(StyledForm, forms.Form):
    """How a division is written. What it was called when the form was opened goes along."""

    name, short_name = _names().values()
    seen_name = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    seen_short_name = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    @classmethod
    def of(cls, division: Division) -> dict[str, str]:
        """What it opens with."""
        name, short = division.name, division.short_name
        return {"name": name, "short_name": short, "seen_name": name, "seen_short_name": short}

    def seen(self) -> tuple[str, str]:
        return self.cleaned_data["seen_name"], self.cleaned_data["seen_short_name"]

    def catch_up(self, division: Division) -> None:
        """The next attempt starts from what there is now."""
        self.data = self.data.copy()
        self.data["seen_name"], self.data["seen_short_name"] = division.name, division.short_name


class AddForm(StyledForm, forms.Form):
    """A division that is missing."""

    code = forms.CharField(
        label=_("Code"), max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("6 digits for a county, 9 for a subdistrict, 12 for a community; it begins with the code of the "
                    "division above."),
    )  # fmt: skip
    name, short_name = _names().values()
