from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from chaoyang_pm.kit.pages import ListPage, PageMixin
from communities.divisions.choices import SuccessionKind
from communities.divisions.models import Succession
from compounds.ledger.refusals import Refused
from compounds.successions import selectors, services
from compounds.successions.forms import FORMS, ChangeForm, SplitForm, UndoForm, form_key

SHOWN = 200


class Successions(ListPage):
    """区划变更: the changes carried out so far, the newest first."""

    action = "divisions.read"
    template_name = "compounds/successions/list.html"

    def get_queryset(self):
        return Succession.objects.visible_to(self.request.user).select_related("recorded_by").prefetch_related("lines")

    def get_context_data(self, **kwargs):
        return super().get_context_data(kinds=list(SuccessionKind), **kwargs)


class Succeed(PageMixin, FormView):
    """One change: entered, previewed, carried out."""

    action = "divisions.succeed"
    template_name = "compounds/successions/succeed.html"

    @cached_property
    def kind(self) -> SuccessionKind:
        if self.kwargs["kind"] not in FORMS:
            raise Http404
        return SuccessionKind(self.kwargs["kind"])

    def get_form_class(self) -> type[ChangeForm]:
        return FORMS[self.kind]

    def get_context_data(self, **kwargs):
        return super().get_context_data(kind=self.kind, **kwargs)

    def post(self, request, *args, **kwargs):
        """Sent again, a form leads to what it did the first time: the divisions that it names may be gone by now."""
        done = (
            services.standing(form_key(request.POST.get("key", ""))) if request.POST.get("step") == "confirm" else None
        )
        return redirect("successions:detail", done.pk) if done else super().post(request, *args, **kwargs)

    def form_valid(self, form):
        step = self.request.POST.get("step")
        if form.asks() or (step == "edit" and isinstance(form, SplitForm)):
            form.shown()
            return self.render_to_response(self.get_context_data(form=form, choosing=True))
        if step == "edit":
            return self.render_to_response(self.get_context_data(form=form))
        try:
            if step == "confirm":
                succession = services.carry_out(change=form.change(), by=self.request.user)
                messages.success(self.request, _("The change of divisions has been carried out."))
                return redirect("successions:detail", succession.pk)
            preview = selectors.preview(form.change())
        except Refused as refused:
            for problem in refused.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
            return self.render_to_response(self.get_context_data(form=form, choosing=bool(form.data.get("asked"))))
        return self.render_to_response(self.get_context_data(form=form, preview=preview))


class Detail(PageMixin, FormView):
    """What a change did, with the relocations that it recorded; and its undoing."""

    template_name = "compounds/successions/detail.html"
    form_class = UndoForm

    @property
    def action(self) -> str:
        return "divisions.succeed" if self.request.method == "POST" else "divisions.read"

    @cached_property
    def succession(self) -> Succession:
        found = Succession.objects.visible_to(self.request.user).select_related("recorded_by", "undone_by")
        return get_object_or_404(found, pk=self.kwargs["pk"])

    def subject(self):
        return self.succession

    def get_context_data(self, **kwargs):
        entries = selectors.recorded(self.succession)
        lines = self.succession.lines.select_related("from_division", "to_division")
        return super().get_context_data(
            succession=self.succession, lines=lines, count=entries.count(), entries=entries[:SHOWN], **kwargs
        )

    def form_valid(self, form):
        try:
            services.undo(succession=self.succession, reason=form.cleaned_data["reason"], by=self.request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, _("The change of divisions has been undone."))
        return redirect("successions:detail", self.succession.pk)
