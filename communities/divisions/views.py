"""区划 by clicks: the tree to browse and search, one division with its history, names corrected, missing ones added."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.problems import bad_form
from communities.divisions import browsing, services
from communities.divisions.contents import contents
from communities.divisions.forms import AddForm, FindForm, NameForm
from communities.divisions.models import Division
from communities.divisions.selectors import ancestors, root


class Divisions(ListPage):
    """The divisions that the filters leave; without a filter the counties, from where one goes down."""

    action = "divisions.read"
    template_name = "communities/divisions/list.html"
    context_object_name = "divisions"

    @cached_property
    def asked(self) -> browsing.Asked:
        self.form = FindForm(self.request.GET)
        if not self.form.is_valid():
            raise bad_form(self.form)
        return self.form.asked()

    def get_queryset(self):
        return browsing.found(self.request.user, self.asked)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"form": self.form, "is_filtered": bool(self.asked), "city": root()}


class DivisionMixin(PageMixin):
    """A page about one division of the reader's scope."""

    @cached_property
    def division(self) -> Division:
        return get_object_or_404(browsing.was().visible_to(self.request.user), pk=self.kwargs["code"])

    def subject(self):
        return self.division

    def get_context_data(self, **kwargs):
        """``way``: the divisions above it, from the city down."""
        way = ancestors(self.division)[:-1]
        return super().get_context_data(division=self.division, way=way, **kwargs)


class DivisionPage(DivisionMixin, TemplateView):
    """One division: what it is called and was called, what lies in it, its changes and edits."""

    action = "divisions.read"
    template_name = "communities/divisions/division.html"

    def get_context_data(self, **kwargs):
        user, division = self.request.user, self.division
        return super().get_context_data(
            below=browsing.below(user, division), changes=browsing.changes(user, division),
            former_names=division.former_names.all(), contents=contents(user, division),
            edits=browsing.history(division), **kwargs,
        )  # fmt: skip


class CorrectName(DivisionMixin, FormView):
    """A name or short name that was written wrongly."""

    action = "divisions.edit"
    template_name = "communities/divisions/correct.html"
    form_class = NameForm

    def get_initial(self):
        return NameForm.of(self.division)

    def form_valid(self, form):
        names = {name: form.cleaned_data[name] for name in ("name", "short_name")}
        try:
            differs = services.correct_name(
                division=self.division, **names, seen=form.seen(), by=self.request.user
            )  # fmt: skip
        except ValidationError as refused:
            form.catch_up(Division.objects.get(pk=self.division.pk))
            form.add_error(None, refused)
            return self.form_invalid(form)
        messages.success(self.request, _("The name is corrected.") if differs else _("Nothing was changed."))
        return redirect("divisions:division", self.division.pk)


class AddDivision(MakesOnce, PageMixin, FormView):
    """A division that the list lacks."""

    action = "divisions.edit"
    template_name = "communities/divisions/add.html"
    form_class = AddForm

    def get_initial(self):
        above = self.request.GET.get("below", "")
        return {"code": above} if above.isascii() and above.isdigit() else {}

    def form_valid(self, form):
        try:
            division = services.add(**form.cleaned_data, by=self.request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
            return self.form_invalid(form)
        messages.success(self.request, _("%(division)s is added.") % {"division": division.name})
        return redirect("divisions:division", division.pk)
