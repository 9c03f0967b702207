from axes.helpers import get_client_username
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.pages import PageMixin
from communities.people import demo, logs, selectors, services
from communities.people.forms import FirstAccountForm, LinkPasswordForm, LoginForm, OwnPasswordForm, UnlockForm


class Login(auth_views.LoginView):
    template_name = "communities/people/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(demo_logins=demo.logins(), demo_password=demo.PASSWORD, **kwargs)


class PasswordChange(PageMixin, auth_views.PasswordChangeView):
    action = "people.self"
    template_name = "communities/people/password.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("coverage:city")

    def form_valid(self, form):
        answer = super().form_valid(form)
        services.password_changed(user=self.request.user)
        messages.success(self.request, _("Your password has been changed."))
        return answer


class Locks(PageMixin, FormView):
    """Locked log-ins, each with a button that lifts the lock."""

    action = "people.unlock"
    template_name = "communities/people/locks.html"
    form_class = UnlockForm
    success_url = reverse_lazy("people:locks")

    def get_context_data(self, **kwargs):
        return super().get_context_data(locks=selectors.locks_for(self.request.user), **kwargs)

    def form_valid(self, form):
        username = form.cleaned_data["username"]
        if services.unlock(username=username, by=self.request.user):
            messages.success(self.request, _("%(username)s can log in again.") % {"username": username})
        else:
            messages.info(self.request, _("%(username)s was not locked any more.") % {"username": username})
        return super().form_valid(form)


@method_decorator([login_not_required, never_cache], name="dispatch")
class FirstAccount(FormView):
    """Makes the administrator while there is no account; afterwards the page does not exist."""

    template_name = "communities/people/first_account.html"
    form_class = FirstAccountForm

    def dispatch(self, request, *args, **kwargs):
        if not services.opens_first_account(kwargs["token"]):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            user = services.create_first_account(
                username=form.cleaned_data["username"], display_name=form.cleaned_data["display_name"],
                password=form.cleaned_data["password1"],
            )  # fmt: skip
        except services.NotTheFirst:
            raise Http404 from None
        login(self.request, user, backend="communities.people.backends.AccountBackend")
        return redirect("coverage:city")


@method_decorator([login_not_required, never_cache], name="dispatch")
class PasswordLink(auth_views.PasswordResetConfirmView):
    """Sets a password over the one-time link of a reset; a spent link says so and what to do."""

    template_name = "communities/people/link.html"
    form_class = LinkPasswordForm
    token_generator = services.link_tokens

    def get_user(self, uidb64):
        return services.link_owner(uidb64)

    def form_valid(self, form):
        token = self.request.session.pop(auth_views.INTERNAL_RESET_SESSION_TOKEN, "")
        try:
            services.use_link(user=self.user, token=token, password=form.cleaned_data["new_password1"])
        except services.LinkSpent:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        messages.success(self.request, _("Your password has been set. Log in with it."))
        return redirect("people:login")

    def render_to_response(self, context, **kwargs):
        """410: there was such a page, and there is none any more."""
        return super().render_to_response(context, status=200 if self.validlink else 410, **kwargs)


class Me(PageMixin, TemplateView):
    """我的账号: one's own offices, last log-ins and ways to secure the account."""

    action = "people.self"
    template_name = "communities/people/me.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        appointments = user.appointments.select_related("division", "department").order_by("-since")
        return super().get_context_data(
            appointments=appointments,
            today=business_date(),
            keepers=selectors.keepers(user),
            accesses=logs.own_accesses(user),
            **kwargs,
        )


class EndSessions(PageMixin):
    """Logs out everywhere, here too."""

    action = "people.self"

    def post(self, request):
        ended = services.end_sessions(user=request.user)
        logout(request)
        message = ngettext("%(ended)s session was ended.", "%(ended)s sessions were ended.", ended)
        messages.success(request, message % {"ended": ended})
        return redirect("people:login")


def locked_out(request: HttpRequest, *args, **kwargs) -> HttpResponse:
    """django-axes calls this instead of answering a log-in: who is locked, until when, and who can lift it."""
    username = get_client_username(request) or ""
    lock = next(iter(selectors.locks(username)), None)
    return render(request, "communities/people/locked_out.html", {"username": username, "lock": lock}, status=429)
