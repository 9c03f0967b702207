"""What every page does the same way: who may open it, its title, its way back, and an answer to bad parameters."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.shortcuts import render
from django.utils.functional import cached_property
from django.views.generic import ListView
from django.views.generic.base import ContextMixin, View

from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.problems import BadQuestion
from chaoyang_pm.kit.scoping import scope_code

#: Query parameters that say which figures are meant; links between pages carry them on.
STATE = ("as_of", "height", "rule")


class PageMixin(ContextMixin, View):
    """Asks the matrix first (403 with the reason), and catches BadQuestion (400 with what was wrong)."""

    #: What the reader does here, in the words of the permission matrix.
    action: str

    def subject(self) -> Any:
        """The row that the action is about, looked up among those visible to the user (404); None if there is none."""
        return None

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        try:
            require(request.user.may(self.action, self.subject()))  # type: ignore[union-attr]  # log-in is required
            return super().dispatch(request, *args, **kwargs)
        except BadQuestion as unusable:
            return render(request, "bad_question.html", {"problems": unusable.problems}, status=400)

    @cached_property
    def state(self) -> dict[str, str]:
        """What the address says about the figures, as written there."""
        return {name: self.request.GET.get(name, "") for name in STATE}

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        scope = self.request.user.scope  # type: ignore[union-attr]  # log-in is required
        trail = [place for place in self.trail() if scope.covers(scope_code(place))]
        return super().get_context_data(trail=trail, **kwargs)

    def trail(self) -> Iterable[Any]:
        """The places from the top down to what the page is about; those outside the user's scope are left out."""
        return []


class ListPage(PageMixin, ListView):
    """A page of a list, with more of them behind it."""

    paginate_by = 50

    def paginate_queryset(self, queryset, page_size):
        """A page beyond the last one is the last one: lists get shorter under a reader's hands."""
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get("page"))
        return paginator, page, page.object_list, page.has_other_pages()
