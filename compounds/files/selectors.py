"""Reads on scans and photos: grouped for a page, which entries lack a scan, whether the files are as they were."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from chaoyang_pm.kit.uploads import Store
from communities.people.models import User
from compounds.files.choices import AttachmentKind
from compounds.files.models import Attachment, KeptFile
from compounds.ledger.choices import NEEDS_BASIS
from compounds.ledger.models import Entry
from compounds.register.models import Compound


@dataclass(frozen=True)
class Group:
    """The scans and photos of one entry, or of the compound as such (None)."""

    entry: Entry | None
    attachments: list[Attachment]


def of_compound(compound: Compound, *, user: User) -> list[Group]:
    """What is filed with a compound, by entry, the newest entry first; what belongs to none comes last."""
    rows = Attachment.objects.visible_to(user).filter(compound=compound).select_related("entry", "uploaded_by")
    by_entry: dict[int | None, list[Attachment]] = {}
    for row in rows:
        by_entry.setdefault(row.entry_id, []).append(row)
    groups = [Group(found[0].entry, found) for found in by_entry.values()]
    return sorted(groups, key=lambda group: (group.entry is not None, group.entry and group.entry.height), reverse=True)


def of_entry(entry: Entry, *, user: User) -> list[Attachment]:
    """What is filed as the basis of an entry."""
    return list(Attachment.objects.visible_to(user).filter(entry=entry).select_related("uploaded_by"))


def without_scan(entries: Iterable[Entry]) -> set[int]:
    """Heights of the entries whose kind needs a document and of which no scan is filed."""
    needing = {entry.height for entry in entries if entry.kind in NEEDS_BASIS}
    if not needing:
        return set()
    scans = Attachment.objects.standing().filter(entry__in=needing, kind=AttachmentKind.SCAN)
    return needing - set(scans.values_list("entry", flat=True))


def known_files() -> set[str]:
    """Every file name that a row points at, withdrawn ones and those that wait for their entry included."""
    kinds = [model for model in apps.get_app_config("compounds").get_models() if issubclass(model, KeptFile)]
    rows = (kind._base_manager.values_list("original", "shown", "preview").iterator() for kind in kinds)
    return {name for names in rows for row in names for name in row if name}


@dataclass
class Checked:
    """What a check of all files found."""

    originals: int
    findings: list[dict[str, Any]]
    orphans: list[str]

    def as_dict(self) -> dict[str, Any]:
        return {
            "ok": not self.findings,
            "originals": self.originals,
            "findings": self.findings,
            "orphans": self.orphans,
        }


def check_files(store: Store) -> Checked:
    """Compute the SHA-256 of every original anew, and see that everything that is shown is there.

    Orphans (files without a row) are counted, not judged: an upload may be under way.
    """
    checked = Checked(0, [], [])
    looked_at: dict[str, str | None] = {}
    for row in Attachment.objects.select_related("compound").order_by("pk").iterator(chunk_size=500):
        checked.originals += 1
        if row.original not in looked_at:
            looked_at[row.original] = _sha256(store, row.original)
        found = looked_at[row.original]
        problems = []
        if found is None:
            problems.append(_("the original is missing"))
        elif found != row.sha256:
            problems.append(_("the original is not what was uploaded: its SHA-256 is %(found)s") % {"found": found})
        if any(name and not store.path(name).is_file() for name in (row.shown, row.preview)):
            problems.append(_("what is shown of it is missing"))
        checked.findings += [
            {"id": row.pk, "compound": row.compound.code, "title": row.title, "sha256": row.sha256, "problem": problem}
            for problem in problems
        ]
    known = known_files()
    checked.orphans = [name for name in store.names() if name not in known]
    return checked


def _sha256(store: Store, name: str) -> str | None:
    try:
        with store.path(name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
