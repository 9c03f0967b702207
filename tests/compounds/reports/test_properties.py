"""Random people and steps against an independent model of the way of a report; approvals at the same moment."""

import itertools
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from communities.divisions.models import Division
from communities.people.models import User
from compounds.approvals import services as approvals
from compounds.approvals.models import Proposal
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from compounds.reports import services
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.models import Report, ReportStep
from compounds.reports.services import Stale
from tests import own
from tests.support import HAIHE, JINYUAN, QIANJIN, day, dm2, person, process_environment, record, register, together

#: Role and division of everybody who tries: two of a committee, a street and a county each, and their neighbours.
PEOPLE = {
    "committee": ("committee", QIANJIN), "its colleague": ("committee", QIANJIN),
    "another committee": ("committee", JINYUAN), "street": ("subdistrict", QIANJIN[:9]),
    "another street": ("subdistrict", JINYUAN[:9]), "county": ("county", "211302"), "county too": ("county", "211302"),
    "bureau": ("bureau", "2113"), "neighbours": ("committee", HAIHE), "their street": ("subdistrict", HAIHE[:9]),
    "their county": ("county", "211303"), "auditor": ("auditor", ""),
}  # fmt: skip
PLACES = {"A": QIANJIN, "B": QIANJIN, "C": JINYUAN, "N": HAIHE}
OFFICES = ("committee", "subdistrict", "county")
STEPS = ("submit", "verify", "approve", "send_back", "recheck", "withdraw", "edit")
#: Step → from which states to which. Written by hand, as docs/reports.md draws it.
WAY = {
    "edit": (("draft", "returned"), None), "submit": (("draft", "returned"), "submitted"),
    "verify": (("submitted",), "verified"), "approve": (("submitted", "verified"), "approved"),
    "send_back": (("submitted", "verified"), "returned"), "recheck": (("verified",), "submitted"),
    "withdraw": (("draft", "submitted", "verified", "returned"), "withdrawn"),
}  # fmt: skip
NAMES = {"send_back": "return"}


@dataclass
class Known:
    """What the model knows of a report; ``seen`` are the revisions that somebody may still have in his hands."""

    community: str
    office: str
    state: str = "draft"
    #: (step, from, to, who), as the history must have it.
    steps: list[tuple[str, str, str, str]] = field(default_factory=list)
    waits: bool = False

    @property
    def revision(self) -> int:
        return len(self.steps)


class Reporting(RuleBasedStateMachine):
    """Everybody tries everything with whatever there is; what may come of it is said here once more, by hand."""

    people: dict[str, User]
    compounds: dict[str, Compound]

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.reports: dict[str, Known] = {}
        self.skips: dict[tuple[str, str], bool] = {}
        self.others, self.numbers = Counter(), itertools.count()

    def teardown(self):
        assert verify().ok
        transaction.set_rollback(True)
        self.stack.close()

    # --- who may, by hand -----------------------------------------------------------------------------------
    def writes(self, who: str, community: str) -> bool:
        role, division = PEOPLE[who]
        return community.startswith(division) and (role in OFFICES)

    def skipped(self, known: Known) -> bool:
        near = [known.community[:length] for length in (12, 9, 6, 4)]
        said = [self.skips[code, known.office] for code in near if (code, known.office) in self.skips]
        return said[0] if said else known.office != "committee"

    def may(self, step: str, who: str, known: Known) -> bool:
        role, division = PEOPLE[who]
        if not known.community.startswith(division) or role not in OFFICES:
            return False
        sources, _to = WAY[step]
        if known.state not in sources:
            return False
        is_county, is_street = role == "county", role == "subdistrict"
        match step:
            case "edit" | "submit":
                return role == known.office
            case "withdraw":
                return True
            case "verify":
                return is_street
            case "recheck":
                return is_county
            case "approve":
                return is_county and (known.state == "verified" or self.skipped(known))
            case "send_back" if known.state == "verified":
                return is_county
        return is_street or (is_county and self.skipped(known))

    # --- what people try --------------------------------------------------------------------------------------
    @rule(
        who=st.sampled_from(list(PEOPLE)), code=st.sampled_from(list(PLACES)), twice=st.booleans(),
        kind=st.sampled_from(["takeover", "takeover", "lapse", "mode_change", "area", "unclear"]),
        area=st.sampled_from([None, 100, 1000, 8000]), mode=st.sampled_from(["professional", "community"]),
    )  # fmt: skip
    def draft(self, who, code, twice, kind, area, mode):
        claim = Claim(
            effective_on=day("2014-05-01"), area_dm2=dm2(area), note="?", basis_name="测绘报告",
            mode_to=mode if kind in ("takeover", "mode_change") else "",
        )  # fmt: skip
        key = f"k{next(self.numbers)}"

        def send() -> Report:
            return services.draft(
                kind=ReportKind(kind), claim=claim, by=self.people[who], key=key, compound=self.compounds[code]
            )

        if not self.writes(who, PLACES[code]):
            with pytest.raises(PermissionDenied):
                send()
            return
        report = send()
        assert not twice or send() == report
        known = self.reports[str(report.pk)] = Known(PLACES[code], PEOPLE[who][0])
        known.steps.append(("draft", "", "draft", who))

    @precondition(lambda self: self.reports)
    @rule(
        data=st.data(), who=st.sampled_from(list(PEOPLE)), step=st.sampled_from(STEPS),
        seen=st.sampled_from(["now", "now", "before", "not said"]),
    )  # fmt: skip
    def anybody_tries_anything(self, data, who, step, seen):
        self.attempt(data.draw(st.sampled_from(sorted(self.reports))), step, who, seen)

    @precondition(lambda self: self.reports)
    @rule(data=st.data(), twice=st.booleans())
    def somebody_goes_on(self, data, twice):
        """A step that the model allows, so that reports come to their end; some send it twice."""
        pk = data.draw(st.sampled_from(sorted(self.reports)))
        known = self.reports[pk]
        possible = [
            (step, who) for step in STEPS for who in PEOPLE
            if step != "withdraw" and self.may(step, who, known)
        ]  # fmt: skip
        if possible:
            step, who = data.draw(st.sampled_from(possible))
            before = known.revision
            self.attempt(pk, step, who, "now")
            if twice and known.revision > before:
                self.attempt(pk, step, who, "before")

    def attempt(self, pk: str, step: str, who: str, seen: str) -> None:
        known, report = self.reports[pk], Report.objects.get(pk=pk)
        revision = {"now": known.revision, "before": known.revision - 1, "not said": None}[seen]
        more = {
            "edit": {"claim": Claim(effective_on=day("2014-05-02"), mode_to="owners", note="!")},
            "send_back": {"reason": "请核对"}, "recheck": {"reason": "请复核"},
        }.get(step, {})  # fmt: skip
        try:
            done = getattr(services, step)(report=report, by=self.people[who], revision=revision, **more)
        except Stale:
            assert revision not in (None, known.revision)
        except PermissionDenied:
            assert not self.may(step, who, known), f"{who} may {step} {known}"
        except Refused as refused:
            assert self.may(step, who, known)
            assert not isinstance(refused, services.Waiting) or known.waits
        else:
            assert revision in (None, known.revision)
            assert self.may(step, who, known), f"{who} may not {step} {known}"
            assert not known.waits or step == "verify", known
            self.took(known, step, who, waits=step == "approve" and bool(done.proposal))

    def took(self, known: Known, step: str, who: str, *, waits: bool = False) -> None:
        before, to = known.state, WAY[step][1]
        known.state = before if waits else to or before
        known.waits = waits or (known.waits and step == "verify")
        name = "agree" if waits else NAMES.get(step, step)
        known.steps.append((name, before, known.state, who))

    # --- what happens meanwhile -----------------------------------------------------------------------------
    @rule(
        code=st.sampled_from(list(PLACES)), on=st.sampled_from(["2014-02-01", "2014-04-01", "2014-06-01"]),
        kind=st.sampled_from(["takeover", "lapse", "resurvey"]), m2=st.sampled_from([1, 900, 7000]),
    )  # fmt: skip
    def others_record(self, code, on, kind, m2):
        moved = {"takeover": {"mode_to": "owners"}, "lapse": {}, "resurvey": {"mode_from": "none"}}[kind]
        try:
            record(kind, on, code, category="abandoned", m2=m2, **moved)
        except Refused:
            return
        self.others[code] += 1

    @rule(
        where=st.sampled_from(["2113", "211302", QIANJIN[:9], QIANJIN, "211303"]), skipped=st.booleans(),
        office=st.sampled_from(OFFICES), who=st.sampled_from(["bureau", "county", "their county", "street"]),
    )  # fmt: skip
    def somebody_sets_who_is_skipped(self, where, office, skipped, who):
        role, division = PEOPLE[who]
        allowed = role in ("bureau", "county") and where.startswith(division)
        call = {"division": Division.objects.get(code=where), "reporter": office, "skipped": skipped}
        if not allowed:
            with pytest.raises(PermissionDenied):
                services.skip_level(**call, by=self.people[who])
            return
        services.skip_level(**call, by=self.people[who])
        self.skips[where, office] = skipped

    @rule(required=st.booleans())
    def the_city_asks_for_a_second_person(self, required):
        approvals.require_second_person(
            division=Division.objects.get(code="211302"), required=required, by=self.people["bureau"]
        )

    @precondition(lambda self: any(known.waits for known in self.reports.values()))
    @rule(data=st.data(), who=st.sampled_from(["county", "county too", "bureau"]), agrees=st.booleans())
    def those_who_must_agree_decide(self, data, who, agrees):
        pk = data.draw(st.sampled_from(sorted(pk for pk, known in self.reports.items() if known.waits)))
        known = self.reports[pk]
        proposal = Proposal.objects.get(key=f"report:{pk}", state="waiting")
        by = self.people[who]
        decide = approvals.review if proposal.waits_for_second else approvals.approve
        try:
            with transaction.atomic():
                if agrees:
                    decide(proposal=proposal, by=by)
                else:
                    approvals.send_back(proposal=proposal, comment="请核对", by=by)
        except (PermissionDenied, Refused):
            return
        proposal.refresh_from_db()
        known.waits = proposal.is_waiting
        if proposal.state == "posted":
            proposer = next(name for name, user in self.people.items() if user.pk == proposal.proposed_by_id)
            known.steps.append(("approve", known.state, "approved", proposer))
            known.state = "approved"

    # --- what always holds ----------------------------------------------------------------------------------
    @invariant()
    def every_step_is_in_the_history_and_they_chain(self):
        found: dict[str, list] = {pk: [] for pk in self.reports}
        rows = ReportStep.objects.order_by("pk").values_list("report", "step", "from_state", "to_state", "by__username")
        for pk, *row in rows:
            found[str(pk)].append(tuple(row))
        assert found == {pk: known.steps for pk, known in self.reports.items()}
        for steps in found.values():
            assert all(one[2] == other[1] for one, other in pairwise(steps))

    @invariant()
    def state_and_entry_agree_and_nothing_posts_twice(self):
        stored = {str(one.pk): one for one in Report.objects.select_related("entry")}
        assert {pk: (one.state, one.revision) for pk, one in stored.items()} == {
            pk: (known.state, known.revision) for pk, known in self.reports.items()
        }
        posted = {pk: one.entry.source_key for pk, one in stored.items() if one.entry}
        assert posted == {pk: f"report:{pk}" for pk, known in self.reports.items() if known.state == "approved"}
        entries = Counter(Entry.objects.filter(source="report").values_list("source_key", flat=True))
        assert entries == Counter(posted.values())
        assert Entry.objects.exclude(source="report").count() == len(PLACES) + sum(self.others.values())


@pytest.mark.django_db
def test_whatever_people_do(reference):
    people = {name: person(name, *office) for name, office in PEOPLE.items()}
    for code, community in PLACES.items():
        register(code, community=community, m2=8000, households=300)
    compounds = {one.code: one for one in Compound.objects.select_related("community")}
    machine = type("ReportingHere", (Reporting,), {"people": people, "compounds": compounds})
    run_state_machine_as_test(machine, settings=settings(max_examples=20, stateful_step_count=30))


# --- at the same moment ----------------------------------------------------------------------------------------
def verified(people: dict[str, User], key: str = "k") -> Report:
    report = services.draft(
        kind=ReportKind.TAKEOVER, claim=Claim(effective_on=day("2014-05-01"), mode_to="community"),
        by=people["committee"], key=key, compound=Compound.objects.select_related("community").get(code="A"),
    )  # fmt: skip
    report = services.submit(report=report, by=people["committee"])
    return services.verify(report=report, by=people["street"])


def some_people() -> dict[str, User]:
    register("A", community=QIANJIN, m2=8000, households=300)
    return {name: person(name, *PEOPLE[name]) for name in ("committee", "street", "county", "county too")}


def posted_once(report: Report) -> None:
    entry = Entry.objects.get(source="report")
    report.refresh_from_db()
    assert (report.state, report.entry) == ("approved", entry)
    assert Counter(report.steps.values_list("step", flat=True)) == Counter(["draft", "submit", "verify", "approve"])
    assert verify().ok


@pytest.mark.django_db(transaction=True)
def test_approvals_at_the_same_moment_post_one_entry(reference):
    people = some_people()
    report = verified(people)

    def approve(name: str):
        try:
            return services.approve(report=Report.objects.get(pk=report.pk), by=people[name]).entries
        except PermissionDenied:
            return "too late"

    answers = together(*[lambda name=name: approve(name) for name in ("county", "county too") * 2])
    assert answers.count("too late") == len(answers) - 1
    posted_once(report)


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_return_at_the_same_moment_are_one_of_the_two(reference):
    people = some_people()
    report = verified(people)

    def take(step, **more):
        try:
            return step(report=Report.objects.get(pk=report.pk), by=people["county"], revision=3, **more)
        except Stale:
            return "too late"

    answers = together(lambda: take(services.approve), lambda: take(services.send_back, reason="请核对"))
    assert answers.count("too late") == 1
    report.refresh_from_db()
    assert Entry.objects.filter(source="report").count() == (report.state == "approved")


@pytest.fixture
def own_database(own_template, tmp_path, django_db_blocker, data_folder):
    """A database that other processes can reach, as this process's default one."""
    with django_db_blocker.unblock(), own.database(tmp_path, own_template) as (url, name), own.as_default(name):
        yield process_environment(url, data_folder)


def test_approvals_of_several_processes_post_one_entry(own_database):
    people = some_people()
    report = verified(people)
    connection.close()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.compounds.reports.approving_process", str(report.pk), name],
            cwd=django_settings.BASE_DIR, env=own_database, text=True, bufsize=1, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for name in ("county", "county too") * 2
    ]  # fmt: skip
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n", process.stdout.read()
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate()[0].strip() for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert sorted(said) == ["posted 2", "too late", "too late", "too late"]
    posted_once(report)
