from django.views.generic import TemplateView

from chaoyang_pm.kit.desk.registry import piles
from chaoyang_pm.kit.pages import PageMixin


class Desk(PageMixin, TemplateView):
    """待办: what needs the reader now, over all rooms, one click from where it is done."""

    action = "desk.read"
    template_name = "oversight/shell/desk.html"

    def get_context_data(self, **kwargs):
        found = piles(self.request.user)
        return super().get_context_data(piles=found, number=sum(pile.number for pile in found), **kwargs)
