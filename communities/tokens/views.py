from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import ListPage, PageMixin
from communities.people.account_views import RefusalsOnForm
from communities.people.services import Unusable
from communities.tokens import selectors, services
from communities.tokens.forms import TokenForm
from communities.tokens.models import Token


class Tokens(ListPage):
    """访问令牌: one's own tokens, and those of the accounts that one may know of."""

    action = "people.self"
    template_name = "communities/tokens/list.html"
    context_object_name = "others"

    def get_queryset(self):
        return selectors.tokens_of_others(self.request.user)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(own=selectors.own_tokens(self.request.user), **kwargs)
        may = self.request.user.may
        context["rows"] = [(token, may("people.manage", token.user)) for token in context["others"]]
        return context


@method_decorator(never_cache, name="dispatch")
class NewToken(MakesOnce, RefusalsOnForm, PageMixin, FormView):
    """A new token; the answer shows its secret once."""

    action = "tokens.make"
    template_name = "communities/tokens/new.html"
    form_class = TokenForm
    #: The token that was made.
    token: Token | None = None

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        user = self.request.user
        try:
            token, secret = services.make(user=user, by=user, **form.cleaned_data)
        except Unusable as unusable:
            return self.refuse(form, unusable)
        self.token = token
        return self.shown(token, secret)

    def shown(self, token: Token, secret: str, **context):
        context |= {"token": token, "secret": secret}
        return render(self.request, "communities/tokens/made.html", self.get_context_data(**context))

    def made(self, answer):
        return {"token": self.token.pk} if self.token else None

    def again(self, made):
        token = Token.objects.select_related("user", "division").get(pk=made["token"])
        if secret := services.secret_anew(token=token, by=self.request.user):
            token.refresh_from_db(fields=["hint"])
            return self.shown(token, secret, is_again=True)
        messages.info(self.request, _("This form had been sent already; nothing was made twice."))
        return redirect("tokens:list")


class RevokeToken(PageMixin, TemplateView):
    """Ends a token, after saying what that means."""

    template_name = "communities/tokens/revoke.html"

    @cached_property
    def token(self) -> Token:
        found = Token.objects.visible_to(self.request.user).select_related("user", "division")
        return get_object_or_404(found, pk=self.kwargs["pk"])

    @property
    def is_own(self) -> bool:
        return self.token.user == self.request.user

    @property
    def action(self):
        return "people.self" if self.is_own else "people.manage"

    def subject(self):
        return None if self.is_own else self.token.user

    def post(self, request, pk):
        services.revoke(token=self.token, by=request.user)
        messages.success(request, _("The token “%(name)s” is revoked.") % {"name": self.token.name})
        return redirect("tokens:list")

    def get_context_data(self, **kwargs):
        return super().get_context_data(token=self.token, **kwargs)
