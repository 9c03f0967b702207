from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.forms import DateInput, StyledForm
from compounds.ledger.choices import Mode
from compounds.pilots.models import Pilot

TRIED = [(mode.value, mode.label) for mode in Mode if mode != Mode.NONE]


class ChooseForm(StyledForm, forms.Form):
    """Which mode is tried from when on."""

    mode = forms.ChoiceField(label=_("Mode tried"), choices=TRIED)
    started_on = forms.DateField(label=_("Begun on"), widget=DateInput, initial=business_date)
    document = forms.CharField(
        label=_("Document"), required=False, max_length=Pilot._meta.get_field("document").max_length
    )


class TellForm(StyledForm, forms.ModelForm):
    """How it goes."""

    mode = forms.ChoiceField(label=_("Mode tried"), choices=TRIED)

    class Meta:
        model = Pilot
        fields = ["mode", "result", "ended_on", "lessons", "rollout", "document"]
        widgets = {
            "ended_on": DateInput(), "lessons": forms.Textarea(attrs={"rows": 4}),
            "rollout": forms.Textarea(attrs={"rows": 3}),
        }  # fmt: skip

    def _post_clean(self):
        """What a pilot may say the service judges, under its lock."""


class WithdrawForm(StyledForm, forms.Form):
    reason = forms.CharField(label=_("Reason for the withdrawal"), max_length=200)
