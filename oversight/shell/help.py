"""Help for a page: the clauses of the city's document that it serves, and the keys of the portal."""

from django.urls import Resolver404, resolve

from oversight.programme.models import Clause

#: Room → clauses of the policy that its pages answer to (docs/shell.md).
CLAUSES = {
    "coverage": ("P3.1", "P3.2", "P3.3", "P3.4"),
    "cockpit": ("P3.1", "P3.2", "P3.3", "P3.4"),
    "onepager": ("P3.1", "P3.2", "P3.3", "P3.4"),
    "programme": ("P3.3", "P3.4", "P6.4"),
    "tables": ("P6.3", "P6.4"),
    "plan_actuals": ("P3.2", "P3.3", "P3.4", "P6.4"),
    "register": ("P4", "P5.6"),
    "ledger": ("P4.2", "P4.2a", "P4.2b", "P4.2c", "P4.2d"),
    "modes": ("P4.2", "P4.2a", "P4.2b", "P4.2c", "P4.2d", "P5.7", "P5.8"),
    "pilots": ("P4.1", "P4.3"),
    "structure": ("P5.6",),
    "files": ("P5.6", "P5.7"),
    "reports": ("P4.1", "P4.2", "P6.4"),
    "imports": ("P6.4",),
    "approvals": ("P5.1", "P5.6"),
    "review": ("P5.1", "P5.6", "P6.4"),
    "desk": ("P5.1", "P5.6", "P6.4"),
}


def clauses(path: str) -> list[Clause]:
    """The clauses behind the page at ``path``, in order; none where no clause is known."""
    try:
        app = resolve(path).app_name
    except Resolver404:
        return []
    return list(Clause.objects.filter(code__in=CLAUSES.get(app, ())))
