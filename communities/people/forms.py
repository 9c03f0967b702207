from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from communities.people.models import User


class LoginForm(StyledForm, AuthenticationForm):
    """Log-in name and password."""


class OwnPasswordForm(StyledForm, PasswordChangeForm):
    """Old password, and the new one twice."""


class FirstAccountForm(StyledForm, BaseUserCreationForm):
    """The administrator of an empty portal."""

    display_name = forms.CharField(label=_("Name"), max_length=60)

    class Meta:
        model = User
        fields = ["username", "display_name"]


class UnlockForm(forms.Form):
    username = forms.CharField(max_length=255, widget=forms.HiddenInput)
