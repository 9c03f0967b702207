"""上报 as programs hand them in: fields of a body, the claim that they mean, and where a refusal belongs in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.bodies import Area, Day, Field, Rows, Text, Whole
from chaoyang_pm.kit.api.problems import NotFound
from chaoyang_pm.kit.dates import month_end
from chaoyang_pm.kit.figures import m2
from chaoyang_pm.kit.problems import BadQuestion, Problem
from communities.divisions.asking import named
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.choices import Category, Mode, Precision
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.reports.choices import ReportKind
from compounds.reports.claims import CLAIMED, Claim
from compounds.reports.models import Report, ReportComment, ReportStep
from compounds.reports.services import Comment

#: The names under which a body has what a report calls otherwise.
NAME_OF = {"area_dm2": "area_m2", "basis_no": "document_no"}
_FIELD_OF = {name: field for field, name in NAME_OF.items()}
#: Where a refusal of the ledger belongs that names what a report does not have.
_WITHOUT_FIELD = {"new_category": "category", "community": "", "parts": "", "target": ""}
#: The most that the database's column holds.
MOST_HOUSEHOLDS = 2**31 - 1


def _text(name: str, description: str, example: str, *, field: str = "") -> Text:
    return Text(name, description, example, getattr(Report._meta.get_field(field or name), "max_length", 0))


_KIND = Text("kind", "What happened. 上报事项", "takeover", words=tuple(ReportKind.values))
_CLAIM: tuple[Field, ...] = (
    Day("effective_on", "When it happened. 发生日期", "2014-05-10"),
    Text("precision", "Whether the date is a day or a month, which means its last day. 精度", "day",
         words=tuple(Precision.values)),
    _text("date_basis", "Basis of the date. 日期依据", "交接记录"),
    Text("category", "Category; may be left out where only one pocket fits. 小区类别", "abandoned",
         words=tuple(Category.values)),
    Text("mode_from", "Mode before; may be left out where only one pocket fits. 原管理模式", "none",
         words=tuple(Mode.values)),
    Text("mode_to", "Mode after. 新管理模式", "professional", words=tuple(Mode.values)),
    Area("area_m2", "Area in ㎡; left out: all of the pocket. Of “area”: what is right. 面积(㎡)", 60000, signed=False),
    Whole("households", "Households; left out: all of the pocket. 户数", 600, least=0, most=MOST_HOUSEHOLDS),
    _text("document_no", "Number of the document. 依据文号", "2014-017", field="basis_no"),
    _text("note", "Note. 备注", ""),
    _text("provider_from", "Provider before. 原物业服务单位", ""),
    _text("provider_to", "Provider after. 新物业服务单位", "甲物业公司"),
    _text("basis_type", "Kind of document. 依据类型", "协议"),
    _text("basis_name", "Name of the document. 依据名称", "物业服务合同"),
    _text("late_reason", "Reason for a late report. 补报原因", ""),
    _text("name", "Name of what is missing from the register. 小区名称", ""),
    _text("address", "Address of what is missing from the register. 地址", ""),
)  # fmt: skip
REVISION = Whole(
    "revision", "The report's revision that you saw; 409 if it has another one now. 版本", 2, least=1,
    most=MOST_HOUSEHOLDS,
)  # fmt: skip
REASON = Text("reason", "Words with the step. 说明", "属实", ReportStep._meta.get_field("reason").max_length or 0)
COMMENTS = Rows(
    "comments", "What is to be put right, at which field; left out or “”: the report as a whole. 退回意见",
    [{"field": "date_basis", "text": "请补交接记录照片"}],
    fields=(
        Text("field", "Field of the report, or `files`.", "date_basis",
             words=("kind", *(field.name for field in _CLAIM), "files", "")),
        Text("text", "What is to be put right.", "请补交接记录照片",
             ReportComment._meta.get_field("text").max_length or 0),
    ),
    required=("text",), most=40,
)  # fmt: skip
NEW: tuple[Field, ...] = (
    Text("compound", "Code of the compound. 小区编号", "211302001003001", 40),
    Text("community", "Code of the community in which something is missing from the register. 社区", None, 12),
    _KIND, *_CLAIM,
    Text("instead_of", "A report that this one takes the place of once it is submitted. 替代上报", None, 36),
)  # fmt: skip
EDITED: tuple[Field, ...] = (_KIND, *_CLAIM, REVISION)


def claim_from(sent: Mapping[str, Any]) -> Claim:
    """What the fields of a body claim."""
    values = {_FIELD_OF.get(field.name, field.name): sent[field.name] for field in _CLAIM}
    if sent["precision"] == Precision.MONTH and values["effective_on"]:
        values["effective_on"] = month_end(values["effective_on"])
    return Claim(**{name: value for name, value in values.items() if value is not None})


def subject_of(sent: Mapping[str, Any], user: User) -> tuple[Compound | None, Division | None]:
    """The compound, or the community in which one is missing; NotFound for what is not within the user's scope."""
    missing = sent["kind"] == ReportKind.MISSING
    given = {name for name, value in sent.items() if value not in (None, "")}
    message = _("This field does not belong to “%(kind)s”.") % {"kind": ReportKind(sent["kind"]).label}
    strange = {"compound"} if missing else {"community", "name", "address"}
    problems = [Problem(name, sent[name], message) for name in sorted(given & strange)]
    needed = ("community", "name") if missing else ("compound",)
    problems += [Problem(name, "", _("This field is needed.")) for name in needed if name not in given]
    if problems:
        raise BadQuestion(problems)
    if missing:
        return None, named(sent["community"], user=user, field="community")
    # What once lay in the scope is still seen; it is reported by those where it lies now.
    there = Compound.objects.filter(user.scope.q("community"), code=sent["compound"])
    compound = there.select_related("community").first()
    if compound is None:
        raise NotFound("compound", sent["compound"])
    return compound, None


def comments_from(rows: Iterable[Mapping[str, Any]] | None) -> list[Comment]:
    return [Comment(_FIELD_OF.get(row["field"], row["field"] or ""), row["text"]) for row in rows or ()]


def problems_of(refused: Refused, report: Report | None, known: Iterable[Field]) -> list[Problem]:
    """The reasons of a refusal at the fields of a body, with what the report has there."""
    names, found = {field.name for field in known}, []
    for one in refused.problems:
        field = _WITHOUT_FIELD.get(one.field, one.field) if one.field not in names else one.field
        name = NAME_OF.get(field, field)
        value = getattr(report, field, one.value) if field in CLAIMED else one.value
        if field == "area_dm2":
            value = m2(value)
        found.append(Problem(name, "" if value is None else str(value), one.message))
    return found
