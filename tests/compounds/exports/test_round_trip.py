"""What an export holds, imported into an empty ledger, gives the same balances at every date."""

import datetime
import random

import openpyxl
import pytest

from compounds.ledger.events import Part
from compounds.ledger.verify import verify
from compounds.register import names
from compounds.register.models import Compound
from tests.compounds.exports.worlds import (
    cells,
    edit,
    empty,
    export,
    import_again,
    movements,
    pending,
)  # fmt: skip
from tests.compounds.imports.workbooks import counts, refused
from tests.compounds.ledger.test_histories import drive, post_to_ledger
from tests.model.histories import Stage, Step, stage
from tests.model.replay_model import Model
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, make_compound, post_example, record, register

COMMUNITIES = [JINYUAN, QIANJIN, HAIHE, XINLIU]


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = datetime.date(2016, 12, 31)


def goes_round(path) -> None:
    before, waiting = movements(), pending()
    export(path)
    empty()
    import_again(path)
    assert movements() == before
    assert pending() == waiting
    assert verify().findings == []


def test_the_worked_example(reference, tmp_path):
    post_example()
    goes_round(tmp_path / "导出.xlsx")


def random_history(seed: int, steps: int, place: Stage) -> Model:
    """A random history, posted; late entries bring new parts for the splits that they change."""
    chance, model = random.Random(seed), Model()
    for code in place.codes:
        make_compound(code, place.homes.get(code, JINYUAN))
    for _step in range(steps):
        drive(model, place, Step.drawn(chance), post_to_ledger)
    return model


@pytest.mark.parametrize("seed", [1, 2])
def test_random_histories(reference, tmp_path, seed):
    model = random_history(seed, 150, stage(COMMUNITIES, compounds=12, spare=15, dates=15, apart=20))
    assert len(model.live()) > 30
    goes_round(tmp_path / "导出.xlsx")


def test_what_a_new_event_would_be_refused_for(reference, tmp_path):
    """Late entries have taken the ground from under these; in the replay they stand, and so they do elsewhere."""
    register("A", m2=1000, households=10)
    register("B", community=QIANJIN, m2=500)
    record("takeover", "2014-03-01", "A", mode_to="professional")
    record("provider_change", "2014-06-01", "A")
    record("resurvey", "2014-07-01", "A", category="abandoned", mode_from="professional", m2=50, households=1)
    record("relocate", "2014-08-01", "A", community=QIANJIN)
    record("lapse", "2014-05-01", "A", details={"late_reason": "迟报"})
    record("relocate", "2014-04-01", "A", community=QIANJIN)
    goes_round(tmp_path / "导出.xlsx")


def test_a_split_into_a_compound_that_was_registered_late(reference, tmp_path):
    register("A", m2=1000, households=10)
    make_compound("N")
    part = Part("N", "abandoned", "none", 40_000, 0)
    record("split", "2014-05-01", "A", parts=(part,))
    record("register", "2014-02-01", "N", category="unserved", mode_to="none", m2=70, households=2, community=JINYUAN)
    goes_round(tmp_path / "导出.xlsx")


def test_new_parts_that_are_households_alone(reference, tmp_path):
    register("A", m2=1000, households=10)
    make_compound("N")
    make_compound("M")
    parts = (Part("N", "abandoned", "none", 40_000, 5), Part("M", "abandoned", "none", 10_000, 0))
    split = record("split", "2014-05-01", "A", parts=parts)
    left = (Part("N", "abandoned", "none", 0, 5), Part("M", "abandoned", "none", 10_000, 0))
    stays = Part("A", "abandoned", "none", 80_000, 5)
    record("takeover", "2014-04-01", "A", m2=100, households=0, mode_to="owners",
           new_parts=((split.height, (*left, stays)),))  # fmt: skip
    goes_round(tmp_path / "导出.xlsx")


def test_two_compounds_of_one_name_at_different_times_in_one_community(reference, tmp_path):
    make_compound("A", JINYUAN, "幸福小区")
    register("A")
    record("relocate", "2014-05-01", "A", community=QIANJIN)
    make_compound("B", JINYUAN, "幸福小区")
    register("B", "2015-01-01")
    make_compound("C", JINYUAN, "幸福小区")  # area pending
    goes_round(tmp_path / "导出.xlsx")


def test_phases_and_categories_are_rows_of_their_own_and_alike_ones_too(reference, tmp_path):
    for phase in ("一期", "一期", ""):
        register("A", m2=300, households=3)
        record("register", "2014-01-01", "A", category="established", mode_to="owners", m2=200, households=1,
               community=JINYUAN, details={"phase": phase})  # fmt: skip
    record("takeover", "2014-02-01", "A", category="abandoned", mode_to="professional")
    record("register", "2014-03-01", "A", category="new_build", mode_to="none", m2=7, details={"precision": "day"})
    path = tmp_path / "导出.xlsx"
    export(path)
    book = openpyxl.load_workbook(path)
    assert (book["台账"].max_row, book["变更"].max_row) == (7, 3)
    goes_round(path)


def test_duplicates_that_were_withdrawn_stay_behind(reference, tmp_path):
    register("A")
    make_compound("B", status="retired")
    path = tmp_path / "导出.xlsx"
    export(path)
    assert [row[0] for row in openpyxl.load_workbook(path)["台账"].iter_rows(min_row=2, values_only=True)] == ["A"]


def test_in_its_own_ledger_an_export_is_known(reference, tmp_path):
    """Nothing is counted twice, and facts edited in the 台账 are taken."""
    post_example()
    for compound in Compound.objects.all():
        Compound.objects.filter(pk=compound.pk).update(
            normalised_name=names.normalise(compound.name), category_basis="认定单"
        )
    path = tmp_path / "导出.xlsx"
    export(path)
    before = movements()
    edit(path, "台账", "A", 地址="长江路1号")
    register_result, changes = import_again(path)
    assert counts(register_result)[:4] == (0, 1, 5, 0)
    assert (changes["unchanged"], changes["posted"]) == (changes["rows"], 0)
    assert movements() == before


def test_elsewhere_it_is_imported_once_and_edited_facts_are_taken(reference, tmp_path):
    post_example()
    path = tmp_path / "导出.xlsx"
    export(path)
    empty()
    import_again(path)
    before = movements()
    edit(path, "台账", "A", 地址="长江路1号")
    register_result, changes = import_again(path)
    assert counts(register_result)[:4] == (0, 1, 5, 0)
    assert changes["posted"] == 0
    assert movements() == before
    assert Compound.objects.get(code="A").address == "长江路1号"


def test_a_row_made_from_an_exported_one_is_told_what_to_do(reference, tmp_path):
    post_example()
    path = tmp_path / "导出.xlsx"
    export(path)
    edit(path, "台账", "A", **{"建筑面积(㎡)": 5})
    edit(path, "台账", "B", 小区编号="B2", 小区名称="另一个")
    edit(path, "台账", "C", 小区类别="弃管小区")
    result = refused("import_compounds", path)
    assert [(error["row"], error["column"]) for error in result["errors"]] == [
        (2, "建筑面积(㎡)"), (3, "导出标识"), (4, "小区类别"),
    ]  # fmt: skip


def test_exported_again_it_is_the_same_but_for_the_marks(reference, tmp_path):
    post_example()
    export(tmp_path / "一.xlsx")
    before = cells(tmp_path / "一.xlsx")
    empty()
    import_again(tmp_path / "一.xlsx")
    export(tmp_path / "二.xlsx")
    assert cells(tmp_path / "二.xlsx") == before


def goes_round_in(division: str, path) -> None:
    before = movements(division)
    export(path, "--division", division)
    empty()
    import_again(path)
    assert movements() == before
    assert verify().findings == []


@pytest.mark.parametrize(("seed", "division"), [(0, "211302"), (1, "211302"), (2, JINYUAN)])
def test_a_division_alone_has_its_own_balances(reference, tmp_path, seed, division):
    """Compounds come over its border, change outside, leave and come back; nothing of elsewhere is told."""
    random_history(seed, 110, stage(COMMUNITIES, compounds=12, spare=15, dates=15, apart=20))
    goes_round_in(division, tmp_path / "导出.xlsx")


def test_a_compound_that_comes_back_to_another_community(reference, tmp_path):
    register("A", m2=1000, households=10)
    record("takeover", "2014-02-01", "A", mode_to="owners", m2=400)
    record("relocate", "2014-03-01", "A", community=HAIHE)
    record("lapse", "2014-04-01", "A", m2=100)
    record("relocate", "2014-05-01", "A", community=QIANJIN)
    record("resurvey", "2014-06-01", "A", category="abandoned", mode_from="none", m2=5, households=1)
    goes_round_in("211302", tmp_path / "导出.xlsx")
