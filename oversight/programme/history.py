"""Who adjusted a target or its parts, when, by which document: what was entered, withdrawn, and edited."""

import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.utils.translation import gettext as _

from chaoyang_pm.kit import edits
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.choices import Category
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


def of(target: Target, parts: Iterable[PartVersion]) -> list[Happened]:
    """Everything about a target and versions of its parts, newest first; what came with the reference data last."""
    lines: list[Happened] = []
    versions: list[TargetVersion | PartVersion] = [*target.versions.all(), *parts]
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
    for entry in noted.select_related("actor"):
        edit = edits.read(entry, Target, edits.Telling(show=shown))
        lines.append(Happened(edit.when, edit.by, edit.what, details=edit.details))
    return sorted(lines, key=lambda line: line.when.timestamp() if line.when else 0, reverse=True)


def shown(name: str, value: Any) -> str | None:
    """Categories by their names; what else there is the field says itself."""
    if name != "categories":
        return None
    return ", ".join(str(Category(code).label) for code in json.loads(value)) or edits.NOTHING
