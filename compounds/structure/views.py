from collections import Counter
from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.problems import bad
from communities.people.permissions import reach
from compounds.approvals.services import Submitted
from compounds.ledger import views
from compounds.ledger.choices import Kind
from compounds.ledger.forms import ReversalForm
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.register.pages import CompoundPage
from compounds.structure import duplicates, finder, services
from compounds.structure.acts import ACTS, Act, as_typed
from compounds.structure.duplicates import Alike
from compounds.structure.models import KnownApart

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

    def recorded(self, submitted: Submitted):
        """Back to the compound that stays, with what was recorded; or to what waits for approval."""
        entries = submitted.entries
        if not entries:
            return self.posted(submitted)
        newest = entries[-1]
        stays = newest.target or newest.compound
        text = ngettext(
            "%(kind)s is recorded: %(number)s entry.", "%(kind)s is recorded: %(number)s entries.", len(entries)
        )
        facts = {"kind": newest.get_kind_display(), "number": len(entries)}
        messages.success(self.request, text % facts)
        return redirect("register:detail", stays.code)


class Record(StructurePage, CompoundPage):
    """归属调整, 合并, 拆分: form, then what it will do, then the entries."""

    template_name = "compounds/ledger/record.html"
    kind: Kind = Kind.MERGE

    @cached_property
    def act(self) -> Act:
        return ACTS[self.kind](self.compound, self.request.user, follows=self.returned)

    def get(self, request, *args, **kwargs):
        asked = {name: request.GET[name] for name in ("effective_on", "precision") if name in request.GET}
        return self.page(form=self.act.form(initial={"others": request.GET.getlist("with")} | self.typed | asked))

    def post(self, request, *args, **kwargs):
        if self.is_posted and not self.is_redrawn:
            return self.posted(Submitted())
        takes_scans = self.takes_scans()
        if self.is_redrawn:
            form = self.redrawn_form()
            return render(request, form.part_template, {"form": form}) if request.htmx else self.page(form=form)
        form = self.act.form(request.POST)
        if not all([form.is_valid(), takes_scans]) or self.step == "edit":
            return self.page(form=form)
        since = self.since(form.concerns())
        try:
            if self.step == "confirm" and not since:
                return self.recorded(self.act.post(form))
            preview = self.act.preview(form)
        except Refused as refused:
            form.show(refused)
            return self.page(form=form, since=since)
        return self.page(form=form, preview=preview, since=since)


class Correct(StructurePage, views.Correct):
    """更正 of a relocation, merge or split: withdrawn, and in the same step recorded as it is right."""

    action = "ledger.correct"
    template_name = "compounds/structure/correct.html"

    @property
    def compound(self) -> Compound:
        """The compound whose form it is; of a merge the one that was emptied."""
        return self.entry.compound

    @cached_property
    def act(self) -> Act:
        return ACTS[self.kind](self.compound, self.request.user, self.entry, self.returned)

    def corrected_at(self) -> str:
        return "" if self.kind in ACTS else "ledger:correct"

    def get(self, request, *args, **kwargs):
        return self.page(
            reversal=self.act.reversal_form(initial=self.withdrawn),
            form=self.act.form(initial=self.act.as_entered() | self.typed),
        )

    def post(self, request, *args, **kwargs):
        reversal, takes_scans = self.act.reversal_form(request.POST), self.takes_scans()
        if self.is_redrawn:
            form = self.redrawn_form()
            if request.htmx:
                return render(request, form.part_template, {"form": form})
            return self.page(reversal=self.act.reversal_form(initial=request.POST.dict()), form=form)
        replacing = request.POST.get("action") != ReversalForm.WITHDRAW
        form = self.act.form(request.POST) if replacing else self.act.form(initial=self.act.as_entered())
        valid = all([reversal.is_valid(), not replacing or form.is_valid(), takes_scans])
        if not valid or self.overtaken or self.step == "edit":
            return self.page(reversal=reversal, form=form, since=self.overtaken)
        since = self.since(form.concerns() if replacing else [self.compound.code])
        try:
            if self.step == "confirm" and not since:
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
            return self.page(reversal=reversal, form=form, since=since)
        replaced = form if replacing else None
        return self.page(reversal=reversal, form=form, replacing=replaced, preview=preview, since=since)


class Duplicates(PageMixin, TemplateView):
    """疑似重复小区: groups of compounds that look alike; a group is merged, withdrawn in part, or told apart."""

    template_name = "compounds/structure/duplicates.html"
    action = "register.duplicates"
    paginate_by = 20

    def compounds(self, action: str) -> QuerySet[Compound]:
        """What lies now where the reader does this."""
        return Compound.objects.filter(reach(self.request.user, action).q("community"))

    def get_context_data(self, **kwargs):
        reason, compounds = self.request.GET.get("reason", ""), self.compounds(self.action)
        if reason and reason not in Alike.values:
            message = _("There is no “%(value)s”; accepted: %(accepted)s.")
            raise bad("reason", reason, message % {"value": reason, "accepted": ", ".join(Alike.values)})
        groups = duplicates.groups(compounds)
        counted = Counter(kind for group in groups for kind in group.reasons)
        paginator = Paginator([group for group in groups if not reason or reason in group.reasons], self.paginate_by)
        page = paginator.get_page(self.request.GET.get("page"))
        return super().get_context_data(
            groups=finder.shown(list(page.object_list), compounds), page_obj=page, reason=reason,
            reasons=[(kind, counted[kind]) for kind in Alike], found=len(groups),
            apart=KnownApart.objects.visible_to(self.request.user).count(), **kwargs,
        )  # fmt: skip

    def post(self, request):
        """非同一小区: the ticked ones are not the same as the others of the group; with none ticked, all differ."""
        require(request.user.may("ledger.structure"))
        compounds = self.compounds("ledger.structure").filter(pk__in=numbers(request.POST.getlist("group")))
        ticked = set(numbers(request.POST.getlist("ticked")))
        these = [compound for compound in compounds if compound.pk in ticked]
        others = [compound for compound in compounds if compound.pk not in ticked]
        pairs = services.tell_apart(compounds=these or others, others=others if these else (), by=request.user)
        text = ngettext(
            "%(number)s pair is remembered as not the same.", "%(number)s pairs are remembered as not the same.", pairs
        )
        messages.success(request, text % {"number": pairs})
        return redirect(reverse("structure:duplicates", query=request.GET))


class ToldApart(ListPage):
    """已认定不同: who said so and when; a pair can be asked about again."""

    template_name = "compounds/structure/apart.html"
    action = "register.duplicates"
    context_object_name = "pairs"

    def get_queryset(self):
        pairs = KnownApart.objects.visible_to(self.request.user)
        return pairs.select_related("first__community", "second__community", "said_by")

    def post(self, request):
        pair = get_object_or_404(self.get_queryset(), pk__in=numbers([request.POST.get("pair", "")]))
        require(request.user.may("ledger.structure", pair.first))
        services.ask_again(pair=pair, by=request.user)
        messages.success(request, _("The two are looked at as possible duplicates again."))
        return redirect("structure:apart")


def numbers(values: Iterable[str]) -> list[int]:
    """The keys among what a form sent; anything else names nothing."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 16]
