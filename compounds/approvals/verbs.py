"""The services that can wait for approval, by the name under which a proposal keeps them."""

from collections.abc import Callable
from typing import Any

from communities.people.models import User
from compounds.approvals.choices import Verb
from compounds.ledger import services as ledger
from compounds.ledger.choices import Source
from compounds.ledger.models import Entry
from compounds.structure import services as structure

Service = Callable[..., list[Entry]]


def _record(*, draft: ledger.Draft, by: User, source: str = Source.PAGE) -> list[Entry]:
    return ledger.record_all(drafts=[draft], by=by, source=Source(source))


def _correct(*, height: int, reason: str, draft: ledger.Draft, by: User) -> list[Entry]:
    return list(ledger.correct(height=height, reason=reason, draft=draft, by=by, source=Source.PAGE) or ())


def _reverse(*, height: int, reason: str, by: User, source: str = Source.PAGE) -> list[Entry]:
    return [ledger.reverse(height=height, reason=reason, by=by, source=Source(source))]


def _report(**arguments: Any) -> list[Entry]:
    from compounds.reports import posting  # which hands in what it approves to this room

    return posting.post(**arguments)


#: Each takes the arguments of the proposal and ``by``, returns the entries (none if they stand already), and raises
#: Refused. Workbooks are posted by jobs and are not among them.
SERVICES: dict[Verb, Service] = {
    Verb.RECORD: _record,
    Verb.CORRECT: _correct,
    Verb.REVERSE: _reverse,
    Verb.RELOCATE: structure.relocate,
    Verb.MERGE: structure.merge,
    Verb.SPLIT: structure.split,
    Verb.WITHDRAW_SPLIT: structure.withdraw_split,
    Verb.REPORT: _report,
}


def key_of(verb: Verb, arguments: dict[str, Any]) -> str:
    """What one proposal at a time stands for: a form's key, the entry that is taken back, the workbook."""
    draft: ledger.Draft | None = arguments.get("draft")
    form = arguments.get("key") or (draft.details.get("source_key") if draft else "")
    about = arguments["run"].pk if "run" in arguments else arguments.get("height", "")
    return form or f"{verb}:{about}"


def undone(arguments: dict[str, Any]) -> int | None:
    """The entry that these arguments withdraw, whatever takes its place."""
    return arguments.get("height") or arguments.get("undo")


def signed(verb: Verb, arguments: dict[str, Any], *, handler: User, reviewer: User | None) -> dict[str, Any]:
    """The arguments with 经办人 and 复核人 in the entry's descriptive fields, where nobody else is named there."""
    names = {"handler": str(handler), "reviewer": str(reviewer) if reviewer else ""}
    names = {field: name for field, name in names.items() if name}
    if draft := arguments.get("draft"):
        return arguments | {"draft": ledger.Draft(draft.event, names | _filled(draft.details), draft.recorded_for)}
    if "details" in arguments:
        return arguments | {"details": names | _filled(arguments["details"])}
    return arguments


def _filled(details: Any) -> dict[str, str]:
    return {field: value for field, value in details.items() if value}
