"""What happened to a compound, in sentences that anyone can read."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chaoyang_pm.kit.figures import format_m2, masked
from chaoyang_pm.kit.labels import field_label, value_label
from chaoyang_pm.kit.templatetags.figures import signed, signed_m2
from communities.people.models import User
from compounds.files.selectors import without_scan
from compounds.ledger.choices import Category, Kind, Mode
from compounds.ledger.hashing import TEXT_FIELDS
from compounds.ledger.models import Entry
from compounds.ledger.selectors import history
from compounds.modes import evidence
from compounds.register.models import Compound


@dataclass(frozen=True)
class Item:
    """One entry of a timeline. ``undone_by`` is the height of the reversal that struck it out by then.

    ``lacks_scan``: its kind needs a document, and no scan of one is filed. ``lacks_key``: a takeover without the key
    evidence of its procedure, from the day on that it is asked for.
    """

    entry: Entry
    sentence: str
    undone_by: int | None
    lacks_scan: bool
    lacks_key: bool


def of(compound: Compound, *, user: User, as_of: datetime.date, height: int, by_recording: bool = False) -> list[Item]:
    """Entries about the compound that ``user`` may see, newest first: by date of effect, or by time of recording."""
    entries = history(compound).visible_to(user).filter(height__lte=height, effective_on__lte=as_of)
    found = list(entries.order_by(*(["-height"] if by_recording else ["-effective_on", "-height"])))
    lacking, unproven = without_scan(found), evidence.lacking(found)
    return [
        Item(
            entry, sentence(entry, compound), undone_by(entry, height), entry.height in lacking,
            entry.height in unproven,
        )
        for entry in found
    ]  # fmt: skip


def undone_by(entry: Entry, height: int) -> int | None:
    """The height of the reversal of an entry, if it was recorded by ``height``."""
    reversal = getattr(entry, "reversed_by", None)
    return reversal.height if reversal and reversal.height <= height else None


def sentence(entry: Entry, compound: Compound) -> str:
    """What an entry says, seen from a compound that it names; the kind itself stands before it."""
    facts = {
        "area": format_m2(entry.area_dm2),
        "category": Category(entry.category).label if entry.category else "",
        "new_category": Category(entry.new_category).label if entry.new_category else "",
        "before": Mode(entry.mode_from).label if entry.mode_from else "",
        "after": Mode(entry.mode_to).label if entry.mode_to else "",
    }
    match entry.kind:
        case Kind.REGISTER:
            text = (
                _("%(area)s ㎡, %(category)s")
                if entry.mode_to == Mode.NONE
                else _("%(area)s ㎡, %(category)s → %(after)s")
            )
            return _with_households(text % facts, entry)
        case Kind.TAKEOVER:
            return _with_provider(_("%(area)s ㎡ → %(after)s") % facts, entry)
        case Kind.MODE_CHANGE:
            return _with_provider(_("%(area)s ㎡, %(before)s → %(after)s") % facts, entry)
        case Kind.LAPSE:
            return _("%(area)s ㎡, %(before)s → not managed") % facts
        case Kind.RECLASSIFY:
            return _("%(area)s ㎡, %(category)s → %(new_category)s") % facts
        case Kind.RESURVEY:
            return _resurvey(entry, facts)
        case Kind.PROVIDER_CHANGE:
            return f"{entry.provider_from or '—'} → {entry.provider_to or '—'}"
        case Kind.RELOCATE:
            return _("to %(community)s") % {"community": entry.community}
        case Kind.MERGE:
            if entry.target_id == compound.pk:
                return _("%(compound)s was merged into this compound") % {"compound": entry.compound}
            return _("into %(compound)s") % {"compound": entry.target}
        case Kind.SPLIT:
            return _split(entry)
        case Kind.DEREGISTER:
            return _("all area")
    return _withdrawal(entry)


def _withdrawal(entry: Entry) -> str:
    assert entry.reverses  # noqa: S101 — the database holds it for every reversal
    return _("withdraws version %(height)s (%(date)s, %(kind)s)") % {
        "height": entry.reverses_id,
        "date": entry.reverses.effective_on.isoformat(),
        "kind": entry.reverses.get_kind_display(),
    }


def _with_households(text: str, entry: Entry) -> str:
    if not entry.households:
        return text
    households = ngettext("%(number)s household", "%(number)s households", entry.households)
    return _("%(text)s, %(households)s") % {
        "text": text,
        "households": households % {"number": f"{entry.households:,}"},
    }


def _with_provider(text: str, entry: Entry) -> str:
    return _("%(text)s (%(provider)s)") % {"text": text, "provider": entry.provider_to} if entry.provider_to else text


def _resurvey(entry: Entry, facts: dict) -> str:
    changes = []
    if entry.area_dm2:
        changes.append(f"{signed_m2(entry.area_dm2)} ㎡")
    if entry.households:
        households = ngettext("%(number)s household", "%(number)s households", abs(entry.households))
        changes.append(households % {"number": signed(entry.households)})
    facts |= {"changes": _(", ").join(changes), "mode": facts["before"]}
    return _("%(changes)s (%(category)s / %(mode)s)") % facts


def _split(entry: Entry) -> str:
    own = [part for part in entry.parts.all() if part.split_id == entry.height]
    return _("; ").join(f"{format_m2(part.area_dm2)} ㎡ → {part.compound}" for part in own)


def facts(entry: Entry) -> list[tuple[str, str]]:
    """The descriptive fields of an entry that say something, with their labels."""
    return facts_of({name: getattr(entry, name) for name in TEXT_FIELDS})


def facts_of(
    details: Mapping[str, str], *, kind: Kind | None = None, on: datetime.date | None = None
) -> list[tuple[str, str]]:
    """Descriptive fields that say something, with their labels; a telephone number is masked."""
    found = [(field_label(Entry, "kind"), str(kind.label))] if kind else []
    if on:
        found.append((field_label(Entry, "effective_on"), on.isoformat()))
    for name in TEXT_FIELDS:
        value = details.get(name)
        if value and name != "source_key":
            shown = masked(value) if name == "phone" else value_label(Entry, name, value)
            found.append((field_label(Entry, name), shown))
    return found
