"""Random workbooks, imported and undone in any order: the figures of before, and always those of the model."""

import pytest
from django.db.models import Sum

from compounds.imports import undo
from compounds.imports.models import ImportRun
from compounds.ledger.choices import Kind
from compounds.ledger.loading import load_events
from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from tests.compounds.imports.test_random_history import DATES, City
from tests.compounds.imports.workbooks import Files, ran, stored
from tests.compounds.ledger.test_histories import check_everything
from tests.model import replay_model

ROUNDS = 18


def flows(height: int) -> dict:
    """What moves on each date in each pocket; equal flows are equal balances at every date."""
    rows = Posting.objects.filter(entry__lte=height).order_by()
    rows = rows.values_list("effective_on", "compound__code", "community", "category", "mode")
    return {
        tuple(pocket): (area, homes)
        for *pocket, area, homes in rows.annotate(area=Sum("area_dm2"), homes=Sum("households"))
        if area or homes
    }


def states() -> dict:
    """Where every compound lies and what became of it, but for those that an undo withdrew."""
    rows = Compound.objects.filter(import_undone=False).values_list(
        "code", "community", "status", "merged_into__code", "has_area"
    )
    return {row[0]: row for row in rows}


def tell(model: replay_model.Model, after: int) -> None:
    """Record in the model what an undo posted."""
    for event in load_events(Entry.objects.filter(height__gt=after)):
        parts = tuple(replay_model.Part(*part) for part in event.parts if part.compound != event.compound)
        height = model.record(
            replay_model.Event(
                event.kind, event.effective_on, event.compound, community=event.community, category=event.category,
                mode_from=event.mode_from, mode_to=event.mode_to, new_category=event.new_category, target=event.target,
                area=event.area_dm2, households=event.households, parts=parts, reverses=event.reverses,
            )
        )  # fmt: skip
        assert height == event.height


@pytest.mark.parametrize("seed", [2, 4])
def test_imports_are_undone_in_any_order(files: Files, seed: int):
    city = City(files, seed)
    city.open()
    runs, undone, refused, anew = [], 0, 0, 0
    for number in range(ROUNDS):
        before, there, height = flows(city.model.height), states(), city.model.height
        city.change(city.chance.randint(6, 20))
        run = ImportRun.objects.latest("created_at")
        if run.first_height is not None and run.first_height > height:
            runs.append(run)
        if not runs or number % 3 == 2:
            continue
        run = runs[-1] if number % 3 else runs[0]
        top, kept = LedgerHead.objects.get().height, stored()
        try:
            result = undo.undo(run=run, reason="传错了文件", by=None).undo_result
        except Refused as why:
            assert run != runs[-1], str(why)
            assert stored() == kept
            assert all(problem.message for problem in why.problems)
            refused += 1
            continue
        runs.remove(run)
        undone, anew = undone + 1, anew + result["recorded_anew"]
        tell(city.model, top)
        if run.first_height == height + 1:  # nothing was recorded since
            assert flows(city.model.height) == before
            assert states() == there
            assert flows(height) == before
    assert undone >= ROUNDS // 3
    assert refused
    assert anew
    report = verify()
    assert report.ok, report.findings
    moments = [(city.chance.choice(DATES), city.chance.randint(1, city.model.height)) for _ in range(20)]
    check_everything(city.model, [*moments, (DATES[-1], city.model.height)])


@pytest.mark.parametrize("seed", [11])
def test_after_its_undo_a_file_can_be_imported_again(files: Files, seed: int):
    """Without codes of new compounds and without versions, which an undo changes, the same rows mean the same."""
    city = City(files, seed)
    city.open()
    for _round in range(6):
        city.change(city.chance.randint(5, 12))
        run = ImportRun.objects.latest("created_at")
        if run.first_height is None or Entry.objects.filter(
            height__range=(run.first_height, run.last_height), kind__in=[Kind.REVERSAL, Kind.SPLIT]
        ):  # fmt: skip
            continue
        after, height = flows(city.model.height), city.model.height
        undo.undo(run=run, reason="传错了文件", by=None)
        file, _posted = city.posted[-1]
        ran("import_entries", file, "--skip-bad-rows")
        newest = LedgerHead.objects.get().height
        assert newest > height
        assert flows(newest) == after
        tell(city.model, height)
