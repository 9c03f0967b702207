from urllib.parse import urlsplit

from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from chaoyang_pm.kit.pages import PageMixin
from communities.divisions.models import Division
from oversight.shell import examples, help, places
from oversight.shell.search import search

IN_THE_POPOVER, ON_THE_PAGE = 5, 40


class Part(PageMixin, TemplateView):
    """A page that a script may ask for without what surrounds it (``part_name``)."""

    part_name: str

    def get_template_names(self):
        return [self.part_name if self.request.htmx else self.template_name]


class Search(Part):
    """What a text can mean: compounds, divisions, providers, documents."""

    action = "register.read"
    template_name = "oversight/shell/search.html"
    part_name = "oversight/shell/_found.html"

    def get_context_data(self, **kwargs):
        text = self.request.GET.get("q", "")
        limit = IN_THE_POPOVER if self.request.htmx else ON_THE_PAGE
        groups = search(self.request.user, text, limit=limit)
        return super().get_context_data(text=text, groups=groups, is_popover=bool(self.request.htmx), **kwargs)


class Switch(Part):
    """Choose a division, and go on to the same kind of page there; the choice is remembered."""

    action = "figures.read"
    template_name = "oversight/shell/switch.html"
    part_name = "oversight/shell/_switch.html"

    def get(self, request, *args, **kwargs):
        if "to" not in request.GET:
            return super().get(request, *args, **kwargs)
        divisions = Division.objects.visible_to(request.user)
        division = get_object_or_404(divisions, code=request.GET["to"])
        places.remember(request, division)
        return redirect(places.address(division, places.origin(request)))

    def get_context_data(self, **kwargs):
        kept = places.remembered(self.request)
        at = self.request.GET.get("at") or (kept["code"] if kept else "")
        found = places.choices(self.request.user, at)
        return super().get_context_data(origin=places.origin(self.request), **found, **kwargs)


class Help(Part):
    """The clause behind a page, and the keys."""

    action = "figures.read"
    template_name = "oversight/shell/help.html"
    part_name = "oversight/shell/_help.html"

    def get_context_data(self, **kwargs):
        origin = places.origin(self.request)
        return super().get_context_data(clauses=help.clauses(urlsplit(origin).path), origin=origin, **kwargs)


class Components(PageMixin, TemplateView):
    """Every shared component with its variants, for those who build pages."""

    action = "portal.components"
    template_name = "oversight/shell/components.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**examples.all_of_them(), **kwargs)
