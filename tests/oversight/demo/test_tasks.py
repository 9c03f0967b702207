"""任务分解 of the demo city: both districts and their subdistricts, held against the document, by invented papers."""

from auditlog.models import LogEntry

from chaoyang_pm.kit.dates import business_date
from oversight.coverage.parts import breakdown
from oversight.coverage.question import resolve
from oversight.coverage.targets import TargetBoard
from oversight.programme import selectors as programme
from oversight.programme.models import PartVersion, TargetVersion

WAN = 1_000_000


def found(code: str, as_of: str = ""):
    board = TargetBoard(resolve(as_of=as_of), programme.current())
    return breakdown(board, next(target for target in board.targets if target.code == code))


def test_t1_and_t2_are_broken_down_to_both_districts_and_their_subdistricts(city):
    for code, districts in (("T1", {"211302": 196, "211303": 106}), ("T2", {"211302": 712, "211303": 388})):
        whole = found(code)
        assert {part.given.code: part.required // WAN for part in whole.tops} == districts
        assert whole.difference == 0
        for district in whole.tops:
            assert len(district.below) > 1
            assert district.difference == 0
            assert sum(part.completed for part in district.below) == district.completed
            assert all(len(programme.milestones(part.given.version)) == 2 for part in district.below)
        assert sum(part.completed for part in whole.tops) == whole.whole.completed
        assert sum(part.base.ledger for part in whole.tops) == whole.base.ledger


def test_a_district_moved_some_of_its_part_and_a_countys_deadline_was_put_off(city):
    moved = PartVersion.objects.filter(valid_from="2015-04-10")
    assert {version.part.division_id[:6] for version in moved} == {"211303"}
    before, after = (found("T2", on) for on in ("2015-04-09", "2015-04-10"))
    assert before.parts[-1].parent.difference == after.parts[-1].parent.difference == 0
    original, adjusted = TargetVersion.objects.filter(target="T3-211322").order_by("valid_from")
    assert (str(original.deadline), str(adjusted.deadline)) == ("2017-06-30", "2017-12-31")


def test_the_papers_say_that_they_are_invented_and_lie_in_the_story(city):
    papers = [*PartVersion.objects.all(), *TargetVersion.objects.exclude(recorded_at=None)]
    assert papers
    for paper in papers:
        assert paper.document.startswith("(演示)")
        assert paper.recorded_at.date() == paper.valid_from <= business_date()
        assert paper.recorded_by
        assert LogEntry.objects.get_for_object(paper).get().timestamp == paper.recorded_at
