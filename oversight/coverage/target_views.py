"""任务进度 and 任务分解: the targets, and one target with its versions, base figures and parts."""

import datetime

from django.http import Http404
from django.utils.functional import cached_property

from communities.divisions.models import Division
from oversight.coverage import target_cards
from oversight.coverage.parts import breakdown
from oversight.coverage.target_asking import resolve_versions_on
from oversight.coverage.targets import TargetBoard, TargetFigures
from oversight.coverage.views import FiguresPage
from oversight.programme import history
from oversight.programme import selectors as programme
from oversight.programme.models import Programme


class BoardPage(FiguresPage):
    """A page on the targets of the programme at a question's date, by their versions of then or of another day."""

    @cached_property
    def versions_on(self) -> datetime.date | None:
        """``target_version`` of the address: the day whose versions are meant. It may lie ahead."""
        return resolve_versions_on(self.request.GET.get("target_version", ""))

    @cached_property
    def programme(self) -> Programme | None:
        return programme.current()

    def place(self, code: str) -> str | Division:
        return self.programme.city if self.programme else ""

    @cached_property
    def board(self) -> TargetBoard:
        if self.programme is None:
            raise Http404
        return TargetBoard(self.question, self.programme, self.versions_on)

    def seen(self, figures: TargetFigures) -> bool:
        """Whether the target asks something of the reader's own divisions, or of what they belong to."""
        scope = self.request.user.scope
        return scope.everything or any(map(figures.territory.concerns, scope.codes))

    def trail(self):
        return []


class Targets(BoardPage):
    """Every target with its progress; adjusted ones by the original, too."""

    template_name = "oversight/coverage/targets.html"

    def get_context_data(self, **kwargs):
        seen = [figures for figures in self.board.figures() if self.seen(figures)]
        return super().get_context_data(
            rows=[target_cards.row(self.board, figures) for figures in seen], versions_on=self.versions_on, **kwargs
        )  # fmt: skip


class TargetPage(BoardPage):
    """One target: versions side by side, 文件底数 · 台账底数 · 差额, the breakdown, and what was decided when."""

    template_name = "oversight/coverage/target.html"

    @cached_property
    def figures(self) -> TargetFigures:
        for target in self.board.targets:
            if target.code == self.kwargs["target"]:
                figures = self.board.of(target)
                if self.seen(figures):
                    return figures
        raise Http404

    @property
    def how_code(self) -> str:
        """The division of one's own, as whose the whole target explains itself: the city is not everybody's."""
        concerns, scope = self.figures.territory.concerns, self.request.user.scope
        return self.question.division.code if scope.everything else next(filter(concerns, scope.codes))

    def get_context_data(self, **kwargs):
        target, user = self.figures.target, self.request.user
        parts = list(programme.versions_of_parts(target))
        found = breakdown(self.board, target, programme.given_on(parts, self.board.versions_on))
        row = target_cards.row(self.board, self.figures)
        holder = programme.holder(target, "", self.board.versions_on)
        kwargs |= {
            "target": target, "how_code": self.how_code, "row": row, "only_row": [row],
            "card": target_cards.card(self.board, self.figures),
            "found": found, "parts": target_cards.nodes(found, user), "holder": holder,
            "divides": bool(user.may("targets.divide", holder)), "versions_on": self.versions_on,
            "history": history.of(target, [part for part in parts if user.scope.covers(part.part.division_id)]),
        }  # fmt: skip
        return super().get_context_data(**kwargs)
