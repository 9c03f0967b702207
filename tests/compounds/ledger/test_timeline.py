"""What happened to a compound, in sentences."""

from compounds.ledger.timeline import sentence
from compounds.register.models import Compound
from tests.support import record, register


def test_a_resurvey_says_what_went_as_tables_do(reference):
    register("A", m2=1000, households=10)
    entry = record(
        "resurvey", "2014-02-10", "A", category="abandoned", mode_from="none", m2=-20.5, households=-2,
        details={"basis_no": "1"},
    )  # fmt: skip
    said = sentence(entry, Compound.objects.get(code="A"))
    assert "−20.50 ㎡" in said
    assert "−2 " in said
