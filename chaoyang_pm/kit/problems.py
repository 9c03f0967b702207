"""Unusable input, said once for pages, commands and the API: which field, which value, what is accepted."""

from dataclasses import dataclass

from django.forms import BaseForm


@dataclass(frozen=True)
class Problem:
    """One unusable parameter."""

    field: str
    value: str
    message: str


class BadQuestion(Exception):
    """Parameters that name nothing; each problem says which field, which value, and what is accepted."""

    def __init__(self, problems: list[Problem]):
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def bad(field: str, value, message: str) -> BadQuestion:
    """A BadQuestion about one field."""
    return BadQuestion([Problem(field, str(value), message)])


def bad_form(form: BaseForm) -> BadQuestion:
    """A BadQuestion about everything that a form finds wrong in what an address asks for."""
    return BadQuestion([
        Problem(field, form.data.get(field, ""), " ".join(map(str, errors))) for field, errors in form.errors.items()
    ])  # fmt: skip
