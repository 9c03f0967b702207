"""Changes of divisions in an export: communities that have ended, and where their compounds went."""

import random

import pytest

from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.successions import services
from compounds.successions.planning import Change, Part
from tests.compounds.exports.worlds import empty, export, import_again, movements, pending
from tests.compounds.successions.test_random import a_change, something_happens
from tests.support import QIANJIN, day, make_compound, record, register


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2016-12-31")


def goes_round(path, division: str = "2113") -> None:
    before, waiting = movements(division), pending()
    export(path, "--division", division)
    empty()
    import_again(path)
    assert movements(division) == before
    assert division != "2113" or pending() == waiting
    assert verify().findings == []


def test_a_community_that_was_divided(reference, bureau, tmp_path):
    """Which of the two successors a compound went to stands in the export, and is no question."""
    for code in "甲乙":
        register(code, community=QIANJIN, m2=1000, households=10)
    make_compound("丙", QIANJIN)
    parts = (Part("东社区", members=("甲", "丙")), Part("西社区", members=("乙",)))
    change = Change("split", effective_on=day("2015-06-01"), divisions=(QIANJIN,), parts=parts, document="批复")
    services.carry_out(change=change, by=bureau)
    record("takeover", "2015-03-01", "乙", mode_to="owners", m2=100)
    goes_round(tmp_path / "导出.xlsx")


@pytest.mark.parametrize(("seed", "division"), [(0, "2113"), (1, "2113"), (2, "211302")])
def test_random_changes_of_divisions(reference, bureau, tmp_path, seed, division):
    dice = random.Random(seed)
    for number in range(15):
        something_happens(dice, number)
    carried_out = 0
    for number in range(100, 108):
        try:
            services.carry_out(change=a_change(dice, number), by=bureau)
            carried_out += 1
        except Refused:
            pass
        something_happens(dice, number)
    assert carried_out >= 3
    goes_round(tmp_path / "导出.xlsx", division)
