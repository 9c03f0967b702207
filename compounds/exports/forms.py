from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.permissions import reach
from compounds.register.filters import DivisionField


class DivisionForm(StyledForm, forms.Form):
    """One division, among those for which somebody does ``action``."""

    division = DivisionField(label=_("Division"), queryset=Division.objects.none(), empty_label=None)

    def __init__(self, *args, user, action, **kwargs):
        super().__init__(*args, **kwargs)
        above = Division.objects.living().exclude(level=Level.COMMUNITY)
        self.fields["division"].queryset = above.filter(reach(user, action).q("code"))
