"""Who adjusted a target or its parts, when, by which document: what was entered, withdrawn, and edited."""

import datetime
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.utils.translation import gettext as _

from chaoyang_pm.kit.labels import field_label, value_label
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.models import Division
from communities.people.models import User
from oversight.programme import selectors
from oversight.programme.models import PartVersion, Target, TargetVersion


@dataclass(frozen=True)
class Happened:
    """One line of the history. ``version`` is what was entered or withdrawn, None for an edit of the target itself."""

    when: datetime.datetime | None
    by: User | None
    what: str
    division: Division | None = None
    version: TargetVersion | PartVersion | None = None
    details: tuple[tuple[str, str, str], ...] = ()
    is_withdrawal: bool = False


def of(target: Target, scope: Scope) -> list[Happened]:
    """Everything about a target and its parts within a scope, newest first; what came with the reference data last."""
    lines: list[Happened] = []
    versions: list[TargetVersion | PartVersion] = [
        *target.versions.all(), *selectors.versions_of_parts(target, scope),
    ]  # fmt: skip
    for version in versions:
        division = version.part.division if isinstance(version, PartVersion) else None
        lines.append(Happened(version.recorded_at, version.recorded_by, _("Entered"), division, version))
        if not version.stands:
            lines.append(
                Happened(
                    version.withdrawn_at, version.withdrawn_by, _("Withdrawn"), division, version, is_withdrawal=True
                )
            )
    # Without an actor it is the reference data that came in.
    noted = LogEntry.objects.get_for_object(target).filter(action=LogEntry.Action.UPDATE, actor__isnull=False)
    edits = noted.select_related("actor")
    lines += [Happened(edit.timestamp, edit.actor, _("Edited"), details=_changes(edit)) for edit in edits]
    return sorted(lines, key=lambda line: line.when.timestamp() if line.when else 0, reverse=True)


def _changes(edit: LogEntry) -> tuple[tuple[str, str, str], ...]:
    found = []
    for name, change in edit.changes_dict.items():
        if isinstance(change, dict):  # divisions added or taken away
            found.append((field_label(Target, name), change["operation"], ", ".join(change["objects"])))
        else:
            found.append((field_label(Target, name), _shown(name, change[0]), _shown(name, change[1])))
    return tuple(found)


def _shown(name: str, value: Any) -> str:
    return "—" if value in ("", "None", None) else str(value_label(Target, name, value))
