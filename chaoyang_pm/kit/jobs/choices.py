from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    """How far a job is."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")

    @property
    def look(self) -> str:
        """The class that a pill of this state is drawn by."""
        return LOOKS[self]


LOOKS = {
    JobState.QUEUED: "quiet", JobState.RUNNING: "warn", JobState.DONE: "good", JobState.FAILED: "bad",
    JobState.CANCELLED: "quiet",
}  # fmt: skip
OPEN = (JobState.QUEUED, JobState.RUNNING)
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
