from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import DateInput, StyledForm
from chaoyang_pm.kit.uploads import SCAN
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.models import User
from communities.people.permissions import reach
from compounds.returns.models import LEVELS


class SealForm(StyledForm, forms.Form):
    """The sealed copy with its number and signatory."""

    document_no = forms.CharField(label=_("Document number"), max_length=60)
    signatory = forms.CharField(label=_("Signed by"), max_length=60)
    file = forms.FileField(label=_("Scan with the seal"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = SCAN.accept
        self.fields["file"].help_text = SCAN.names


class ReasonForm(StyledForm, forms.Form):
    """What is to be put right, or why."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ExtendForm(StyledForm, forms.Form):
    """延期 up to the day that the reader's office may grant."""

    until = forms.DateField(label=_("Extended to"), widget=DateInput)
    reason = forms.CharField(label=_("Reason"), max_length=500)


class DeadlineForm(StyledForm, forms.Form):
    """截止日 of a level within a division in which the user sets rules."""

    division = forms.ModelChoiceField(label=_("Division"), queryset=Division.objects.none())
    level = forms.ChoiceField(label=_("Returns of"), choices=LEVELS)
    day = forms.IntegerField(label=_("Day of the month"), min_value=1, max_value=31)
    months_after = forms.TypedChoiceField(
        label=_("Of which month"), coerce=int, choices=[(0, _("the month that is reported")), (1, _("the next month"))]
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        scope, lengths = reach(user, "returns.rules"), [CODE_LENGTH[level] for level in (Level.CITY, Level.COUNTY)]
        living = Division.objects.living().filter(scope.q("code"), code__length__in=lengths)
        cast(forms.ModelChoiceField, self.fields["division"]).queryset = living.order_by("code")


class RightForm(StyledForm, forms.Form):
    """延期权限 of one office."""

    most_days = forms.IntegerField(label=_("Days at most"), min_value=0, max_value=60)
