import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.pages import PageMixin
from communities.divisions.models import Division
from communities.divisions.selectors import ancestors
from compounds.approvals import again
from compounds.approvals.choices import Verb
from compounds.approvals.models import Proposal
from compounds.approvals.services import Submitted, submit
from compounds.files import selectors as files
from compounds.files.choices import AttachmentKind
from compounds.files.forms import BasisForm
from compounds.ledger import behalf, effects, entering, kinds, timeline
from compounds.ledger.book import Book
from compounds.ledger.choices import NEEDS_BASIS, Kind, Source
from compounds.ledger.forms import EventForm, ReversalForm, as_entered
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft, live_keys
from compounds.ledger.refusals import Refused
from compounds.ledger.replay import Holding
from compounds.ledger.selectors import book_of, in_its_place, newest, postings_of, recorded_since, version
from compounds.modes import evidence
from compounds.register.models import Compound
from compounds.register.pages import CompoundPage
from compounds.structure.shares import Shares


class EventPage(PageMixin, TemplateView):
    """A form about one event, what it would do, and posting it. ``undo`` is the entry it replaces."""

    action = "ledger.record"
    undo: int | None = None
    form_template = "compounds/ledger/_event_form.html"
    preview_template = "compounds/ledger/_preview.html"
    kind: Kind
    compound: Compound

    def subject(self):
        return self.compound

    @cached_property
    def way(self) -> list[Division]:
        """From the city down to the compound's community."""
        return ancestors(self.compound.community)

    def trail(self):
        return self.way

    def holding_on(self, day) -> Holding:
        return self.book.holding(self.compound.code, day)

    @cached_property
    def book(self) -> Book:
        return book_of(self.compound)

    def dispatch(self, request, *args, **kwargs):
        """What was entered again already is not offered once more."""
        if self.returned and (next_one := again.taken_up(self.returned)):
            messages.info(request, _("This has been entered again already; here it is."))
            return redirect("approvals:detail", next_one.pk)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def returned(self) -> Proposal | None:
        """The proposal that was returned and is entered again with this form."""
        request = self.request
        asked = request.GET.get(again.ASKED) if request.user.is_authenticated else None
        return again.asked_for(asked, by=request.user, path=request.path) if asked else None

    @cached_property
    def typed(self) -> dict[str, Any]:
        """What had been typed into the form that was returned."""
        return again.typed(self.returned) if self.returned else {}

    def event_form(self, data=None, initial=None) -> EventForm:
        asked = {
            name: self.request.GET[name] for name in ("effective_on", "precision", "pocket") if name in self.request.GET
        }
        offices = behalf.offered(self.way, self.request.user)
        proposed = {"recorded_for": behalf.proposed(offices)}
        return EventForm(
            data, kind=self.kind, compound=self.compound, holding_on=self.holding_on, behalf=offices,
            initial=proposed | (initial or {}) | self.typed | asked,
        )  # fmt: skip

    @cached_property
    def scans(self) -> BasisForm | None:
        """The field for scans of the basis, with those that were sent with this form before; None for who may not."""
        request = self.request
        if not request.user.may("files.add", self.compound):
            return None
        sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        return BasisForm(*sent, compound=self.compound, key=self.key, user=request.user)

    def takes_scans(self) -> bool:
        """Keep the scans that came with the form; whether none was refused."""
        return self.scans is None or self.scans.take()

    @cached_property
    def key(self) -> str:
        """The source key of the form that was sent, or is filled in; "" if there is none that can be read."""
        if self.returned and self.request.method != "POST":
            return again.key(self.returned)
        try:
            return entering.source_key(uuid.UUID(self.request.POST.get("key", "")))
        except ValueError:
            return ""

    @property
    def is_posted(self) -> bool:
        """Whether what this form carries has been recorded: by a second click, or after the browser's back button."""
        return bool(self.key and live_keys([self.key]))

    def since(self, codes: Iterable[str]) -> list[Entry]:
        """What others recorded about the compounds since the preview was shown; asked before it is confirmed."""
        seen = self.request.POST.get("seen", "")
        if self.step != "confirm" or not (seen.isascii() and seen.isdigit() and len(seen) < 19):
            return []
        return list(recorded_since(codes, height=int(seen), user=self.request.user))

    @property
    def step(self) -> str:
        return self.request.POST.get("step", "")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            compound=self.compound, kind=self.kind, returned=self.returned, form_template=self.form_template,
            preview_template=self.preview_template, **kwargs,
        )  # fmt: skip

    def page(self, preview=None, **context):
        """``preview``: what the event would do, with its ``postings``, once the form can be understood."""
        changed = effects.of(preview.postings, self.request.user.scope) if preview else []
        context |= {"scans": self.scans, "seen": newest().height, "lacks_scan": self.lacks_scan}
        return self.render_to_response(self.get_context_data(preview=preview, effects=changed, **context))

    @property
    def lacks_scan(self) -> bool:
        """Whether the kind needs a document of which no scan came with the form."""
        return self.kind in NEEDS_BASIS and self.scans is not None and not self.scans.held.exists()

    def posted(self, submitted: Submitted):
        if submitted.proposal:
            messages.info(self.request, _("Entered. It is recorded once everybody who must agree has agreed."))
            return redirect("approvals:detail", submitted.proposal.pk)
        if not submitted.entries:
            messages.info(self.request, _("This had been recorded already; nothing was recorded twice."))
        else:
            entry = next((one for one in reversed(submitted.entries) if one.source_key), submitted.entries[-1])
            facts = {"kind": entry.get_kind_display(), "height": entry.height}
            said = _("%(kind)s is recorded as version %(height)s.") % facts
            if self.request.user.may("files.add", self.compound) and not files.of_entry(entry, user=self.request.user):
                address = reverse("files:compound", args=[self.compound.code], query={"entry": entry.height})
                said = format_html('{} <a href="{}">{}</a>', said, address, _("Attach the scan of its basis"))
            messages.success(self.request, said)
        return redirect("register:detail", self.compound.code)


class Record(EventPage, CompoundPage):
    """记一笔变动: form, then what it will do, then the entry."""

    template_name = "compounds/ledger/record.html"

    @cached_property
    def kind(self) -> Kind:
        if self.kwargs["kind"] not in kinds.RECORDABLE:
            raise Http404
        return Kind(self.kwargs["kind"])

    def get(self, request, *args, **kwargs):
        form = self.event_form()
        if request.htmx:
            return render(request, "compounds/ledger/_pocket.html", {"form": form})
        return self.page(form=form)

    def post(self, request, *args, **kwargs):
        if self.is_posted:
            return self.posted(Submitted())
        form = self.event_form(request.POST)
        valid = all([form.is_valid(), self.takes_scans()])
        if not valid or self.step == "edit":
            return self.page(form=form)
        shares, since = Shares(self.compound, form.draft(), request.POST), self.since(form.concerns())
        try:
            evidence.check(shares.draft.event, form.cleaned_data["reason"])
            preview = shares.preview(form.on)
            if self.step == "confirm" and not since:
                asked = {"by": request.user, "about": self.compound, "follows": self.returned}
                return self.posted(submit(verb=Verb.RECORD, draft=shares.draft, **asked))
        except Refused as refused:
            form.show(refused)
            return self.page(form=form, shares=shares.forms, since=since)
        return self.page(form=form, preview=preview, shares=shares.forms, since=since)


class EntryMixin(PageMixin):
    """A page about one entry, named by its height. Who may know of it may read it."""

    action = "register.read"

    @cached_property
    def entry(self) -> Entry:
        entries = (
            Entry.objects.visible_to(self.request.user)
            .select_related("compound__community", "target", "community", "reverses", "reversed_by", "recorded_by")
            .prefetch_related("parts__compound")
        )
        return get_object_or_404(entries, height=self.kwargs["height"])

    @property
    def compound(self) -> Compound:
        return self.entry.compound

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            entry=self.entry, sentence=timeline.sentence(self.entry, self.entry.compound), **kwargs
        )


class EntryDetail(EntryMixin, TemplateView):
    """One entry with its postings and checksum."""

    template_name = "compounds/ledger/entry.html"

    def trail(self):
        return ancestors(self.compound.community)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            compound=self.compound, facts=timeline.facts(self.entry),
            postings=postings_of(self.entry).visible_to(self.request.user),
            files=files.of_entry(self.entry, user=self.request.user), lacks_scan=bool(files.without_scan([self.entry])),
            lacks_key=bool(evidence.lacking([self.entry])),
            previous_hash=version(self.entry.height - 1).hash, **kwargs,
        )  # fmt: skip


class Correct(EntryMixin, EventPage):
    """更正: withdraws an entry and, in the same step, records what is right."""

    action = "ledger.correct"
    template_name = "compounds/ledger/correct.html"
    #: What took the place of the entry while somebody wrote its correction.
    overtaken: Sequence[Entry] = ()

    def subject(self):
        return self.entry

    @property
    def kind(self) -> Kind:
        return Kind(self.entry.kind)

    def dispatch(self, request, *args, **kwargs):
        """An entry is withdrawn once, and a withdrawal is not: the page says so instead of offering a form.

        What was typed while somebody else corrected the entry is offered for the one that took its place.
        """
        if request.user.is_authenticated and (
            self.entry.reverses_id or timeline.undone_by(self.entry, newest().height)
        ):
            anew = (
                in_its_place(self.entry, user=request.user) if request.method == "POST" and not self.is_posted else None
            )
            if anew:
                self.entry, self.overtaken = anew, [anew]
                return super().dispatch(request, *args, **kwargs)
            messages.info(request, _("This entry has been corrected already, or is a correction itself."))
            return redirect("ledger:entry", self.entry.height)
        if elsewhere := self.corrected_at():
            return redirect(elsewhere, self.entry.height)
        return super().dispatch(request, *args, **kwargs)

    def corrected_at(self) -> str:
        """The page of kinds that are not corrected here, "" for those that are."""
        return "structure:correct" if self.kind in kinds.STRUCTURAL else ""

    @cached_property
    def book(self) -> Book:
        """The book as it would be without the entry; as it is where the entry cannot be withdrawn."""
        rehearsal = entering.rehearsal(self.compound, undo=self.entry.height)
        with suppress(Refused):
            rehearsal.reverse(self.entry.height, details={}, by=None, source=Source.PAGE)
        return rehearsal.book

    @property
    def withdrawn(self) -> dict[str, Any]:
        """What had been typed about the entry itself into the form that was returned."""
        return again.reversal(self.returned) if self.returned else {}

    def forms(self, data=None) -> tuple[ReversalForm, EventForm]:
        reversal = ReversalForm(data, initial=self.withdrawn)
        withdraw = data is not None and data.get("action") == ReversalForm.WITHDRAW
        return reversal, self.event_form(None if withdraw else data, initial=as_entered(self.entry))

    def get_context_data(self, **kwargs):
        filed = files.of_entry(self.entry, user=self.request.user)
        return super().get_context_data(taken_over=[one for one in filed if one.kind == AttachmentKind.SCAN], **kwargs)

    def get(self, request, *args, **kwargs):
        reversal, form = self.forms()
        if request.htmx:
            return render(request, "compounds/ledger/_pocket.html", {"form": form})
        return self.page(reversal=reversal, form=form)

    def post(self, request, *args, **kwargs):
        reversal, form = self.forms(request.POST)
        replacing = form if form.is_bound else None
        valid = all([reversal.is_valid(), replacing is None or replacing.is_valid(), self.takes_scans()])
        if not valid or self.overtaken or self.step == "edit":
            return self.page(reversal=reversal, form=form, since=self.overtaken)
        draft, since = replacing.draft() if replacing else None, self.since([self.compound.code])
        try:
            if replacing and draft:
                evidence.check(draft.event, replacing.cleaned_data["reason"])
            if self.step == "confirm" and not since:
                return self.posted(self.correct(draft, reversal.cleaned_data["why"]))
            preview = entering.preview(
                compound=self.compound, on=draft.event.effective_on if draft else self.entry.effective_on,
                draft=draft, undo=self.entry.height,
            )  # fmt: skip
        except Refused as refused:
            if replacing:
                replacing.show(refused)
            else:
                reversal.add_error(None, str(refused))
            return self.page(reversal=reversal, form=form, since=since)
        return self.page(reversal=reversal, form=form, replacing=replacing, preview=preview, since=since)

    @property
    def lacks_scan(self) -> bool:
        """The scans of the entry go with the one that replaces it."""
        return super().lacks_scan and bool(files.without_scan([self.entry]))

    def correct(self, draft: Draft | None, reason: str) -> Submitted:
        asked = {
            "by": self.request.user, "about": self.compound, "height": self.entry.height, "reason": reason,
            "follows": self.returned,
        }  # fmt: skip
        if draft:
            return submit(verb=Verb.CORRECT, draft=draft, **asked)
        return submit(verb=Verb.REVERSE, **asked)
