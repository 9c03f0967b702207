"""Accounts of others: who has one, and what those responsible do with it."""

import datetime
from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.problems import bad_form
from communities.divisions.selectors import ancestors
from communities.people import initial, selectors, services
from communities.people.choices import Role
from communities.people.filters import AccountFilter
from communities.people.forms import AccountForm, EndForm, NameForm, OfficeForm, PlaceForm
from communities.people.models import Appointment, User


class Accounts(ListPage):
    """账号: the accounts within the user's scope."""

    action = "people.read"
    template_name = "communities/people/accounts.html"
    context_object_name = "accounts"

    @cached_property
    def filters(self) -> AccountFilter:
        user = self.request.user
        return AccountFilter(self.request.GET, queryset=selectors.accounts(user), request=self.request)

    def get_queryset(self):
        if not self.filters.is_valid():
            raise bad_form(self.filters.form)
        return self.filters.qs.order_by("username")

    def trail(self):
        division = self.filters.form.cleaned_data.get("division")
        return ancestors(division) if division else []

    def get_context_data(self, **kwargs):
        context = super().get_context_data(filters=self.filters, **kwargs)
        context["rows"] = selectors.with_keepers(context["accounts"])
        return context


class AccountMixin(PageMixin):
    """A page about one account, found among those of the user's scope."""

    action = "people.manage"

    @cached_property
    def account(self) -> User:
        return get_object_or_404(selectors.accounts(self.request.user), pk=self.kwargs["pk"])

    def subject(self):
        return self.account

    def get_context_data(self, **kwargs):
        return super().get_context_data(account=self.account, **kwargs)

    def get_success_url(self):
        return reverse("people:account", args=[self.account.pk])


class AccountDetail(AccountMixin, TemplateView):
    """One account: its appointments past and present, its state, and what may be done with it by whom."""

    action = "people.read"
    template_name = "communities/people/account.html"

    def subject(self):
        """The appointment by which the reader knows of the person."""
        scope = self.request.user.scope
        return next((one for one in self.account.appointments.all() if scope.covers(one.division_id)), None)

    def get_context_data(self, **kwargs):
        today = business_date()
        return super().get_context_data(
            keepers=selectors.keepers(self.account), is_self=self.account == self.request.user, today=today,
            appointments=[(one, one.until is None or one.until >= today) for one in self.account.appointments.all()],
            **kwargs,
        )  # fmt: skip


class RefusalsOnForm:
    """Shows what a service finds unusable at the field that it is about."""

    def refuse(self, form, unusable: services.Unusable):
        for field, message in unusable.problems.items():
            form.add_error(field if field in form.fields else None, message)
        return self.form_invalid(form)


class OfficeMixin:
    """Two steps, both in the address: which role (and in which county), then where exactly."""

    @cached_property
    def place(self) -> PlaceForm:
        asked = self.request.GET if self.request.GET.get("role") else None
        return PlaceForm(asked, user=self.request.user)

    @property
    def is_placed(self) -> bool:
        return self.place.is_bound and self.place.is_valid()

    def get_form(self, form_class=None):
        return super().get_form(form_class) if self.is_placed else None

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "user": self.request.user, "within": self.place.within, "role": Role(self.place.cleaned_data["role"])
        }  # fmt: skip

    def post(self, request, *args, **kwargs):
        return super().post(request, *args, **kwargs) if self.is_placed else redirect(request.path)

    def get_context_data(self, **kwargs):
        return super().get_context_data(place=self.place, **kwargs)


class Slips(MakesOnce):
    """Mixin of a page that makes accounts; the answer shows their initial passwords once."""

    #: The accounts that were made.
    accounts: Sequence[int] = ()

    def shown(self, slips: list[selectors.Slip], **context):
        self.accounts = [slip.user.pk for slip in slips]
        return self.answer(slips, **context)

    def answer(self, slips: list[selectors.Slip], **context):
        return render(self.request, "communities/people/made.html", self.get_context_data(slips=slips, **context))

    def made(self, answer):
        return {"accounts": self.accounts} if self.accounts else None

    def again(self, made):
        if slips := initial.anew(users=made["accounts"], by=self.request.user):
            return self.answer(slips, is_again=True)
        messages.info(self.request, _("This form had been sent already; nothing was made twice."))
        return redirect("people:accounts")


@method_decorator(never_cache, name="dispatch")
class NewAccount(Slips, RefusalsOnForm, OfficeMixin, PageMixin, FormView):
    """A new account; the answer shows its initial password once."""

    action = "people.manage"
    template_name = "communities/people/new.html"
    form_class = AccountForm

    def form_valid(self, form):
        names = {name: form.cleaned_data[name] for name in ("username", "display_name")}
        try:
            user, password = services.create_account(**names, **form.office(), by=self.request.user)
        except services.Unusable as unusable:
            return self.refuse(form, unusable)
        return self.shown([selectors.slip(user, password)])


class Rename(RefusalsOnForm, AccountMixin, FormView):
    template_name = "communities/people/rename.html"
    form_class = NameForm

    def get_initial(self):
        return {"display_name": self.account.display_name}

    def form_valid(self, form):
        try:
            services.rename(user=self.account, by=self.request.user, **form.cleaned_data)
        except services.Unusable as unusable:
            return self.refuse(form, unusable)
        messages.success(self.request, _("The name has been changed."))
        return super().form_valid(form)


class SetActive(AccountMixin, TemplateView):
    """Disables an account or enables it again, after saying what that means."""

    template_name = "communities/people/set_active.html"

    def post(self, request, pk):
        active = not self.account.is_active
        wanted = request.POST.get("active") == "yes"
        if active == wanted:
            services.set_active(user=self.account, active=wanted, by=request.user)
            done = _("%(name)s may log in again.") if wanted else _("%(name)s cannot log in any more.")
            messages.success(request, done % {"name": self.account})
        return redirect(self.get_success_url())


@method_decorator(never_cache, name="dispatch")
class ResetPassword(AccountMixin, TemplateView):
    """Takes the password away and shows the one-time link for a new one, once."""

    template_name = "communities/people/reset.html"

    def post(self, request, pk):
        uid, token = services.reset_password(user=self.account, by=request.user)
        link = request.build_absolute_uri(reverse("people:link", args=[uid, token]))
        days = datetime.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days
        return self.render_to_response(self.get_context_data(link=link, days=days))

    def get_context_data(self, **kwargs):
        return super().get_context_data(is_self=self.account == self.request.user, **kwargs)


class Appoint(MakesOnce, RefusalsOnForm, OfficeMixin, AccountMixin, FormView):
    """A further appointment."""

    template_name = "communities/people/appoint.html"
    form_class = OfficeForm

    def form_valid(self, form):
        try:
            services.appoint(user=self.account, **form.office(), by=self.request.user)
        except services.Unusable as unusable:
            return self.refuse(form, unusable)
        messages.success(self.request, _("The appointment has been entered."))
        return super().form_valid(form)


class EndAppointment(RefusalsOnForm, AccountMixin, FormView):
    template_name = "communities/people/end.html"
    form_class = EndForm

    @cached_property
    def appointment(self) -> Appointment:
        return get_object_or_404(self.account.appointments, pk=self.kwargs["appointment"])

    def get_initial(self):
        return {"until": business_date() - datetime.timedelta(days=1)}

    def form_valid(self, form):
        try:
            services.end_appointment(appointment=self.appointment, by=self.request.user, **form.cleaned_data)
        except services.Unusable as unusable:
            return self.refuse(form, unusable)
        messages.success(self.request, _("The end of the appointment has been entered."))
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(appointment=self.appointment, **kwargs)
