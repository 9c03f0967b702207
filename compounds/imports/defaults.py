"""What a blank 登记日期 means: the programme's baseline date.

The programme lies one floor above, and imports run downwards only: it names its date here when the project starts
(``oversight.apps``).
"""

import datetime
from collections.abc import Callable

from chaoyang_pm.kit.dates import business_date

_provider: Callable[[], datetime.date | None] = business_date


def provide_registration_date(provider: Callable[[], datetime.date | None]) -> None:
    """Say where the date comes from; None from the provider means today."""
    global _provider
    _provider = provider


def registration_date() -> datetime.date:
    return _provider() or business_date()
