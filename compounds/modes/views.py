"""推进程序: the list, one procedure with its steps, and the acts that bring it on."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.problems import bad_form
from chaoyang_pm.kit.uploads import UploadRefused
from communities.divisions.selectors import ancestors
from compounds.files import services as files
from compounds.files.choices import AttachmentKind
from compounds.modes import fact_selectors, selectors, services
from compounds.modes.choices import ProcedureState
from compounds.modes.filters import ProcedureFilter
from compounds.modes.forms import AbandonForm, AdvanceForm, EvidenceForm, StartForm, TakeBackForm
from compounds.modes.models import EvidenceRule, Procedure
from compounds.modes.pages import RefusableForm
from compounds.register.models import Compound
from compounds.register.pages import AboutCompound


class Procedures(ListPage):
    """Which compounds are on their way, where each stands, and for how long; the longest first."""

    action = "modes.read"
    template_name = "compounds/modes/list.html"

    @cached_property
    def filters(self) -> ProcedureFilter:
        asked = self.request.GET.copy()
        asked.setdefault("state", ProcedureState.RUNNING)
        filters = ProcedureFilter(asked, queryset=selectors.listed(self.request.user), request=self.request)
        if not filters.is_valid():
            raise bad_form(filters.form)
        return filters

    def get_queryset(self):
        return self.filters.qs

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        rows = [(one, selectors.days_at(one), selectors.is_stuck(one)) for one in context["object_list"]]
        return context | {"filters": self.filters, "rows": rows, "standing": selectors.by_step(self.filters.qs)}


class Kinds(PageMixin, TemplateView):
    """The procedures of P4.2 step by step, and the rules that votes and tenders go by."""

    action = "modes.read"
    template_name = "compounds/modes/kinds.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            kinds=[(kind, selectors.steps_of(kind)) for kind in selectors.kinds()],
            vote_rules=fact_selectors.vote_rules(),
            tender_rules=fact_selectors.tender_rules(business_date()).values(), **kwargs,
        )  # fmt: skip


class ProcedureMixin(PageMixin):
    """A page about one procedure, named by its number."""

    action = "modes.read"

    @cached_property
    def procedure(self) -> Procedure:
        rows = Procedure.objects.visible_to(self.request.user).select_related("compound__community", "kind", "step")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def compound(self) -> Compound:
        return self.procedure.compound

    def subject(self):
        return self.procedure

    def trail(self):
        return ancestors(self.compound.community)

    def get_context_data(self, **kwargs):
        return super().get_context_data(procedure=self.procedure, compound=self.compound, **kwargs)

    def back(self) -> HttpResponseRedirect:
        return redirect("modes:detail", self.procedure.pk)


class Detail(ProcedureMixin, TemplateView):
    """A procedure: its steps, its history, and what it keeps besides."""

    template_name = "compounds/modes/detail.html"

    def get_context_data(self, **kwargs):
        procedure, user = self.procedure, self.request.user
        stages = selectors.stages(procedure, user=user)
        tender = getattr(procedure, "tender", None)
        return super().get_context_data(
            stages=stages, labels=[stage.step.name for stage in stages], at=_place(stages),
            days=selectors.days_at(procedure), is_stuck=selectors.is_stuck(procedure),
            history=list(reversed(selectors.history(procedure))), tender=tender,
            warnings=fact_selectors.tender_warnings(tender) if tender else [],
            fee_years=procedure.fee_years.all(), points=procedure.points.all(),
            edits=fact_selectors.edits(procedure), **kwargs,
        )  # fmt: skip


def _place(stages: list[selectors.Stage]) -> int:
    """The place of the present step, counted from 1; behind the last one once all are done."""
    return next((place for place, stage in enumerate(stages, 1) if stage.is_present), len(stages) + 1)


class Start(MakesOnce, AboutCompound, RefusableForm):
    """Begin a procedure for a compound."""

    action = "modes.work"
    template_name = "compounds/modes/start.html"
    form_class = StartForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"kinds": list(selectors.kinds())}

    def get_context_data(self, **kwargs):
        return super().get_context_data(compound=self.compound, **kwargs)

    def carry_out(self, form):
        kind, mode = form.chosen()
        data = form.cleaned_data
        procedure = services.start(
            compound=self.compound, kind=kind, mode=mode, on=data["on"], note=data["note"], by=self.request.user
        )
        messages.success(self.request, _("The procedure is begun; it stands at “%(step)s”.") % {"step": procedure.step})
        return redirect("modes:detail", procedure.pk)


class ActPage(ProcedureMixin, RefusableForm):
    """An act that brings a procedure on, or back."""

    action = "modes.work"
    template_name = "compounds/modes/act.html"
    title: str
    verb: str
    about = ""
    said: str

    def get_context_data(self, **kwargs):
        return super().get_context_data(title=self.title, verb=self.verb, about=self.about, **kwargs)

    def act(self, data: dict) -> None:
        raise NotImplementedError  # each act says what it does

    def carry_out(self, form):
        self.act(form.cleaned_data)
        messages.success(self.request, self.said)
        return self.back()


class Advance(ActPage):
    """The present step is done, with its evidence."""

    form_class = AdvanceForm
    template_name = "compounds/modes/advance.html"
    said = property(lambda self: _("Recorded."))
    verb = property(lambda self: _("The step is done"))

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and self.procedure.step is None and request.user.may("modes.work"):
            messages.info(request, _("This procedure has ended; nothing is left to be done."))
            return self.back()
        return super().dispatch(request, *args, **kwargs)

    @property
    def title(self):
        return self.procedure.step.name

    def get_initial(self):
        return {"step": self.procedure.step_id}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"procedure": self.procedure, "user": self.request.user}

    def get_context_data(self, **kwargs):
        votes = self.procedure.votes.filter(step=self.procedure.step).select_related("rule", "step")
        return super().get_context_data(step=self.procedure.step, votes=votes, **kwargs)

    def form_valid(self, form):
        """Files first, each by itself: they stay with the compound whatever becomes of the step."""
        data, scans = form.cleaned_data, list(form.cleaned_data.get("filed") or [])
        for file in data.get("files") or []:
            try:
                filed = files.add(
                    compound=self.compound, kind=AttachmentKind.SCAN, title=self.procedure.step.name, file=file,
                    by=self.request.user,
                )  # fmt: skip
            except UploadRefused as refused:
                form.add_error("files", str(refused))
            else:
                scans.append(filed.attachment)
        if form.errors:
            return self.form_invalid(form)
        form.cleaned_data["scans"] = scans
        return super().form_valid(form)

    def act(self, data):
        step = self.procedure.kind.steps.filter(pk=data["step"]).first() or self.procedure.step
        services.advance(
            procedure=self.procedure, step=step, on=data["on"], note=data["note"], scans=data["scans"],
            by=self.request.user,
        )  # fmt: skip


class Abandon(ActPage):
    form_class = AbandonForm
    title = property(lambda self: _("Give the procedure up"))
    verb = property(lambda self: _("Give it up"))
    about = property(lambda self: _("What was done stays in the history; another procedure can begin afterwards."))
    said = property(lambda self: _("The procedure is given up."))

    def act(self, data):
        services.abandon(procedure=self.procedure, by=self.request.user, **data)


class TakeBack(MakesOnce, ActPage):
    form_class = TakeBackForm
    title = property(lambda self: _("Take the last act back"))
    verb = property(lambda self: _("Take it back"))
    about = property(lambda self: _("The procedure stands where it stood before; both stay in the history."))
    said = property(lambda self: _("The last act is taken back."))

    def act(self, data):
        services.take_back(procedure=self.procedure, by=self.request.user, **data)


class Evidence(MakesOnce, PageMixin, RefusableForm):
    """接管要件: from which takeover on the key evidence is asked for."""

    action = "settings.enter"
    template_name = "compounds/modes/evidence.html"
    form_class = EvidenceForm

    def get_initial(self):
        return {"valid_from": business_date(), "is_asked": "1"}

    def post(self, request, *args, **kwargs):
        require(request.user.may("modes.define"))
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        rules = EvidenceRule.objects.select_related("recorded_by").order_by("-valid_from")
        return super().get_context_data(rules=rules, **kwargs)

    def carry_out(self, form):
        services.set_evidence_rule(**form.cleaned_data, by=self.request.user)
        messages.success(self.request, _("Saved. Takeovers of earlier days stay as they are."))
        return HttpResponseRedirect(reverse("modes:evidence"))
