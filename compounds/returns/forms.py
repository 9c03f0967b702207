from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import DateInput, StyledForm
from chaoyang_pm.kit.uploads import SCAN
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.models import User
from communities.people.permissions import reach
from compounds.reports.choices import Reporter
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


class OfficeForm(StyledForm, forms.Form):
    """A division in which the user sets rules: whole city, county, street or community."""

    division = forms.ModelChoiceField(label=_("Division"), queryset=Division.objects.none())

    def __init__(self, *args, user: User, action: str, levels: tuple[Level, ...], **kwargs):
        super().__init__(*args, **kwargs)
        scope, lengths = reach(user, action), [CODE_LENGTH[level] for level in levels]
        living = Division.objects.living().filter(scope.q("code"), code__length__in=lengths)
        field: forms.ModelChoiceField = self.fields["division"]  # type: ignore[assignment]
        field.queryset = living.order_by("code")


class DeadlineForm(OfficeForm):
    """截止日 of a level within a division."""

    level = forms.ChoiceField(label=_("Returns of"), choices=LEVELS)
    day = forms.IntegerField(label=_("Day of the month"), min_value=1, max_value=31)
    months_after = forms.TypedChoiceField(
        label=_("Of which month"), coerce=int, choices=[(0, _("the month that is reported")), (1, _("the next month"))]
    )


class RightForm(StyledForm, forms.Form):
    """延期权限 of one office."""

    most_days = forms.IntegerField(label=_("Days at most"), min_value=0, max_value=60)


class SkipForm(OfficeForm):
    """免街道核实 of the reports of one kind of office within a division."""

    reporter = forms.ChoiceField(label=_("Reports by"), choices=Reporter.choices)
    skipped = forms.TypedChoiceField(
        label=_("Word of the street"), coerce=lambda value: value == "1",
        choices=[("0", _("is needed")), ("1", _("is not needed"))],
    )  # fmt: skip
