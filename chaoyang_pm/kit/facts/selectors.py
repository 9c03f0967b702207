from dataclasses import dataclass

from django.db.models import Sum

from chaoyang_pm.kit.facts.models import FactsEdit

#: The version as part of a larger statement: one row of ``edits`` and ``stamp``.
SQL = "SELECT COALESCE(SUM(edits), 0) AS edits, COALESCE(SUM(stamp), 0) AS stamp FROM kit_factsedit"


@dataclass(frozen=True)
class FactsVersion:
    """``edits`` rises strictly with every edit; together with ``stamp`` it means one state of the facts."""

    edits: int
    stamp: int


def facts_version() -> FactsVersion:
    found = FactsEdit.objects.aggregate(edits=Sum("edits", default=0), stamp=Sum("stamp", default=0))
    return FactsVersion(int(found["edits"]), int(found["stamp"]))
