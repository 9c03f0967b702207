"""A form whose service may refuse what was entered: every reason stands at its field."""

from typing import Any

from django.http import HttpResponseBase
from django.views.generic import FormView

from compounds.ledger.refusals import Refused


class RefusableForm(FormView):
    """Sent, it does what ``carry_out`` says, or shows why not."""

    def carry_out(self, form: Any) -> HttpResponseBase:
        """Call the service and answer. Raises Refused."""
        raise NotImplementedError  # each page says what it does

    def form_valid(self, form):
        try:
            return self.carry_out(form)
        except Refused as refused:
            for problem in refused.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
            return self.form_invalid(form)
