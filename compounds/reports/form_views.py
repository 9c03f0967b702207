"""Writing a report: one form for all kinds, sent as it is or piece by piece by a script, with the effect of once."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.uploads import Format, UploadRefused
from chaoyang_pm.kit.uploads.serving import file_response
from communities.divisions.models import Division
from communities.divisions.selectors import ancestors
from compounds.files.forms import DIGITS, LEAVE_OUT
from compounds.files.services import store
from compounds.ledger import selectors as ledger
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.register.pages import AboutCompound
from compounds.reports import evidence, offers, selectors, services
from compounds.reports.choices import WITH_AUTHOR, Step
from compounds.reports.claims import settled
from compounds.reports.forms import ReportForm
from compounds.reports.models import Report, ReportFile
from compounds.reports.offers import DATE_BASES, Ledgered, Offer
from compounds.reports.services import Stale
from compounds.reports.transitions import may_take
from compounds.reports.views import AboutReport, communities


class FormPage(PageMixin, TemplateView):
    """The form. What was typed and taken is a draft on the server before anything is refused."""

    action = "reports.write"
    template_name = "compounds/reports/form.html"
    offer: Offer
    compound: Compound | None = None
    community: Division
    #: What the form goes on with: the report that it made before, or the one that is edited.
    report: Report | None = None

    @property
    def user(self) -> Any:
        """The person; log-in is required."""
        return self.request.user

    def trail(self):
        return ancestors(self.community)

    @cached_property
    def ledgered(self) -> Ledgered | None:
        return Ledgered(self.compound) if self.compound else None

    def form(self, *sent) -> ReportForm:
        return ReportForm(*sent, offer=self.offer, ledgered=self.ledgered, initial=self.initial())

    def initial(self) -> dict[str, Any]:
        if self.report:
            return ReportForm.initial_of(self.report, self.ledgered)
        values = ReportForm.first_initial(self.offer, self.ledgered, self.provider)
        if self.request.method == "GET" and (old := self.instead_of):
            values |= {"instead_of": old.pk, "effective_on": old.effective_on or values.get("effective_on")}
        return values

    @cached_property
    def instead_of(self) -> Report | None:
        """The report that this one is to take the place of; 404 where that cannot be."""
        if self.report:
            return self.report.instead_of
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        return self.replaced(sent.get("instead_of", ""))

    def replaced(self, key: str) -> Report | None:
        if not key:
            return None
        report = selectors.one(key, user=self.user)
        if report and report.community_id == self.community.code and may_take(Step.SUPERSEDE, report, self.user):
            return report
        raise Http404

    @property
    def provider(self) -> str:
        if self.compound is None:
            return ""
        height = ledger.newest().height
        return ledger.provider(self.compound, user=self.user, as_of=business_date(), height=height)

    def page(self, form: ReportForm, **context) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, **context))

    def get_context_data(self, **kwargs):
        report, form = self.report, kwargs["form"]
        said = self.comments(form)
        return super().get_context_data(
            offer=self.offer, compound=self.compound, community=self.community, report=report,
            instead_of=self.instead_of,
            groups=[[(bound, said.get(bound.name, [])) for bound in group] for group in form.groups()],
            said=said.get("", []), said_about_photos=said.get("photos", []), left_out=self.left_out,
            files=report.files.all() if report else [], providers=selectors.providers_near(self.community.code),
            date_bases=DATE_BASES, most_files=evidence.MOST_FILES, **kwargs,
        )  # fmt: skip

    def comments(self, form: ReportForm) -> dict[str, list[str]]:
        """What was said when it was returned, by the field at which it stands ("" for the form as a whole)."""
        found: dict[str, list[str]] = {}
        for name, text in selectors.latest_comments(self.report) if self.report else []:
            found.setdefault(form.place(name) or "", []).append(text)
        return found

    def get(self, request, *args, **kwargs):
        return self.page(self.form())

    # --- sending it ------------------------------------------------------------------------------------
    @property
    def step(self) -> str:
        return self.request.POST.get("step", "")

    @property
    def is_script(self) -> bool:
        return self.request.headers.get("Accept") == "application/json"

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST, request.FILES)
        form.is_valid()
        self.find(form)
        if self.report and self.report.state not in WITH_AUTHOR:
            messages.info(request, _("This had been sent already; nothing was sent twice."))
            return self.away(self.report)
        if self.step == "edit" or "key" in form.errors or "revision" in form.errors:
            return self.page(form)
        try:
            self.report = report = self.keep(form)
        except Stale:
            assert self.report is not None  # noqa: S101 — only what exists was changed
            self.take_files(form, self.report)
            return self.page(self.anew(form), stale=True)
        except Refused as refused:
            form.show(refused)
            return self.page(form)
        self.take_files(form, report)
        if self.step == "keep":
            return JsonResponse({"files": reverse("reports:upload", args=[report.pk])})
        if form.errors:
            return self.page(form)
        if self.step == "send":
            try:
                services.submit(report=report, by=request.user)
            except Refused as refused:
                form.show(refused)
                return self.page(self.anew(form))
            messages.success(request, _("Sent. It is on its way."))
        else:
            messages.success(request, _("Kept as a draft; nothing has been sent yet."))
        return self.away(report)

    def find(self, form: ReportForm) -> None:
        """The report that this form made before, if it is sent again."""
        if self.report is None and (key := form.cleaned_data.get("key")):
            self.report = Report.objects.filter(created_by=self.user, key=str(key)).first()

    def keep(self, form: ReportForm) -> Report:
        """Make or change the draft; a field with an error is left blank in it. Raises Refused, Stale."""
        claim, by = form.claim(), self.user
        if self.report is None:
            return services.draft(
                kind=self.offer.kind, claim=claim, by=by, key=str(form.cleaned_data["key"]), compound=self.compound,
                community=self.community, instead_of=self.instead_of,
            )  # fmt: skip
        report, now = self.report, settled(self.offer.kind, claim, self.compound)
        if report.kind == self.offer.kind and all(getattr(report, name) == value for name, value in now.items()):
            return report
        # What one has sent oneself since, piece by piece or from another page, is not somebody else's change.
        since = selectors.steps_since(report, form.cleaned_data["revision"])
        if any(step.by_id != by.pk or step.step != Step.EDIT for step in since):
            raise Stale
        return services.edit(report=report, claim=claim, by=by, revision=report.revision, kind=self.offer.kind)

    @property
    def left_out(self) -> list[int]:
        """Photos that are to be taken out again."""
        return [int(one) for one in self.request.POST.getlist(LEAVE_OUT) if DIGITS.fullmatch(one)][:50]

    def anew(self, form: ReportForm) -> ReportForm:
        """The form as it was filled in, for the report as it stands now."""
        assert self.report is not None  # noqa: S101 — it was found or kept before
        data: Any = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data["revision"] = str(self.report.revision)
        form.data = data
        return form

    def take_files(self, form: ReportForm, report: Report) -> None:
        """Each photo by itself: one bad one does not send the others back."""
        for file in report.files.filter(pk__in=self.left_out):
            evidence.remove(file=file, by=self.user)
        for photo in form.chosen():
            try:
                evidence.add(report=report, file=photo, by=self.user)
            except UploadRefused as refused:
                form.add_error("photos", str(refused))

    def away(self, report: Report) -> HttpResponse:
        """On to the report's page; a script is told where that is."""
        if self.is_script:
            return JsonResponse({"address": reverse("reports:detail", args=[report.pk])})
        return redirect("reports:detail", report.pk)


class New(AboutCompound, FormPage):  # type: ignore[misc]  # the compound is looked up once
    """A report about a compound of the register."""

    @cached_property
    def community(self) -> Division:  # type: ignore[override]  # follows from the compound
        return self.compound.community

    @cached_property
    def offer(self) -> Offer:  # type: ignore[override]  # named by the address
        offer = offers.BY_NAME.get(self.kwargs["what"])
        if offer not in offers.OFFERS:
            raise Http404
        return offer


class Missing(FormPage):
    """台账中没有的小区: a compound that the register does not have."""

    offer = offers.MISSING

    @cached_property
    def community(self) -> Division:  # type: ignore[override]  # named by the address
        return get_object_or_404(communities(self.user), code=self.kwargs["code"])

    def subject(self):
        return self.community


class Edit(AboutReport, FormPage):  # type: ignore[misc]  # the report is looked up once
    """A draft, or what was returned, with what is to be put right beside its field."""

    action = "reports.write"

    @cached_property
    def compound(self) -> Compound | None:  # type: ignore[override]  # follows from the report
        return self.report.compound

    @cached_property
    def community(self) -> Division:  # type: ignore[override]  # follows from the report
        return self.report.community

    @cached_property
    def offer(self) -> Offer:  # type: ignore[override]  # follows from the report
        return offers.of_kind(self.report.kind)

    def get(self, request, *args, **kwargs):
        if decision := may_take(Step.EDIT, self.report, request.user):
            return super().get(request, *args, **kwargs)
        messages.info(request, decision.reason)
        return redirect("reports:detail", self.report.pk)


class Upload(AboutReport):
    """One photo for a draft: what a script sends one by one over a bad line, again if it was cut."""

    action = "reports.write"
    http_method_names = ["post"]

    def post(self, request, pk):
        file = request.FILES.get("file")
        if file is None:
            return JsonResponse({"error": _("Choose at least one file.")}, status=400)
        if failure := getattr(file, "failure", ""):
            return JsonResponse({"error": failure}, status=507)
        try:
            kept = evidence.add(report=self.report, file=file, by=request.user)
        except UploadRefused as refused:
            return JsonResponse({"error": str(refused)}, status=400)
        return JsonResponse({"id": kept.pk}, status=201)


class FileOf(AboutReport):
    """A photo or scan of a report, written anew."""

    @cached_property
    def file(self) -> ReportFile:
        return get_object_or_404(self.report.files, pk=self.kwargs["file"])


class Shown(FileOf):
    def get(self, request, pk, file):
        row = self.file
        return file_response(request, store().path(row.shown), kind=Format(row.shown_format), name=row.title)


class Preview(FileOf):
    def get(self, request, pk, file):
        row = self.file
        if not row.preview:
            raise Http404
        return file_response(request, store().path(row.preview), kind=Format.JPEG, name=row.title)
