import pytest

from compounds.ledger.choices import Mode
from compounds.modes import services
from compounds.modes.models import Procedure, ProcedureKind
from compounds.register.models import Compound
from tests.support import QIANJIN, day, register


@pytest.fixture
def compound(cast) -> Compound:
    register("甲", community=QIANJIN, m2=40000)
    return Compound.objects.get(code="甲")


@pytest.fixture
def begin(cast, compound):
    """Begins a procedure; as the county, professional, on 1 June 2014 unless said otherwise."""

    def begun(kind="P4.2a", mode="professional", on="2014-06-01", by="county", about=None) -> Procedure:
        return services.start(
            compound=about or compound, kind=ProcedureKind.objects.get(pk=kind), mode=Mode(mode), on=day(on),
            by=cast[by],
        )  # fmt: skip

    return begun


@pytest.fixture
def go_on(cast):
    """Does so many steps, a day each, with a note instead of votes."""

    def done(procedure: Procedure, steps: int = 1, *, on="2014-07-01", by="county") -> Procedure:
        for _step in range(steps):
            procedure = services.advance(
                procedure=procedure, step=procedure.step, on=day(on), note="见会议纪要", by=cast[by]
            )
        return procedure

    return done
