from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm

GAPS, ANEW = "gaps", "anew"


class HowForm(StyledForm, forms.Form):
    """Which lines a proposal is about."""

    how = forms.ChoiceField(
        label=_("Propose for"), required=False, choices=[
            (GAPS, _("Gaps only: lines that have a mode and a time stay")),
            (ANEW, _("All anew: mode, time and pilot of every line")),
        ],
    )  # fmt: skip

    def clean_how(self) -> str:
        return self.cleaned_data["how"] or GAPS


class AdoptForm(HowForm):
    """The proposal that a person looked at, by its digest."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["how"].widget = forms.HiddenInput()
