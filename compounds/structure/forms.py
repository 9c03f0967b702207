import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.forms import AreaField, styled
from compounds.ledger.choices import Kind
from compounds.ledger.events import Pocket
from compounds.ledger.forms import EventForm, ReversalForm
from compounds.ledger.refusals import Refused, pocket_label
from compounds.ledger.replay import Holding
from compounds.ledger.rules import share_of
from compounds.register.choices import CompoundKind
from compounds.structure.candidates import Offer
from compounds.structure.parts import MOST_PARTS, NewCompound
from compounds.structure.previews import Held


def anew(target: str, step: str) -> dict[str, str]:
    """Attributes of a field whose change draws a part of the form anew; without scripts a button does."""
    return {
        "hx-post": "", "hx-trigger": "change", "hx-target": target, "hx-select": target, "hx-swap": "outerHTML",
        "hx-vals": json.dumps({"step": step}),
    }  # fmt: skip


class RelocateForm(EventForm):
    """归属调整: to which community, out of those in the reader's scope."""

    community = forms.ChoiceField(label=_("New community"))

    def __init__(self, *args, communities: list, **kwargs):
        super().__init__(*args, kind=Kind.RELOCATE, **kwargs)
        self.fields["community"].choices = [("", _("Choose a community")), *communities]
        self.fields["community"].error_messages["invalid_choice"] = _(
            "Choose one of the listed communities; to a community of another county only the city bureau relocates."
        )


class MergeForm(EventForm):
    """合并: which compound stays, and which ones go into it; both are chosen in one table."""

    OWN = ("stays", "others", "keep_names")
    part_template = "compounds/structure/_candidates.html"

    stays = forms.ChoiceField(widget=forms.RadioSelect)
    others = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    keep_names = forms.BooleanField(
        label=_("Keep the names of the merged compounds as former names of the one that stays"), required=False
    )

    def __init__(self, *args, offer: Offer, search: str = "", initial=None, **kwargs):
        defaults = {"keep_names": True, "stays": kwargs["compound"].code, "others": []}
        super().__init__(*args, kind=Kind.MERGE, initial=defaults | (initial or {}), **kwargs)
        self.offer, self.search = offer, search
        codes = [(one.code, one.compound.name) for one in offer.listed]
        self.fields["stays"].choices = self.fields["others"].choices = codes
        for name in ("effective_on", "precision"):
            self.fields[name].widget.attrs |= anew("#candidates", "search")

    @property
    def chosen(self) -> tuple[str, list[str]]:
        """The compound that stays and the ticked ones, as they were entered."""
        return self["stays"].value() or "", self["others"].value() or []

    def clean(self):
        data = super().clean()
        stays, ticked = data.get("stays"), set(data.get("others") or [])
        if stays and "others" in data:
            if not ticked - {stays}:
                self.add_error("others", _("Tick at least one compound that is merged into the one that stays."))
            elif self.compound.code not in ticked | {stays}:
                message = _("%(name)s takes part: tick it, or choose it as the one that stays.")
                self.add_error("others", message % {"name": self.compound.name})
            data["others"] = sorted(ticked - {stays})
        return data

    def concerns(self) -> set[str]:
        return {*self.cleaned_data["others"], self.cleaned_data["stays"]}

    def entered(self) -> list[tuple[str, str]]:
        kept = [(str(self["keep_names"].label), gettext("yes"))] if self.cleaned_data["keep_names"] else []
        return [*super().entered(), *kept]

    def show(self, refused: Refused) -> None:
        for problem in refused.problems:
            field = problem.field if problem.field in ("effective_on", "keep_names") else "others"
            self.add_error(field, problem.message)


@dataclass(frozen=True)
class Cell:
    """What one new compound takes of one pocket."""

    label: str
    held: Held
    area: BoundField
    homes: BoundField


@dataclass(frozen=True)
class Block:
    """The fields of one new compound."""

    number: int
    index: int
    facts: list[BoundField]
    cells: list[Cell]


@dataclass(frozen=True)
class Rest:
    """A pocket on the date, what the parts take of it, and what stays."""

    label: str
    held: Held
    taken: Held

    @property
    def stays(self) -> Held:
        return Held(self.held.area_dm2 - self.taken.area_dm2, self.held.households - self.taken.households)

    @property
    def is_over(self) -> bool:
        return min(self.stays) < 0


class SplitForm(EventForm):
    """拆分: new compounds and what each takes of every pocket; the rest stays with the old one."""

    OWN = ("parts",)
    FACTS = ("name", "address", "kind")
    part_template = "compounds/structure/_parts.html"

    parts = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_PARTS, initial=1)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, kind=Kind.SPLIT, **kwargs)
        for name in ("effective_on", "precision"):
            self.fields[name].widget.attrs |= anew("#split-parts", "count")
        self.holding: Holding = kwargs["holding_on"](self.date_asked())
        self.pockets = sorted(self.holding.pockets)
        for index in range(self.count):
            self._add_block(index)

    @cached_property
    def count(self) -> int:
        value = str(self["parts"].value() or 1)
        return min(max(int(value), 1), MOST_PARTS) if value.isascii() and value.isdigit() and len(value) < 6 else 1

    def _add_block(self, index: int) -> None:
        kinds = [("", "—"), *CompoundKind.choices]
        fields: dict[str, forms.Field] = {
            f"name-{index}": forms.CharField(label=_("Name of the new compound"), max_length=100),
            f"address-{index}": forms.CharField(label=_("Address"), max_length=200, required=False),
            f"kind-{index}": forms.ChoiceField(label=_("Compound kind"), choices=kinds, required=False),
        }
        for pocket in self.pockets:
            fields[area_name(index, pocket)] = AreaField(required=False)
            fields[homes_name(index, pocket)] = forms.IntegerField(
                label=_("Households"), required=False, min_value=0, help_text=_("Blank: in proportion to the area.")
            )
        for name, field in fields.items():
            self.fields[name] = styled(field)
            if name.startswith(("area-", "homes-")):
                field.widget.attrs |= anew("#split-rest", "count")

    def blocks(self) -> list[Block]:
        return [
            Block(index + 1, index, [self[f"{name}-{index}"] for name in self.FACTS], [
                Cell(
                    pocket_label(pocket), Held(*self.holding.of(pocket)), self[area_name(index, pocket)],
                    self[homes_name(index, pocket)],
                )
                for pocket in self.pockets
            ])
            for index in range(self.count)
        ]  # fmt: skip

    def rests(self) -> list[Rest]:
        """What would stay of each pocket, by what can be read of the entries so far."""
        return [
            Rest(pocket_label(pocket), Held(*self.holding.of(pocket)), self._taken(pocket)) for pocket in self.pockets
        ]

    def _taken(self, pocket: Pocket) -> Held:
        taken, left = Held(), Held(*self.holding.of(pocket))
        for area, homes in self._takes_of(pocket):
            if area is None:
                continue
            homes = share_of(left.households, area, left.area_dm2) if homes is None else homes
            taken = taken.plus((area, homes))
            left = left.plus((-area, -homes))
        return taken

    def _takes_of(self, pocket: Pocket) -> Iterator[tuple[int | None, int | None]]:
        for index in range(self.count):
            yield self._read(area_name(index, pocket)), self._read(homes_name(index, pocket))

    def _read(self, name: str) -> int | None:
        try:
            return self.fields[name].clean(self[name].value())
        except forms.ValidationError:
            return None

    def clean(self):
        data = super().clean()
        if not self.pockets:
            message = _("On %(date)s %(name)s holds no area; choose a date on which it does.")
            self.add_error("effective_on", message % {"date": self.date_asked(), "name": self.compound.name})
        for index in range(self.count):
            self._check_block(index, data)
        for pocket, rest in zip(self.pockets, self.rests(), strict=True):
            if rest.is_over and not any(area_name(index, pocket) in self.errors for index in range(self.count)):
                self._over(pocket, rest)
        return data

    def _check_block(self, index: int, data: Mapping[str, Any]) -> None:
        areas = [area_name(index, pocket) for pocket in self.pockets]
        for pocket, name in zip(self.pockets, areas, strict=True):
            if not data.get(name) and data.get(homes_name(index, pocket)):
                self.add_error(name, _("Give the area that goes with these households."))
            elif data.get(name, 1) is not None and data.get(name, 1) <= 0:
                self.add_error(name, _("The area must be greater than 0; leave it blank if nothing is taken."))
        if areas and not any(name in self.errors or data.get(name) for name in areas):
            self.add_error(areas[0], _("The new compound takes nothing; enter its area or remove it."))

    def _over(self, pocket: Pocket, rest: Rest) -> None:
        """Said at the last part that takes of the pocket."""
        last = max(index for index in range(self.count) if self._read(area_name(index, pocket)))
        facts = {
            "pocket": rest.label, "held": format_m2(rest.held.area_dm2), "taken": format_m2(rest.taken.area_dm2),
            "homes": rest.held.households, "homes_taken": rest.taken.households,
        }  # fmt: skip
        message = _(
            "%(pocket)s holds %(held)s ㎡ and %(homes)s households; the parts take %(taken)s ㎡ and "
            "%(homes_taken)s households."
        )
        name = area_name(last, pocket) if rest.stays.area_dm2 < 0 else homes_name(last, pocket)
        self.add_error(name, message % facts)

    def new_compounds(self) -> list[NewCompound]:
        data = self.cleaned_data
        return [
            NewCompound(
                data[f"name-{index}"],
                {
                    pocket: (data[area_name(index, pocket)], data[homes_name(index, pocket)])
                    for pocket in self.pockets if data[area_name(index, pocket)]
                },
                address=data[f"address-{index}"], kind=data[f"kind-{index}"],
            )
            for index in range(self.count)
        ]  # fmt: skip

    def show(self, refused: Refused) -> None:
        """A reason about a part stands at the name of that part."""
        names = {self.cleaned_data.get(f"name-{index}"): f"name-{index}" for index in range(self.count)}
        for problem in refused.problems:
            field = names.get(problem.value) if problem.field == "parts" else problem.field
            self.add_error(field if field in self.fields else None, problem.message)


class SplitReversalForm(ReversalForm):
    """更正 of a split: what becomes of the compounds that it had made."""

    retire = forms.BooleanField(
        label=_("If it is only withdrawn: withdraw the compounds that it made from the register, too"),
        required=False, initial=True,
    )  # fmt: skip


def area_name(index: int, pocket: Pocket) -> str:
    return f"area-{index}-{pocket.category}-{pocket.mode}"


def homes_name(index: int, pocket: Pocket) -> str:
    return f"homes-{index}-{pocket.category}-{pocket.mode}"
