"""``/healthz`` fails while the roll-ups are known to differ from the ledger."""

from chaoyang_pm.kit.health.checks import Failing
from compounds.ledger import selectors as ledger
from oversight.coverage.models import RollUp


def roll_ups_are_healthy() -> str:
    """How far they are behind is no failure: figures add what is not rolled up yet."""
    state = RollUp.objects.filter(pk=1).first()
    if state is None:
        return "ok, none yet"
    if state.differs_since:
        raise Failing(f"{state.differences['differing']} cells differ from the ledger")
    return f"ok, {ledger.newest().height - state.height} versions behind"
