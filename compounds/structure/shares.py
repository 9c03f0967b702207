"""A late entry that changes what an older split had to share out: the parts of that split are asked for anew."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.forms import AreaField, styled
from compounds.ledger import entering
from compounds.ledger.choices import Kind
from compounds.ledger.events import Event, Part, Pocket
from compounds.ledger.recording import Draft, prepare
from compounds.ledger.refusals import Refused, pocket_label
from compounds.ledger.replay import Holding
from compounds.ledger.rules import share_of
from compounds.register.models import Compound
from compounds.structure.forms import Block, Cell
from compounds.structure.previews import Held


class ShareForm(forms.Form):
    """What each new compound of an older split takes, of what the split compound would hold now; the rest stays."""

    def __init__(self, data: Mapping[str, str] | None, *, split: Event, holding: Holding, names: Mapping[str, str]):
        super().__init__(data, initial={
            self._name(split, part.compound, Pocket(part.category, part.mode), what): value
            for part in split.parts for what, value in (("area", part.area_dm2), ("homes", part.households))
        })  # fmt: skip
        self.split, self.holding, self.names = split, holding, names
        self.pockets = sorted(holding.pockets)
        self.made = list(dict.fromkeys(part.compound for part in split.parts if part.compound != split.compound))
        for code in self.made:
            for pocket in self.pockets:
                area = AreaField(required=False, min_value=0)
                homes = forms.IntegerField(
                    label=gettext_lazy("Households"), required=False, min_value=0,
                    help_text=gettext_lazy("Blank: in proportion to the area."),
                )  # fmt: skip
                self.fields[self._name(split, code, pocket, "area")] = styled(area)
                self.fields[self._name(split, code, pocket, "homes")] = styled(homes)

    @staticmethod
    def _name(split: Event, code: str, pocket: Pocket, what: str) -> str:
        return f"share-{split.height}-{code}-{pocket.category}-{pocket.mode}-{what}"

    def blocks(self) -> Iterator[tuple[str, Block]]:
        """The fields under the name of each new compound."""
        for index, code in enumerate(self.made):
            cells = [
                Cell(
                    pocket_label(pocket), Held(*self.holding.of(pocket)),
                    *(self[self._name(self.split, code, pocket, what)] for what in ("area", "homes")),
                )
                for pocket in self.pockets
            ]  # fmt: skip
            yield self.names.get(code, code), Block(index + 1, index, [], cells)

    def clean(self):
        data = super().clean() or {}
        for pocket in self.pockets:
            taken = [self._taken(data, code, pocket) for code in self.made]
            held_area, held_homes = self.holding.of(pocket)
            area, homes = sum(area for area, _homes in taken), sum(homes for _area, homes in taken)
            if area > held_area or homes > held_homes:
                facts = {
                    "pocket": pocket_label(pocket), "held": format_m2(held_area), "homes": held_homes,
                    "taken": format_m2(area), "homes_taken": homes,
                }  # fmt: skip
                message = _(
                    "%(pocket)s holds %(held)s ㎡ and %(homes)s households; the parts take %(taken)s ㎡ and "
                    "%(homes_taken)s households."
                )
                what = "area" if area > held_area else "homes"
                self.add_error(self._name(self.split, self.made[-1], pocket, what), message % facts)
        if not any(self._taken(data, code, pocket)[0] for code in self.made for pocket in self.pockets):
            self.add_error(None, _("Nothing is left of the split; withdraw it instead, then record this entry."))
        return data

    def _taken(self, data: Mapping[str, int | None], code: str, pocket: Pocket) -> tuple[int, int]:
        area = data.get(self._name(self.split, code, pocket, "area")) or 0
        homes = data.get(self._name(self.split, code, pocket, "homes"))
        held_area, held_homes = self.holding.of(pocket)
        return area, (share_of(held_homes, area, held_area) if area else 0) if homes is None else homes

    def parts(self) -> tuple[Part, ...]:
        """All of every pocket of which something is taken: what stays is a part of its own."""
        found = []
        for pocket in self.pockets:
            taken = {code: self._taken(self.cleaned_data, code, pocket) for code in self.made}
            moved = [Part(code, *pocket, area, homes) for code, (area, homes) in taken.items() if area or homes]
            area, homes = self.holding.of(pocket)
            area -= sum(area for area, _homes in taken.values())
            homes -= sum(homes for _area, homes in taken.values())
            found += moved
            if moved and (area or homes):
                found.append(Part(self.split.compound, *pocket, area, homes))
        return tuple(found)


class Shares:
    """The splits that stand in the way of a late entry, and the parts that were entered for them."""

    def __init__(self, compound: Compound, draft: Draft, data: Mapping[str, str]):
        self.compound, self.draft, self.data = compound, draft, data
        self.forms: list[ShareForm] = []

    def preview(self, on) -> entering.Preview:
        """What the entry would do with the new parts. Raises Refused; then ``forms`` ask for what is missing."""
        while True:
            try:
                return entering.preview(compound=self.compound, on=on, draft=self.draft)
            except Refused as refused:
                form = self._form_for(refused)
                if form is None or not form.is_valid():
                    raise
                brought = (*self.draft.event.new_parts, (form.split.height, form.parts()))
                self.draft = replace(self.draft, event=replace(self.draft.event, new_parts=brought))

    def _form_for(self, refused: Refused) -> ShareForm | None:
        """The form for the split that stands in the way; None if it is not its parts that do."""
        split = refused.in_the_way
        if split is None or split.kind != Kind.SPLIT or not any(p.field == "parts" for p in refused.problems):
            return None
        if any(form.split.height == split.height for form in self.forms):
            return None
        recorder = entering.rehearsal(self.compound, self.draft)
        event = prepare(recorder.book, self.draft, recorder.compounds, recorder.label).at(recorder.height + 1)
        holding = recorder.book.holding_before(split.height, event)
        made = Compound.objects.filter(code__in=[part.compound for part in split.parts])
        names = {compound.code: f"{compound.name} {compound.code}" for compound in made}
        entered = any(name.startswith(f"share-{split.height}-") for name in self.data)
        form = ShareForm(self.data if entered else None, split=split, holding=holding, names=names)
        self.forms.append(form)
        return form
