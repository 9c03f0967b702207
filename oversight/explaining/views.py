import datetime

from django.core.paginator import Paginator
from django.http import Http404
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property

from compounds.ledger.choices import Kind
from oversight.coverage.cards import last_month_end
from oversight.coverage.target_asking import resolve_versions_on
from oversight.coverage.targets import TargetBoard
from oversight.coverage.views import FiguresPage, resolve_since
from oversight.explaining import behind, missing, selectors, targets
from oversight.explaining.choices import PART, Figure, Missing, OfTarget
from oversight.programme import selectors as programme

#: Rows on one page, and the first of them over another page.
ROWS, FIRST = 50, 10


class HowItIsCounted(FiguresPage):
    """怎么算的: a figure explained, as a page of its own and, asked for by htmx, as what opens over another."""

    def get_template_names(self):
        return [f"oversight/explaining/{'_body' if self.request.htmx else 'page'}.html"]

    @cached_property
    def since(self) -> datetime.date:
        """What the figure is held against: the end of the month before, unless the address names a day (``from``)."""
        text = self.request.GET.get("from", "")
        return resolve_since(text, self.question.as_of) if text else last_month_end(self.question)

    @cached_property
    def explained(self) -> selectors.Explained:
        name = self.kwargs["figure"]
        if name in Figure.values:
            return selectors.explain(self.question, Figure(name), self.since)
        if name in Missing.values:
            return missing.explain(self.question, Missing(name), self.since)
        code, _dash, what = name.rpartition("-")
        current = programme.current()
        if what not in OfTarget.values or current is None:
            raise Http404
        versions_on = resolve_versions_on(self.request.GET.get("target_version", ""))
        return self.of_target(TargetBoard(self.question, current, versions_on), code, OfTarget(what))

    def of_target(self, board: TargetBoard, code: str, what: OfTarget) -> selectors.Explained:
        own, scope = self.question.division.code, self.request.user.scope
        target = next((target for target in board.targets if target.code == code.removesuffix(PART)), None)
        if target is None:
            raise Http404
        if code != target.code:
            versions = list(programme.versions_of_parts(target).filter(part__division=own))
            given, earlier = (programme.given_on(versions, day) for day in (board.versions_on, self.since))
            if not given:
                raise Http404
            then = earlier[0] if earlier else None
            return targets.explain_part(board, target, given[0], then, what, scope, self.since)
        if not board.territory(target).concerns(own):
            raise Http404
        return targets.explain(board, target, what, scope, self.since)

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
