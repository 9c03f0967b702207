"""Scans of a basis, sent with the form: kept under the form's key, filed with the entry when it posts, else removed.

What was returned for something to be put right keeps its scans for the form that does.
"""

import datetime
from collections.abc import Iterable

from auditlog.context import set_actor
from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit import uploads
from chaoyang_pm.kit.uploads.limits import MAX_FILES
from communities.people.models import User
from compounds.files import services
from compounds.files.choices import AttachmentKind
from compounds.files.models import Attachment, BasisScan
from compounds.ledger.models import Entry
from compounds.register.models import Compound

#: A form that was left longer ago is not going to be sent any more.
LEFT_AGE = datetime.timedelta(days=1)
#: How long the scans of what was returned are there for entering it again.
KEPT = datetime.timedelta(days=90)


def held(*, key: str, by: User) -> QuerySet[BasisScan]:
    """What a person sent with the form of this key; nothing once it was posted."""
    return BasisScan.objects.filter(key=key, uploaded_by=by) if key else BasisScan.objects.none()


def hold(*, compound: Compound, key: str, file: File, by: User) -> BasisScan:
    """Keep a scan until the entry of the form is posted; the same one is kept once. Raises UploadRefused."""
    uploads.check(file, accepts=uploads.SCAN)
    digest = uploads.sha256_of(file)
    if there := held(key=key, by=by).filter(sha256=digest).first():
        return there
    if held(key=key, by=by).count() >= MAX_FILES:
        raise uploads.UploadRefused(_("At most %(most)s scans go with one entry.") % {"most": MAX_FILES})

    def row(taken: uploads.Taken) -> tuple[BasisScan, bool]:
        values = {"compound": compound} | BasisScan.values(taken)
        return BasisScan.objects.get_or_create(key=key, uploaded_by=by, sha256=digest, defaults=values)

    return uploads.keep(file, accepts=uploads.SCAN, store=services.store(), row=row)


def wait(*, key: str, by: User) -> None:
    """What the form says waits for approval now: its scans wait as long."""
    held(key=key, by=by).update(waits=True, kept_until=None)


def keep(*, key: str, anew: str, by: User) -> None:
    """What the form said was returned: its scans are there for the form of the key ``anew``, which puts it right."""
    held(key=key, by=by).update(key=anew, waits=False, kept_until=timezone.now() + KEPT)


def kept(*, key: str, by: User) -> QuerySet[BasisScan]:
    """What is kept of a returned form for the one that puts it right."""
    return held(key=key, by=by).filter(kept_until__isnull=False)


@transaction.atomic
def file_with(entries: Iterable[Entry], *, key: str, by: User, undone: int | None = None) -> list[Attachment]:
    """File what was sent with a form, with the entries that it posted; of a merge, under the compound that stays.

    ``undone`` is the height of the entry that these replace: where no new scan was sent, its own go with them.
    """
    made = [entry for entry in entries if _is_of(entry, key)]
    if not made:
        return []
    scans = list(held(key=key, by=by).select_for_update())
    if not scans:
        return [filed for entry in made for filed in _taken_over(entry, undone, by)]
    filed = [
        services.add_taken(
            compound=entry.target or entry.compound, entry=entry, kind=AttachmentKind.SCAN, title=scan.title,
            taken=scan.taken, by=by,
        ).attachment
        for entry in made for scan in scans
    ]  # fmt: skip
    used = {attachment.original for attachment in filed}
    _remove(scans, unused=[scan for scan in scans if scan.original not in used])
    return filed


def _is_of(entry: Entry, key: str) -> bool:
    """Whether the form with this key posted the entry itself; reversals and what follows from it have no key."""
    return bool(key) and (entry.source_key == key or entry.source_key.startswith(f"{key}:"))


def _taken_over(entry: Entry, undone: int | None, by: User) -> list[Attachment]:
    """The scans of the wrong record are the basis of the right one, too."""
    if undone is None:
        return []
    compound = entry.target or entry.compound
    before = Attachment.objects.standing().filter(entry=undone, compound=compound, kind=AttachmentKind.SCAN)
    with set_actor(by):
        return [services.share(attachment=one, entry=entry, by=by) for one in before]


@transaction.atomic
def discard(*, key: str, by: User, only: Iterable[int] | None = None) -> None:
    """Remove what was sent with a form that is not going to be posted, or some of it by its keys."""
    scans = held(key=key, by=by).select_for_update()
    left_out = list(scans if only is None else scans.filter(pk__in=only))
    _remove(left_out, unused=left_out)


def sweep(*, older_than: datetime.timedelta = LEFT_AGE) -> int:
    """Remove the scans of forms that were left, and of returned ones that nobody entered again; returns how many."""
    now = timezone.now()
    left = Q(kept_until__isnull=True, uploaded_at__lt=now - older_than) | Q(kept_until__lt=now)
    with transaction.atomic():
        scans = list(BasisScan.objects.filter(left, waits=False).select_for_update())
        _remove(scans, unused=scans)
    return len(scans)


def _remove(scans: list[BasisScan], *, unused: list[BasisScan]) -> None:
    """The rows now, the files that no attachment took over once that is certain."""
    BasisScan.objects.filter(pk__in=[scan.pk for scan in scans]).delete()

    def remove_files() -> None:
        for scan in unused:
            scan.taken.discard(services.store())

    transaction.on_commit(remove_files)
