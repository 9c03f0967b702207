"""方案建议: a look at the proposal for a draft, and writing it there."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from chaoyang_pm.kit.problems import bad_form
from compounds.ledger.choices import Mode
from compounds.ledger.refusals import Refused
from oversight.plans import proposing
from oversight.plans.acts import Settled, Stale
from oversight.plans.checks import TENDER_DAYS
from oversight.plans.choices import PlanState
from oversight.plans.columns import when
from oversight.plans.proposal_forms import ANEW, GAPS, AdoptForm, HowForm
from oversight.plans.views import VersionMixin


class Propose(VersionMixin, TemplateView):
    """First the quarters, targets and pilots as they would be; confirmed, they are the draft's lines."""

    action = "plans.write"
    template_name = "oversight/plans/propose.html"

    def get(self, request, *args, **kwargs):
        form = HowForm(request.GET)
        if not form.is_valid():
            raise bad_form(form)
        how = form.cleaned_data["how"]
        context: dict = {"form": HowForm({"how": how})}
        if self.version.state == PlanState.DRAFT:
            try:
                context |= self._looked_at(how)
            except Refused as refused:
                context["refused"] = str(refused)
        return self.render_to_response(self.get_context_data(**context))

    def _looked_at(self, how: str) -> dict:
        found = proposing.propose(self.version, anew=how == ANEW)
        ways = [
            {"mode": Mode(mode).label, "why": why, "count": count, "area": area}
            for (mode, why), (count, area) in sorted(found.ways.items())
        ]  # fmt: skip
        pilots = [
            {
                "community": found.names[one.community], "compound": found.names[one.key],
                "by_committee": one.by_committee, "planned_for": when(found.proposal.placed[one.key], by_quarter=True),
            }
            for one in found.proposal.pilots
        ]  # fmt: skip
        rows = [(found.asked[one.task.code], one) for one in found.proposal.outcomes]
        return {
            "found": found, "targets": rows, "pilots": pilots, "ways": ways,
            "without": [found.names[code] for code in found.proposal.without],
            "tender_days": TENDER_DAYS,
            "agreed": AdoptForm(initial={"how": how, "seen": found.digest}),
        }  # fmt: skip

    def post(self, request, *args, **kwargs):
        form = AdoptForm(request.POST)
        if not form.is_valid():
            raise bad_form(form)
        how, seen = form.cleaned_data["how"], form.cleaned_data["seen"]
        try:
            found = proposing.adopt(version=self.version, anew=how == ANEW, seen=seen, by=request.user)
        except Stale:
            messages.warning(request, _("The plan or the ledger has changed since; this is the proposal as of now."))
            return redirect(f"{request.path}?how={ANEW if how == ANEW else GAPS}")
        except (Settled, Refused) as refused:
            messages.error(request, str(refused))
            return redirect(request.path)
        said = ngettext("%(number)s line is written.", "%(number)s lines are written.", found.changes)
        messages.success(request, said % {"number": found.changes})
        return redirect("plans:version", self.version.pk)
