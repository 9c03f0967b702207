"""词语 by clicks: the words that imports understand, added and withdrawn."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.problems import bad_form
from compounds.imports import words
from compounds.imports.models import Synonym
from compounds.imports.word_forms import FindWordsForm, WordForm


class Words(MakesOnce, ListPage):
    """The words in use, or those withdrawn; a further one is added below them."""

    action = "settings.enter"
    template_name = "compounds/imports/words.html"

    @cached_property
    def asked(self) -> dict[str, str]:
        self.form = FindWordsForm(self.request.GET)
        if not self.form.is_valid():
            raise bad_form(self.form)
        return self.form.cleaned_data

    def get_queryset(self):
        return words.found(**self.asked)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context.setdefault("word_form", WordForm())
        return context | {"form": self.form, "rows": words.read(context["object_list"])}

    def post(self, request, *args, **kwargs):
        require(request.user.may("settings.edit"))
        form = WordForm(request.POST)
        if form.is_valid():
            try:
                row = words.add(**form.chosen(), by=request.user)
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(request, _("“%(word)s” is understood from now on.") % {"word": row.word})
                return redirect("words:list")
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(word_form=form))


class Withdraw(PageMixin):
    """A word that is to be unknown again; it is named in the form, because others come and go meanwhile."""

    action = "settings.edit"
    http_method_names = ["post"]

    def post(self, request):
        number = request.POST.get("word", "")
        row = Synonym.objects.filter(pk=number).first() if number.isascii() and number.isdigit() else None
        if row and words.withdraw(synonym=row, by=request.user):
            messages.success(
                request, _("“%(word)s” is withdrawn: imports ask what it means again.") % {"word": row.word}
            )
        else:
            messages.error(request, _("This word was withdrawn already."))
        return redirect("words:list")
