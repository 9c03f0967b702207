from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.uploads import Format
from chaoyang_pm.kit.uploads.serving import file_response
from compounds.approvals import again, selectors, services
from compounds.approvals.choices import ProposalState
from compounds.approvals.forms import CommentForm, SecondPersonForm
from compounds.approvals.models import Proposal
from compounds.files.services import store
from compounds.ledger.refusals import Refused


class Proposals(ListPage):
    """待审: what waits for me first, then what else waits, then what was decided."""

    action = "approvals.read"
    template_name = "compounds/approvals/list.html"
    context_object_name = "proposals"

    def get_queryset(self):
        rows = Proposal.objects.visible_to(self.request.user).select_related(
            "compound", "run", "division", "proposed_by"
        )
        return rows if self.request.GET.get("all") else rows.filter(state=ProposalState.WAITING)

    def get_context_data(self, **kwargs):
        mine = set(selectors.waiting_for(self.request.user).values_list("pk", flat=True))
        return super().get_context_data(mine=mine, everything=bool(self.request.GET.get("all")), **kwargs)


class ProposalMixin(PageMixin):
    action = "approvals.read"

    @cached_property
    def proposal(self) -> Proposal:
        people = ("proposed_by", "reviewed_by", "approved_by", "closed_by")
        rows = Proposal.objects.visible_to(self.request.user).select_related(
            "compound", "run", "division", "follows", *people
        )  # fmt: skip
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def subject(self):
        return self.proposal


class Detail(ProposalMixin, TemplateView):
    """One proposal: what was entered, what it would post, who has agreed, whose turn it is."""

    template_name = "compounds/approvals/detail.html"

    def get_context_data(self, **kwargs):
        proposal = self.proposal
        taken_up = again.taken_up(proposal) if proposal.is_returned else None
        return super().get_context_data(
            proposal=proposal, taken_up=taken_up, form_page="" if taken_up else again.page(proposal),
            said=selectors.said(proposal), effects=selectors.effects(proposal),
            taken_back=selectors.entry_taken_back(proposal), scans=selectors.scans(proposal),
            lacks_scan=selectors.lacks_scan(proposal), since=selectors.of_compound(proposal),
            comment=kwargs.pop("comment", None) or CommentForm(), **kwargs,
        )  # fmt: skip


class Scan(ProposalMixin):
    """A scan of the basis, for those who decide and whoever entered it, as everybody will see it with the entry."""

    def get(self, request, pk, scan):
        row = get_object_or_404(selectors.scans(self.proposal), pk=scan)
        return file_response(request, store().path(row.shown), kind=Format(row.shown_format), name=row.title)


class Decide(ProposalMixin):
    """A decision: agreed by the second person, agreed by the city, returned, withdrawn."""

    #: The action that each decision asks the matrix for.
    ACTIONS = {
        "review": "approvals.review", "approve": "approvals.approve", "withdraw": "approvals.withdraw",
        "return": "approvals.read",  # the service asks for the step that is due
    }  # fmt: skip
    http_method_names = ["post"]

    @property
    def action(self) -> str:
        return self.ACTIONS[self.kwargs["decision"]]

    def post(self, request, pk, decision):
        try:
            self.carry_out(decision)
        except (Refused, services.Settled) as refused:
            messages.error(request, str(refused))
        return redirect("approvals:detail", pk)

    def carry_out(self, decision: str) -> None:
        request, proposal = self.request, self.proposal
        if decision == "withdraw":
            services.withdraw(proposal=proposal, by=request.user)
            messages.success(request, _("Withdrawn; nothing was recorded."))
        elif decision == "return":
            form = CommentForm(request.POST)
            if not form.is_valid():
                messages.error(request, _("Say what is to be put right, then return it."))
                return
            services.send_back(proposal=proposal, comment=form.cleaned_data["comment"], by=request.user)
            messages.success(request, _("Returned to %(person)s.") % {"person": proposal.proposed_by})
        else:
            step = services.review if decision == "review" else services.approve
            self.say(step(proposal=proposal, by=request.user))

    def say(self, decided: services.Decision) -> None:
        if decided.entries:
            message = _("Agreed and recorded, up to version %(height)s.")
            messages.success(self.request, message % {"height": decided.entries[-1].height})
        elif decided.started:
            messages.success(self.request, _("Agreed; the workbook is being posted."))
        else:
            messages.success(self.request, _("Agreed; it now waits for the city."))


class SecondPersons(PageMixin, FormView):
    """经办、复核分开: of which counties the city asks it."""

    action = "approvals.require"
    template_name = "compounds/approvals/second_persons.html"
    form_class = SecondPersonForm
    success_url = reverse_lazy("approvals:second_persons")

    def get_context_data(self, **kwargs):
        return super().get_context_data(counties=selectors.second_persons(), **kwargs)

    def form_valid(self, form):
        services.require_second_person(**form.cleaned_data, by=self.request.user)
        messages.success(self.request, _("Saved."))
        return super().form_valid(form)
