"""月报: who has reported, one return with its steps, and the rules they go by."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.dates import month_end
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.uploads import Format, UploadRefused
from chaoyang_pm.kit.uploads.serving import file_response
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import ancestors
from communities.people.permissions import office_of
from compounds.files.services import store
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.returns import closing, selectors, services
from compounds.returns.choices import ReturnState, ReturnStepKind
from compounds.returns.deadlines import latest
from compounds.returns.forms import ExtendForm, ReasonForm, SealForm
from compounds.returns.models import Return
from compounds.returns.steps import PLACE, STEPS, offered


class Returns(PageMixin, TemplateView):
    """报送情况 of a month: per unit how many have reported, and who has not."""

    action = "returns.read"
    template_name = "compounds/returns/list.html"

    @cached_property
    def month(self):
        text = self.request.GET.get("month", "")
        return selectors.resolve_month(text) if text else selectors.current_month()

    @cached_property
    def division(self) -> Division:
        """The division asked for, else that of the reader's office."""
        code = self.request.GET.get("division", "") or office_of(self.request.user, "returns.read")
        seen = Division.objects.visible_to(self.request.user)
        return get_object_or_404(seen, code=code) if code else get_object_or_404(Division, level=Level.CITY)

    def trail(self):
        return ancestors(self.division)

    def get_context_data(self, **kwargs):
        units, total = selectors.completeness(self.month, self.division)
        own = [unit.own.division_id for unit in units if unit.own and not unit.own.is_in]
        contacts = selectors.contacts({*own, *(row.division_id for row in total.missing)})
        missing = [(row, contacts.get(row.division_id, [])) for row in total.missing]
        return super().get_context_data(
            month=self.month, months=selectors.months(), division=self.division, units=units, total=total,
            missing=missing, reminder=selectors.reminder(self.month, total.missing),
            **kwargs,
        )  # fmt: skip


class ReturnMixin(PageMixin):
    action = "returns.read"

    @cached_property
    def row(self) -> Return:
        rows = Return.objects.visible_to(self.request.user).select_related("division", "submitted_by", "accepted_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def subject(self):
        return self.row

    def trail(self):
        return ancestors(self.row.division)


class Detail(ReturnMixin, TemplateView):
    """One return: what it is made of, how far it is, and the steps that the reader may take."""

    template_name = "compounds/returns/detail.html"

    def get_context_data(self, **kwargs):
        row, user = self.row, self.request.user
        community = row.level == Level.COMMUNITY
        steps = offered(row, user)
        forms = {
            "seal": SealForm() if "seal" in steps else None,
            "reason": ReasonForm() if {"return", "reopen"} & set(steps) else None,
            "extend": ExtendForm(initial={"until": latest(row, user)}) if "extend" in steps else None,
        }
        compounds = Compound.objects.within(row.division_id).filter(status="active") if community else None
        reports = list(services.reports_of(row).select_related("compound")) if community else []
        return super().get_context_data(
            row=row, steps=steps, forms=forms | kwargs.pop("forms", {}), place=PLACE[Level(row.level)][row.state],
            reports=reports, compounds=compounds.count() if compounds is not None else 0,
            unchanged=self.unchanged(compounds, reports), open=None if community else selectors.still_open(row),
            history=row.steps.select_related("by"), scans=list(row.scans.select_related("uploaded_by")),
            as_of=month_end(row.month), lock=closing.lock(row) if row.state == ReturnState.ACCEPTED else "", **kwargs,
        )  # fmt: skip

    @staticmethod
    def unchanged(compounds, reports) -> int:
        """How many of a community's compounds nothing was reported about."""
        if compounds is None:
            return 0
        return compounds.exclude(pk__in={report.compound_id for report in reports if report.compound_id}).count()


class Act(ReturnMixin):
    """One step with a return; what is refused is said on its page, with what was entered."""

    http_method_names = ["post"]

    @property
    def action(self) -> str:
        return STEPS[ReturnStepKind(self.kwargs["step"])].action(self.row)

    def post(self, request, pk, step):
        try:
            said = getattr(self, f"do_{step}")()
        except (Refused, UploadRefused) as refused:
            messages.error(request, str(refused))
        except services.Settled as settled:
            messages.info(request, str(settled))
        else:
            if said:
                messages.success(request, said)
        return redirect("returns:detail", pk)

    def do_submit(self) -> str:
        row = services.submit(row=self.row, by=self.request.user)
        return _("Handed in: no change.") if row.no_change else _("Handed in, with what was reported this month.")

    def do_prepare(self) -> str:
        row = services.prepare(row=self.row, by=self.request.user)
        message = _("Made from the ledger, version %(height)s. Check and print it, then hand in the sealed copy.")
        return message % {"height": row.height}

    def do_seal(self) -> str:
        form = SealForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self.wrong(form)
        services.seal(row=self.row, by=self.request.user, **form.cleaned_data)
        return _("Handed in. The city accepts it next.")

    def do_accept(self) -> str:
        services.accept(row=self.row, by=self.request.user)
        return _("Accepted; the month is closed for this county.")

    def do_reopen(self) -> str:
        return self.with_reason(services.reopen, _("The month is open again; the county hands its return in anew."))

    def do_return(self) -> str:
        return self.with_reason(services.send_back, _("Returned, with what is to be put right."))

    def with_reason(self, service, said: str) -> str:
        form = ReasonForm(self.request.POST)
        if not form.is_valid():
            return self.wrong(form)
        service(row=self.row, by=self.request.user, **form.cleaned_data)
        return said

    def do_extend(self) -> str:
        form = ExtendForm(self.request.POST)
        if not form.is_valid():
            return self.wrong(form)
        row = services.extend(row=self.row, by=self.request.user, **form.cleaned_data)
        return _("Extended to %(date)s.") % {"date": row.due.isoformat()}

    def wrong(self, form) -> str:
        for name, errors in form.errors.items():
            messages.error(self.request, f"{form.fields[name].label}: {' '.join(map(str, errors))}")
        return ""


class Scan(ReturnMixin):
    """A sealed copy, for whoever sees the return."""

    def get(self, request, pk, scan):
        row = get_object_or_404(self.row.scans, pk=scan)
        return file_response(request, store().path(row.shown), kind=Format(row.shown_format), name=row.title)
