"""登录日志 and 权限变更日志: for those who control the people that look after accounts."""

from typing import Any

from chaoyang_pm.kit.pages import ListPage
from chaoyang_pm.kit.problems import bad_form
from communities.people import logs
from communities.people.filters import PeriodForm


class LogPage(ListPage):
    """A log, filtered by person and days."""

    action = "people.logs"

    def period(self) -> logs.Period:
        self.form = PeriodForm(self.request.GET)
        if not self.form.is_valid():
            raise bad_form(self.form)
        return logs.Period(**self.form.cleaned_data)

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
