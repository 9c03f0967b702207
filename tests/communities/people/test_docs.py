"""The table of roles in the documentation says what the code does."""

import re

from communities.people.choices import APPOINTS, LEVEL_OF, Role
from communities.people.permissions import MATRIX
from scripts.messages import ROOT


def test_the_table_of_roles_is_the_matrix():
    text = (ROOT / "docs" / "people.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` [^|]+\| (\w+) \| ([\w, ]+) \| (yes|no) \|$", text, re.MULTILINE)
    order = (Role.BUREAU, Role.COUNTY, Role.ADMIN)
    assert rows == [
        (
            role.value,
            LEVEL_OF[role].value if LEVEL_OF[role] else "portal",
            ", ".join(keeper.value for keeper in order if role in APPOINTS[keeper]),
            "yes" if role in MATRIX["people.second_factor"].grants else "no",
        )
        for role in Role
    ]
    assert set(APPOINTS) == set(order) == set(MATRIX["people.manage"].grants)
