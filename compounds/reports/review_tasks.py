from dataclasses import asdict
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from communities.people.models import User
from compounds.reports import review

TOGETHER = "reports.together"


@job(
    TOGETHER, label=_("Reports agreed to together"), redoable=True,
    page=lambda job: reverse("review:decided", args=[job.pk]),
    tells={"done": _("Agreed to"), "left": _("Left as they were")},
)  # fmt: skip
def together(progress: Progress, reports: list[list[Any]]) -> dict[str, Any]:
    """May run again: each report is a transaction of its own, and one that is decided is found so."""
    by = User.objects.get(pk=progress.job.created_by_id)
    outcomes = []
    for number, (key, revision) in enumerate(reports):
        progress.advance(number, total=len(reports))
        outcomes.append(review.decide_clean(report=key, revision=revision, by=by))
    progress.advance(len(reports))
    done = sum(one.done for one in outcomes)
    return {"done": done, "left": len(outcomes) - done, "outcomes": [asdict(one) for one in outcomes]}
