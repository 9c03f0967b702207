"""佐证材料 of a report: photos and scans, taken one by one, so that a bad network loses one of them at most."""

from django.core.files import File
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from chaoyang_pm.kit import uploads
from chaoyang_pm.kit.uploads.limits import MIB
from communities.people.models import User
from compounds.files.choices import AttachmentKind
from compounds.files.services import store
from compounds.reports.choices import Step
from compounds.reports.models import Report, ReportFile
from compounds.reports.transitions import require_step

MOST_FILES = 12
#: Bytes of all files of a report together.
MOST_BYTES = 30 * MIB


def add(*, report: Report, file: File, kind: AttachmentKind = AttachmentKind.PHOTO, by: User) -> ReportFile:
    """Keep a photo or scan with a report; the same one is kept once. Raises UploadRefused, PermissionDenied.

    What is no picture is kept as a scan, whatever it was sent as.
    """
    require_step(Step.EDIT, report, by)
    recognised = uploads.check(file, accepts=uploads.SCAN)
    if recognised not in kind.accepts.formats:
        kind = AttachmentKind.SCAN
    digest = uploads.sha256_of(file)
    if there := report.files.filter(sha256=digest).first():
        return there
    return uploads.keep(file, accepts=kind.accepts, store=store(), row=lambda taken: _keep(report, kind, taken, by))


@transaction.atomic
def _keep(report: Report, kind: AttachmentKind, taken: uploads.Taken, by: User) -> tuple[ReportFile, bool]:
    """Under the report's lock: several photos may arrive at once, and all of them count."""
    locked = Report.objects.select_for_update(of=("self",)).select_related("community").get(pk=report.pk)
    require_step(Step.EDIT, locked, by)
    if there := locked.files.filter(sha256=taken.sha256).first():
        return there, False
    if locked.files.count() >= MOST_FILES:
        raise uploads.UploadRefused(_("At most %(most)s photos and scans go with one report.") % {"most": MOST_FILES})
    held = locked.files.aggregate(size=Sum("size"))["size"] or 0
    if held + taken.size > MOST_BYTES:
        message = _(
            "The files of a report have at most %(most)s MB together; with “%(name)s” they would have %(size)s."
        )
        facts = {"most": MOST_BYTES // MIB, "name": taken.name, "size": f"{(held + taken.size) / MIB:.1f}"}
        raise uploads.FileTooLarge(message % facts)
    return ReportFile.objects.create(report=locked, kind=kind, uploaded_by=by, **ReportFile.values(taken)), True


@transaction.atomic
def remove(*, file: ReportFile, by: User) -> None:
    """Take a photo or scan back while the report is still with its author; nobody has decided on it."""
    report = Report.objects.select_for_update(of=("self",)).select_related("community").get(pk=file.report_id)
    require_step(Step.EDIT, report, by)
    taken = file.taken
    file.delete()
    transaction.on_commit(lambda: taken.discard(store()))
