"""审定入账: the entry of a report, its state and its files in one transaction. A service of the approvals.

Called at once where the county alone decides, and by the last of those who must agree where it waits.
"""

from django.db import transaction

from communities.people.models import User
from compounds.files.choices import AttachmentKind
from compounds.files.services import add_taken
from compounds.ledger import services as ledger
from compounds.ledger.choices import Source
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft
from compounds.reports import clock, services
from compounds.reports.choices import UNDER_REVIEW
from compounds.reports.models import Report


@transaction.atomic
def post(*, draft: Draft, report: str, by: User, why: str = "") -> list[Entry]:
    """Record the draft of a report and close it; [] if that was done already. Raises Refused."""
    row = Report.objects.select_for_update(of=("self",)).select_related("community").get(pk=report)
    if row.state not in UNDER_REVIEW:
        return []
    entries = ledger.record_all(drafts=[draft], by=by, source=Source.REPORT, clock=clock.now)
    if not entries:
        return []
    entry = next(one for one in entries if one.source_key == row.proposal_key)
    services.posted(report=row, entry=entry, by=by, reason=why)
    for file in row.files.all():
        kind = AttachmentKind(file.kind)
        add_taken(compound=entry.compound, entry=entry, kind=kind, title=file.title, taken=file.taken, by=by)
    return entries
