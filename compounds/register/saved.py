"""What a reader keeps of the list: columns, and named views of which one may come up first."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.http import QueryDict

from communities.people.models import User
from compounds.register.models import ChosenColumns, SavedView

#: An address is not longer.
LONGEST = 2_000
#: Not kept with a view: a page number means nothing the next day.
PASSING = ("page",)


@dataclass(frozen=True)
class Usual:
    """How the bare list comes up for a reader."""

    columns: str
    default: SavedView | None


def usual(user: User) -> Usual:
    columns = ChosenColumns.objects.filter(user=user).values_list("columns", flat=True).first()
    return Usual(columns or "", next((view for view in of(user) if view.is_default), None))


def of(user: User) -> list[SavedView]:
    return list(SavedView.objects.filter(user=user))


def remember(*, user: User, columns: Iterable[str]) -> None:
    ChosenColumns.objects.update_or_create(user=user, defaults={"columns": ",".join(columns)})


@transaction.atomic
def save(*, user: User, name: str, query: str, is_default: bool = False) -> SavedView:
    """Keep a view; one of the same name becomes this one."""
    kept = QueryDict(query[:LONGEST], mutable=True)
    for key in PASSING:
        kept.pop(key, None)
    if is_default:
        _none_first(user)
    defaults = {"query": kept.urlencode(safe=","), "is_default": is_default}
    view, _created = SavedView.objects.update_or_create(user=user, name=name, defaults=defaults)
    return view


@transaction.atomic
def change(*, view: SavedView, name: str, is_default: bool) -> bool:
    """False where another view of the reader has the name."""
    others = SavedView.objects.filter(user=view.user_id).exclude(pk=view.pk)
    if others.filter(name=name).exists():
        return False
    if is_default:
        _none_first(view.user)
    view.name, view.is_default = name, is_default
    view.save()
    return True


def delete(*, view: SavedView) -> None:
    SavedView.objects.filter(pk=view.pk).delete()


def _none_first(user: User) -> None:
    SavedView.objects.filter(user=user, is_default=True).update(is_default=False)
