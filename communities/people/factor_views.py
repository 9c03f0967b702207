"""The second factor: set up, asked for at the log-in, removed."""

import django_otp
from django.contrib import messages
from django.contrib.auth.views import RedirectURLMixin
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from chaoyang_pm.kit.pages import PageMixin
from communities.people import second_factor
from communities.people.forms import CodeForm, RemoveFactorForm


@method_decorator(never_cache, name="dispatch")
class SecondFactor(PageMixin, FormView):
    """Shows a key to scan and takes the first code from it."""

    action = "people.second_factor"
    template_name = "communities/people/second_factor.html"
    form_class = CodeForm
    success_url = reverse_lazy("people:me")

    def post(self, request, *args, **kwargs):
        if request.user.second_factor_since:
            return redirect("people:me")
        if "begin" in request.POST:
            second_factor.begin(user=request.user)
            return redirect(request.path)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            device = second_factor.confirm(user=self.request.user, code=form.cleaned_data["code"])
        except second_factor.CodeRefused as refused:
            form.add_error("code", str(refused))
            return self.form_invalid(form)
        django_otp.login(self.request, device)
        messages.success(self.request, _("From now on the log-in asks for a code as well."))
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        device = None if self.request.user.second_factor_since else second_factor.pending(self.request.user)
        if device:
            side, path = second_factor.qr_path(device)
            kwargs |= {"side": side, "path": path, "key": second_factor.key_text(device)}
        return super().get_context_data(device=device, **kwargs)


@method_decorator(never_cache, name="dispatch")
class RemoveSecondFactor(PageMixin, FormView):
    action = "people.self"
    template_name = "communities/people/remove_factor.html"
    form_class = RemoveFactorForm
    success_url = reverse_lazy("people:me")

    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs) if request.user.second_factor_since else redirect("people:me")

    def form_valid(self, form):
        try:
            second_factor.remove(user=self.request.user, **form.cleaned_data)
        except second_factor.CodeRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, _("The log-in asks for the password alone again."))
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class Verify(PageMixin, RedirectURLMixin, FormView):
    """The code after the password; until it is given no other page opens."""

    action = "people.self"
    template_name = "communities/people/verify.html"
    form_class = CodeForm
    next_page = "coverage:city"

    def get(self, request, *args, **kwargs):
        if request.user.is_verified() or not request.user.second_factor_since:
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            device = second_factor.check(user=self.request.user, code=form.cleaned_data["code"])
        except second_factor.CodeRefused as refused:
            form.add_error("code", str(refused))
            return self.form_invalid(form)
        django_otp.login(self.request, device)
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)
