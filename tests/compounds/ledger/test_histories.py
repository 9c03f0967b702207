"""Random histories against the independent model: same decisions, same balances, at every date and height."""

import datetime
import random
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.db.models import Sum
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chaoyang_pm.kit.scoping import Scope
from compounds.ledger import recording, services
from compounds.ledger.book import Blocked, Book
from compounds.ledger.choices import Source
from compounds.ledger.models import Entry, EntryPart, LedgerHead, Posting
from compounds.ledger.refusals import Refused, explain
from compounds.ledger.verify import verify
from compounds.register.choices import Status
from compounds.register.models import Compound
from oversight.coverage import selectors
from oversight.coverage.movements import movements, restatement
from oversight.coverage.question import resolve
from tests.model.histories import BIGGEST, KINDS, Stage, Step, proposal, stage, with_new_parts
from tests.model.replay_model import BRINGS_OR_TAKES, Event, Impossible, Model, Where
from tests.support import BASIS, HAIHE, JINYUAN, QIANJIN, XINLIU, draft, from_model, make_compound, undone

COMMUNITIES = [JINYUAN, QIANJIN, HAIHE, XINLIU]
SMALL = stage(COMMUNITIES[:3], compounds=5, spare=3, dates=8, apart=45)
BIG = stage(COMMUNITIES, compounds=60, spare=30, dates=60, apart=11)
#: After the registrations: everything, but mostly what moves area about.
LIVELY = (*KINDS[2:], "takeover", "mode_change", "mode_change", "lapse", "relocate", "reclassify", "reclassify")

numbers = st.integers(0, BIGGEST)
steps = st.builds(
    Step, st.sampled_from(KINDS), who=numbers, other=numbers, day=numbers, amount=numbers, homes=numbers,
    pocket=numbers, choice=numbers,
)  # fmt: skip


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = datetime.date(2016, 12, 31)


class Refusal(tuple):
    """(height in the way or None, shortfall or None) of a refused event."""


def model_answer(model: Model, event: Event) -> int | Refusal:
    try:
        return model.record(event)
    except Impossible as impossible:
        return Refusal((impossible.height, impossible.short if impossible.height else None))


def portal_answer(post, event: Event) -> int | Refusal:
    try:
        return post(event)
    except Refused as refused:
        assert all(problem.message for problem in refused.problems)
        in_the_way = refused.in_the_way.height if refused.in_the_way else None
        return Refusal((in_the_way, refused.shortfall_dm2 if in_the_way else None))


def drive(model: Model, place: Stage, step: Step, post) -> list[int | Refusal]:
    """One step in both worlds, once more with new parts if a split is in the way; the answers must agree."""
    event = proposal(model, place, step)
    attempts = [event]
    answers = []
    for attempt in attempts:
        expected = model_answer(model, attempt)
        assert portal_answer(post, attempt) == expected, attempt
        answers.append(expected)
        in_the_way = expected[0] if isinstance(expected, Refusal) else None
        if in_the_way and len(attempts) == 1 and model.events[in_the_way - 1].kind == "split":
            again = with_new_parts(model, event)
            attempts += [again] if again else []
    return answers


def check_sums(model: Model, postings) -> None:
    """Invariant 2: on each effective date the postings of an entry move area and households, and bring none.

    ``postings``: (entry, event, date, area, households). A registration, resurvey or deregistration brings or
    takes, and so do a reversal of one and whatever gives a deregistration more or less to take.
    """
    sums: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    for entry, event, on, area, households in postings:
        kind = model.events[event - 1].kind
        brings = kind in BRINGS_OR_TAKES and (entry == event or model.events[entry - 1].reverses == event)
        if brings or kind == "deregister":
            continue
        sums[entry, on][0] += area
        sums[entry, on][1] += households
    assert [key for key, (area, households) in sums.items() if area or households] == []


class Memory:
    """The portal's book without a database; keeps the postings that it hands out."""

    def __init__(self, place: Stage):
        self.book, self.height, self.postings = Book(), 0, []
        self.compounds = {
            code: SimpleNamespace(
                code=code, name=code, community_id=place.homes.get(code, JINYUAN), status=Status.ACTIVE
            )
            for code in place.codes
        }
        self.events = {}

    def post(self, event: Event) -> int:
        if event.kind == "reversal":
            changes = self._reverse(event.reverses)
        else:
            settled = recording.prepare(
                self.book, recording.Draft(from_model(event), BASIS), self.compounds, str
            ).at(self.height + 1)  # fmt: skip
            changes = recording.add_to(self.book, settled, str)
            self.events[self.height + 1] = settled
        self.height += 1
        self.postings += [(self.height, change) for change in changes]
        return self.height

    def _reverse(self, height: int):
        undone = self.events.get(height)
        if undone is None or undone not in self.book.live(undone.compound):
            raise Refused()
        try:
            return self.book.reverse(undone, height=self.height + 1)
        except Blocked as blocked:
            raise explain(blocked, str) from None

    def balances(self, on: datetime.date, height: int) -> dict[Where, tuple[int, int]]:
        held: dict[Where, list[int]] = defaultdict(lambda: [0, 0])
        for entry, change in self.postings:
            if entry <= height and change.effective_on <= on:
                where = held[Where(*map(str, change.effect[:4]))]
                where[0] += change.effect.area_dm2
                where[1] += change.effect.households
        return {where: (area, homes) for where, (area, homes) in held.items() if area or homes}


class BookAgainstModel(RuleBasedStateMachine):
    """The book in memory takes and refuses what the model does, and its postings sum to the model's balances."""

    @initialize()
    def empty(self):
        self.model, self.memory = Model(), Memory(SMALL)

    @rule(step=steps)
    def one_event(self, step):
        drive(self.model, SMALL, step, self.memory.post)

    @rule(step=st.builds(Step, st.just("register"), numbers, numbers, numbers, numbers, numbers, numbers, numbers))
    def one_more_registration(self, step):
        drive(self.model, SMALL, step, self.memory.post)

    def teardown(self):
        for height in range(self.model.height + 1):
            for on in SMALL.dates:
                balances = self.memory.balances(on, height)
                assert balances == self.model.balances(on, height), (on, height)
                assert all(area >= 0 and homes >= 0 for area, homes in balances.values())
        check_sums(
            self.model,
            [
                (entry, change.event, change.effective_on, change.effect.area_dm2, change.effect.households)
                for entry, change in self.memory.postings
            ],
        )


TestBookAgainstModel = BookAgainstModel.TestCase
TestBookAgainstModel.settings = settings(max_examples=120, stateful_step_count=30)


def test_the_random_steps_reach_every_kind_accepted_and_refused():
    """A history that only ever refuses would prove nothing."""
    source, accepted, refused, with_parts = random.Random(5), Counter(), Counter(), 0
    for _history in range(200):
        model, memory = Model(), Memory(SMALL)
        for _step in range(30):
            step = Step.drawn(source)
            for answer in drive(model, SMALL, step, memory.post):
                (refused if isinstance(answer, Refusal) else accepted)[step.kind] += 1
        with_parts += sum(bool(event.new_parts) for event in model.events)
    for kind in KINDS:
        assert accepted[kind] >= 10, (kind, accepted)
        assert refused[kind] >= 5, (kind, refused)
    assert with_parts >= 5


# --- on the database -----------------------------------------------------------------------------------
def post_to_ledger(event: Event) -> int:
    if event.kind == "reversal":
        return services.reverse(height=event.reverses, reason="录入有误", by=None, source=Source.COMMAND).height
    return services.record(draft=draft(from_model(event)), by=None, source=Source.COMMAND).height


def stored_balances(on: datetime.date, height: int) -> dict[Where, tuple[int, int]]:
    rows = (
        Posting.objects.at(code="2113", as_of=on, height=height)
        .order_by()
        .values_list("compound__code", "community_id", "category", "mode")
        .annotate(Sum("area_dm2"), Sum("households"))
    )
    return {Where(*where): (int(area), int(homes)) for *where, area, homes in rows if area or homes}


def check_figures(model: Model, code: str, on: datetime.date, height: int) -> None:
    """One division at one (date, height): areas, households, counts and cells."""
    figures = selectors.coverage(resolve(division=code, as_of=on.isoformat(), height=height))
    expected = model.coverage(code, on, height)
    counts = figures.counts
    assert figures.cells == model.cells(code, on, height)
    assert {
        "managed": figures.managed, "unmanaged": figures.unmanaged, "total": figures.total,
        "compounds": (counts.managed, counts.partial, counts.unmanaged),
        "households": (figures.households_managed, figures.households_total),
    } == {key: value for key, value in expected.items() if key != "rate"}  # fmt: skip
    assert figures.rate == (None if expected["rate"] is None else float(expected["rate"]))


def check_movements(model: Model, code: str, since: datetime.date, until: datetime.date, height: int) -> None:
    moved = movements(resolve(division=code, as_of=until.isoformat(), height=height), since)
    expected = model.movements(code, since, until, height)
    for kind, amount in moved.by_kind.items():
        assert (amount.managed, amount.total, amount.households) == expected.get(kind, (0, 0, 0)), (code, kind)
    for amount, on in ((moved.opening, since), (moved.closing, until)):
        figures = model.coverage(code, on, height)
        assert (amount.managed, amount.total) == (figures["managed"], figures["total"])
        assert amount.households == figures["households"][1]


def check_restatement(model: Model, code: str, on: datetime.date, earlier: int, later: int) -> None:
    lines = restatement(resolve(division=code, as_of=on.isoformat(), height=later), earlier)
    before, after = model.by_compound(code, on, earlier), model.by_compound(code, on, later)
    nothing = (0, 0, 0)
    differ = {c for c in before.keys() | after.keys() if before.get(c, nothing) != after.get(c, nothing)}
    assert {line.compound.code for line in lines} == differ
    for line in lines:
        for amount, known in ((line.before, before), (line.after, after)):
            expected = known.get(line.compound.code, nothing)
            assert (amount.managed, amount.total, amount.households) == expected
        assert all(earlier < entry.height <= later for entry in line.entries)


def check_register(model: Model) -> None:
    """Invariant 8: community, state and links of the compounds' rows are what the replay says."""
    world = model.world()
    for compound in Compound.objects.select_related("merged_into"):
        code = compound.code
        if compound.import_undone:
            assert (compound.status, code in world.lies_in) == (Status.RETIRED, False), code
            continue
        assert compound.has_area == (code in world.lies_in), code
        if code in world.lies_in:
            assert compound.community_id == world.lies_in[code], code
        merged = world.merged_into.get(code)
        assert (compound.merged_into and compound.merged_into.code) == merged, code
        gone = Status.MERGED if merged else Status.DEREGISTERED
        assert compound.status == (gone if code in world.gone else Status.ACTIVE), code


def check_visibility() -> None:
    """Whoever reads a scope knows of every compound that lies there or has ever had a posting there."""
    everybody = Compound.objects.values_list("pk", "community_id")
    for codes in (["211302"], ["211302001"], [HAIHE], [HAIHE, "211321"]):
        user = SimpleNamespace(scope=Scope.of(codes))
        posted = set(Posting.objects.filter(user.scope.q("community")).values_list("compound", flat=True))
        right = {pk for pk, community in everybody if pk in posted or user.scope.covers(community)}
        assert set(Compound.objects.visible_to(user).values_list("pk", flat=True)) == right, codes
        parts = [pk for part in Compound.objects.visible_parts(user) for pk in part.values_list("pk", flat=True)]
        assert (len(parts), set(parts)) == (len(right), right), codes


def check_everything(model: Model, moments: list[tuple[datetime.date, int]]) -> None:
    for on, height in moments:
        assert stored_balances(on, height) == model.balances(on, height), (on, height)
    check_sums(model, Posting.objects.values_list("entry_id", "event_id", "effective_on", "area_dm2", "households"))
    check_register(model)
    check_visibility()
    report = verify()
    assert report.ok, report.findings
    assert report.height == model.height


@pytest.mark.django_db
@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # the one in memory finds the smallest
@given(st.lists(steps, min_size=5, max_size=25), st.randoms(use_true_random=False))
def test_database_agrees_with_the_model_after_any_history(history, chance):
    with undone():
        open_stage(SMALL)
        model = Model()
        # A beginning that most of the later steps can work with.
        for who in range(4):
            drive(model, SMALL, Step("register", who + 1, 1, who % 3, 100 + who, 100, who, 1), post_to_ledger)
        for step in history:
            drive(model, SMALL, step, post_to_ledger)
        moments = [(on, height) for on in SMALL.dates[::2] for height in range(0, model.height + 1, 3)]
        check_everything(model, [*moments, (SMALL.dates[-1], model.height)])
        on, height = chance.choice(SMALL.dates), chance.randint(0, model.height)
        check_figures(model, chance.choice(["2113", "211302", "211302001", HAIHE]), on, height)
        check_movements(model, "211302", chance.choice(SMALL.dates[:4]), SMALL.dates[-1], height)
        check_restatement(model, "2113", on, height // 2, height)


def open_stage(place: Stage) -> None:
    from oversight.programme.services import load_reference

    load_reference()
    for code in place.codes:
        make_compound(code, place.homes.get(code, place.communities[0]))


@pytest.mark.django_db
def test_a_city_of_60_compounds_and_200_entries_agrees_with_the_model():
    """Late entries, same-day events, reversals, relocations, merges, splits, deregistrations, blank areas."""
    open_stage(BIG)
    source, model = random.Random(2014), Model()
    for number in range(60):
        step = Step.drawn(source)
        drive(model, BIG, replace(step, kind="register", who=number, other=1, day=number % 7), post_to_ledger)
    refused = Counter()
    while model.height < 230:
        step = Step.drawn(source, LIVELY)
        for answer in drive(model, BIG, step, post_to_ledger):
            refused[step.kind] += isinstance(answer, Refusal)
    kinds = Counter(event.kind for event in model.events)
    dates = [event.on for event in model.events if event.kind != "reversal"]
    assert set(kinds) == set(KINDS)
    assert min(kinds["reversal"], kinds["merge"], kinds["relocate"], kinds["split"]) >= 5, kinds
    assert sum(later < earlier for earlier, later in pairwise(dates)) >= 40, "late entries"
    assert refused.total() >= 20, refused

    moments = [(source.choice(BIG.dates), source.randint(1, model.height)) for _ in range(40)]
    check_everything(model, [*moments, (BIG.dates[-1], model.height)])
    for on, height in moments[:15]:
        for code in ("2113", "211302", "211302001", XINLIU, "211321"):
            check_figures(model, code, on, height)
        check_movements(model, source.choice(["2113", "211302", JINYUAN]), BIG.dates[5], max(on, BIG.dates[5]), height)
        check_restatement(model, source.choice(["2113", "211302", HAIHE]), on, height // 2, height)
    check_same_kinds_stored(model)


def check_same_kinds_stored(model: Model) -> None:
    """What is stored is the events as the model settled them: blanks filled in the same way."""
    parts = defaultdict(list)
    for part in EntryPart.objects.select_related("compound").order_by("id"):
        where = (part.compound.code, part.category, part.mode, part.area_dm2, part.households)
        parts[part.entry_id, part.split_id].append(where)
    for entry in Entry.objects.select_related("compound"):
        event = model.events[entry.height - 1]
        assert (entry.kind, entry.compound.code) == (event.kind, event.compound)
        if event.kind != "reversal":
            assert (entry.effective_on, entry.area_dm2, entry.households) == (event.on, event.area, event.households)
        assert [tuple(part) for part in event.parts] == parts[entry.height, entry.height]
    assert LedgerHead.objects.get().height == model.height
