"""Writes on what the database says about itself."""

import datetime
from collections.abc import Iterable

from chaoyang_pm.kit.portal import selectors
from chaoyang_pm.kit.portal.models import Portal


def declare_demo(*, business_date: datetime.date, accounts: Iterable[str] = ()) -> None:
    """Say that this database is a demonstration and which day it is there, until it is thrown away."""
    Portal.objects.update_or_create(
        pk=1, defaults={"is_demo": True, "business_date": business_date, "demo_accounts": list(accounts)}
    )
    selectors.forget()
