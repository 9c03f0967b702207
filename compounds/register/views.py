from collections.abc import Iterable

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import PageMixin
from compounds.files import selectors as files
from compounds.files.forms import FilesForm
from compounds.ledger import bars, kinds, timeline
from compounds.ledger import selectors as ledger
from compounds.ledger.asking import resolve_date, resolve_height
from compounds.ledger.choices import Mode
from compounds.ledger.refusals import Refused
from compounds.modes import selectors as modes
from compounds.pilots import selectors as pilots
from compounds.register import buildings, selectors, services
from compounds.register.forms import CommunityForm, NewCompoundForm
from compounds.register.models import Compound
from compounds.register.pages import CompoundPage
from compounds.reports import selectors as reports


class MomentMixin(PageMixin):
    """A page at a date and a version of the ledger."""

    @cached_property
    def moment(self) -> dict:
        as_of, version = resolve_date(self.state["as_of"]), resolve_height(self.state["height"])
        self.request.asked = (as_of, version)
        return {"as_of": as_of, "height": version.height}


class CompoundMixin(MomentMixin, CompoundPage):
    """Who may know of the compound may read it."""

    action = "register.read"

    def compounds(self):
        return super().compounds().select_related("community", "merged_into")

    def get_context_data(self, **kwargs):
        return super().get_context_data(compound=self.compound, **kwargs)


class EditMixin(CompoundMixin):
    """A page that changes the compound: for those responsible where it lies now."""

    action = "register.edit"

    def subject(self):
        return self.compound


class Detail(CompoundMixin, TemplateView):
    template_name = "compounds/register/detail.html"

    def compounds(self):
        return pilots.with_pilots(super().compounds())

    def get_context_data(self, **kwargs):
        compound, by_recording = self.compound, self.request.GET.get("order") == "recorded"
        user = self.request.user
        pockets = ledger.pockets(compound, scope=user.scope, **self.moment)
        story = timeline.of(compound, user=user, by_recording=by_recording, **self.moment)
        every = buildings.every(compound)
        rows = [one for one in every if not one.is_removed]
        building_sum = buildings.summed(rows)
        total, households = sum(p.area_dm2 for p in pockets), sum(p.households for p in pockets)
        return super().get_context_data(
            buildings=rows,
            building_sum=building_sum,
            buildings_differ=bool(pockets) and building_sum.differs(total=total, households=households),
            building_edits=buildings.history(every),
            pieces=bars.pieces(pockets),
            total=total,
            managed=sum(pocket.area_dm2 for pocket in pockets if pocket.mode != Mode.NONE),
            households=households,
            timeline=story,
            by_recording=by_recording,
            kinds=kinds.possible(compound) if user.may("ledger.record", compound) else [],
            duplicates=selectors.possible_duplicates(
                community=compound.community_id, name=compound.name, besides=compound.pk
            ).visible_to(user),
            merged_in=self.merged_in(story),
            facts=selectors.facts(compound, provider=ledger.provider(compound, user=user, **self.moment)),
            edits=selectors.edits(compound),
            groups=files.of_compound(compound, user=user),
            procedures=modes.of_compound(compound),
            reports=reports.of_compound(compound, user=user),
            reports_it=user.may("reports.write", compound),
            form=self.files_form(story) if user.may("files.add", compound) else None,
            pilot=pilots.of_compound(compound),
            **kwargs,
        )

    def merged_in(self, story: list[timeline.Item]) -> Iterable[Compound]:
        """What was merged into the compound; asked where the story tells of a merge."""
        if not any(item.entry.target_id == self.compound.pk for item in story):
            return []
        return self.compound.merged_from.visible_to(self.request.user).order_by("code")

    def files_form(self, story: list[timeline.Item]) -> FilesForm:
        """Files are added to the entries that the page tells of."""
        return FilesForm(compound=self.compound, user=self.request.user, told=[item.entry for item in story])


class MovePending(EditMixin, FormView):
    """Another community for a compound whose area is pending; with area it moves by a recorded change."""

    template_name = "compounds/register/move.html"
    form_class = CommunityForm

    def get_initial(self):
        return {"community": self.compound.community_id}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"scope": self.request.user.scope}

    def form_valid(self, form):
        try:
            services.move_pending(
                compound=self.compound, community=form.cleaned_data["community"], by=self.request.user
            )
        except Refused as refused:
            form.add_error("community", str(refused))
            return self.form_invalid(form)
        messages.success(self.request, _("Saved."))
        return redirect("register:detail", self.compound.code)


class Retire(EditMixin, TemplateView):
    """Withdraw a duplicate whose area is pending, after a look at what it may be a duplicate of."""

    template_name = "compounds/register/retire.html"

    def get_context_data(self, **kwargs):
        duplicates = selectors.possible_duplicates(
            community=self.compound.community_id, name=self.compound.name, besides=self.compound.pk
        )
        return super().get_context_data(duplicates=duplicates, **kwargs)

    def post(self, request, code):
        try:
            services.retire(compound=self.compound, by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("%(name)s was withdrawn.") % {"name": self.compound})
        return redirect("register:detail", code)


class New(MakesOnce, PageMixin, FormView):
    """A new compound. Possible duplicates are shown before it is created."""

    action = "register.create"
    template_name = "compounds/register/new.html"
    form_class = NewCompoundForm

    def get_initial(self):
        return {"community": self.request.GET.get("community", "")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"scope": self.request.user.scope}

    def form_valid(self, form):
        if duplicates := form.possible_duplicates():
            form.data = form.data.copy()
            form.data["checked"] = form.fingerprint()
            return self.render_to_response(self.get_context_data(form=form, duplicates=duplicates))
        compound = services.create(
            community=form.cleaned_data["community"], name=form.cleaned_data["name"], facts=form.facts(),
            by=self.request.user,
        )  # fmt: skip
        messages.success(self.request, _("%(name)s is in the register. Now register its area.") % {"name": compound})
        return redirect("ledger:record", compound.code, "register")
