"""Imports, clerks and changes of divisions that meet: nothing is left in a division that has ended."""

import contextlib
import threading

import pytest
from django.db import connections

from communities.divisions.models import Division, Succession
from compounds.imports import services as imports
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.register.services import create
from compounds.successions import services
from compounds.successions.planning import Change
from tests.compounds.imports.workbooks import Files, ran
from tests.compounds.successions.worlds import assert_sound, dm2, totals
from tests.support import QIANJIN, day, record, register

STREET, NEW = "211302003", "211321003001"
CHANGE = Change("reparent", effective_on=day("2015-06-01"), divisions=(STREET,), document="批复", parent="211321")


@pytest.fixture
def between(monkeypatch, city):
    """The change is carried out after a workbook was checked and before it is posted."""
    check = imports.check

    def checked(*args, **kwargs):
        accepted = check(*args, **kwargs)
        services.carry_out(change=CHANGE, by=None)
        return accepted

    monkeypatch.setattr(imports, "check", checked)


def row(name: str, on: str = "2014-01-01", area: str | None = "10") -> dict:
    return {
        "小区名称": name, "县(市、区)": "双塔区", "街道(乡镇)": "前进街道", "社区": "前进社区", "建筑面积(㎡)": area,
        "小区类别": "弃管小区", "登记日期": on,
    }  # fmt: skip


def test_a_checked_workbook_of_the_old_division_is_posted_into_its_successor(between, tmp_path):
    result = Files(tmp_path).register(row("晚到小区"), row("未测小区", area=None))
    assert (result["created"], result["posted"]) == (2, 1)
    late = Compound.objects.get(name="晚到小区")
    assert late.community_id == Compound.objects.get(name="未测小区").community_id == NEW
    assert [entry.community_id for entry in late.entries.order_by("height")] == [QIANJIN, NEW]
    assert totals("2014-01-01", QIANJIN, NEW) == [dm2(1510), 0]
    assert_sound()


def test_a_row_dated_after_the_end_is_refused_with_the_successor(between, tmp_path):
    answer, result = ran("import_compounds", Files(tmp_path).file([row("晚到小区", "2015-07-01")]))
    assert answer.code == 1
    assert NEW in result["errors"][0]["message"]
    assert not Compound.objects.filter(name="晚到小区").exists()


def test_the_same_workbook_is_posted_when_read_afterwards(city, tmp_path):
    services.carry_out(change=CHANGE, by=None)
    rows = row("旧表小区"), row("新近小区", "2015-07-01")
    files = Files(tmp_path)
    assert files.register(*rows)["posted"] == 2
    assert files.register(*rows)["unchanged"] == 2
    result = files.change({
        "县(市、区)": "双塔区", "街道(乡镇)": "前进街道", "社区": "前进社区", "小区名称": "旧表小区",
        "变更类型": "接管", "发生日期": "2015-01-01", "新管理模式": "业主自行管理",
    })  # fmt: skip
    assert result["posted"] == 1
    assert_sound()


def test_what_came_in_while_the_lock_was_waited_for_is_locked_and_moved_too(city, monkeypatch):
    concerned, asked = services.concerned, []

    def blind_at_first(plan):
        asked.append(plan)
        return concerned(plan) - ({"乙"} if len(asked) == 1 else set())

    monkeypatch.setattr(services, "concerned", blind_at_first)
    services.carry_out(change=CHANGE, by=None)
    assert len(asked) == 4
    assert Compound.objects.get(code="乙").community_id == NEW


def test_it_gives_up_with_a_reason_if_it_never_ends(city, monkeypatch):
    concerned, calls = services.concerned, []

    def always_one_more(plan):
        calls.append(plan)
        return concerned(plan) if len(calls) % 2 == 0 else set()

    monkeypatch.setattr(services, "concerned", always_one_more)
    with pytest.raises(Refused):
        services.carry_out(change=CHANGE, by=None)
    assert not Succession.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_clerks_at_work_and_the_same_change_twice_at_once(city, bureau):
    """All start together; whoever comes after the change finds the successor or is told it."""
    together = threading.Barrier(4)
    failures: list[BaseException] = []
    old = Division.objects.get(code=QIANJIN)

    def run(work):
        try:
            together.wait()
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    def register_compounds():
        for number in range(12):
            with contextlib.suppress(Refused):
                register(create(community=old, name=f"新{number}", facts={}, by=bureau).code, community="", m2=1)

    def take_over():
        for number in range(10):
            record("takeover", "2014-07-01", "乙", mode_to="owners", m2=number + 1)

    def carry_out():
        services.carry_out(change=CHANGE, by=bureau)

    threads = [
        threading.Thread(target=run, args=(work,)) for work in (register_compounds, take_over, carry_out, carry_out)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Succession.objects.count() == 1
    ended = Division.objects.filter(ended_on__isnull=False)
    assert not Compound.objects.filter(community__in=ended, status="active").exists()
    assert totals("2016-12-31", STREET) == [0]
    heights = list(Entry.objects.order_by("height").values_list("height", flat=True))
    assert heights == list(range(1, len(heights) + 1))
    assert_sound()


def test_the_number_of_queries_grows_with_divisions_not_with_compounds(city, django_assert_max_num_queries):
    """A row per division and per pending compound, with its audit row; compounds with area go in bulk."""
    for number in range(60):
        register(f"多{number}", community=QIANJIN, m2=1)
    with django_assert_max_num_queries(90):
        services.carry_out(change=CHANGE, by=None)
