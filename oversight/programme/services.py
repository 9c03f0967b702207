"""Writes on the programme: reference data from fixtures, and the lock of the baseline."""

import csv
import json
from pathlib import Path

from auditlog.context import set_actor
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from chaoyang_pm.kit.reference import create_missing
from communities.divisions.models import Division
from communities.people.models import User
from communities.people.services import load_departments
from compounds.imports.vocabulary import load_synonyms
from compounds.ledger.models import LedgerHead
from compounds.modes.reference import load_procedures
from compounds.reports.review import load_review_days
from compounds.reports.services import load_skipped_levels
from compounds.returns.services import load_return_rules
from oversight.plans.models import PlanDeadline
from oversight.programme.models import Baseline, Clause, CountingRule, Programme, Target, TargetVersion

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Create what is missing of divisions, programme, clauses, targets and rules; return how many of each.

    Rows that exist stay as the bureau has edited them, so doing it again changes nothing.
    """
    return {
        "divisions": _load_divisions(), "departments": load_departments(FIXTURES), **_load_programme(),
        "synonyms": load_synonyms(FIXTURES), "skipped_levels": load_skipped_levels(FIXTURES),
        **load_procedures(FIXTURES), "return_rules": load_return_rules(FIXTURES),
        "review_days": load_review_days(FIXTURES), "plan_deadlines": _load_plan_deadlines(),
    }  # fmt: skip


def _load_divisions() -> int:
    known = set(Division.objects.values_list("code", flat=True))
    with (FIXTURES / "division_short_names.csv").open(encoding="utf-8", newline="") as file:
        short_names = {row["code"]: row["short_name"] for row in csv.DictReader(file)}
    with (FIXTURES / "divisions.csv").open(encoding="utf-8", newline="") as file:
        missing = [
            Division(
                code=row["code"], name=row["name"], short_name=short_names.get(row["code"], ""), level=row["level"],
                parent_id=row["parent_code"] or None,
            )
            for row in csv.DictReader(file)
            if row["code"] not in known
        ]  # fmt: skip
    # Parents first: a code is longer than its parent's.
    Division.objects.bulk_create(sorted(missing, key=lambda division: len(division.code)), 500)
    return len(missing)


def _load_programme() -> dict[str, int]:
    data = json.loads((FIXTURES / "programme.json").read_text(encoding="utf-8"))
    clauses = json.loads((FIXTURES / "clauses.json").read_text(encoding="utf-8"))
    row = data["programme"]
    created = dict.fromkeys(("programmes", "clauses", "targets", "rules"), 0)
    programme, new = Programme.objects.get_or_create(
        code=row["code"], defaults={**{k: row[k] for k in ("name", "starts_on", "baseline_on")}, "city_id": row["city"]}
    )
    created["programmes"] += new
    for clause in clauses:
        _clause, new = Clause.objects.get_or_create(
            code=clause["code"], defaults={"text": clause["text"], "programme": programme}
        )
        created["clauses"] += new
    for position, row in enumerate(data["targets"]):
        created["targets"] += _load_target(programme, position, row)
    for row in data["rules"]:
        _rule, new = CountingRule.objects.get_or_create(
            code=row["code"], valid_from=row["valid_from"], defaults={"name": row["name"], "modes": row["modes"]}
        )
        created["rules"] += new
    return created


def _load_target(programme: Programme, position: int, row: dict) -> bool:
    target, new = Target.objects.get_or_create(
        code=row["code"],
        defaults={
            "programme": programme, "name": row["name"], "clause_id": row["clause"], "position": position,
            "unit": row.get("unit", "area"), "categories": row["categories"], "builds_on_id": row.get("builds_on"),
        },
    )  # fmt: skip
    if new:
        target.divisions.set(row["divisions"])
        required, base = row["required_m2"], row.get("base_m2")
        TargetVersion.objects.create(
            target=target, valid_from=programme.starts_on, deadline=row["deadline"],
            required_dm2=None if required is None else required * 100, document=programme.name,
            base_dm2=None if base is None else base * 100,
        )  # fmt: skip
    return new


def _load_plan_deadlines() -> int:
    """P6.4: until when the counties hand in their plans."""
    rows = json.loads((FIXTURES / "plan_deadlines.json").read_text(encoding="utf-8"))
    return create_missing(PlanDeadline, rows, by=("programme_id", "division_id"))


class BaselineRefused(Exception):
    """The baseline cannot be locked; str() says why."""


@transaction.atomic
def lock_baseline(*, programme: Programme, by: User | None, height: int | None = None) -> Baseline:
    """Fix the height at which the programme's start is measured (T3, T4) to the newest one. Raises BaselineRefused.

    ``height``: what the newest one is believed to be; refused if something has been recorded since.
    """
    head = LedgerHead.objects.select_for_update().get(pk=1)
    check_lock(programme=programme, newest=head.height)
    if height is not None and height != head.height:
        message = _("Version %(newest)s has been recorded since version %(height)s; look at the figures again.")
        raise BaselineRefused(message % {"newest": head.height, "height": height})
    with set_actor(by):
        return Baseline.objects.create(programme=programme, height=head.height, locked_by=by)


def check_lock(*, programme: Programme, newest: int) -> None:
    """Raises BaselineRefused if the baseline could not be locked at the newest height."""
    if newest == 0:
        raise BaselineRefused(_("The ledger is empty; import the register before the baseline is locked."))
    if Baseline.objects.filter(programme=programme).exists():
        raise BaselineRefused(_("The baseline of %(programme)s is locked already.") % {"programme": programme})
