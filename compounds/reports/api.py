"""``status-reports/``: reports by the same rules and with the same reasons as on the pages, for programs."""

import datetime
import hashlib
from typing import Any

from django.core.files import File
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import re_path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser

from chaoyang_pm.kit import uploads
from chaoyang_pm.kit.api import bodies
from chaoyang_pm.kit.api.formats import Table, flat
from chaoyang_pm.kit.api.parameters import DATE, Parameter, one_of, words
from chaoyang_pm.kit.api.problems import NotFound, problem
from chaoyang_pm.kit.api.views import FileEndpoint, ListEndpoint, ObjectEndpoint
from chaoyang_pm.kit.dates import resolve_date, start_of
from chaoyang_pm.kit.once import requests
from chaoyang_pm.kit.once.services import Done, kept_answer, once
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.problems import BadQuestion, Problem
from chaoyang_pm.kit.uploads import Format
from chaoyang_pm.kit.uploads.serving import file_response
from communities.divisions.asking import DIVISION, check_code
from compounds.approvals.api import UUID
from compounds.files.choices import AttachmentKind
from compounds.files.services import store
from compounds.register.models import Compound
from compounds.reports import evidence, rows, selectors, serializers, services
from compounds.reports.api_bodies import NEW, claim_from, subject_of
from compounds.reports.api_steps import STEPS, Counted, ReportPath
from compounds.reports.choices import ReportKind, ReportState, Step
from compounds.reports.models import Report, ReportStep
from compounds.reports.transitions import NotNow, require_step

_CLAIMED = (
    "id", "state", "kind", "compound.code", "compound.name", "community.code", "community.name", "name", "address",
    "effective_on", "precision", "date_basis", "category", "mode_from", "mode_to", "area_m2", "households", "whole",
    "provider_from", "provider_to", "basis_type", "basis_name", "document_no", "note", "late_reason", "reporter",
    "revision", "height", "entry_height", "instead_of", "written_at", "submitted_at", "waiting_since", "ended_at",
)  # fmt: skip


class Reports(Counted, ListEndpoint):
    """Reports of the communities within the reader's scope, the newest first; drafts of one's own office only."""

    action, write_action = "reports.read", "reports.write"
    summary, write_summary = "List reports 状态上报", "Begin a report 填写上报"
    result, example = serializers.ReportRow, serializers.LIST_EXAMPLE
    parameters = (
        DIVISION,
        Parameter("state", "Only in this state. 状态", "submitted", words(ReportState)),
        Parameter("kind", "Only of this kind. 上报事项", "takeover", words(ReportKind)),
        Parameter("compound", "Only about this compound. 小区编号", "211302001003001"),
        Parameter("since", "Only with a step on or after this day. 起始日期", "2014-05-01", DATE),
    )  # fmt: skip
    columns = (*_CLAIMED, "files")
    body, body_required = NEW, ("kind",)
    body_examples = serializers.BODY_EXAMPLES
    write_about = """A draft, which nobody above sees: nothing is checked yet but that each field can be meant.

    Photos and scans go to its `attachments/`, then it is handed in at its `submit/`. What is missing from the register
    (`missing`) names its community, everything else its compound. Blank areas and households mean all of the pocket.
    """
    posted = {201: (serializers.ReportDetail, serializers.DRAFT_EXAMPLE)}

    @cached_property
    def found(self) -> QuerySet[Report]:
        user, asked = self.request.user, self.asked
        reports = Report.objects.visible_to(user).order_by("-created_at", "pk")
        if within := check_code(asked["division"], user=user):
            reports = reports.filter(community__code__startswith=within)
        if state := one_of("state", asked["state"], ReportState.values):
            reports = reports.filter(state=state)
        if kind := one_of("kind", asked["kind"], ReportKind.values):
            reports = reports.filter(kind=kind)
        if code := asked["compound"]:
            compound = Compound.objects.visible_to(user).filter(code=code).first()
            if compound is None:
                raise NotFound("compound", code)
            reports = reports.filter(compound=compound)
        if asked["since"]:
            day = resolve_date(asked["since"], field="since")
            steps = ReportStep.objects.filter(report=OuterRef("pk"), at__gte=start_of(day))
            reports = reports.filter(Exists(steps))
        return reports

    def rows(self, after, limit):
        reports = self.found
        if after is not None:
            written, key = datetime.datetime.fromisoformat(after[0]), after[1]
            reports = reports.filter(Q(created_at__lt=written) | Q(created_at=written, pk__gt=key))
        return rows.listed(reports[:limit])

    def key(self, row):
        return [row["written_at"], row["id"]]

    def act(self, sent: dict[str, Any], key: str, digest: str) -> Done:
        user, owner = self.request.user, self.owner
        compound, community = subject_of(sent, user)
        require(user.may("reports.write", compound or community))
        own_key = hashlib.sha256(f"{key} {digest}".encode()).hexdigest()
        report = services.draft(
            kind=ReportKind(sent["kind"]), claim=claim_from(sent), by=owner, key=f"api:{own_key}", compound=compound,
            community=community, instead_of=self._instead_of(sent["instead_of"]),
        )  # fmt: skip
        return Done(201, rows.detailed(report))

    def _instead_of(self, pk: str | None) -> Report | None:
        if not pk:
            return None
        report = selectors.one(pk, user=self.request.user)
        if report is None:
            raise NotFound("instead_of", pk)
        return report


class OneReport(ReportPath, ObjectEndpoint):
    """One report with its files and every step that it took: from which state to which, who, when, which comments."""

    action = "reports.read"
    summary = "One report 状态上报"
    result, example = serializers.ReportDetail, serializers.APPROVED_EXAMPLE

    def data(self) -> dict[str, Any]:
        return rows.detailed(self.report)

    def table(self, data: dict[str, Any]) -> Table:
        """Its steps, a row each."""
        columns = ("step", "from", "to", "by", "at", "reason")
        comments = ["\n".join(f"{one['field']}: {one['text']}" for one in step["comments"]) for step in data["history"]]
        steps = [
            [*flat(step, columns), said] for step, said in zip(data["history"], comments, strict=True)
        ]  # fmt: skip
        return Table((*columns, "comments"), steps)


class ReportFiles(ReportPath, Counted, ListEndpoint):
    """Photos and scans that came with a report, as they are filed with its entry once that is posted."""

    action, write_action = "reports.read", "reports.write"
    summary, write_summary = "Photos and scans 佐证材料", "Add a photo or scan 上传佐证材料"
    result, example = serializers.ReportFileRow, serializers.FILES_EXAMPLE
    columns = ("id", "kind", "name", "format", "size", "sha256", "pages", "uploaded_at", "media_type", "url")
    write_about = """One photo or scan a request, as a form with the file in `file`; the same one is kept once.

    While the report is a draft or returned. All files of a report have at most 30 MB together (413); what is no picture
    and no PDF by its content is refused (415). A PDF or TIFF is a scan, whatever it was sent as.
    """
    parser_classes = [MultiPartParser]
    upload = "file"
    body = (
        bodies.Text("kind", "Photo (unless said) or scan.", "photo", words=tuple(AttachmentKind.values)),
    )  # fmt: skip
    posted = {201: (serializers.ReportFileRow, serializers.FILE_EXAMPLE)}

    def rows(self, after, limit):
        files = self.report.files.filter(pk__gt=after or 0)
        return [rows.file_row(self.report, file) for file in files[:limit]]

    def key(self, row):
        return row["id"]

    def post(self, request: Any, **kwargs: Any) -> HttpResponseBase:
        report = self.report
        file, kind = self._sent(request.data)
        key = requests.idempotency_key(request)
        digest = self.digest([uploads.sha256_of(file), kind])

        def keep() -> Done:
            if done := kept_answer(by=self.owner, key=key, digest=digest):
                return done
            require_step(Step.EDIT, report, request.user)
            # Not within the transaction of the key: decoding takes seconds, and the same file is kept once anyway.
            row = evidence.add(report=report, file=file, kind=kind, by=self.owner)
            return once(
                by=self.owner, key=key, digest=digest, act=lambda: Done(201, rows.file_row(report, row))
            )  # fmt: skip

        try:
            return requests.answered(request, key, keep)
        except NotNow as late:
            return problem(request._request, 409, str(late))
        except uploads.UploadRefused as refused:
            status = next((status for kind, status in _REFUSED.items() if isinstance(refused, kind)), 400)
            said = [Problem(self.upload, file.name or "", str(refused))]
            return problem(request._request, status, str(refused), errors=said)

    def _sent(self, data: Any) -> tuple[File, AttachmentKind]:
        """The one file of a form, and what it is to be kept as. Raises BadQuestion."""
        files = data.getlist(self.upload)
        fields = {name: data[name] for name in data if name != self.upload}
        if len(files) == 1 and isinstance(files[0], File):
            kind = bodies.read(fields, self.body)["kind"]
            return files[0], AttachmentKind(kind or AttachmentKind.PHOTO)
        message = _("Send one photo or scan a request, as a file of a form.") if files else _("This field is needed.")
        raise BadQuestion([Problem(self.upload, "", message)])


_REFUSED: dict[type[Exception], int] = {uploads.FileTooLarge: 413, uploads.NoSuchFormat: 415, uploads.StorageFull: 503}


class ReportFileContent(ReportPath, FileEndpoint):
    """A photo or scan itself: pictures written anew, without what a camera notes of place and device, PDFs as sent."""

    action = "reports.read"
    summary = "One photo or scan 佐证材料文件"
    media_types = (Format.JPEG.content_type, Format.PDF.content_type)
    path_parameters = ReportPath.path_parameters | {
        "file": {"description": "Its `id`.", "schema": {"type": "integer", "minimum": 1}, "example": 3}
    }

    def answer(self) -> HttpResponseBase:
        number = min(int(self.kwargs["file"]), 2**63 - 1)
        file = self.report.files.filter(pk=number).first()
        if file is None:
            raise Http404
        path = store().path(file.shown)
        return file_response(self.request._request, path, kind=Format(file.shown_format), name=file.title)


_ONE = rf"^status-reports/(?P<pk>{UUID})"
urlpatterns = [
    re_path(r"^status-reports/?$", Reports.as_view(), name="reports"),
    re_path(rf"{_ONE}/?$", OneReport.as_view(), name="report"),
    re_path(rf"{_ONE}/attachments/?$", ReportFiles.as_view(), name="report_files"),
    re_path(rf"{_ONE}/attachments/(?P<file>[0-9]{{1,19}})/?$", ReportFileContent.as_view(), name="report_file"),
    *(re_path(rf"{_ONE}/{name}/?$", view.as_view(), name=f"report_{name}") for name, view in STEPS.items()),
]
