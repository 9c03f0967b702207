"""设置: what can be set by clicks, the history of it all, and the counting rules."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.problems import bad_form
from communities.people.models import User
from oversight.coverage import selectors as coverage
from oversight.coverage.question import Question, resolve
from oversight.programme import changes, overview, rules
from oversight.programme.settings_forms import HistoryForm, RuleForm


class Settings(PageMixin, TemplateView):
    """Where each thing is set."""

    action = "settings.enter"
    template_name = "oversight/programme/settings.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(groups=overview.settings(cast(User, self.request.user)), **kwargs)


class History(ListPage):
    """Every change of the settings, by kind and person."""

    action = "settings.enter"
    template_name = "oversight/programme/history.html"

    @cached_property
    def asked(self) -> dict[str, str]:
        self.form = HistoryForm(self.request.GET)
        if not self.form.is_valid():
            raise bad_form(self.form)
        return self.form.cleaned_data

    def get_queryset(self):
        return changes.found(**self.asked)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"form": self.form, "lines": changes.read(context["object_list"])}


class Rules(MakesOnce, PageMixin, TemplateView):
    """The counting rules; a further one is entered after a look at what it does to the city's coverage."""

    action = "settings.enter"
    template_name = "oversight/programme/rules.html"

    def get(self, request, *args, **kwargs):
        return self.page(form=RuleForm(initial={"valid_from": business_date()}))

    def post(self, request, *args, **kwargs):
        require(request.user.may("programme.edit"))
        form, step = RuleForm(request.POST), request.POST.get("step")
        if not form.is_valid() or step == "edit":
            return self.page(form=form)
        if step != "confirm":
            return self.page(form=form, preview=self.coverage_by(form.cleaned_data["modes"]))
        try:
            rules.add(**form.cleaned_data, by=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
            return self.page(form=form)
        messages.success(request, _("The counting rule is entered. Figures of earlier days stay as they are."))
        return redirect("settings:rules")

    def coverage_by(self, modes: list[str]):
        """The city's coverage of today, by the standard rule and with these modes counted."""
        asked = resolve()
        proposed = Question(asked.division, asked.as_of, asked.version, asked.rule, tuple(modes))
        return coverage.coverage(asked), coverage.coverage(proposed)

    def page(self, **context):
        return self.render_to_response(self.get_context_data(rules=rules.stages(business_date()), **context))
