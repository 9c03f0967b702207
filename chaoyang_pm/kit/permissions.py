"""Answers of a permission check: allowed, or denied with a reason that a page can show."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied


@dataclass(frozen=True)
class Allowed:
    """Yes."""

    reason: str = ""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Denied:
    """No; ``reason`` says why, and who can."""

    reason: str

    def __bool__(self) -> bool:
        return False


Decision = Allowed | Denied


def require(decision: Decision) -> None:
    """Go on, or PermissionDenied with the reason (a page answers 403 with it)."""
    if not decision:
        raise PermissionDenied(decision.reason)
