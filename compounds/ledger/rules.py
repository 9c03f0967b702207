"""What an event of each kind may say, and how blanks are filled before it is recorded (ledger.md).

``check`` looks at the event alone, ``settle`` at the compound's pockets on its date.
"""

import datetime
from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import format_m2, half_up
from compounds.ledger.book import Book
from compounds.ledger.choices import MOVES, NEEDS_BASIS, OPEN_CATEGORIES, Category, Kind, Mode
from compounds.ledger.events import Event, Part, Pocket
from compounds.ledger.refusals import Label, Problem, Refused, pocket_label, refuse
from compounds.ledger.replay import Holding

MANAGED = tuple(mode for mode in Mode if mode != Mode.NONE)
#: Asked for every row of an import; an enumeration lists its values anew each time.
_KNOWN = {"category": frozenset(Category.values), "mode_from": frozenset(Mode.values)}
#: Integer columns hold 64 and 32 bits; no compound comes near.
MAX_AREA_DM2 = 10**13
MAX_HOUSEHOLDS = 10**8


def check(event: Event, details: Mapping[str, str], *, standing: bool = False) -> list[Problem]:
    """All problems of an event that need no look into the ledger. ``details`` are its descriptive fields.

    ``standing``: as it stood in another ledger, where new parts of a split may have come to households alone, and
    what came into an exported division is registered as it was.
    """
    problems = [*_check_date(event.effective_on), *_check_words(event), *_check_quantities(event, standing)]
    if event.kind == Kind.REGISTER:
        problems += _check_register(event, standing)
    elif event.kind in MOVES:
        problems += _check_move(event)
    elif event.kind == Kind.MERGE and not event.target:
        problems.append(Problem("target", "", _("Say into which compound it is merged.")))
    elif event.kind == Kind.MERGE and event.target == event.compound:
        problems.append(
            Problem("target", event.target, _("A compound cannot be merged into itself; name another one."))
        )
    elif event.kind == Kind.SPLIT:
        problems += _check_split(event)
    # Parts are rows: a split that is to move nothing would be read back as it was before.
    for split in [split for split, parts in event.new_parts if not parts] if event.new_parts else ():
        message = _("Nothing would be left to divide in version %(height)s; reverse that split first.")
        problems.append(Problem("parts", split, message % {"height": split}))
    if event.kind in NEEDS_BASIS and not any(details.get(f"basis_{name}") for name in ("type", "name", "no")):
        message = _("%(kind)s needs a basis: give the document's type, name or number.")
        problems.append(Problem("basis_name", "", message % {"kind": Kind(event.kind).label}))
    return problems


def _check_date(effective_on: datetime.date) -> list[Problem]:
    today = business_date()
    if effective_on <= today:
        return []
    message = _("%(date)s lies after the business date; dates up to %(today)s are accepted.")
    facts = {"date": effective_on.isoformat(), "today": today.isoformat()}
    return [Problem("effective_on", effective_on.isoformat(), message % facts)]


def _check_words(event: Event) -> list[Problem]:
    """Categories and modes that do not exist, where the rules of the kind do not list what they accept."""
    parts = [*event.parts, *(part for _split, brought in event.new_parts for part in brought)]
    if event.kind == Kind.REGISTER and not parts:
        return []
    categories, modes = [part.category for part in parts], [part.mode for part in parts]
    if event.kind not in (Kind.REGISTER, Kind.RECLASSIFY):
        categories.append(event.category)
    if event.kind not in (Kind.REGISTER, Kind.TAKEOVER):
        modes.append(event.mode_from)
    return [
        Problem(
            name,
            value,
            _("There is no “%(value)s”; accepted: %(accepted)s.") % {"value": value, "accepted": _labels(words)},
        )
        for name, words, given in (("category", Category, categories), ("mode_from", Mode, modes))
        for value in dict.fromkeys(given)
        if value and value not in _KNOWN[name]
    ]


def _check_quantities(event: Event, standing: bool) -> list[Problem]:
    problems = []
    quantities = [(event.area_dm2, event.households)]
    quantities += [(part.area_dm2, part.households) for part in event.parts]
    signed = event.kind == Kind.RESURVEY
    least = 0 if standing and event.kind in (Kind.SPLIT, Kind.REGISTER) else 1
    for area, households in quantities:
        if area is not None and (abs(area) > MAX_AREA_DM2 or (area < least and not signed)):
            message = _("The area must be greater than 0 and at most %(most)s ㎡.")
            problems.append(Problem("area_dm2", format_m2(area), message % {"most": format_m2(MAX_AREA_DM2)}))
        if households is not None and (abs(households) > MAX_HOUSEHOLDS or (households < 0 and not signed)):
            message = _("Households must be 0 or more, and at most %(most)s.")
            problems.append(Problem("households", households, message % {"most": f"{MAX_HOUSEHOLDS:,}"}))
    brought = [(part.area_dm2, part.households) for _split, parts in event.new_parts for part in parts]
    if brought and any(quantity is None or quantity < 0 for pair in brought for quantity in pair):
        problems.append(Problem("parts", "", _("New parts of a split name area and households, each 0 or more.")))
    if signed and not event.area_dm2 and not event.households:
        message = _("A resurvey gives the difference: an area with + or −, households, or both.")
        problems.append(Problem("area_dm2", format_m2(event.area_dm2), message))
    return problems


def _check_register(event: Event, standing: bool) -> list[Problem]:
    problems = []
    if event.area_dm2 is None:
        problems.append(Problem("area_dm2", "", _("A registration needs an area.")))
    if event.category not in _KNOWN["category"]:
        message = _("A registration needs a category: %(accepted)s.")
        problems.append(Problem("category", event.category, message % {"accepted": _labels(Category)}))
    elif not standing and event.category in OPEN_CATEGORIES and event.mode_to != Mode.NONE:
        message = _("%(category)s is registered as not managed; record the takeover with its date as well.")
        problems.append(Problem("mode_to", event.mode_to, message % {"category": Category(event.category).label}))
    elif not standing and event.category == Category.ESTABLISHED and event.mode_to not in MANAGED:
        message = _("%(category)s is registered under a way of management: %(accepted)s.")
        facts = {"category": Category(event.category).label, "accepted": _labels(MANAGED)}
        problems.append(Problem("mode_to", event.mode_to, message % facts))
    elif event.mode_to not in _KNOWN["mode_from"]:
        message = _("Name the mode: %(accepted)s.")
        problems.append(Problem("mode_to", event.mode_to, message % {"accepted": _labels(Mode)}))
    return problems


def _check_move(event: Event) -> list[Problem]:
    problems = []
    if event.kind == Kind.TAKEOVER and event.mode_from not in ("", Mode.NONE):
        message = _("A takeover begins with area that is not managed; a change between two modes is “%(kind)s”.")
        problems.append(Problem("mode_from", event.mode_from, message % {"kind": Kind.MODE_CHANGE.label}))
    if event.kind in (Kind.MODE_CHANGE, Kind.LAPSE) and event.mode_from == Mode.NONE:
        message = _("%(kind)s begins with managed area: %(accepted)s.")
        facts = {"kind": Kind(event.kind).label, "accepted": _labels(MANAGED)}
        problems.append(Problem("mode_from", event.mode_from, message % facts))
    if event.kind in (Kind.TAKEOVER, Kind.MODE_CHANGE) and event.mode_to not in MANAGED:
        message = _("Name the mode afterwards: %(accepted)s.")
        problems.append(Problem("mode_to", event.mode_to, message % {"accepted": _labels(MANAGED)}))
    if event.kind == Kind.MODE_CHANGE and event.mode_to and event.mode_from == event.mode_to:
        problems.append(Problem("mode_to", event.mode_to, _("The mode before and after are the same.")))
    if event.kind == Kind.LAPSE and event.mode_to not in ("", Mode.NONE):
        message = _("After a lapse the area is not managed; a change between two modes is “%(kind)s”.")
        problems.append(Problem("mode_to", event.mode_to, message % {"kind": Kind.MODE_CHANGE.label}))
    if event.kind == Kind.RECLASSIFY:
        for name in ("category", "new_category"):
            value = getattr(event, name)
            if value not in OPEN_CATEGORIES and (value or name == "new_category"):
                message = _("Only these categories can be reclassified into each other: %(accepted)s.")
                problems.append(Problem(name, value, message % {"accepted": _labels(OPEN_CATEGORIES)}))
        if event.category and event.category == event.new_category:
            problems.append(
                Problem("new_category", event.new_category, _("The category before and after are the same."))
            )
    return problems


def _check_split(event: Event) -> list[Problem]:
    if not event.parts:
        return [Problem("parts", "", _("A split needs at least one part with its new compound."))]
    if any(part.compound == event.compound for part in event.parts):
        return [Problem("target", event.compound, _("A part goes to a new compound, not to the split one."))]
    return []


def settle(book: Book, event: Event, label: Label, *, standing: bool = False) -> Event:
    """Fix what was left blank from the compound's pockets on the event's date, and refuse what makes no sense now.

    Blank category and mode: the only pocket that fits. Blank area: all of the pocket. Blank households where
    area moves: all of the pocket's when the area is, else in proportion, rounded half up; elsewhere 0.
    Raises Refused. The replay itself is checked when the event is recorded. What is ``standing`` in another ledger
    has no blanks, and makes as much sense as it did in the replay there.
    """
    holding = book.holding(event.compound, event.effective_on)
    if event.kind == Kind.REGISTER:
        community = event.community or holding.community or book.first_community(event.compound)
        if (community, event.households or 0) == (event.community, event.households):
            return event
        return replace(event, community=community, households=event.households or 0)
    on = {"date": event.effective_on.isoformat(), "compound": label(event.compound)}
    if standing and event.kind != Kind.SPLIT:
        return _fill_sides(event)
    if event.kind in MOVES or event.kind == Kind.RESURVEY:
        return _settle_pocket(_fill_sides(event), holding, on)
    if event.kind == Kind.SPLIT:
        return _settle_split(event, holding, on)
    if event.kind == Kind.RELOCATE and event.community == holding.community:
        message = _("On %(date)s %(compound)s already lies in %(community)s.")
        raise refuse("community", event.community, message % (on | {"community": label(event.community)}))
    if (
        event.kind == Kind.PROVIDER_CHANGE
        and not holding.retired_by
        and not any(area for pocket, (area, _h) in holding.pockets.items() if pocket.mode != Mode.NONE)
    ):
        message = _("On %(date)s no area of %(compound)s is managed, so there is no provider to change.")
        raise refuse("effective_on", event.effective_on.isoformat(), message % on)
    return event


def _fill_sides(event: Event) -> Event:
    if event.kind == Kind.TAKEOVER:
        return replace(event, mode_from=Mode.NONE.value)
    if event.kind == Kind.LAPSE:
        return replace(event, mode_to=Mode.NONE.value)
    return event


def _fits(event: Event, pocket: Pocket) -> bool:
    """Whether the event could begin with this pocket."""
    if (event.category and pocket.category != event.category) or (event.mode_from and pocket.mode != event.mode_from):
        return False
    if event.kind in (Kind.MODE_CHANGE, Kind.LAPSE):
        return pocket.mode not in (Mode.NONE, event.mode_to)
    if event.kind == Kind.RECLASSIFY:
        return pocket.category in OPEN_CATEGORIES and pocket.category != event.new_category
    return True


def _settle_pocket(event: Event, holding: Holding, on: dict[str, str]) -> Event:
    exact = bool(event.category and event.mode_from)
    if not exact:
        pocket = _only_pocket([pocket for pocket in holding.pockets if _fits(event, pocket)], event, holding, on)
        event = replace(event, category=pocket.category, mode_from=pocket.mode)
    held_area, held_households = holding.of(event.source_pocket())
    if event.kind == Kind.RESURVEY:
        if not held_area and not held_households and not holding.retired_by:
            raise _nothing_there(event, holding, on)
        return replace(event, area_dm2=event.area_dm2 or 0, households=event.households or 0)
    if event.area_dm2 is None and not held_area:
        raise _nothing_there(event, holding, on)
    area = held_area if event.area_dm2 is None else event.area_dm2
    households = event.households
    if households is None:
        households = share_of(held_households, area, held_area)
    return replace(event, area_dm2=area, households=households)


def share_of(households: int, area_dm2: int, held_area_dm2: int) -> int:
    """Households that go with a part of a pocket's area. An area beyond the pocket's is refused later."""
    if area_dm2 >= held_area_dm2:
        return households
    return half_up(households * area_dm2, held_area_dm2)


def _only_pocket(pockets: list[Pocket], event: Event, holding: Holding, on: dict[str, str]) -> Pocket:
    if not pockets:
        raise _nothing_there(event, holding, on)
    if len(pockets) > 1:
        message = _("On %(date)s %(compound)s has area in %(pockets)s; say which category and which mode before.")
        facts = on | {"pockets": _pocket_list(holding)}
        raise refuse("category" if not event.category else "mode_from", "", message % facts)
    return pockets[0]


def _nothing_there(event: Event, holding: Holding, on: dict[str, str]) -> Refused:
    named = [name for name in ("category", "mode_from") if getattr(event, name)] if holding.pockets else []
    field = [*named, "effective_on"][0]
    value = getattr(event, field)
    if not holding.pockets:
        message = _("On %(date)s %(compound)s holds no area in the ledger; check the date against its registration.")
    else:
        message = _("On %(date)s %(compound)s has no area that %(kind)s could begin with; it has %(pockets)s.")
    facts = on | {"kind": Kind(event.kind).label, "pockets": _pocket_list(holding)}
    return refuse(field, value.isoformat() if isinstance(value, datetime.date) else value, message % facts)


def _settle_split(event: Event, holding: Holding, on: dict[str, str]) -> Event:
    left = holding.copy()
    parts = []
    for part in event.parts:
        wanted = Event(
            Kind.SPLIT, event.effective_on, event.compound, category=part.category, mode_from=part.mode,
            area_dm2=part.area_dm2, households=part.households,
        )  # fmt: skip
        settled = _settle_pocket(wanted, left, on)
        pocket, area, households = settled.source_pocket(), settled.area_dm2 or 0, settled.households or 0
        held_area, held_households = left.of(pocket)
        if area > held_area or households > held_households:
            message = _("On %(date)s only %(area)s ㎡ and %(households)s households are left in %(pocket)s.")
            facts = {"area": format_m2(held_area), "households": held_households, "pocket": pocket_label(pocket)}
            raise refuse("area_dm2", format_m2(area), message % (on | facts))
        left.add(pocket, -area, -households)
        parts.append(Part(part.compound, *pocket, area, households))
    split_pockets = {Pocket(part.category, part.mode) for part in parts}
    for pocket in sorted(split_pockets):
        area, households = left.of(pocket)
        if area or households:
            parts.append(Part(event.compound, *pocket, area, households))
    return replace(event, parts=tuple(parts))


def _pocket_list(holding: Holding) -> str:
    return _("; ").join(
        f"{pocket_label(pocket)} {format_m2(area)} ㎡"
        for pocket, (area, _households) in sorted(holding.pockets.items())
    )


def _labels(choices) -> str:
    return _(", ").join(str(choice.label) for choice in choices)
