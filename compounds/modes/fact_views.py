"""Votes, the tender, fees, posts and services on the page of their procedure; and the calculator of votes."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import PageMixin
from compounds.modes import fact_selectors, fact_services
from compounds.modes.choices import Facts, Matter
from compounds.modes.fact_models import FeeYear, ServicePoint, Tender
from compounds.modes.forms import BallotForm, FeeYearForm, PointForm, TenderForm, VoteForm
from compounds.modes.models import ProcedureStep
from compounds.modes.pages import RefusableForm
from compounds.modes.views import ProcedureMixin


class Calculator(PageMixin, TemplateView):
    """表决计算器: passed, or how much is missing. The address says everything, to be sent to a colleague."""

    action = "modes.read"
    template_name = "compounds/modes/calculator.html"

    def get_context_data(self, **kwargs):
        form = BallotForm(self.request.GET if "held_on" in self.request.GET else None)
        verdict = form.verdict() if form.is_bound and form.is_valid() else None
        return super().get_context_data(
            form=form, verdict=verdict, rule=form.rule, rules=fact_selectors.vote_rules(), **kwargs
        )


class RecordVote(MakesOnce, ProcedureMixin, RefusableForm):
    """A vote on a step: the verdict first, then the record."""

    action = "modes.work"
    template_name = "compounds/modes/vote.html"
    form_class = VoteForm

    @cached_property
    def step(self) -> ProcedureStep:
        steps = self.procedure.kind.steps.exclude(matter="")
        return get_object_or_404(steps, pk=self.kwargs["step"])

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"matter": Matter(self.step.matter)}

    def get_context_data(self, **kwargs):
        return super().get_context_data(step=self.step, matter=Matter(self.step.matter).label, **kwargs)

    def form_valid(self, form):
        if self.request.POST.get("act") != "confirm":
            preview = None if self.request.POST.get("act") == "edit" else form.verdict()
            return self.render_to_response(self.get_context_data(form=form, verdict=preview, rule=form.rule))
        return super().form_valid(form)

    def carry_out(self, form):
        fact_services.record_vote(
            procedure=self.procedure, step=self.step, held_on=form.cleaned_data["held_on"], ballot=form.ballot(),
            note=form.cleaned_data["note"], by=self.request.user,
        )  # fmt: skip
        messages.success(self.request, _("The vote is recorded."))
        return self.back()


class FactPage(ProcedureMixin, RefusableForm):
    """A form about what a procedure keeps; of another kind of procedure there is no such page."""

    action = "modes.work"
    template_name = "compounds/modes/fact.html"
    facts: Facts
    row = None
    can_remove = False

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and self.procedure.kind.facts != self.facts:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"instance": self.row}

    def get_context_data(self, **kwargs):
        can_remove = self.can_remove and self.row is not None
        return super().get_context_data(title=self.facts.label, can_remove=can_remove, **kwargs)

    def save(self, values: dict) -> None:
        raise NotImplementedError  # each page says what it keeps

    def post(self, request, *args, **kwargs):
        if self.can_remove and self.row is not None and "remove" in request.POST:
            fact_services.remove(row=self.row, by=request.user)
            messages.success(request, _("It is taken out."))
            return self.back()
        return super().post(request, *args, **kwargs)

    def carry_out(self, form):
        self.save(form.cleaned_data)
        messages.success(self.request, _("Saved."))
        return self.back()


class TenderPage(FactPage):
    facts, form_class = Facts.TENDER, TenderForm

    @cached_property
    def row(self):
        return Tender.objects.filter(procedure=self.procedure).first()

    def save(self, values):
        fact_services.save_tender(procedure=self.procedure, values=values, by=self.request.user)


class FeePage(MakesOnce, FactPage):
    facts, form_class, can_remove = Facts.FEES, FeeYearForm, True

    @cached_property
    def row(self):
        fee = self.kwargs.get("fee")
        return get_object_or_404(FeeYear, procedure=self.procedure, pk=fee) if fee else None

    def save(self, values):
        fact_services.save_fee_year(procedure=self.procedure, values=values, by=self.request.user, row=self.row)


class PointPage(MakesOnce, FactPage):
    facts, form_class, can_remove = Facts.SERVICES, PointForm, True

    @cached_property
    def row(self):
        point = self.kwargs.get("point")
        return get_object_or_404(ServicePoint, procedure=self.procedure, pk=point) if point else None

    def save(self, values):
        fact_services.save_point(procedure=self.procedure, values=values, by=self.request.user, row=self.row)
