"""What the pages of the three structural changes share and where they differ: form, preview, posting.

One object per request; ``undo`` is the entry that the change replaces (更正), ``follows`` what was
returned and is entered again.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.functional import cached_property

from communities.divisions.selectors import ancestors
from communities.people.models import User
from communities.people.permissions import reach
from compounds.approvals.choices import Verb
from compounds.approvals.models import Proposal
from compounds.approvals.services import Submitted, submit
from compounds.ledger import behalf
from compounds.ledger.choices import Kind, Source
from compounds.ledger.events import Event
from compounds.ledger.forms import DETAILS, EventForm, ReversalForm
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft, Recorder
from compounds.ledger.refusals import Refused
from compounds.ledger.replay import Holding
from compounds.ledger.selectors import newest
from compounds.ledger.services import codes_named_by
from compounds.register.models import Compound
from compounds.register.selectors import communities_by_subdistrict
from compounds.structure import services
from compounds.structure.candidates import candidates
from compounds.structure.forms import MergeForm, RelocateForm, SplitForm, SplitReversalForm
from compounds.structure.parts import split_draft
from compounds.structure.previews import Preview, preview


class Act:
    """One structural change of one compound."""

    kind: ClassVar[Kind]
    reversal_form: ClassVar[type[ReversalForm]] = ReversalForm

    def __init__(
        self, compound: Compound, user: User, undo: Entry | None = None, follows: Proposal | None = None
    ):  # fmt: skip
        self.compound, self.user, self.undo, self.follows = compound, user, undo, follows
        self.behalf = behalf.offered(ancestors(compound.community), user)

    # --- what the kinds differ in --------------------------------------------------------------------
    def form(self, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None) -> EventForm:
        raise NotImplementedError

    def preview(self, form: EventForm) -> Preview:
        """What posting would do. Raises Refused as posting would."""
        raise NotImplementedError

    def post(self, form: EventForm, why: str = "") -> Submitted:
        """Posted, waiting, or neither if the form had been posted already. Raises Refused."""
        raise NotImplementedError

    def as_entered(self) -> dict[str, Any]:
        """What a person would have entered for the entry to undo."""
        entry = self._entry
        entered = {name: getattr(entry, name) for name in ("effective_on", *DETAILS)}
        return entered | {"recorded_for": entry.recorded_for_id or ""}

    def withdraw(self, reversal: ReversalForm) -> Submitted:
        """Only take the entry back. Raises Refused."""
        return self.submit(Verb.REVERSE, height=self._entry.height, reason=reversal.cleaned_data["why"])

    def submit(self, verb: Verb, **arguments: Any) -> Submitted:
        return submit(verb=verb, by=self.user, about=self.compound, follows=self.follows, **arguments)

    # --- what they share -----------------------------------------------------------------------------
    def preview_withdrawal(self) -> Preview:
        entry = self._entry
        recorder = self.recorder()
        return self._preview(recorder, entry.effective_on, codes_named_by([entry.height]), list)

    def recorder(self, codes: Iterable[str] = ()) -> Recorder:
        """Stores nothing; knows the compounds that the change names."""
        wanted = {self.compound.code, *codes, *codes_named_by([self.undo.height] if self.undo else [])}
        found = Compound.objects.filter(code__in=wanted)
        return Recorder({compound.code: compound for compound in found}, newest().height)

    @cached_property
    def book(self):
        """The book without the entry to undo; as it is where that cannot be withdrawn."""
        recorder = self.recorder()
        with suppress(Refused):
            self._reverse(recorder)
        return recorder.book

    def holding_on(self, on: date) -> Holding:
        return self.book.holding(self.compound.code, on)

    def community_on(self, on: date) -> str:
        return self.holding_on(on).community or self.compound.community_id

    @property
    def _entry(self) -> Entry:
        assert self.undo  # noqa: S101 — asked by corrections only
        return self.undo

    def _reverse(self, recorder: Recorder) -> None:
        if self.undo:
            recorder.reverse(self.undo.height, details={}, by=None, source=Source.PAGE)

    def _preview(self, recorder: Recorder, on: date, codes: Iterable[str], act) -> Preview:
        def all_of_it() -> Iterable[Compound]:
            self._reverse(recorder)
            return act()

        return preview(
            recorder, on=on, codes=sorted(codes, key=lambda code: (code != self.compound.code, code)), act=all_of_it,
            with_divisions=self.kind == Kind.RELOCATE,
        )  # fmt: skip

    def _offered(self, initial: Mapping[str, Any] | None) -> dict[str, Any]:
        """What every form of the compound is made with."""
        proposed = {"recorded_for": behalf.proposed(self.behalf)} | dict(initial or {})
        return {
            "compound": self.compound, "holding_on": self.holding_on, "behalf": self.behalf, "initial": proposed
        }  # fmt: skip

    def _about(self, form: EventForm, why: str) -> dict[str, Any]:
        """What every act is posted with: when, on which basis, for whom, once, and instead of which entry."""
        undoing = {"undo": self.undo.height, "why": why} if self.undo else {}
        recorded_for = form.cleaned_data.get("recorded_for", "")
        return {
            "on": form.on, "details": form.details(), "key": form.source_key(), "recorded_for": recorded_for, **undoing
        }  # fmt: skip


class Relocation(Act):
    """归属调整."""

    kind = Kind.RELOCATE

    def form(self, data=None, initial=None) -> RelocateForm:
        communities = communities_by_subdistrict(reach(self.user, "ledger.structure"))
        return RelocateForm(data, communities=communities, **self._offered(initial))

    def as_entered(self):
        return super().as_entered() | {"community": self._entry.community_id}

    def preview(self, form) -> Preview:
        recorder = self.recorder()
        event = Event(self.kind, form.on, self.compound.code, community=form.cleaned_data["community"])

        def act() -> list[Compound]:
            recorder.record(Draft(event, form.details()), by=None, source=Source.PAGE)
            return []

        return self._preview(recorder, form.on, recorder.compounds, act)

    def post(self, form, why="") -> Submitted:
        return self.submit(
            Verb.RELOCATE, compound=self.compound.code, community=form.cleaned_data["community"],
            **self._about(form, why),
        )  # fmt: skip


class Merging(Act):
    """合并."""

    kind = Kind.MERGE

    def form(self, data=None, initial=None) -> MergeForm:
        asked: Mapping[str, Any] = data if data is not None else initial or {}
        ticked = data.getlist("others") if data is not None else (initial or {}).get("others", [])
        chosen = {*ticked, asked.get("stays", ""), *codes_named_by([self.undo.height] if self.undo else [])} - {""}
        search = asked.get("q", "").replace("\0", "").strip()

        def form_with(offer) -> MergeForm:
            return MergeForm(data, offer=offer, search=search, **self._offered(initial))

        on = EventForm(
            data, kind=Kind.DEREGISTER, compound=self.compound, holding_on=self.holding_on, initial=initial
        ).date_asked()
        return form_with(
            candidates(
                self.compound, on=on, community=self.community_on(on), chosen=chosen, search=search,
                visible=Compound.objects.visible_to(self.user),
            )
        )  # fmt: skip

    def as_entered(self):
        entry = self._entry
        return super().as_entered() | {
            "stays": entry.target.code if entry.target else "",
            "others": [entry.compound.code],
        }

    def preview(self, form) -> Preview:
        others, stays = form.cleaned_data["others"], form.cleaned_data["stays"]
        recorder = self.recorder([*others, stays])

        def act() -> list[Compound]:
            services.rehearse_merge(recorder, others=others, into=stays, on=form.on, details=form.details())
            if form.cleaned_data["keep_names"]:
                services.former_names(recorder.compounds[stays], [recorder.compounds[code] for code in others])
            return []

        return self._preview(recorder, form.on, recorder.compounds, act)

    def post(self, form, why="") -> Submitted:
        data = form.cleaned_data
        return self.submit(
            Verb.MERGE, others=data["others"], into=data["stays"], keep_names=data["keep_names"],
            **self._about(form, why),
        )  # fmt: skip


class Splitting(Act):
    """拆分."""

    kind = Kind.SPLIT
    reversal_form = SplitReversalForm

    def form(self, data=None, initial=None) -> SplitForm:
        return SplitForm(data, **self._offered(initial))

    def as_entered(self):
        """The parts that the split names, one block for each of its new compounds."""
        own = [part for part in self._entry.parts.all() if part.split_id == self._entry.height]
        made = list(dict.fromkeys(part.compound for part in own if part.compound_id != self._entry.compound_id))
        found = super().as_entered() | {"parts": len(made) or 1}
        for index, compound in enumerate(made):
            found |= {f"name-{index}": compound.name, f"address-{index}": compound.address}
            found[f"kind-{index}"] = compound.kind
            for part in own:
                if part.compound_id == compound.pk:
                    found[f"area-{index}-{part.category}-{part.mode}"] = part.area_dm2
                    found[f"homes-{index}-{part.category}-{part.mode}"] = part.households
        return found

    def preview(self, form) -> Preview:
        recorder = self.recorder()

        def act() -> list[Compound]:
            draft, targets = split_draft(
                recorder, compound=self.compound.code, parts=form.new_compounds(), on=form.on, details=form.details()
            )
            recorder.record(draft, by=None, source=Source.PAGE)
            return targets

        return self._preview(recorder, form.on, [self.compound.code], act)

    def post(self, form, why="") -> Submitted:
        return self.submit(
            Verb.SPLIT, compound=self.compound.code, parts=form.new_compounds(), **self._about(form, why)
        )  # fmt: skip

    def withdraw(self, reversal) -> Submitted:
        said = reversal.cleaned_data
        return self.submit(Verb.WITHDRAW_SPLIT, height=self._entry.height, why=said["why"], retire=said["retire"])


ACTS: dict[Kind, type[Act]] = {act.kind: act for act in (Relocation, Merging, Splitting)}


def as_typed(data: QueryDict, step: str) -> dict[str, Any]:
    """What stands in a form that is drawn anew: with one part more, one part less, or as it is."""
    typed: dict[str, Any] = {name: data[name] for name in data if name not in ("csrfmiddlewaretoken", "step")}
    typed |= {"others": data.getlist("others"), "keep_names": "keep_names" in data}
    count = int(typed["parts"]) if typed.get("parts", "").isascii() and typed.get("parts", "").isdigit() else 1
    verb, _dash, index = step.partition("-")
    if verb == "add":
        typed["parts"] = count + 1
    elif verb == "remove" and index.isdigit() and count > 1:
        typed = _without(typed, int(index))
        typed["parts"] = count - 1
    return typed


def _without(typed: dict[str, Any], gone: int) -> dict[str, Any]:
    """The fields of the parts after the one that is taken out move up by one."""
    kept = {}
    for name, value in typed.items():
        word, _dash, rest = name.partition("-")
        number, dash, tail = rest.partition("-")
        if word in ("name", "address", "kind", "area", "homes") and number.isdigit():
            if int(number) == gone:
                continue
            name = f"{word}-{int(number) - (int(number) > gone)}{dash}{tail}"
        kept[name] = value
    return kept
