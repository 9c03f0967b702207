"""Writes on scans and photos: filing, withdrawing, downloading an original, and sweeping up."""

import datetime
from pathlib import Path
from typing import NamedTuple

from auditlog.context import set_actor
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit import uploads
from chaoyang_pm.kit.uploads.names import cleaned
from communities.people.models import User
from compounds.files import selectors
from compounds.files.choices import AttachmentKind
from compounds.files.models import Attachment, OriginalAccess
from compounds.ledger.models import Entry
from compounds.ledger.refusals import refuse
from compounds.ledger.selectors import history
from compounds.register.models import Compound

#: A file without a row that is older belongs to no upload under way.
ORPHAN_AGE = datetime.timedelta(days=1)


def store() -> uploads.Store:
    """Where the room's files lie: in the data folder, below nothing that a web server serves."""
    return uploads.Store(Path(settings.DATA_DIR) / "files" / "attachments")


class Filed(NamedTuple):
    """An attachment, and whether the same original had been there already."""

    attachment: Attachment
    already_there: bool


def add(
    *, compound: Compound, entry: Entry | None = None, kind: AttachmentKind, title: str = "", file: File, by: User
) -> Filed:
    """File a scan or photo with a compound, as the basis of one of its entries if given.

    The same original is kept once per compound: filed before without an entry, it now belongs to the entry; filed
    with another entry, the new row points at the same files. Raises UploadRefused for the file, Refused for an
    entry that is not about the compound.
    """
    if entry and not history(compound).filter(height=entry.height).exists():
        message = _("Version %(height)s is not about %(compound)s.")
        raise refuse("entry", entry.height, message % {"height": entry.height, "compound": compound})
    recognised = uploads.check(file, accepts=uploads.SCAN)
    if recognised not in kind.accepts.formats:
        message = _("“%(name)s” is %(format)s, which is no photo; choose “%(scan)s” as its kind.")
        about = {"name": cleaned(file.name), "format": recognised.label, "scan": AttachmentKind.SCAN.label}
        raise uploads.UploadRefused(message % about)
    digest = uploads.sha256_of(file)
    with transaction.atomic(), set_actor(by):
        if there := _there_already(compound, entry, digest, kind, title, by):
            return there

    # Decoding takes seconds: nobody waits for it, the row's lock is taken afterwards.
    def row(taken: uploads.Taken) -> tuple[Filed, bool]:
        filed = add_taken(compound=compound, entry=entry, kind=kind, title=title, taken=taken, by=by)
        return filed, not filed.already_there

    return uploads.keep(file, accepts=kind.accepts, store=store(), row=row)


def add_taken(
    *, compound: Compound, entry: Entry | None, kind: AttachmentKind, title: str = "", taken: uploads.Taken, by: User
) -> Filed:  # fmt: skip
    """File what was taken into the store already; where the same original is there, its files stay unused."""
    with transaction.atomic(), set_actor(by):
        there = _there_already(compound, entry, taken.sha256, kind, title, by)
        return there or Filed(_create(compound, entry, kind, title, taken, by), already_there=False)


def _create(
    compound: Compound, entry: Entry | None, kind: AttachmentKind, title: str, taken: uploads.Taken, by: User
) -> Attachment:
    values = Attachment.values(taken)
    values["title"] = title.strip() or values["title"]
    return Attachment.objects.create(compound=compound, entry=entry, kind=kind, uploaded_by=by, **values)


def _there_already(
    compound: Compound, entry: Entry | None, digest: str, kind: AttachmentKind, title: str, by: User
) -> Filed | None:
    """What stands of the same original on the compound, under its lock; from now on it belongs to the entry."""
    Compound.objects.select_for_update().get(pk=compound.pk)
    same = list(Attachment.objects.standing().filter(compound=compound, sha256=digest).order_by("pk"))
    if not same:
        return None
    by_entry = {attachment.entry_id: attachment for attachment in same}
    if entry is None:
        return Filed(same[0], already_there=True)
    if entry.height in by_entry:
        return Filed(by_entry[entry.height], already_there=True)
    if loose := by_entry.get(None):
        loose.entry = entry
        loose.save(update_fields=["entry"])
        return Filed(loose, already_there=True)
    copy = same[0]
    copy.pk, copy.entry, copy.kind, copy.uploaded_by = None, entry, kind, by
    copy.title = title.strip() or copy.title
    copy._state.adding = True
    copy.save(force_insert=True)
    return Filed(copy, already_there=True)


def share(*, attachment: Attachment, entry: Entry, by: User) -> Attachment:
    """The same scan as the basis of another entry about its compound, too."""
    with transaction.atomic(), set_actor(by):
        kind = AttachmentKind(attachment.kind)
        there = _there_already(attachment.compound, entry, attachment.sha256, kind, attachment.title, by)
    return there.attachment if there else attachment


def withdraw(*, attachment: Attachment, reason: str, by: User) -> Attachment:
    """Take a scan or photo out of sight, with a reason. Nothing is deleted: the auditor still finds the original."""
    if not reason.strip():
        raise refuse("reason", reason, _("Say why it is withdrawn."))
    with transaction.atomic(), set_actor(by):
        locked = Attachment.objects.select_for_update().get(pk=attachment.pk)
        if locked.withdrawn_at:
            raise refuse("attachment", locked.pk, _("“%(title)s” has been withdrawn already.") % {"title": locked})
        locked.withdrawn_by, locked.withdrawn_at, locked.withdrawn_reason = by, timezone.now(), reason.strip()
        locked.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    return locked


def open_original(*, attachment: Attachment, by: User) -> Path:
    """The path of an original, after noting who asks for it."""
    OriginalAccess.objects.create(attachment=attachment, user=by)
    return store().path(attachment.original)


def sweep_orphans(*, older_than: datetime.timedelta = ORPHAN_AGE) -> list[str]:
    """Remove files that no row points at (an upload was interrupted between file and row); returns their names."""
    return store().sweep(selectors.known_files(), before=timezone.now() - older_than)
