from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.filters import DivisionField
from communities.people.models import User
from communities.tokens.choices import DEFAULT_DAYS, MAX_DAYS
from communities.tokens.selectors import useful_scopes


class TokenForm(StyledForm, forms.Form):
    """A new token: what for, which scopes, where and how long."""

    name = forms.CharField(
        label=_("What for"), max_length=60, help_text=_("The system that uses it, such as 市数据共享平台.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), widget=forms.CheckboxSelectMultiple,
        help_text=_("As few as the system needs. A token never opens more than your own office does."),
    )  # fmt: skip
    division = DivisionField(
        label=_("Limited to"), queryset=Division.objects.none(), required=False, empty_label=_("All that I see")
    )
    days = forms.IntegerField(
        label=_("Days"), min_value=1, max_value=MAX_DAYS, initial=DEFAULT_DAYS,
        help_text=_("Afterwards it stops working, and a new one is made."),
    )  # fmt: skip

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope.value, f"{scope.label} ({scope})") for scope in useful_scopes(user)]
        offered = Division.objects.living().exclude(level=Level.COMMUNITY).visible_to(user)
        self.fields["division"].queryset = offered
        if offered.count() < 2:
            del self.fields["division"]
