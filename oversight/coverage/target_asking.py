"""By which versions of the targets a figure is asked for, said once for pages and programs."""

import datetime

from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.parameters import DATE, Parameter
from chaoyang_pm.kit.problems import bad

TARGET_VERSION = Parameter(
    "target_version",
    "Day whose versions of the targets are meant, also one to come; default: `as_of`. 任务版本所属日期", "2014-12-31",
    DATE,
)  # fmt: skip


def resolve_versions_on(text: str) -> datetime.date | None:
    """The day whose versions are meant; None for a blank. Raises BadQuestion."""
    if not text:
        return None
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        message = _("“%(value)s” is not a date; write it as 2014-12-31.")
        raise bad("target_version", text, message % {"value": text}) from None
