"""变动 as programs hand them in: the fields of a body, and the event that they mean.

What an event of a kind may say and whether it can be posted is judged where it is for pages and workbooks
(``compounds.ledger.rules`` and the replay); here only which fields belong to a kind, and what the reader may know of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.bodies import Area, Day, Field, Rows, Text, Whole
from chaoyang_pm.kit.api.problems import Forbidden, NotFound
from chaoyang_pm.kit.dates import month_end
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.problems import BadQuestion, Problem, bad
from communities.divisions.asking import named
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.models import User
from compounds.approvals.choices import Verb
from compounds.ledger.choices import Category, Kind, Mode, Precision, Source
from compounds.ledger.events import Event, Pocket
from compounds.ledger.kinds import STRUCTURAL
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft
from compounds.ledger.refusals import Refused
from compounds.register.choices import CompoundKind
from compounds.register.models import Compound
from compounds.structure.parts import MOST_PARTS, NewCompound


def _text(name: str, description: str, example: str, model: type[Model] = Entry) -> Text:
    return Text(name, description, example, getattr(model._meta.get_field(name), "max_length", 0))


CATEGORY = Text("category", "Category; may be left out where only one pocket fits. 小区类别", "abandoned",
                words=tuple(Category.values))  # fmt: skip
HOUSEHOLDS = Whole("households", "Households; left out: in proportion to the area. 户数", 12)
TAKES = Rows(
    "takes", "What the new compound takes, by pocket; what no part takes stays. 拆出面积", [{"area_m2": 300}],
    fields=(
        CATEGORY,
        Text("mode", "Mode; may be left out where only one pocket fits. 管理模式", "none", words=tuple(Mode.values)),
        Area("area_m2", "Area in ㎡; left out: all that is left of the pocket. 面积(㎡)", 300),
        HOUSEHOLDS,
    ),
    most=len(Category) * len(Mode),
)  # fmt: skip
PARTS = Rows(
    "parts", "Of a split: the new compounds. One of this name that waits for its area is used. 拆分",
    [{"name": "示例小区东区", "takes": [{"area_m2": 300}]}],
    fields=(
        _text("name", "Name of the new compound. 小区名称", "示例小区东区", Compound),
        _text("address", "Its address. 地址", "文化路12号", Compound),
        Text("kind", "What sort of compound it is. 小区类型", "gated", words=tuple(CompoundKind.values)),
        TAKES,
    ),
    required=("name", "takes"), most=MOST_PARTS,
)  # fmt: skip
TEXTS = (
    _text("date_basis", "Basis of the date. 日期依据", "接管协议"),
    _text("basis_type", "Kind of document. 依据类型", "协议"),
    _text("basis_name", "Name of the document. 依据名称", "物业服务合同"),
    _text("basis_no", "Number of the document. 依据文号", "2015-017"),
    _text("provider_from", "Provider before. 原物业服务单位", "甲物业公司"),
    _text("provider_to", "Provider after. 新物业服务单位", "乙物业公司"),
    _text("phase", "Phase. 分片(期)", "一期"),
    _text("building_numbers", "Buildings concerned. 涉及楼号", "1-6号楼"),
    _text("reason", "Reason; needed for a reversal. 变更原因", "业主大会决定"),
    _text("late_reason", "Reason for a late entry. 补报原因", "资料后补"),
    _text("reporting_unit", "Reporting unit. 填报单位", "前进社区居委会"),
    _text("handler", "Handled by. 经办人", "李明"),
    _text("phone", "Telephone. 联系电话", "0421-2610000"),
    _text("note", "Note. 备注", ""),
)
FIELDS: tuple[Field, ...] = (
    Text("kind", "What happened. 变更类型", "takeover", words=tuple(Kind.values)),
    Text("compound", "Code of the compound. 小区编号", "211302003001001", 40),
    Day("effective_on", "When it happened. 发生日期", "2015-05-10"),
    Text("precision", "Whether the date is a day or a month, which means its last day. 精度", "day",
         words=tuple(Precision.values)),
    CATEGORY,
    Text("mode_from", "Mode before; may be left out where only one pocket fits. 原管理模式", "none",
         words=tuple(Mode.values)),
    Text("mode_to", "Mode after. 新管理模式", "professional", words=tuple(Mode.values)),
    Text("new_category", "New category, of a reclassification. 新类别", None, words=tuple(Category.values)),
    Text("new_community", "Code of the new community, of a relocation. 新社区", None, 12),
    Text("target", "Code of the compound that stays, of a merge. 目标小区", None, 40),
    Area("area_m2", "Area in ㎡; left out: all of the pocket. 面积(㎡)", 1234.5),
    HOUSEHOLDS,
    PARTS,
    Whole("reverses", "Height of the entry that a reversal takes back. 原数据版次", None),
    Text("recorded_for", "Code of the office below one's own on whose behalf this is recorded. 代报", None, 12),
    *TEXTS,
)  # fmt: skip
_POCKET = {"category", "mode_from", "area_m2", "households"}
_WHEN = {"kind", "compound", "effective_on", "precision"}
_PAPERS = {text.name for text in TEXTS} - {"provider_from", "provider_to"}
_PROVIDERS = {"provider_from", "provider_to"}
#: Fields of each kind beyond its date and papers; those that are not structural may be recorded on behalf of others.
OWN: dict[Kind, set[str]] = {
    Kind.REGISTER: {"category", "mode_to", "area_m2", "households"} | _PROVIDERS,
    Kind.TAKEOVER: {"mode_to"} | _POCKET | _PROVIDERS,
    Kind.MODE_CHANGE: {"mode_to"} | _POCKET | _PROVIDERS,
    Kind.PROVIDER_CHANGE: _PROVIDERS,
    Kind.LAPSE: {"mode_to"} | _POCKET | _PROVIDERS,
    Kind.RECLASSIFY: {"new_category"} | _POCKET,
    Kind.RESURVEY: _POCKET,
    Kind.RELOCATE: {"new_community"},
    Kind.MERGE: {"target"},
    Kind.SPLIT: {"parts"},
    Kind.DEREGISTER: set(),
}
#: The names under which a body has what the ledger calls otherwise.
FIELD_OF = {"area_dm2": "area_m2", "community": "new_community"}


@dataclass(frozen=True)
class HandedIn:
    """What a body asks for: a verb of the approvals with its arguments, about a compound."""

    verb: Verb
    about: Compound
    arguments: Mapping[str, Any] = field(default_factory=dict)


def understand(sent: Mapping[str, Any], *, user: User, source_key: str) -> HandedIn:
    """What the fields of a body mean, and that ``user`` may ask for it.

    Raises BadQuestion for fields that do not belong together, NotFound for what is not within the scope, and
    PermissionDenied.
    """
    kind = Kind(sent["kind"])
    if kind == Kind.REVERSAL:
        return _reversal(sent, user)
    needed = ("compound", "effective_on", *(("parts",) if kind == Kind.SPLIT else ()))
    behalf = set() if kind in STRUCTURAL else {"recorded_for"}
    _fits(sent, kind, _WHEN | _PAPERS | OWN[kind] | behalf, needed=needed)
    compound = _compound(sent, "compound", user)
    require(user.may("ledger.structure" if kind in STRUCTURAL else "ledger.record", compound))
    on = month_end(sent["effective_on"]) if sent["precision"] == Precision.MONTH else sent["effective_on"]
    names = ("precision", *(text.name for text in TEXTS))
    details = {name: sent[name] for name in names if sent[name]}
    if kind == Kind.SPLIT:
        return HandedIn(Verb.SPLIT, compound, {
            "compound": compound.code, "parts": _new_compounds(sent["parts"]), "on": on, "details": details,
            "key": source_key, "source": Source.API,
        })  # fmt: skip
    event = Event(
        kind.value, on, compound.code, community=_new_community(sent, user) if kind == Kind.RELOCATE else "",
        category=sent["category"] or "", mode_from=sent["mode_from"] or "", mode_to=sent["mode_to"] or "",
        new_category=sent["new_category"] or "",
        target=_compound(sent, "target", user).code if kind == Kind.MERGE else "", area_dm2=sent["area_m2"],
        households=sent["households"],
    )  # fmt: skip
    draft = Draft(event, details | {"source_key": source_key}, _recorded_for(sent, user, compound))
    return HandedIn(Verb.RECORD, compound, {"draft": draft, "source": Source.API})


def _reversal(sent: Mapping[str, Any], user: User) -> HandedIn:
    _fits(sent, Kind.REVERSAL, {"kind", "compound", "reverses", "reason"}, needed=("reverses", "reason"))
    known = Entry.objects.visible_to(user).select_related("compound__community")
    height = sent["reverses"]
    entry = known.filter(height=height).first() if 0 < height < 2**63 else None
    if entry is None or sent["compound"] not in (None, entry.compound.code):
        raise NotFound("reverses" if entry is None else "compound", height if entry is None else sent["compound"])
    require(user.may("ledger.correct", entry))
    return HandedIn(Verb.REVERSE, entry.compound, {"height": height, "reason": sent["reason"], "source": Source.API})


def _fits(sent: Mapping[str, Any], kind: Kind, fields: set[str], *, needed: tuple[str, ...]) -> None:
    message = _("This field does not belong to “%(kind)s”.") % {"kind": kind.label}
    given = [name for name, value in sent.items() if value not in (None, "")]
    problems = [Problem(name, str(sent[name]), message) for name in given if name not in fields]
    problems += [Problem(name, "", _("This field is needed.")) for name in needed if name not in given]
    if kind == Kind.RELOCATE and not sent["new_community"]:
        problems.append(Problem("new_community", "", _("A relocation names the new community.")))
    if kind == Kind.MERGE and not sent["target"]:
        problems.append(Problem("target", "", _("Say into which compound it is merged.")))
    if problems:
        raise BadQuestion(problems)


def _new_compounds(parts: Sequence[Mapping[str, Any]]) -> tuple[NewCompound, ...]:
    found, problems = [], []
    for number, part in enumerate(parts):
        takes: dict[Pocket, tuple[int | None, int | None]] = {}
        for place, take in enumerate(part["takes"]):
            pocket = Pocket(take["category"] or "", take["mode"] or "")
            if pocket in takes:
                message = _("This part names the pocket twice; give all that it takes of it at one place.")
                problems.append(Problem(f"parts[{number}].takes[{place}]", " / ".join(pocket), message))
            takes[pocket] = take["area_m2"], take["households"]
        found.append(NewCompound(part["name"], takes, part["address"] or "", part["kind"] or ""))
    if problems:
        raise BadQuestion(problems)
    return tuple(found)


def _recorded_for(sent: Mapping[str, Any], user: User, compound: Compound) -> str:
    """代报: an office in which the compound lies and for which the user may record, as on the page."""
    division = named(sent["recorded_for"] or "", user=user, field="recorded_for")
    if division is None:
        return ""
    if not compound.community_id.startswith(division.code):
        message = _("The compound does not lie in %(division)s; one records for an office in which it does.")
        raise bad("recorded_for", division.code, message % {"division": division})
    if not (decision := user.may("ledger.record_for", division)):
        raise Forbidden("recorded_for", division.code, decision.reason)
    return division.code


def _compound(sent: Mapping[str, Any], name: str, user: User) -> Compound:
    found = Compound.objects.visible_to(user).select_related("community").filter(code=sent[name]).first()
    if found is None:
        raise NotFound(name, sent[name])
    return found


def _new_community(sent: Mapping[str, Any], user: User) -> str:
    """A community within the office of whoever relocates: to another county the city bureau does."""
    code = sent["new_community"]
    known = Division.objects.visible_to(user).filter(code=code, level=Level.COMMUNITY)
    if not known.exists():
        raise NotFound("new_community", code)
    require(user.may("ledger.structure", code))
    return code


def problems_of(refused: Refused, sent: Mapping[str, Any]) -> list[Problem]:
    """The reasons of a refusal at the fields of the body, with what was given there."""
    if sent["kind"] == Kind.SPLIT:  # its parts have what other kinds have themselves
        reasons = [(one.field if one.field in ("", *sent) else "parts", one) for one in refused.problems]
        return [Problem(name, _given(one.value), one.message) for name, one in reasons]
    reasons = [(FIELD_OF.get(one.field, one.field), one) for one in refused.problems]
    return [Problem(name, _given(sent.get(name, one.value)), one.message) for name, one in reasons]


def _given(value: Any) -> str:
    return "" if value is None else str(value)
