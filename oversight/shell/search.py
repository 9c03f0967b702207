"""One search over what people look for by name or number, within the reader's scope."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger import mentioned
from compounds.register import names, selectors
from compounds.register.models import Compound

#: Below this length a Latin text or a number finds too much to be of use.
SHORTEST = 2
LONGEST = 100
#: Signs that clerks write in one way or the other in document numbers.
_BRACKETS = re.compile(r"[\s〔〕\[\]()()【】]+")


@dataclass(frozen=True)
class Hit:
    """What was found: its name, what tells it from others, and its page."""

    name: str
    about: str
    address: str


@dataclass(frozen=True)
class Group:
    """Hits of one kind. ``more``: there are others than these; ``all_of_them``: the page that shows them, if any."""

    kind: str
    label: str
    hits: list[Hit]
    more: bool
    all_of_them: str = ""


def search(user: User, text: str, *, limit: int) -> list[Group]:
    """What ``text`` can mean, grouped by kind; kinds without a hit are left out."""
    text = text.strip()[:LONGEST]
    if not text or (text.isascii() and len(text) < SHORTEST):
        return []
    found = [
        ("compounds", _("Compounds"), _compounds(user, text, limit + 1), reverse("register:list", query={"q": text})),
        ("divisions", _("Divisions"), _divisions(user, text, limit + 1), ""),
        ("providers", _("Providers"), _providers(user, text, limit + 1), ""),
        ("documents", _("Documents"), _documents(user, text, limit + 1), ""),
    ]
    return [Group(kind, label, hits[:limit], len(hits) > limit, more) for kind, label, hits, more in found if hits]


def _compounds(user: User, text: str, limit: int) -> list[Hit]:
    found = Compound.objects.visible_to(user) & selectors.find(text)
    rows = found.select_related("community__parent__parent").order_by("code")[:limit]
    return [
        Hit(
            row.name, " · ".join(filter(None, (row.code, _place(row.community), row.former_names))),
            reverse("register:detail", args=[row.code]),
        )
        for row in rows
    ]  # fmt: skip


def _place(community: Division) -> str:
    county = community.parent.parent if community.parent else None
    return f"{county or ''}{community}"


def _divisions(user: User, text: str, limit: int) -> list[Hit]:
    divisions = Division.objects.living().visible_to(user).select_related("parent")
    if text.isascii() and not text.isdigit():
        wanted = names.normalise(text)
        rows = [row for row in divisions if names.initials(row.name).startswith(wanted)]
    else:
        rows = list(divisions.filter(
            Q(name__contains=text) | Q(short_name__contains=text) | Q(code__startswith=text)
            | Q(former_names__name__contains=text)
        ).distinct()[:limit])  # fmt: skip
    return [
        Hit(row.name, f"{row.get_level_display()} · {row.parent or ''}", reverse("coverage:division", args=[row.code]))
        for row in rows[:limit]
    ]


def _providers(user: User, text: str, limit: int) -> list[Hit]:
    names = mentioned.providers(text, user=user, limit=limit)
    return [Hit(name, _("Provider"), reverse("register:list", query={"provider": name})) for name in names]


def _documents(user: User, text: str, limit: int) -> list[Hit]:
    pieces = [piece for piece in _BRACKETS.split(text) if piece]
    rows = mentioned.documents(pieces, user=user, limit=limit) if pieces else []
    return [Hit(row.basis_no, _about(row), reverse("ledger:entry", args=[row.height])) for row in rows]


def _about(entry: Any) -> str:
    return f"{entry.compound} · {entry.get_kind_display()} · {entry.effective_on.isoformat()}"
