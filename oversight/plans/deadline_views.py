"""方案报送期限 by clicks: the city's day, and extensions of counties with their documents."""

from typing import cast

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from chaoyang_pm.kit.forms import DateInput, StyledForm
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.permissions import require
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.refusals import Refused
from oversight.plans import deadlines, selectors
from oversight.programme import selectors as programme_selectors
from oversight.programme.models import Programme


class DeadlineForm(StyledForm, forms.Form):
    division = forms.ModelChoiceField(label=gettext_lazy("City or county"), queryset=Division.objects.none())
    due_on = forms.DateField(label=gettext_lazy("Due on"), widget=DateInput)
    document = forms.CharField(
        label=gettext_lazy("Document"), max_length=200, required=False,
        help_text=gettext_lazy("An extension of a county names the document that grants it."),
    )  # fmt: skip

    def __init__(self, *args, programme: Programme, **kwargs):
        super().__init__(*args, **kwargs)
        codes = [programme.city_id, *(county.code for county in selectors.counties(programme))]
        places = Division.objects.filter(code__in=codes).order_by("code")
        cast(forms.ModelChoiceField, self.fields["division"]).queryset = places


class Deadlines(PageMixin, TemplateView):
    """What holds now; what was set before is in the history of the settings."""

    action = "plans.read"
    template_name = "oversight/plans/deadlines.html"

    @cached_property
    def programme(self) -> Programme:
        current = programme_selectors.current()
        if current is None:
            raise Http404
        return current

    def get_context_data(self, **kwargs):
        user = cast(User, self.request.user)
        rows = sorted(selectors.deadlines(self.programme), key=lambda row: row.division_id)
        rows = [row for row in rows if row.division_id == self.programme.city_id or user.scope.covers(row.division_id)]
        if user.may("plans.deadlines") and "form" not in kwargs:
            kwargs["form"] = DeadlineForm(programme=self.programme)
        return super().get_context_data(rows=rows, programme=self.programme, **kwargs)

    def post(self, request, *args, **kwargs):
        require(request.user.may("plans.deadlines"))
        form = DeadlineForm(request.POST, programme=self.programme)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            deadlines.set_deadline(programme=self.programme, **form.cleaned_data, by=request.user)
        except Refused as refused:
            for problem in refused.problems:
                form.add_error(problem.field, problem.message)
            return self.render_to_response(self.get_context_data(form=form))
        messages.success(request, _("Saved."))
        return redirect("plan_writing:deadlines")
