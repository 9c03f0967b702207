from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.problems import bad
from communities.notices import channels, selectors, services
from communities.notices.forms import ChoicesForm, ScheduleForm
from communities.notices.models import Notice


class Notices(PageMixin, TemplateView):
    """通知: one's own, unread ones or all, newest first."""

    action = "people.self"
    template_name = "communities/notices/list.html"

    def get_context_data(self, **kwargs):
        show, before = self.request.GET.get("show", ""), self.request.GET.get("before", "")
        if show not in ("", "all"):
            raise bad("show", show, _("Show unread notices, or all of them."))
        if before and not (before.isascii() and before.isdigit() and len(before) < 19):
            raise bad("before", before, _("This is no place in the list; begin at its first page."))
        page = selectors.page(self.request.user, unread=not show, before=int(before) if before else None)
        return super().get_context_data(page=page, show=show, before=before, **kwargs)


class NoticeMixin(PageMixin):
    """One of the reader's own notices."""

    action = "people.self"

    @cached_property
    def notice(self) -> Notice:
        return get_object_or_404(Notice.objects.of(self.request.user), pk=self.kwargs["pk"])


class Open(NoticeMixin):
    """To the page that a notice is about; with that it is read."""

    def get(self, request, pk):
        services.mark_read(notice=self.notice, by=request.user)
        return redirect(self.notice.link or "notices:list")


class Read(NoticeMixin):
    def post(self, request, pk):
        services.mark_read(notice=self.notice, by=request.user)
        return redirect("notices:list")


class ReadAll(PageMixin):
    """Empties the bell."""

    action = "people.self"

    def post(self, request):
        services.mark_all_read(by=request.user)
        return redirect("notices:list")


class Choices(PageMixin, FormView):
    """Where one's notices go besides the portal, and the addresses for it."""

    action = "people.self"
    template_name = "communities/notices/choices.html"
    form_class = ChoicesForm
    success_url = reverse_lazy("people:me")

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        services.choose(by=self.request.user, ways=form.ways(), **form.contact())
        messages.success(self.request, _("Saved."))
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            mails=channels.EMAIL.is_on(), texts=channels.SMS.is_on(), schedule=selectors.schedule(), **kwargs
        )


class ScheduleView(PageMixin, FormView):
    """When the portal reminds and writes, and how long what was read is kept."""

    action = "settings.enter"
    template_name = "communities/notices/schedule.html"
    form_class = ScheduleForm
    success_url = reverse_lazy("notices:schedule")

    def get_initial(self):
        return ScheduleForm.of(selectors.schedule())

    def post(self, request, *args, **kwargs):
        require(request.user.may("settings.edit"))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        services.set_schedule(**form.cleaned_data, by=self.request.user)
        messages.success(self.request, _("Saved."))
        return super().form_valid(form)
