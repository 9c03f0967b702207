from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import ngettext

from compounds.ledger import entering, views
from compounds.ledger.choices import Kind
from compounds.ledger.forms import ReversalForm
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.structure.acts import ACTS, Act, as_typed

#: Steps that draw a form anew instead of checking it.
REDRAWN = ("add", "remove", "count", "search")


class StructurePage(views.EventPage):
    """The pages about relocations, merges and splits: the form may be drawn anew before it is sent."""

    action = "ledger.structure"
    preview_template = "compounds/structure/_preview.html"
    act: Act

    @property
    def is_redrawn(self) -> bool:
        return self.step.partition("-")[0] in REDRAWN

    def redrawn_form(self):
        return self.act.form(initial=as_typed(self.request.POST, self.step))

    def recorded(self, entries: list[Entry]):
        """Back to the compound that stays, with what was recorded."""
        if not entries:
            return self.posted(None)
        newest = entries[-1]
        stays = newest.target or newest.compound
        text = ngettext(
            "%(kind)s is recorded: %(number)s entry.", "%(kind)s is recorded: %(number)s entries.", len(entries)
        )
        facts = {"kind": newest.get_kind_display(), "number": len(entries)}
        messages.success(self.request, text % facts)
        return redirect("register:detail", stays.code)


class Record(StructurePage):
    """归属调整, 合并, 拆分: form, then what it will do, then the entries."""

    template_name = "compounds/ledger/record.html"
    kind: Kind = Kind.MERGE

    @cached_property
    def compound(self) -> Compound:
        return get_object_or_404(
            Compound.objects.visible_to(self.request.user).select_related("community"), code=self.kwargs["code"]
        )

    @cached_property
    def act(self) -> Act:
        return ACTS[self.kind](self.compound, self.request.user)

    def get(self, request, *args, **kwargs):
        asked = {name: request.GET[name] for name in ("effective_on", "precision") if name in request.GET}
        return self.page(form=self.act.form(initial=asked | {"others": request.GET.getlist("with")}))

    def post(self, request, *args, **kwargs):
        if self.step == "confirm" and entering.stands(request.POST.get("key", "")):
            return self.posted(None)
        if self.is_redrawn:
            form = self.redrawn_form()
            return render(request, form.part_template, {"form": form}) if request.htmx else self.page(form=form)
        form = self.act.form(request.POST)
        if not form.is_valid() or self.step == "edit":
            return self.page(form=form)
        try:
            if self.step == "confirm":
                return self.recorded(self.act.post(form))
            preview = self.act.preview(form)
        except Refused as refused:
            form.show(refused)
            return self.page(form=form)
        return self.page(form=form, preview=preview)


class Correct(StructurePage, views.Correct):
    """更正 of a relocation, merge or split: withdrawn, and in the same step recorded as it is right."""

    template_name = "compounds/structure/correct.html"

    @property
    def compound(self) -> Compound:
        """The compound whose form it is; of a merge the one that was emptied."""
        return self.entry.compound

    @cached_property
    def act(self) -> Act:
        return ACTS[self.kind](self.compound, self.request.user, self.entry)

    def corrected_at(self) -> str:
        return "" if self.kind in ACTS else "ledger:correct"

    def get(self, request, *args, **kwargs):
        return self.page(reversal=self.act.reversal_form(), form=self.act.form(initial=self.act.as_entered()))

    def post(self, request, *args, **kwargs):
        reversal = self.act.reversal_form(request.POST)
        if self.is_redrawn:
            form = self.redrawn_form()
            if request.htmx:
                return render(request, form.part_template, {"form": form})
            return self.page(reversal=self.act.reversal_form(initial=request.POST.dict()), form=form)
        replacing = request.POST.get("action") != ReversalForm.WITHDRAW
        form = self.act.form(request.POST) if replacing else self.act.form(initial=self.act.as_entered())
        valid = all([reversal.is_valid(), not replacing or form.is_valid()])
        if not valid or self.step == "edit":
            return self.page(reversal=reversal, form=form)
        try:
            if self.step == "confirm":
                entries = (
                    self.act.post(form, reversal.cleaned_data["why"]) if replacing else self.act.withdraw(reversal)
                )
                return self.recorded(entries)
            preview = self.act.preview(form) if replacing else self.act.preview_withdrawal()
        except Refused as refused:
            if replacing:
                form.show(refused)
            else:
                reversal.add_error(None, str(refused))
            return self.page(reversal=reversal, form=form)
        return self.page(reversal=reversal, form=form, replacing=form if replacing else None, preview=preview)
