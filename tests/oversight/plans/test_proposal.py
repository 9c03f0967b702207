"""The rule by which a plan is proposed, over random counties: nothing is lost, the load is even, deadlines are met."""

import datetime
from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from oversight.plans.proposal import Kept, Piece, Question, Task, propose, quarters_left, way

CATEGORIES = ("abandoned", "renovated", "unserved", "undetermined")
COMMUNITIES = ("211302003001", "211302003002", "211302004001")
MODES = ("professional", "owners", "community")
DAYS = st.dates(datetime.date(2014, 1, 1), datetime.date(2016, 3, 31))
DEADLINES = st.sampled_from([datetime.date(2014, 12, 31), datetime.date(2015, 5, 15), datetime.date(2016, 12, 31)])
ENDS = datetime.date(2017, 6, 30)
AREA = st.integers(1, 9_000_000)


@st.composite
def pieces(draw, with_tenders: bool = True):
    modes = MODES if with_tenders else MODES[1:]
    found = []
    for number in range(draw(st.integers(1, 14))):
        pockets = draw(st.dictionaries(st.sampled_from(CATEGORIES), AREA, min_size=1, max_size=2))
        found.append(Piece(
            f"{number:03}", draw(st.sampled_from(COMMUNITIES)), pockets, sum(pockets.values()),
            draw(st.sampled_from(modes)), draw(st.booleans()),
        ))  # fmt: skip
    return found


@st.composite
def kept(draw):
    area = draw(AREA)
    when = draw(st.sampled_from(quarters_left(datetime.date(2013, 10, 1), datetime.date(2016, 12, 31))))
    return Kept(when, {draw(st.sampled_from(CATEGORIES)): area}, area)


@st.composite
def questions(draw, with_tenders: bool = True, with_kept: bool = True):
    found = draw(pieces(with_tenders))
    staying = draw(st.lists(kept(), max_size=4)) if with_kept else []
    held: dict[str, int] = {}
    for one in (*found, *staying):
        for category, area in one.pockets.items():
            held[category] = held.get(category, 0) + area
    task = st.builds(
        Task, st.uuids().map(str), DEADLINES, st.sampled_from([CATEGORIES[:1], CATEGORIES[:2], CATEGORIES[:3]]),
        st.integers(0, 40_000_000),
    )  # fmt: skip
    return Question(
        draw(DAYS), ENDS, found, draw(st.lists(task, max_size=3)), staying, held,
        draw(st.frozensets(st.sampled_from(COMMUNITIES))), draw(st.none() | DEADLINES),
    )  # fmt: skip


@given(questions())
def test_every_piece_is_planned_once_in_a_quarter_that_is_left(asked):
    found = propose(asked)
    assert found.placed.keys() == {piece.key for piece in asked.pieces}
    assert set(found.placed.values()) <= set(quarters_left(asked.today, ENDS))
    assert sum(quarter.area for quarter in found.quarters) == sum(piece.area for piece in asked.pieces)
    assert sum(quarter.count for quarter in found.quarters) == len(asked.pieces)


@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_what_it_is_given_does_not_matter(asked, random):
    mixed = [list(some) for some in (asked.pieces, asked.tasks, asked.kept)]
    for some in mixed:
        random.shuffle(some)
    other = Question(
        asked.today, ENDS, *mixed, dict(reversed(asked.held.items())), asked.without_pilot, asked.pilots_due
    )  # fmt: skip
    assert propose(asked) == propose(asked) == propose(other)


@given(questions())
def test_the_load_of_a_quarter_passes_its_even_load_by_less_than_one_compound(asked):
    found = propose(asked)
    largest = max(piece.area for piece in asked.pieces)
    for quarter, loads, budgets in zip(
        found.quarters, accumulate(q.load for q in found.quarters), accumulate(q.budget for q in found.quarters),
        strict=True,
    ):  # fmt: skip
        assert not quarter.area or loads < budgets + largest


@given(questions(with_tenders=False, with_kept=False))
def test_without_tenders_no_quarter_stays_behind_and_none_bears_more_than_deadlines_ask(asked):
    found = propose(asked)
    largest = max(piece.area for piece in asked.pieces)
    budgets = [quarter.budget for quarter in found.quarters]
    for loads, due in zip(accumulate(q.area for q in found.quarters), accumulate(budgets), strict=True):
        assert due <= loads < due + largest
    # The load per day falls from deadline to deadline: what comes early, comes because a deadline asks for it.
    ends = [(quarter.due_on - asked.today).days + 1 for quarter in found.quarters]
    days = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    rates = [budget / length for budget, length in zip(budgets, days, strict=True)]
    assert all(later <= earlier + 1 for earlier, later in pairwise(rates))


@given(questions())
def test_a_target_is_met_or_all_there_is_of_it_is_planned_in_time_or_named(asked):
    for outcome in propose(asked).outcomes:
        if outcome.short:
            assert outcome.spare == 0
            assert outcome.held == outcome.planned + outcome.later + outcome.tender + outcome.too_late
        assert outcome.left_out == 0


@given(questions())
def test_no_tender_is_over_before_it_can_be(asked):
    found = propose(asked)
    possible = [quarter.due_on for quarter in found.quarters if quarter.due_on >= asked.tender_ends]
    for piece in asked.pieces:
        if piece.tendered and possible:
            assert found.placed[piece.key] >= asked.tender_ends


@given(questions(with_tenders=False, with_kept=False))
def test_each_community_that_needs_one_has_one_pilot_and_pilots_come_first(asked):
    found = propose(asked)
    there = {piece.community for piece in asked.pieces}
    assert [pilot.community for pilot in found.pilots] == sorted(asked.without_pilot & there)
    assert found.without == sorted(asked.without_pilot - there)
    pilots = {pilot.key for pilot in found.pilots}
    others = [day for key, day in found.placed.items() if key not in pilots]
    if others and pilots:
        assert max(found.placed[key] for key in pilots) <= min(others)


def test_a_year_without_deadlines_is_even_by_days():
    found = propose(Question(
        datetime.date(2014, 8, 16), datetime.date(2015, 6, 30),
        [Piece(f"{n:03}", COMMUNITIES[0], {"unserved": 1000}, 1000, "owners") for n in range(319)],
    ))  # fmt: skip
    assert [quarter.count for quarter in found.quarters] == [46, 92, 90, 91]


def test_modes_follow_custom_then_size_then_the_committee():
    large, small = 20_000_00, 19_999_99
    assert way(large, False, {}) == ("professional", "large")
    assert way(large, True, {}, tender_ends_in_time=False) == ("owners", "committee")
    assert way(small, True, {"manager": 2}) == ("owners", "committee")
    assert way(small, False, {}) == ("community", "small")
    assert way(small, False, {"manager": 3, "owners": 2}) == ("manager", "custom")
    assert way(small, False, {"manager": 3, "owners": 3}) == ("community", "small")
    assert way(small, False, {"professional": 9}, tender_ends_in_time=False) == ("community", "small")
