"""方案: how far the counties are, one version with its lines, and the steps of the county."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.sheets.sending import send_xlsx
from chaoyang_pm.kit.uploads import Format, UploadRefused
from chaoyang_pm.kit.uploads.serving import file_response
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.permissions import office_of
from compounds.files.services import store
from compounds.ledger.refusals import Refused
from oversight.plans import book, checks, overview, remarks, selectors, services, totals
from oversight.plans.acts import Settled, Stale
from oversight.plans.choices import UNDECIDED, WITH_BUREAU, PlanState
from oversight.plans.forms import BeginForm, OpinionForm, ScanForm, SubmitForm
from oversight.plans.models import PlanVersion
from oversight.programme import selectors as programme_selectors
from oversight.programme.models import Programme


class ProgrammeMixin(PageMixin):
    """A page about plans for the programme in force."""

    action = "plans.read"

    @cached_property
    def programme(self) -> Programme:
        programme = programme_selectors.current()
        if programme is None:
            raise Http404
        return programme

    @cached_property
    def own_county(self) -> Division | None:
        """The county that the reader writes plans for; None at the bureau."""
        code = office_of(self.request.user, "plans.write")
        found = Division.objects.filter(code=code).first() if code else None
        return found if found and found.level == Level.COUNTY else None


class Plans(ProgrammeMixin, TemplateView):
    """各县方案: state, deadline and checks of every county, and the city's plan as their sum."""

    template_name = "oversight/plans/list.html"

    def get_context_data(self, **kwargs):
        rows = overview.rows(self.programme, self.request.user)
        return super().get_context_data(
            programme=self.programme, rows=rows, city=overview.city_plan(self.programme, rows),
            overdue=[row for row in rows if row.is_overdue], own=self.own_county,
            waiting=[row for row in rows if row.version and row.version.state in WITH_BUREAU], **kwargs,
        )  # fmt: skip


class CountyMixin(ProgrammeMixin):
    """A page about the plan of a county within the reader's scope."""

    @cached_property
    def county(self) -> Division:
        seen = Division.objects.visible_to(self.request.user).select_related("parent")
        return get_object_or_404(seen, code=self.kwargs["county"], level=Level.COUNTY)

    def subject(self):
        return self.county

    def trail(self):
        return [self.county.parent, self.county]


class Template(CountyMixin):
    """The workbook to fill in: a row for each compound of a county that holds unmanaged area."""

    def get(self, request, county):
        name = _("Plan template of %(county)s") % {"county": self.county}
        return send_xlsx(f"{name}.xlsx", lambda file: book.write_blank(file, self.programme, self.county))


class Begin(CountyMixin):
    """Opens the draft that the county writes on; an approved plan is amended with a reason."""

    action = "plans.write"
    http_method_names = ["post"]

    def post(self, request, county):
        form = BeginForm(request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        try:
            version = services.begin(programme=self.programme, county=self.county, by=request.user, reason=reason)
        except (Refused, Settled) as refused:
            messages.error(request, str(refused))
            return redirect("plans:list")
        return redirect("plans:sheet", version.pk)


class VersionMixin(PageMixin):
    """A page about one version that the reader sees."""

    action = "plans.read"

    @cached_property
    def version(self) -> PlanVersion:
        return get_object_or_404(selectors.listed(self.request.user), pk=self.kwargs["pk"])

    def subject(self):
        return self.version

    def trail(self):
        return [self.version.county.parent, self.version.county]

    def get_context_data(self, **kwargs):
        return super().get_context_data(version=self.version, **kwargs)


class Version(VersionMixin, ListPage):
    """One version: how far it is, what the checks say, its lines, its papers and what was done with it."""

    template_name = "oversight/plans/version.html"
    context_object_name = "lines"

    def get_queryset(self):
        return self.version.lines.select_related("compound", "community").order_by("number")

    def get_context_data(self, **kwargs):
        version, user = self.version, self.request.user
        writes, reviews = bool(user.may("plans.write", version)), bool(user.may("plans.review", version))
        others = list(selectors.versions_beside(version, user))
        newest = not any(one.number > version.number for one in others)
        with_bureau = version.state in WITH_BUREAU
        context = super().get_context_data(
            others=others, earlier=next((one for one in others if one.number < version.number), None),
            history=selectors.story(version), scans=list(version.scans.select_related("uploaded_by")),
            workbooks=list(version.workbooks.select_related("uploaded_by")), amounts=selectors.amounts(version),
            due_on=selectors.due_on(version.programme, version.county_id), writes=writes, reviews=reviews,
            is_draft=version.state == PlanState.DRAFT, is_with_bureau=with_bureau,
            goes_on=writes and newest and version.state in (PlanState.RETURNED, PlanState.APPROVED),
            begin=BeginForm() if version.state == PlanState.APPROVED else None,
            scan=ScanForm() if writes and with_bureau else None,
            opinion=OpinionForm() if reviews and with_bureau else None,
            place=PLACES.get(version.state, 0), totals=totals.against_lines(version), **kwargs,
        )  # fmt: skip
        lines = context["lines"]
        found = checks.check_lines(version, lines)[0] if version.state in UNDECIDED else checks.Checks()
        answered = remarks.answered(version, others)
        by_line = remarks.of_lines(version, lines, context["history"], answered, reviews=reviews)
        for line in lines:
            line.findings, line.said = found.of(line.number), by_line.get(line.number, [])
        return context | {"answers": answered if version.state == PlanState.DRAFT else None}


class Said(VersionMixin, TemplateView):
    """What the checks say of a plan: a page, a box that its page asks for, or only how much (``glance``)."""

    def get_template_names(self):
        if "HX-Request" not in self.request.headers:
            return ["oversight/plans/said.html"]
        return [f"oversight/plans/{'_glance' if self.request.GET.get('glance') else '_said'}.html"]

    def get_context_data(self, **kwargs):
        return super().get_context_data(said=checks.check(self.version), most=":20", **kwargs)


#: Where a version stands on its way of four steps.
PLACES = {
    PlanState.DRAFT: 1, PlanState.SUBMITTED: 3, PlanState.UNDER_REVIEW: 3, PlanState.RETURNED: 1,
    PlanState.APPROVED: 4, PlanState.SUPERSEDED: 4,
}  # fmt: skip


class Workbook(VersionMixin):
    """The lines of a version as the workbook that is read back."""

    def get(self, request, pk):
        version = self.version
        name = _("Plan of %(county)s, version %(number)s") % {"county": version.county, "number": version.number}
        return send_xlsx(f"{name}.xlsx", lambda file: book.write_version(file, version))


class Submit(VersionMixin, FormView):
    """报送: with the number and signatory of its paper, and a word on warnings."""

    action = "plans.write"
    template_name = "oversight/plans/submit.html"
    form_class = SubmitForm

    @cached_property
    def said(self):
        return checks.check(self.version)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"asks": bool(self.said.warnings)}

    def get_context_data(self, **kwargs):
        return super().get_context_data(said=self.said, **kwargs)

    def form_valid(self, form):
        data = form.cleaned_data
        try:
            with transaction.atomic():
                version = services.submit(
                    version=self.version, document_no=data["document_no"], signatory=data["signatory"],
                    words=data.get("words", ""), by=self.request.user,
                )  # fmt: skip
                if data["scan"]:
                    services.add_scan(version=version, file=data["scan"], by=self.request.user)
        except (Refused, UploadRefused) as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        except (Settled, Stale) as settled:
            messages.info(self.request, str(settled))
        else:
            messages.success(self.request, _("Submitted to the city bureau."))
        return redirect("plans:version", self.version.pk)


class AddScan(VersionMixin):
    """The sealed paper, where it comes after the submission."""

    action = "plans.write"
    http_method_names = ["post"]

    def post(self, request, pk):
        form = ScanForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                services.add_scan(version=self.version, file=form.cleaned_data["scan"], by=request.user)
            except (UploadRefused, Settled) as refused:
                messages.error(request, str(refused))
            else:
                messages.success(request, _("Filed."))
        else:
            messages.error(request, " ".join(map(str, form.errors["scan"])))
        return redirect("plans:version", pk)


class Scan(VersionMixin):
    """A sealed paper, for whoever sees the plan."""

    def get(self, request, pk, scan):
        row = get_object_or_404(self.version.scans, pk=scan)
        return file_response(request, store().path(row.shown), kind=Format(row.shown_format), name=row.title)
