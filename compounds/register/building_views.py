"""楼栋 on the page of their compound: one form to add or change a building, one step to remove it."""

from typing import cast

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from chaoyang_pm.kit.once.pages import MakesOnce
from communities.people.models import User
from compounds.register import buildings
from compounds.register.forms import BuildingForm
from compounds.register.models import Building
from compounds.register.views import EditMixin


class BuildingPage(EditMixin, FormView):
    template_name = "compounds/register/building.html"
    form_class = BuildingForm
    building: Building | None = None

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"instance": self.building}

    def get_context_data(self, **kwargs):
        return super().get_context_data(building=self.building, **kwargs)

    def form_valid(self, form):
        try:
            buildings.save(
                compound=self.compound, values=form.cleaned_data, by=cast(User, self.request.user),
                building=self.building, seen=form.cleaned_data["seen"],
            )  # fmt: skip
        except buildings.NameTaken:
            form.add_error("name", _("The compound has a building of this number or name."))
        except buildings.Meanwhile:
            form.add_error(None, _("Somebody changed this building meanwhile; see its history and save again."))
            form.catch_up()
        else:
            messages.success(self.request, _("Saved."))
            return self.back()
        return self.form_invalid(form)

    def back(self):
        return HttpResponseRedirect(reverse("register:detail", args=[self.compound.code]) + "#buildings")


class AddBuilding(MakesOnce, BuildingPage):
    """A new building of the compound."""


class ChangeBuilding(BuildingPage):
    """Another number, area, or whatever is known of a building; or remove it."""

    @cached_property
    def building(self) -> Building:  # type: ignore[override]  # looked up when asked for
        return get_object_or_404(Building, compound=self.compound, pk=self.kwargs["pk"])

    def post(self, request, *args, **kwargs):
        if "remove" in request.POST:
            buildings.remove(building=self.building, by=request.user)
            messages.success(request, _("%(building)s was removed.") % {"building": self.building})
            return self.back()
        return super().post(request, *args, **kwargs)
