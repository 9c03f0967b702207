"""上报规则 by clicks: cut-off days, and who may extend by how much. Whose reports skip the street: 审核规则."""

from typing import cast

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.permissions import require
from communities.divisions.choices import Level
from communities.people.models import User
from communities.people.permissions import reach
from compounds.ledger.refusals import Refused
from compounds.returns import services
from compounds.returns.forms import DeadlineForm, RightForm
from compounds.returns.models import ExtensionRight, ReturnDeadline


class Rules(PageMixin, TemplateView):
    """Everything that holds where the reader may set rules, each with a form; what was set before is in the log."""

    action = "returns.rules"
    template_name = "compounds/returns/rules.html"

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    def form(self, data=None) -> DeadlineForm:
        return DeadlineForm(data, user=self.user)

    def get_context_data(self, **kwargs):
        scope = reach(self.user, "returns.rules")
        # What holds for the whole city holds here, too.
        holds = scope.q("division") if scope.everything else scope.q("division") | Q(division__level=Level.CITY)
        kwargs = {"form": self.form()} | kwargs
        return super().get_context_data(
            deadlines=ReturnDeadline.objects.filter(holds).select_related("division", "set_by"),
            rights=ExtensionRight.objects.all(), **kwargs,
        )  # fmt: skip

    def post(self, request, *args, **kwargs):
        if request.POST.get("which") == "right":
            return self.right()
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            services.set_deadline(**form.cleaned_data, by=self.user)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.render_to_response(self.get_context_data(form=form))
        messages.success(request, _("Saved."))
        return redirect("returns:rules")

    def right(self):
        require(self.user.may("returns.rights"))
        key = self.request.POST.get("right", "")
        right = get_object_or_404(ExtensionRight, pk=int(key) if key.isascii() and key.isdigit() else 0)
        form = RightForm(self.request.POST)
        if form.is_valid():
            services.set_right(right=right, most_days=form.cleaned_data["most_days"], by=self.user)
            messages.success(self.request, _("Saved."))
        else:
            messages.error(self.request, " ".join(map(str, form.errors["most_days"])))
        return redirect("returns:rules")
