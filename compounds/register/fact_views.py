"""Descriptive facts edited on the page: all at once, or one in its own row. Who comes second sees what changed."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import UpdateView

from communities.people.models import User
from compounds.register import selectors, services
from compounds.register.forms import FactsForm
from compounds.register.models import Compound
from compounds.register.views import EditMixin


class EditFacts(EditMixin, UpdateView):
    """Only what the reader changed is written. What somebody else changed meanwhile is shown before it is replaced."""

    form_class = FactsForm

    def get_object(self, queryset=None):
        return Compound.objects.get(pk=self.compound.pk)

    def form_valid(self, form):
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            changed = services.update_facts(
                compound=self.compound, changes=changes, seen=form.seen(), by=cast(User, self.request.user)
            )
        except services.Meanwhile as meanwhile:
            form.catch_up(meanwhile.current)
            fresh = Compound.objects.get(pk=self.compound.pk)
            return self.render_to_response(
                self.get_context_data(form=form, meanwhile=selectors.meanwhile(fresh, list(meanwhile.current)))
            )
        return self.saved(form, changed)

    def saved(self, form, changed: list[str]):
        messages.success(self.request, _("Saved.") if changed else _("Nothing was changed."))
        return HttpResponseRedirect(reverse("register:detail", args=[self.compound.code]))


class Edit(EditFacts):
    """All facts on one page."""

    template_name = "compounds/register/edit.html"


class EditFact(EditFacts):
    """One fact, with its history beside it: in its row where scripts run, else on a page of its own."""

    def get_template_names(self):
        is_part = self.request.headers.get("HX-Request") == "true"
        return ["compounds/register/_fact_form.html" if is_part else "compounds/register/fact.html"]

    def get_form_kwargs(self):
        if self.kwargs["name"] not in services.FACTS:
            raise Http404
        return super().get_form_kwargs() | {"only": self.kwargs["name"]}

    def get_context_data(self, **kwargs):
        name = self.kwargs["name"]
        return super().get_context_data(
            name=name, label=selectors.label(name), history=selectors.edits(self.compound, only=name), **kwargs
        )

    def saved(self, form, changed):
        if self.request.headers.get("HX-Request") != "true":
            return super().saved(form, changed)
        name = self.kwargs["name"]
        fact = selectors.fact(self.get_object(), name)
        return render(self.request, "compounds/register/_fact.html", {
            "compound": self.compound, "fact": fact, "edits_facts": True, "was_saved": bool(changed),
        })  # fmt: skip
