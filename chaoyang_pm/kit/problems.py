"""Unusable input, said once for pages, commands and the API: which field, which value, what is accepted."""

from dataclasses import dataclass


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
