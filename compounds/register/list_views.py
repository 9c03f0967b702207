"""小区台账: the list with its filters, columns, order and totals, and the views that readers keep of it."""

from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.pages import STATE, PageMixin
from chaoyang_pm.kit.problems import bad_form
from communities.divisions.selectors import ancestors
from communities.people.models import User
from compounds.register import bulk, columns, saved, selectors
from compounds.register.filters import CompoundFilter
from compounds.register.forms import SavedViewForm
from compounds.register.models import Compound, SavedView
from compounds.register.roll import Roll
from compounds.register.views import MomentMixin

PER_PAGE = 50


class ListMixin(MomentMixin):
    """What an address of the list asks for: the filtered compounds, their order and columns."""

    action = "register.read"

    @cached_property
    def filters(self) -> CompoundFilter:
        return CompoundFilter(
            self.request.GET, queryset=Compound.objects.visible_to(self.request.user), request=self.request,
            **self.moment,
        )  # fmt: skip

    @cached_property
    def division(self):
        return self.filters.form.cleaned_data.get("division") if self.filters.is_valid() else None

    @cached_property
    def columns(self) -> list[columns.Column]:
        return columns.chosen(self.request.GET.getlist("columns"))

    @cached_property
    def roll(self) -> Roll:
        if not self.filters.is_valid():
            raise bad_form(self.filters.form)
        return Roll(
            self.filters.qs, user=cast(User, self.request.user),
            sort=columns.sort_key(self.request.GET.get("sort", "")),
            is_all=not self.filters.asks_something, **self.filters.within, **self.moment,
        )  # fmt: skip

    def trail(self):
        return ancestors(self.division) if self.division else []


class Register(ListMixin, TemplateView):
    """The compounds that the filters leave, with their balances and a total over all pages."""

    template_name = "compounds/register/list.html"

    def get(self, request, *args, **kwargs):
        """The address says all that is seen: who opens the bare list is led to the columns and view remembered."""
        own = saved.usual(request.user)
        if not request.GET.keys() - set(STATE) and own.default is not None:
            return redirect(f"{request.path}?{_with_state(request.GET, own.default.query)}")
        if own.columns and "columns" not in request.GET:
            query = request.GET.copy()
            query["columns"] = own.columns
            return redirect(f"{request.path}?{query.urlencode(safe=',')}")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        asked = self.request.GET.get("page", "")
        number = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
        rows, totals = self.roll.page(offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
        page = Paginator(range(totals.compounds), PER_PAGE).get_page(number)
        if page.number != number:
            rows, totals = self.roll.page(offset=(page.number - 1) * PER_PAGE, limit=PER_PAGE)
        compounds = self.roll.filled(rows, self.columns)
        for one in compounds:
            one.cells = [(column, column.text(one)) for column in self.columns]
        shown = {column.key for column in self.columns}
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(
            filters=self.filters, totals=totals, compounds=compounds, page_obj=page, columns=self.columns,
            column_keys=",".join(column.key for column in self.columns) if "columns" in self.request.GET else "",
            offered=[(column, column.key in shown) for column in columns.COLUMNS.values()],
            sort=self.request.GET.get("sort", ""), query=query.urlencode(safe=","),
            bulk_facts=[(name, selectors.label(name)) for name in bulk.FACTS],
            views=saved.of(cast(User, self.request.user)),
            is_empty=not totals.compounds and not Compound.objects.exists(),
            **kwargs,
        )  # fmt: skip


def _say(request, form: SavedViewForm) -> None:
    for problems in form.errors.get_json_data().values():
        messages.error(request, " ".join(problem["message"] for problem in problems))


def _with_state(given: QueryDict, query: str) -> str:
    """A saved query at the date and version of the page that leads there."""
    state = {key: given[key] for key in STATE if given.get(key)}
    return "&".join(part for part in (query, urlencode(state)) if part)


class ListSettings(PageMixin):
    """A step that changes what a reader keeps of the list, and leads back to it."""

    action = "register.read"
    http_method_names = ["post"]

    @property
    def query(self) -> QueryDict:
        """What the list's address said when the form was drawn."""
        return QueryDict(self.request.POST.get("query", "")[: saved.LONGEST], mutable=True)

    def back(self, query: QueryDict):
        return redirect(f"{reverse('register:list')}?{query.urlencode(safe=',')}")

    @cached_property
    def view(self) -> SavedView:
        return get_object_or_404(SavedView, user=self.request.user, pk=self.kwargs["pk"])


class ChooseColumns(ListSettings):
    """Columns of the list, in the address from here on and remembered."""

    def post(self, request):
        chosen = columns.chosen(request.POST.getlist("columns"))
        saved.remember(user=request.user, columns=[column.key for column in chosen])
        query = self.query
        query["columns"] = ",".join(column.key for column in chosen)
        return self.back(query)


class SaveView(ListSettings):
    """Keep what the address says under a name; the same name again is another content."""

    def post(self, request):
        form = SavedViewForm(request.POST)
        query = self.query
        if form.is_valid():
            view = saved.save(user=request.user, query=query.urlencode(safe=","), **form.cleaned_data)
            messages.success(request, _("The view “%(name)s” is kept.") % {"name": view})
        else:
            _say(request, form)
        return self.back(query)


class ChangeView(ListSettings):
    """Another name, or first from now on."""

    def post(self, request, pk):
        form = SavedViewForm(request.POST)
        if not form.is_valid():
            _say(request, form)
        elif saved.change(view=self.view, **form.cleaned_data):
            messages.success(request, _("Saved."))
        else:
            messages.error(request, _("There is a view of this name already."))
        return self.back(self.query)


class DeleteView(ListSettings):
    def post(self, request, pk):
        saved.delete(view=self.view)
        messages.success(request, _("The view “%(name)s” is deleted.") % {"name": self.view})
        return self.back(self.query)
