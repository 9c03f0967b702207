"""试点: the list by county, one pilot, and the forms about it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.problems import bad_form
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.selectors import ancestors
from compounds.ledger.choices import Mode
from compounds.modes import selectors as modes
from compounds.modes.pages import RefusableForm
from compounds.pilots import selectors, services
from compounds.pilots.filters import PilotFilter
from compounds.pilots.forms import ChooseForm, TellForm, WithdrawForm
from compounds.pilots.models import Pilot
from compounds.register.pages import AboutCompound


class Pilots(ListPage):
    """Pilots, and the communities that have none yet, county by county."""

    action = "pilots.read"
    template_name = "compounds/pilots/list.html"

    @cached_property
    def filters(self) -> PilotFilter:
        rows = selectors.listed(self.request.user)
        filters = PilotFilter(self.request.GET, queryset=rows, request=self.request)
        if not filters.is_valid():
            raise bad_form(filters.form)
        return filters

    def get_queryset(self):
        return self.filters.qs

    def get_context_data(self, **kwargs):
        user = self.request.user
        division = self.filters.form.cleaned_data["division"]
        everything = selectors.listed(user)
        scope = Scope.of([division.code]) if division else user.scope
        pilots = list(everything.within(division.code) if division else everything)
        counties = selectors.by_county(scope, pilots)
        return super().get_context_data(filters=self.filters, counties=counties, **kwargs)


class PilotMixin(PageMixin):
    """A page about one pilot."""

    action = "pilots.read"

    @cached_property
    def pilot(self) -> Pilot:
        rows = Pilot.objects.visible_to(self.request.user).select_related("community", "compound", "recorded_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def subject(self):
        return self.pilot

    def trail(self):
        return ancestors(self.pilot.community)

    def get_context_data(self, **kwargs):
        return super().get_context_data(pilot=self.pilot, compound=self.pilot.compound, **kwargs)

    def back(self):
        return redirect("pilots:detail", self.pilot.pk)


class Detail(PilotMixin, TemplateView):
    template_name = "compounds/pilots/detail.html"

    def get_context_data(self, **kwargs):
        procedures = modes.of_compound(self.pilot.compound)
        return super().get_context_data(edits=selectors.edits(self.pilot), procedures=procedures, **kwargs)


class PilotForm(RefusableForm):
    """A form about a pilot; what is refused stands at its field."""

    template_name = "compounds/pilots/form.html"
    title: str
    verb: str

    def get_context_data(self, **kwargs):
        return super().get_context_data(title=self.title, verb=self.verb, **kwargs)

    def save(self, data: dict) -> Pilot:
        raise NotImplementedError  # each form says what it does

    def carry_out(self, form):
        pilot = self.save(form.cleaned_data)
        messages.success(self.request, _("Saved."))
        return redirect("pilots:detail", pilot.pk)


class Choose(MakesOnce, AboutCompound, PilotForm):
    """A compound becomes the pilot of its community."""

    action = "pilots.work"
    form_class = ChooseForm
    title = property(lambda self: _("Choose as the pilot of its community"))
    verb = property(lambda self: _("Choose it"))

    def get_context_data(self, **kwargs):
        return super().get_context_data(compound=self.compound, once=True, **kwargs)

    def save(self, data):
        return services.choose(
            compound=self.compound, mode=Mode(data["mode"]), on=data["started_on"], document=data["document"],
            by=self.request.user,
        )  # fmt: skip


class Tell(PilotMixin, PilotForm):
    """How a pilot goes, and what came of it."""

    action = "pilots.work"
    form_class = TellForm
    title = property(lambda self: _("How the pilot goes"))
    verb = property(lambda self: _("Save"))

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"instance": self.pilot}

    def save(self, data):
        return services.tell(pilot=self.pilot, values=data, by=self.request.user)


class Withdraw(PilotMixin, PilotForm):
    action = "pilots.work"
    form_class = WithdrawForm
    title = property(lambda self: _("Withdraw the pilot"))
    verb = property(lambda self: _("Withdraw it"))

    def save(self, data):
        return services.withdraw(pilot=self.pilot, reason=data["reason"], by=self.request.user)
