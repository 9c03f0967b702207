"""``plans/``: plans of counties, handed in as workbooks, checked, submitted, returned and approved."""

from typing import Any

from django.core.files import File
from django.http.response import HttpResponseBase
from django.urls import re_path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser

from chaoyang_pm.kit.api import bodies, formats
from chaoyang_pm.kit.api.formats import Table, flat
from chaoyang_pm.kit.api.parameters import Parameter, one_of, words
from chaoyang_pm.kit.api.parsers import ExactJsonBody
from chaoyang_pm.kit.api.problems import NotFound, problem
from chaoyang_pm.kit.api.views import Endpoint, ListEndpoint, ObjectEndpoint
from chaoyang_pm.kit.problems import BadQuestion, Problem
from chaoyang_pm.kit.sheets.errors import SheetError
from communities.divisions.asking import named
from communities.divisions.choices import Level
from communities.people.models import User
from compounds.ledger.refusals import Refused
from oversight.plans import checks, comparing, presenters, selectors, serializers, services
from oversight.plans.acts import Comment, Settled, Stale
from oversight.plans.api_bodies import (
    APPROVE_EXAMPLES,
    COMMENTS,
    COUNTY,
    OPINION,
    PAPER,
    REASON,
    RETURN_EXAMPLES,
    SUBMIT_EXAMPLES,
)
from oversight.plans.choices import PlanState
from oversight.plans.handing_in import hand_in
from oversight.plans.models import PlanVersion
from oversight.programme import selectors as programme_selectors


class Written(Endpoint):
    """What is refused is named at its field; a version that is not at the step any more is 409."""

    @property
    def owner(self) -> User:
        """Who acts is the owner of the token; how far it reaches is judged by the user that it makes of him."""
        return getattr(self.request.auth, "user", self.request.user)

    def post(self, request: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return self.write(request)
        except (Settled, Stale) as late:
            return problem(request._request, 409, str(late))
        except Refused as refused:
            errors = [Problem(one.field, str(one.value), one.message) for one in refused.problems]
            return problem(request._request, 422, str(refused), errors=errors)

    def write(self, request: Any) -> HttpResponseBase:
        raise NotImplementedError  # an endpoint declares it


class Plans(Written, ListEndpoint):
    """Versions of plans, newest first; drafts are seen by the county that writes them."""

    action, write_action = "plans.read", "plans.write"
    summary, write_summary = "Plans of counties 县级方案", "Hand in a plan 上传县级方案"
    result, example = serializers.PlanRow, serializers.LIST_EXAMPLE
    parameters = (
        Parameter("county", "Only of this county. 县级区划", "211302"),
        Parameter("state", "How far they are. 状态", "submitted", words(PlanState)),
    )
    columns = (
        "id", "county.code", "county.name", "version", "state", "revision", "late", "submitted_on", "document_no",
        "signatory", "reason", "opinion", "url",
    )  # fmt: skip
    write_about = """A workbook of lines as the county's draft, in place of the one there is, with what the checks say.

    After a return it opens the next version; an approved plan is amended with a `reason`. Rows become lines,
    numbered as in the workbook; what cannot be read stays blank there and stands in `checks` with its reason.
    A summary by place, which counts compounds, becomes the draft's `totals`, to be broken down; its lines stay.
    """
    parser_classes = [MultiPartParser]
    upload = "file"
    body, body_required = (COUNTY, REASON), ("county",)
    posted = {201: (serializers.PlanDetail, serializers.DRAFT_EXAMPLE)}

    def rows(self, after, limit):
        found = selectors.listed(self.request.user).order_by("-pk")
        if county := named(self.asked["county"], user=self.request.user, field="county"):
            found = found.filter(county=county)
        if state := one_of("state", self.asked["state"], PlanState.values):
            found = found.filter(state=state)
        if after is not None:
            found = found.filter(pk__lt=after)
        return [presenters.row(version) for version in found[:limit]]

    def key(self, row):
        return row["id"]

    def write(self, request):
        data = request.data
        sent = bodies.read({name: data[name] for name in data if name != self.upload}, self.body, required=("county",))
        county = named(sent["county"], user=request.user, field="county")
        if county is None or county.level != Level.COUNTY:
            raise NotFound("county", sent["county"])
        files = data.getlist(self.upload)
        if len(files) != 1 or not isinstance(files[0], File):
            message = _("Send one workbook, as a file of a form.") if files else _("This field is needed.")
            raise BadQuestion([Problem(self.upload, "", message)])
        programme = programme_selectors.current()
        if programme is None:
            raise BadQuestion([Problem("county", county.code, _("There is no programme to plan for."))])
        try:
            done = hand_in(
                programme=programme, county=county, content=files[0].read(), filename=files[0].name or "",
                by=self.owner, reason=sent["reason"] or "",
            )  # fmt: skip
        except SheetError as unreadable:
            said = [Problem(self.upload, files[0].name or "", str(unreadable))]
            return problem(request._request, 422, str(unreadable), errors=said)
        return formats.as_json(presenters.detailed(done.version, done.checks), status=201)


class PlanPath(Endpoint):
    """An address below one version."""

    path_parameters = {
        "pk": {"description": "Its `id`. 方案编号", "schema": {"type": "integer", "minimum": 1}, "example": 12}
    }

    @cached_property
    def version(self) -> PlanVersion:
        return self.found(self.kwargs["pk"])

    def found(self, number: str) -> PlanVersion:
        """The version of a number that the reader sees; NotFound for any other."""
        rows = selectors.listed(self.request.user)
        version = rows.filter(pk=int(number)).first() if len(number) <= 18 else None
        if version is None:
            raise NotFound("id", number)
        return version


class OnePlan(PlanPath, ObjectEndpoint):
    """One version with what the checks say today, and every step with its comments."""

    action = "plans.read"
    summary = "One plan 县级方案"
    result, example = serializers.PlanDetail, serializers.DETAIL_EXAMPLE

    def data(self):
        return presenters.detailed(self.version, checks.check(self.version))

    def table(self, data):
        columns = ("step", "from", "to", "by", "at")
        return Table(columns, [flat(step, columns) for step in data["history"]])


class PlanLines(PlanPath, ListEndpoint):
    """The lines of a version, by their numbers."""

    action = "plans.read"
    summary = "Lines of a plan 方案明细"
    result, example = serializers.PlanLineRow, serializers.LINES_EXAMPLE
    columns = (
        "line", "compound.code", "compound.name", "community.code", "community.name", "name", "category", "mode",
        "planned_for", "due_on", "area_m2", "households", "leader", "person", "unit", "pilot", "note",
    )  # fmt: skip

    def rows(self, after, limit):
        lines = self.version.lines.select_related("compound", "community").order_by("number")
        return [presenters.line(one) for one in lines.filter(number__gt=after or 0)[:limit]]

    def key(self, row):
        return row["line"]


class Compare(PlanPath, ObjectEndpoint):
    """What a version has that an earlier one has not: lines added, removed, moved in time, changed otherwise."""

    action = "plans.read"
    summary = "Compare two versions 版本比较"
    result, example = serializers.PlanComparison, serializers.COMPARISON_EXAMPLE
    formats = (formats.JSON,)
    path_parameters = PlanPath.path_parameters | {
        "other": {
            "description": "`id` of the version it is compared with. 对比版本",
            "schema": {"type": "integer", "minimum": 1},
            "example": 9,
        },
    }  # fmt: skip

    def data(self):
        return presenters.compared(comparing.compare(self.found(self.kwargs["other"]), self.version))


class PlanStepEndpoint(PlanPath, Written):
    """One step of a version."""

    http_method_names = ["post", "options"]
    parser_classes: list[Any] = [ExactJsonBody]
    body: tuple[bodies.Field, ...]
    body_required: tuple[str, ...] = ()
    body_examples: dict[str, Any]

    def write(self, request):
        version = self.version
        sent = bodies.read(request.data, self.body, required=self.body_required)
        version = self.take(version, sent)
        return formats.as_json(presenters.detailed(version, checks.check(version)))

    def take(self, version: PlanVersion, sent: dict[str, Any]) -> PlanVersion:
        raise NotImplementedError  # each step declares it


class SubmitPlan(PlanStepEndpoint):
    """Submits a draft with the number and signatory of its paper. Errors of the checks block it (422)."""

    write_action, write_summary = "plans.write", "Submit a plan 报送方案"
    body, body_required = PAPER, ("document_no", "signatory")
    body_examples = SUBMIT_EXAMPLES
    posted = {200: (serializers.PlanDetail, serializers.DETAIL_EXAMPLE)}

    def take(self, version, sent):
        return services.submit(
            version=version, document_no=sent["document_no"], signatory=sent["signatory"], words=sent["words"] or "",
            by=self.owner,
        )  # fmt: skip


class ReturnPlan(PlanStepEndpoint):
    """Returns a plan with comments on its lines; the county goes on in the next version."""

    write_action, write_summary = "plans.review", "Return a plan 退回方案"
    body = (COMMENTS, OPINION)
    body_examples = RETURN_EXAMPLES
    posted = {200: (serializers.PlanDetail, serializers.RETURNED_EXAMPLE)}

    def take(self, version, sent):
        comments = [Comment(one["line"], one["text"]) for one in sent["comments"] or ()]
        return services.send_back(version=version, comments=comments, opinion=sent["opinion"] or "", by=self.owner)


class ApprovePlan(PlanStepEndpoint):
    """Approves a plan: from now on it is held against what happens, in place of an earlier one."""

    write_action, write_summary = "plans.review", "Approve a plan 批准方案"
    body = (OPINION,)
    body_examples = APPROVE_EXAMPLES
    posted = {200: (serializers.PlanDetail, serializers.APPROVED_EXAMPLE)}

    def take(self, version, sent):
        return services.approve(version=version, opinion=sent["opinion"] or "", by=self.owner)


_ONE = r"^plans/(?P<pk>[0-9]+)"
urlpatterns = [
    re_path(r"^plans/?$", Plans.as_view(), name="plans"),
    re_path(rf"{_ONE}/?$", OnePlan.as_view(), name="plan"),
    re_path(rf"{_ONE}/lines/?$", PlanLines.as_view(), name="plan_lines"),
    re_path(rf"{_ONE}/compare/(?P<other>[0-9]+)/?$", Compare.as_view(), name="plan_compare"),
    re_path(rf"{_ONE}/submit/?$", SubmitPlan.as_view(), name="plan_submit"),
    re_path(rf"{_ONE}/return/?$", ReturnPlan.as_view(), name="plan_return"),
    re_path(rf"{_ONE}/approve/?$", ApprovePlan.as_view(), name="plan_approve"),
]
