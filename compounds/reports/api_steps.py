"""The steps of a report as addresses of the API, and what they share with everything that is sent to this room."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property

from chaoyang_pm.kit.api import bodies
from chaoyang_pm.kit.api.bodies import Field
from chaoyang_pm.kit.api.parsers import ExactJsonBody
from chaoyang_pm.kit.api.problems import problem
from chaoyang_pm.kit.api.views import Endpoint
from chaoyang_pm.kit.once import requests
from chaoyang_pm.kit.once.services import Done, digest_of, once
from chaoyang_pm.kit.permissions import Decision
from chaoyang_pm.kit.problems import Problem
from communities.people.models import User
from compounds.approvals.api import proposal_row, refusal
from compounds.ledger.refusals import Refused
from compounds.reports import serializers, services
from compounds.reports.api_bodies import COMMENTS, EDITED, REASON, REVISION, claim_from, comments_from, problems_of
from compounds.reports.choices import ReportKind, Step
from compounds.reports.models import Report
from compounds.reports.rows import detailed
from compounds.reports.transitions import NotNow, require_step


class Counted(Endpoint):
    """Takes POSTs that count once: by their key, their address and what they say."""

    write_headers = requests.HEADERS
    parser_classes: list[Any] = [ExactJsonBody]
    body: tuple[Field, ...]
    body_required: tuple[str, ...] = ()

    @property
    def report(self) -> Report | None:
        """The one that the address is about; NotFound where it lies outside of the scope."""
        return None

    @property
    def owner(self) -> User:
        """Who acts is the owner of the token; how far the token reaches is judged by the user that it makes of him."""
        return getattr(self.request.auth, "user", self.request.user)

    def post(self, request: Any, **kwargs: Any) -> HttpResponseBase:
        report = self.report  # first of all: what lies outside of the scope is unknown, whatever is sent to it
        sent = bodies.read(request.data, self.body, required=self.body_required)
        key = requests.idempotency_key(request)
        digest = self.digest({name: value for name, value in sent.items() if value is not None})
        try:
            return requests.answered(
                request, key,
                lambda: once(by=self.owner, key=key, digest=digest, act=lambda: self.act(sent, key, digest)),
            )  # fmt: skip
        except services.Stale as stale:
            errors = [Problem(REVISION.name, str(sent[REVISION.name]), str(stale))]
            return problem(request._request, 409, str(stale), errors=errors)
        except NotNow as late:
            return problem(request._request, 409, str(late))
        except services.Waiting as waiting:
            return problem(request._request, 409, str(waiting))
        except Refused as refused:
            return refusal(request._request, refused, problems_of(refused, report, self.body))

    def digest(self, sent: Any) -> str:
        return digest_of([self.request.path.rstrip("/"), sent])

    def act(self, sent: dict[str, Any], key: str, digest: str) -> Done:
        raise NotImplementedError  # an endpoint declares it


class ReportPath(Endpoint):
    """An address below one report."""

    path_parameters = {
        "pk": {
            "description": "From the answer to its POST, or from the list. 上报编号",
            "schema": {"type": "string", "format": "uuid"}, "example": serializers.DRAFT_EXAMPLE["id"],
        }
    }  # fmt: skip

    @cached_property
    def report(self) -> Report:
        return self.find()

    def find(self) -> Report:
        """The report as it stands now."""
        known = Report.objects.visible_to(self.request.user).select_related("community", "compound", "created_by")
        report = known.filter(pk=self.kwargs["pk"]).first()
        if report is None:
            raise Http404
        return report


class StepEndpoint(ReportPath, Counted):
    """One step of a report."""

    http_method_names = ["post", "options"]
    step: Step
    body: tuple[Field, ...] = (REVISION, REASON)
    body_examples: dict[str, Any]

    def act(self, sent: dict[str, Any], key: str, digest: str) -> Done:
        require_step(self.step, self.report, self.request.user)
        return self.take(sent) or Done(200, detailed(self.find()))

    def take(self, sent: dict[str, Any]) -> Done | None:
        """Take the step; the answer, where it is not the report as it then is."""
        raise NotImplementedError  # each step declares it

    def given(self, sent: dict[str, Any]) -> dict[str, Any]:
        """What every service of a step is told."""
        words = {"reason": sent["reason"] or ""} if "reason" in sent else {}
        return {"report": self.report, "by": self.owner, "revision": sent["revision"]} | words


class EditReport(StepEndpoint):
    """Writes a draft or a returned report anew: what is left out is blank afterwards, as in a new report."""

    step, write_action, write_summary = Step.EDIT, "reports.write", "Correct a report 补正上报"
    body, body_required = EDITED, ("kind", "revision")
    body_examples = serializers.EDIT_EXAMPLES
    posted = {200: (serializers.ReportDetail, serializers.DRAFT_EXAMPLE)}

    def take(self, sent):
        services.edit(**self.given(sent), claim=claim_from(sent), kind=ReportKind(sent["kind"]))


class SubmitReport(StepEndpoint):
    """Hands a draft or a returned report in. What the ledger could not take today is refused; the draft stays."""

    step, write_action, write_summary = Step.SUBMIT, "reports.write", "Submit a report 上报"
    body = (REVISION,)
    body_examples = {"上报": {"revision": 1}}
    posted = {200: (serializers.ReportDetail, serializers.SUBMITTED_EXAMPLE)}

    def take(self, sent):
        services.submit(**self.given(sent))


class VerifyReport(StepEndpoint):
    """The street has looked. What the ledger could not take any more is refused."""

    step, write_action, write_summary = Step.VERIFY, "reports.verify", "Verify a report 街道核实"
    body_examples = {"核实": {"revision": 2, "reason": "属实"}}
    posted = {200: (serializers.ReportDetail, serializers.VERIFIED_EXAMPLE)}

    def take(self, sent):
        services.verify(**self.given(sent))


class ApproveReport(StepEndpoint):
    """The county agrees, and the entry is in the ledger with the answer: `entry_height` says at which height.

    Where a second person or the city must agree besides, 202 with the proposal that waits; the report says at its
    address what became of it.
    """

    step, write_action, write_summary = Step.APPROVE, "reports.approve", "Approve a report 县级审定"
    body_examples = {"审定": {"revision": 3, "reason": "属实"}}
    posted = {
        200: (serializers.ReportDetail, serializers.APPROVED_EXAMPLE),
        202: (serializers.ReportProposal, serializers.WAITING_EXAMPLE),
    }  # fmt: skip

    def take(self, sent):
        waiting = services.approve(**self.given(sent)).proposal
        if waiting is None:
            return None
        return Done(202, proposal_row(waiting) | {"report": f"{self.request.path.rpartition('approve')[0]}"})


class ReturnReport(StepEndpoint):
    """Returns a report to whoever wrote it, with a reason or with comments on fields: by whoever decides next."""

    step, write_summary = Step.RETURN, "Return a report 退回上报"
    body = (REVISION, REASON, COMMENTS)
    body_examples = {"退回": {"revision": 2, "comments": [{"field": "date_basis", "text": "请补交接记录照片"}]}}
    posted = {200: (serializers.ReportDetail, serializers.RETURNED_EXAMPLE)}

    def may_write(self, user: Any) -> Decision:
        return user.may("reports.verify") or user.may("reports.approve")

    def take(self, sent):
        services.send_back(**self.given(sent), comments=comments_from(sent["comments"]))


class RecheckReport(StepEndpoint):
    """The county asks the street to look once more, and says at what."""

    step, write_action, write_summary = Step.RECHECK, "reports.approve", "Back to the street 转街道复核"
    body_required = ("reason",)
    body_examples = {"复核": {"revision": 3, "reason": "面积请复核"}}
    posted = {200: (serializers.ReportDetail, serializers.RECHECK_EXAMPLE)}

    def take(self, sent):
        services.recheck(**self.given(sent))


class WithdrawReport(StepEndpoint):
    """Nothing comes of the report; it stays with its history."""

    step, write_action, write_summary = Step.WITHDRAW, "reports.write", "Withdraw a report 撤回上报"
    body_examples = {"撤回": {"revision": 1, "reason": "误报"}}
    posted = {200: (serializers.ReportDetail, serializers.WITHDRAWN_EXAMPLE)}

    def take(self, sent):
        services.withdraw(**self.given(sent))


#: By the last part of the address.
STEPS: dict[str, type[StepEndpoint]] = {
    "edit": EditReport, "submit": SubmitReport, "verify": VerifyReport, "approve": ApproveReport,
    "return": ReturnReport, "recheck": RecheckReport, "withdraw": WithdrawReport,
}  # fmt: skip
