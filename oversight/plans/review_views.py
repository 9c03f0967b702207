"""审核 of a plan: line by line, two versions side by side, the decision, and the opinion as a document."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from chaoyang_pm.kit.pages import ListPage
from chaoyang_pm.kit.sheets.sending import send_bytes
from compounds.ledger.refusals import Refused
from oversight.plans import checks, comparing, opinion, remarks, selectors, services
from oversight.plans.acts import Remark, Settled
from oversight.plans.choices import WITH_BUREAU, PlanState
from oversight.plans.forms import OpinionForm
from oversight.plans.models import PlanVersion
from oversight.plans.views import VersionMixin

#: Which lines are shown: all, those with findings, those without a remark.
SHOWN = {
    "": gettext_lazy("All lines"), "findings": gettext_lazy("With findings"),
    "open": gettext_lazy("Without a remark"),
}  # fmt: skip


class Review(VersionMixin, ListPage):
    """逐条审核: what is wrong with each line, agreed or to be put right; nothing goes to the county yet."""

    action = "plans.review"
    template_name = "oversight/plans/review.html"
    context_object_name = "lines"

    @cached_property
    def own(self):
        return remarks.own(self.version)

    @property
    def shown(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in SHOWN else ""

    def get_queryset(self):
        lines = self.version.lines.select_related("compound", "community").order_by("number")
        if self.shown == "findings":
            said = checks.check(self.version)
            numbers = {one.line for one in [*said.errors, *said.warnings] if one.line is not None}
            lines = lines.filter(number__in=numbers)
        elif self.shown == "open":
            lines = lines.exclude(number__in=list(self.own))
        return lines

    def get(self, request, *args, **kwargs):
        if self.version.state not in WITH_BUREAU:
            return redirect("plans:version", self.version.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(
            shown=self.shown, choices=SHOWN.items(), opinion=OpinionForm(),
            agreed=sum(one.is_agreed for one in self.own.values()),
            asked=[one for one in self.own.values() if not one.is_agreed], **kwargs,
        )  # fmt: skip
        before = remarks.agreed_before(self.version, context["lines"])
        found, _judged = checks.check_lines(self.version, context["lines"])
        for line in context["lines"]:
            line.findings, line.remark = found.of(line.number), self.own.get(line.number)
            line.agreed_in = before.get(line.number)
        return context

    def post(self, request, pk):
        """The remarks of the lines on the page: ``line`` names them, ``agreed-N`` and ``text-N`` say what."""
        numbers = [int(text) for text in request.POST.getlist("line") if text.isdigit() and len(text) < 9]
        said = [
            Remark(number, f"agreed-{number}" in request.POST, request.POST.get(f"text-{number}", "")[:500])
            for number in numbers[: self.paginate_by]
        ]  # fmt: skip
        back = request.POST.get("next", "")
        try:
            services.remark(version=self.version, remarks=said, by=request.user)
        except (Refused, Settled) as refused:
            messages.error(request, str(refused))
            return redirect("plans:version", pk)
        messages.success(request, _("Your remarks are kept; the county sees them when you return the plan."))
        page = f"?page={back}" if back.isdigit() else ""
        return redirect(reverse("plans:review", args=[pk]) + page)


class Decide(VersionMixin):
    """退回 or 批准, with the opinion on the whole."""

    action = "plans.review"
    http_method_names = ["post"]

    def post(self, request, pk, decision):
        form = OpinionForm(request.POST)
        service, done = {
            "return": (services.send_back, _("Returned to the county with your remarks.")),
            "approve": (services.approve, _("Approved. From now on the plan is held against what happens.")),
        }[decision]
        if not form.is_valid():
            messages.error(request, " ".join(map(str, form.errors["opinion"])))
            return redirect("plans:review", pk)
        try:
            service(version=self.version, by=request.user, opinion=form.cleaned_data["opinion"])
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("plans:review", pk)
        except Settled as settled:
            messages.info(request, str(settled))
        else:
            messages.success(request, done)
        return redirect("plans:version", pk)


class Compare(VersionMixin, TemplateView):
    """Two versions of a county's plan: lines added, removed, moved in time, changed otherwise."""

    template_name = "oversight/plans/compare.html"

    @cached_property
    def other(self) -> PlanVersion:
        same = selectors.listed(self.request.user).filter(county=self.version.county, programme=self.version.programme)
        return get_object_or_404(same, pk=self.kwargs["other"])

    def get_context_data(self, **kwargs):
        found = comparing.compare(self.other, self.version)
        return super().get_context_data(**kwargs) | {"other": self.other, "found": found}


class Opinion(VersionMixin):
    """审核意见 of a version that is decided, as a Word document."""

    def get(self, request, pk):
        version = self.version
        if version.state not in (PlanState.RETURNED, PlanState.APPROVED, PlanState.SUPERSEDED):
            raise Http404
        name = _("Opinion on the plan of %(county)s, version %(number)s")
        name %= {"county": version.county, "number": version.number}
        return send_bytes(f"{name}.docx", opinion.document(version))
