"""Writes on single divisions: a name that was written wrongly, and a division that the list lacks.

What changes by a document (a new name, a merger, a partition) is a change of divisions, one floor up.
"""

from typing import TYPE_CHECKING

from auditlog.context import set_actor
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import normalised

if TYPE_CHECKING:
    from communities.people.models import User

LEVEL_OF = {length: level for level, length in CODE_LENGTH.items()}


@transaction.atomic
def correct_name(
    *, division: Division, name: str, short_name: str, by: "User | None", seen: tuple[str, str] | None = None
) -> bool:
    """Correct how a division is written; whether anything differed. Raises ValidationError with its fields.

    ``seen``: name and short name that the correction starts from; refused if somebody has changed them since.
    """
    locked = Division.objects.select_for_update().get(pk=division.pk)
    if locked.never_was:
        raise ValidationError(_("The change of divisions that made it was undone: there is no such division."))
    now = (locked.name, locked.short_name)
    if seen is not None and seen != now:
        message = _("Somebody has changed it meanwhile: it is called %(name)s (%(short)s) now. Look at it again.")
        raise ValidationError(message % {"name": now[0], "short": now[1] or "—"})
    locked.name, locked.short_name = tidy(name), tidy(short_name)
    if (locked.name, locked.short_name) == now:
        return False
    check(locked)
    with set_actor(by):
        locked.save(update_fields=["name", "short_name"])
    return True


@transaction.atomic
def add(*, code: str, name: str, short_name: str = "", by: "User | None") -> Division:
    """Add a division that was always there and is missing. Its code says where it lies and of which level it is.

    Raises ValidationError with its fields: an impossible or known code, no living parent, a sibling's name.
    """
    level = _level(code)
    if known := Division.objects.filter(pk=code).first():
        message = _("%(code)s is %(name)s already; a code is not used twice.")
        raise ValidationError({"code": message % {"code": code, "name": known.name}})
    division = Division(code=code, name=tidy(name), short_name=tidy(short_name), level=level)
    division.parent = _parent(code, level)
    check(division)
    with set_actor(by):
        division.save(force_insert=True)
    return division


def _level(code: str) -> Level:
    level = LEVEL_OF.get(len(code)) if code.isascii() and code.isdigit() else None
    if level is None or level == Level.CITY:
        message = _("“%(value)s” is no code of a county, subdistrict or community; it has 6, 9 or 12 digits.")
        raise ValidationError({"code": message % {"value": code}})
    if not int(code[_above(level) :]):
        message = _("%(code)s ends in zeros: that is how others write the code of the division above.")
        raise ValidationError({"code": message % {"code": code}})
    return level


def _above(level: Level) -> int:
    """The length of the codes one level up."""
    return max(length for length in CODE_LENGTH.values() if length < CODE_LENGTH[level])


def _parent(code: str, level: Level) -> Division:
    """The division above, locked: two who add below it do so one after the other."""
    above = code[: _above(level)]
    parent = Division.objects.select_for_update().filter(pk=above).first()
    if parent is None:
        message = _("There is no division %(code)s above it; add that one first.")
        raise ValidationError({"code": message % {"code": above}})
    if parent.ended_on:
        message = _("%(division)s ended on %(date)s; nothing new lies below it.")
        facts = {"division": parent, "date": parent.ended_on.isoformat()}
        raise ValidationError({"code": message % facts})
    return parent


def check(division: Division) -> None:
    """A name, and among living siblings no other one that people would write the same way; else ValidationError."""
    if not division.name:
        raise ValidationError({"name": _("Give the division's name.")})
    division.full_clean(validate_constraints=False)
    if division.ended_on:
        return
    siblings = Division.objects.living().filter(parent=division.parent_id).exclude(pk=division.pk)
    for sibling in siblings:
        if normalised(sibling.name) == normalised(division.name):
            message = _("%(code)s below the same division is called %(name)s already.")
            raise ValidationError({"name": message % {"code": sibling.code, "name": sibling.name}})


def tidy(text: str) -> str:
    """A name without white space around it, or more than one blank or a line's end within."""
    return " ".join(text.split())
