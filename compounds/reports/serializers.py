"""How the API describes reports."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, moment, number, shape, text, word
from chaoyang_pm.kit.api.describing import whole as integer
from chaoyang_pm.kit.uploads import Format
from communities.divisions.serializers import NamedDivision
from compounds.approvals.serializers import PROPOSAL_EXAMPLE, ProposalRow
from compounds.files.choices import AttachmentKind
from compounds.ledger.choices import Category, Mode, Precision
from compounds.ledger.serializers import NamedCompound
from compounds.reports.choices import Reporter, ReportKind, ReportState, Step


class ReportBase(serializers.Serializer):
    """What a community says has happened to one compound. In the ledger once it is approved. 上报."""

    id = serializers.UUIDField()
    state = word(ReportState, "状态")
    kind = word(ReportKind, "上报事项")
    revision = integer("Rises with every step; sent back with a step, nobody decides on what he has not seen. 版本")
    compound = NamedCompound(allow_null=True, help_text="Null of what is missing from the register, until approved.")
    community = NamedDivision()
    name = text("Name of what is missing from the register. 小区名称")
    address = text("Its address. 地址")
    effective_on = date("发生日期", null=True)
    precision = word(Precision, "日 or 月: a month stands for its last day.")
    date_basis = text("日期依据")
    category = word(Category, "小区类别", null=True)
    mode_from = word(Mode, "原管理模式", null=True)
    mode_to = word(Mode, "新管理模式", null=True)
    area_m2 = number("面积(㎡)", null=True)
    households = integer("户数", null=True)
    whole = serializers.BooleanField(help_text="All that the pocket holds, whatever that is when it is approved.")
    provider_from = text("原物业服务单位")
    provider_to = text("新物业服务单位")
    basis_type = text("依据类型")
    basis_name = text("依据名称")
    document_no = text("依据文号")
    note = text("备注")
    late_reason = text("补报原因")
    reporter = word(Reporter, "Office that it comes from: above the community, on its behalf. 上报单位")
    height = integer("Version of the ledger when it was written. 数据版次")
    entry_height = integer("Height of the entry that it became. 入账数据版次", null=True)
    instead_of = serializers.UUIDField(allow_null=True, help_text="The report whose place it takes. 替代上报")
    written_at = moment("填写时间")
    submitted_at = moment("上报时间", null=True)
    waiting_since = moment("Since when it is in its state. 停留起始时间")
    ended_at = moment("办结时间", null=True)
    url = text("Address of the report.")


class ReportRow(ReportBase):
    files = integer("Number of its photos and scans. 佐证材料")


class ReportFileRow(serializers.Serializer):
    """A photo or scan that came with a report. 佐证材料."""

    id = integer()
    kind = word(AttachmentKind, "Photo or scan.")
    name = text("File name.")
    format = word(Format, "Of what was uploaded.")
    size = integer("Bytes of what was uploaded.")
    sha256 = text("Of what was uploaded.")
    pages = integer("页数", null=True)
    uploaded_at = moment("上传时间")
    media_type = text("Of what the address gives: pictures are written anew, without what a camera notes.")
    url = text("Address of the file.")


class ReportComment(serializers.Serializer):
    """What is to be put right at one field. 退回意见."""

    field = text("Field of the report, `files`, or “” for the whole.")
    text = serializers.CharField()


ReportStep = shape("ReportStep", {
    "step": word(Step, "办理步骤"),
    "from": word(ReportState, "State before; null of the first step.", null=True),
    "to": word(ReportState, "State after."),
    "by": text("Who. 办理人"),
    "at": moment("When. 办理时间"),
    "reason": text("说明"),
    "comments": ReportComment(many=True),
})  # fmt: skip


class ReportDetail(ReportBase):
    proposal = text("Address of the proposal with which its entry waits for somebody who must agree.", allow_null=True)
    files = ReportFileRow(many=True)
    history = ReportStep(many=True, help_text="Every step, the oldest first. 办理过程")


class ReportProposal(ProposalRow):
    report = text("Address of the report.")


_ID = "0b0f6c9e-6a37-4a5c-9d0e-5f3f6f1f2a10"
_URL = f"/api/v1/status-reports/{_ID}/"
_BASE = {
    "id": _ID, "state": "draft", "kind": "takeover", "revision": 1,
    "compound": {"code": "211302001003001", "name": "示例小区"},
    "community": {"code": "211302001003", "name": "金元社区"}, "name": "", "address": "",
    "effective_on": "2014-05-10", "precision": "day", "date_basis": "交接记录", "category": "abandoned",
    "mode_from": "none", "mode_to": "professional", "area_m2": 60000, "households": 600, "whole": True,
    "provider_from": "", "provider_to": "甲物业公司", "basis_type": "协议", "basis_name": "物业服务合同",
    "document_no": "2014-017", "note": "", "late_reason": "", "reporter": "committee", "height": 5,
    "entry_height": None, "instead_of": None, "written_at": "2014-05-12T01:30:00.000000Z", "submitted_at": None,
    "waiting_since": "2014-05-12T01:30:00.000000Z", "ended_at": None, "url": _URL,
}  # fmt: skip
FILE_EXAMPLE = {
    "id": 3, "kind": "photo", "name": "交接记录.jpg", "format": "jpeg", "size": 482133,
    "sha256": "9f2c8d4be1a05f6a3c7d12e84b90a6f5d3e2c1b0a9f8e7d6c5b4a39281706f5e", "pages": 1,
    "uploaded_at": "2014-05-12T01:31:00.000000Z", "media_type": "image/jpeg", "url": f"{_URL}attachments/3/",
}  # fmt: skip


def _step(step: str, before: str | None, to: str, by: str, at: str, comments: tuple = ()) -> dict:
    return {"step": step, "from": before, "to": to, "by": by, "at": at, "reason": "", "comments": list(comments)}


_DRAFTED = _step("draft", None, "draft", "李明", "2014-05-12T01:30:00.000000Z")
_SUBMITTED = _step("submit", "draft", "submitted", "李明", "2014-05-12T01:32:00.000000Z")
_VERIFIED = _step("verify", "submitted", "verified", "赵强", "2014-05-13T02:00:00.000000Z")


def _detail(state: str, *history: dict, **more) -> dict:
    return _BASE | {
        "state": state, "revision": len(history), "proposal": None, "files": [FILE_EXAMPLE], "history": list(history),
        "waiting_since": history[-1]["at"], "submitted_at": _SUBMITTED["at"] if len(history) > 1 else None,
    } | more  # fmt: skip


LIST_EXAMPLE = {"results": [_BASE | {"files": 1}], "next": None}
FILES_EXAMPLE = {"results": [FILE_EXAMPLE], "next": None}
DRAFT_EXAMPLE = _detail("draft", _DRAFTED, files=[])
SUBMITTED_EXAMPLE = _detail("submitted", _DRAFTED, _SUBMITTED)
VERIFIED_EXAMPLE = _detail("verified", _DRAFTED, _SUBMITTED, _VERIFIED)
RECHECK_EXAMPLE = _detail(
    "submitted", _DRAFTED, _SUBMITTED, _VERIFIED,
    _step("recheck", "verified", "submitted", "王芳", "2014-05-14T02:00:00.000000Z") | {"reason": "面积请复核"},
)  # fmt: skip
APPROVED_EXAMPLE = _detail(
    "approved", _DRAFTED, _SUBMITTED, _VERIFIED,
    _step("approve", "verified", "approved", "王芳", "2014-05-14T02:00:00.000000Z"), entry_height=6,
    ended_at="2014-05-14T02:00:00.000000Z",
)  # fmt: skip
RETURNED_EXAMPLE = _detail(
    "returned", _DRAFTED, _SUBMITTED,
    _step("return", "submitted", "returned", "赵强", "2014-05-13T02:00:00.000000Z",
          ({"field": "date_basis", "text": "请补交接记录照片"},)),
)  # fmt: skip
WITHDRAWN_EXAMPLE = _detail(
    "withdrawn", _DRAFTED, _step("withdraw", "draft", "withdrawn", "李明", "2014-05-12T01:40:00.000000Z"),
    ended_at="2014-05-12T01:40:00.000000Z", submitted_at=None,
)  # fmt: skip
WAITING_EXAMPLE = PROPOSAL_EXAMPLE | {"report": _URL}
BODY_EXAMPLES = {
    "接管": {
        "compound": "211302001003001", "kind": "takeover", "effective_on": "2014-05-10", "date_basis": "交接记录",
        "category": "abandoned", "mode_from": "none", "mode_to": "professional", "area_m2": 60000, "households": 600,
        "document_no": "2014-017", "note": "",
    },
    "小区漏登": {
        "kind": "missing", "community": "211302001003", "name": "北塔小区", "address": "北塔路1号",
        "effective_on": "2014-05-10", "area_m2": 1200, "households": 20,
    },
    "不清楚": {"kind": "unclear", "compound": "211302001003001", "note": "门口换了保安"},
}  # fmt: skip
EDIT_EXAMPLES = {
    "补正": {
        "kind": "takeover", "effective_on": "2014-05-10", "date_basis": "交接记录", "mode_to": "professional",
        "document_no": "2014-017", "note": "已补交接记录照片", "revision": 3,
    },
}  # fmt: skip
