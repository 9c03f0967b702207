"""Descriptive facts in the register workbook: which column fills which field, and what a row changes."""

from typing import Any

from chaoyang_pm.kit.sheets.rows import ParsedRow

#: Field → (before, after).
Changes = dict[str, tuple[Any, Any]]

#: Columns that are facts of the compound, with the field each one fills.
FACTS = {
    "former_names": "former_names", "address": "address", "kind": "kind", "built_year": "built_year",
    "buildings": "buildings", "residential_area": "residential_area_dm2", "area_source": "area_source",
    "category_basis": "category_basis", "ownership": "ownership", "original_owner": "original_owner",
    "developer": "developer", "renovated_year": "renovated_year", "contract_term": "contract_term",
    "contract_filing_no": "contract_filing_no", "fee": "fee", "collection_rate": "collection_rate",
    "owners_committee": "owners_committee", "committee_term_ends": "committee_term_ends",
    "unmanaged_reason": "unmanaged_reason", "abandoned_since": "abandoned_since", "duty_person": "duty_person",
    "contact": "contact", "phone": "phone", "note": "note",
}  # fmt: skip


def given(row: ParsedRow) -> dict[str, Any]:
    """What the filled cells of a row say, by field."""
    return {FACTS[column]: value for column, value in row.values.items() if column in FACTS}


def followed_by(earlier: Changes, later: Changes) -> Changes:
    """Two rows' changes of one compound as one: before the first, after the last."""
    return earlier | {name: (earlier.get(name, change)[0], change[1]) for name, change in later.items()}
