"""登录日志 and 权限变更日志: for those who control the people that look after accounts."""

from typing import Any

from django.views.generic import ListView

from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.problems import BadQuestion, Problem
from communities.people import logs
from communities.people.filters import PeriodForm


class LogPage(PageMixin, ListView):
    """A log, filtered by person and days."""

    action = "people.logs"
    paginate_by = 50

    def period(self) -> logs.Period:
        self.form = PeriodForm(self.request.GET)
        if not self.form.is_valid():
            raise BadQuestion([
                Problem(field, self.request.GET.get(field, ""), " ".join(errors))
                for field, errors in self.form.errors.items()
            ])  # fmt: skip
        return logs.Period(**self.form.cleaned_data)

    def paginate_queryset(self, queryset, page_size):
        """A page beyond the last one is the last one."""
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get("page"))
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"rows": self.read(context["object_list"]), "form": self.form}

    def read(self, found: Any) -> list:
        raise NotImplementedError


class LogIns(LogPage):
    template_name = "communities/people/log_ins.html"

    def get_queryset(self):
        return logs.accesses(self.period())

    def read(self, found):
        return logs.read_accesses(found)


class Rights(LogPage):
    template_name = "communities/people/rights.html"

    def get_queryset(self):
        return logs.rights(self.period())

    def read(self, found):
        return logs.read_rights(found)
