from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from communities.divisions.choices import Level
from communities.divisions.models import Division


class CommentForm(StyledForm, forms.Form):
    """退回: what is to be put right."""

    comment = forms.CharField(
        label=_("What is to be put right"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class SecondPersonForm(forms.Form):
    """One county, and whether it is asked for a second person."""

    division = forms.ModelChoiceField(queryset=Division.objects.filter(level=Level.COUNTY))
    required = forms.BooleanField(required=False)
