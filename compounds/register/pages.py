"""What every page about one compound does the same way, in whatever room it is."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from chaoyang_pm.kit.pages import PageMixin
from communities.divisions.selectors import ancestors
from compounds.register.models import Compound


class CompoundPage(PageMixin):
    """A page about one compound, named by its code: 404 outside of the reader's scope."""

    @cached_property
    def compound(self) -> Compound:
        return get_object_or_404(self.compounds(), code=self.kwargs["code"])

    def compounds(self) -> QuerySet[Compound]:
        return Compound.objects.visible_to(self.request.user).select_related("community")

    def trail(self):
        return ancestors(self.compound.community)


class AboutCompound(CompoundPage):
    """What is done here is asked of the matrix for where the compound lies now."""

    def subject(self) -> Compound:
        return self.compound
