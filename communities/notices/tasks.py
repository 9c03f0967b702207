import datetime

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from communities.notices import reminders, selectors, sending, services


@job(
    services.SEND, label=_("Messages sent"), redoable=True, needed=sending.is_anything_due,
    tells={"sent": _("Sent"), "waiting": _("Tried again later"), "given_up": _("Given up")},
)  # fmt: skip
def send(progress: Progress) -> dict[str, int]:
    return {str(state): number for state, number in sending.send_due(progress.advance).items()}


@job(
    "notices.morning", label=_("Reminders and daily e-mails"), redoable=True,
    daily=lambda: selectors.schedule().digest_at, tells={"reminded": _("Reminded"), "digests": _("Daily e-mails")},
)  # fmt: skip
def morning(progress: Progress) -> dict[str, int]:
    """May run again: whoever was told is not told again."""
    day = progress.job.due_on or business_date()
    return {"reminded": reminders.remind(day), "digests": reminders.write_digests(day)}


@job(
    "notices.tidy", label=_("Old notices removed"), redoable=True, daily=datetime.time(0, 35),
    tells={"removed": _("Removed")},
)  # fmt: skip
def tidy(progress: Progress) -> dict[str, int]:
    return {"removed": services.tidy()}
