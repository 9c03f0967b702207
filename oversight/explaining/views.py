from django.core.paginator import Paginator
from django.http import Http404
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property

from compounds.ledger.choices import Kind
from oversight.coverage.targets import TargetBoard
from oversight.coverage.views import FiguresPage
from oversight.explaining import behind, selectors, targets
from oversight.explaining.choices import Figure, OfTarget
from oversight.programme import selectors as programme

#: Rows on one page, and the first of them over another page.
ROWS, FIRST = 50, 10


class HowItIsCounted(FiguresPage):
    """怎么算的: a figure explained, as a page of its own and, asked for by htmx, as what opens over another."""

    def get_template_names(self):
        return [f"oversight/explaining/{'_body' if self.request.htmx else 'page'}.html"]

    @cached_property
    def explained(self) -> selectors.Explained:
        name = self.kwargs["figure"]
        if name in Figure.values:
            return selectors.explain(self.question, Figure(name))
        code, _dash, what = name.rpartition("-")
        current = programme.current()
        if what not in OfTarget.values or current is None:
            raise Http404
        board = TargetBoard(self.question, current)
        target = next((target for target in board.targets if target.code == code), None)
        if target is None or not board.territory(target).concerns(self.question.division.code):
            raise Http404
        return targets.explain(board, target, OfTarget(what), self.request.user.scope)

    def get_context_data(self, **kwargs):
        explained, page = self.explained, None
        if explained.rows is not None:
            asked = self.request.GET.get("page", "")
            page = Paginator(explained.rows, FIRST if self.request.htmx else ROWS).get_page(asked)
            page.object_list = [_named(row) for row in page.object_list]
        return super().get_context_data(explained=explained, page_obj=page, **kwargs)

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


def _named(row: dict) -> dict:
    """A row with its kind of event, or its states, in words."""
    if "kind" in row:
        return row | {"kind_label": Kind(row["kind"]).label}
    return row | {"before_label": behind.STATES[row["before"]], "now_label": behind.STATES[row["now"]]}
