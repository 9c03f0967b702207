"""Divisions named by programs, in a parameter or a body: unusable is 400, unknown or outside one's scope is 404."""

from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.parameters import Parameter
from chaoyang_pm.kit.api.problems import NotFound
from chaoyang_pm.kit.problems import bad
from communities.divisions.choices import CODE_LENGTH
from communities.divisions.models import Division

DIVISION = Parameter("division", "Only this division and what lies below it. 行政区划代码", "211302")


def check_code(code: str, *, user: Any, field: str = "division") -> str:
    """A code that could be a division's and lies in the user's scope, or a blank. Asks nothing of the database."""
    if not code:
        return ""
    if not (code.isascii() and code.isdigit() and len(code) in CODE_LENGTH.values()):
        message = _("“%(value)s” is no division code; it has 4, 6, 9 or 12 digits, such as 2113 or 211302.")
        raise bad(field, code, message % {"value": code})
    if not user.scope.covers(code):
        raise NotFound(field, code)
    return code


def named(code: str, *, user: Any, field: str = "division") -> Division | None:
    """The division with this code as far as the user sees it; None for a blank."""
    if not check_code(code, user=user, field=field):
        return None
    division = Division.objects.filter(code=code).first()
    if division is None:
        raise NotFound(field, code)
    return division
