"""Reads on what the database says about itself; asked for on every page, so kept for some seconds."""

import datetime
import time
from dataclasses import dataclass

from django.utils.translation import gettext as _

#: How long a process believes what it has read: another process may have made a demonstration since.
KEPT_SECONDS = 10


@dataclass(frozen=True)
class About:
    is_demo: bool = False
    business_date: datetime.date | None = None
    demo_accounts: tuple[str, ...] = ()


_kept: tuple[float, About] = (0.0, About())


def about() -> About:
    """What the database says about itself, at most some seconds ago."""
    until, known = _kept
    if time.monotonic() < until:
        return known
    return keep(_read())


def keep(known: About, seconds: float = KEPT_SECONDS) -> About:
    """Believe this for so many seconds."""
    global _kept
    _kept = time.monotonic() + seconds, known
    return known


def forget() -> None:
    """Ask the database again next time."""
    keep(About(), 0.0)


def notice() -> str:
    """What every page and every exported table of a demonstration says about its figures; empty elsewhere."""
    if not about().is_demo:
        return ""
    return _("Demo data: compounds and figures are invented, only the divisions have real names")


def file_name(name: str) -> str:
    """The name of a file to download, marked in a demonstration."""
    if not about().is_demo:
        return name
    mark = _("Demo data")  # outside of an f-string, where the catalogue would miss it
    return f"{mark}-{name}"


def _read() -> About:
    from chaoyang_pm.kit.portal.models import Portal  # dates are asked for before models are loaded

    row = Portal.objects.filter(pk=1).first()
    return About(row.is_demo, row.business_date, tuple(row.demo_accounts)) if row else About()
