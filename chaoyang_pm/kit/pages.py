"""What every page does the same way: its title, its way back, and an answer to parameters that name nothing."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.shortcuts import render
from django.utils.functional import cached_property
from django.views.generic.base import ContextMixin, View

from chaoyang_pm.kit.problems import BadQuestion

#: Query parameters that say which figures are meant; links between pages carry them on.
STATE = ("as_of", "height", "rule")


class PageMixin(ContextMixin, View):
    """Catches BadQuestion: a page that says what was wrong, with status 400."""

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except BadQuestion as unusable:
            return render(request, "bad_question.html", {"problems": unusable.problems}, status=400)

    @cached_property
    def state(self) -> dict[str, str]:
        """What the address says about the figures, as written there."""
        return {name: self.request.GET.get(name, "") for name in STATE}

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        return super().get_context_data(trail=list(self.trail()), **kwargs)

    def trail(self) -> Iterable[Any]:
        """The divisions from the city down to what the page is about."""
        return []
