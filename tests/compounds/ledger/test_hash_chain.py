"""Invariant 6: the chain of hashes, its test vector, anchors, and what verification finds after tampering."""

import datetime
import hashlib
import re
from pathlib import Path

import orjson
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone, translation

from communities.people.models import User
from compounds.ledger import services
from compounds.ledger.anchors import write_anchor
from compounds.ledger.choices import Source
from compounds.ledger.events import Change, Effect, Event, Part
from compounds.ledger.hashing import TEXT_FIELDS, canonical, chain_hash
from compounds.ledger.models import EMPTY_HASH, Entry, EntryPart, LedgerHead, Posting
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import _entries, verify
from tests.support import (
    JINYUAN,
    XINLIU,
    ask,
    ask_json,
    day,
    draft,
    event,
    post_example,
    post_example_one_by_one,
    record,
    register,
    run_sql,
    triggers_lifted,
    undone,
)  # fmt: skip

BEIJING = datetime.timezone(datetime.timedelta(hours=8))


# --- the form that is hashed ---------------------------------------------------------------------------
def test_vector_a_registration_gives_these_bytes_and_this_hash():
    """The vector that the documentation prints: anybody can compute it with other tools."""
    entry = Event(
        "register", day("2014-01-01"), "JY-001", height=1, community=JINYUAN, category="abandoned", mode_to="none",
        area_dm2=10_000_000, households=1000,
    )  # fmt: skip
    pocket = Effect("JY-001", JINYUAN, "abandoned", "none", 10_000_000, 1000)
    data = canonical(
        entry, [Change(1, "register", day("2014-01-01"), pocket)],
        {"precision": "day", "source": "command", "basis_name": "认定单"},
        recorded_at=datetime.datetime(2014, 1, 2, 8, 30, tzinfo=BEIJING), recorded_by="bureau",
    )  # fmt: skip
    page = (Path(django_settings.BASE_DIR) / "docs" / "ledger.md").read_text(encoding="utf-8")
    printed, digest = re.search(r"```json\n(.+)\n```\n+.*?`([0-9a-f]{64})`", page, re.DOTALL).groups()
    assert data.decode() == printed
    assert chain_hash(EMPTY_HASH, data) == digest
    assert digest == hashlib.sha256(b"0" * 64 + printed.encode()).hexdigest()


def test_canonical_json_sorts_keys_and_postings_and_leaves_out_what_is_empty():
    effects = [Effect("乙", JINYUAN, "renovated", "none", -5, 0), Effect("甲", JINYUAN, "renovated", "none", 5, 0)]
    changes = [Change(9, "merge", day("2014-03-01"), effect) for effect in effects]
    entry = Event("merge", day("2014-03-01"), "乙", height=9, target="甲")
    at = datetime.datetime(2014, 3, 2, tzinfo=datetime.UTC)
    data = canonical(entry, changes, {"precision": "month", "source": "page"}, recorded_at=at)
    assert data == canonical(entry, changes[::-1], {"source": "page", "precision": "month"}, recorded_at=at)
    assert data.decode() == (
        '{"compound":"乙","effective_on":"2014-03-01","height":9,"kind":"merge","postings":'
        '[[9,"2014-03-01","乙","211302001003","renovated","none",-5,0],'
        '[9,"2014-03-01","甲","211302001003","renovated","none",5,0]],"precision":"month",'
        '"recorded_at":"2014-03-02T00:00:00.000000Z","source":"page","target":"甲"}'
    )


def test_a_zero_is_written_and_not_taken_for_nothing():
    entry = Event("resurvey", day("2015-04-01"), "甲", height=1, area_dm2=100, households=0)
    data = orjson.loads(canonical(entry, [], {}, recorded_at=timezone.now()))
    assert (data["area_dm2"], data["households"]) == (100, 0)


def test_every_field_of_an_entry_but_its_hash_is_covered():
    """A column added to entries later has to be hashed as well, or be named here with a reason."""
    spelt_otherwise = {"hash": "the hash itself"}
    full = Event(
        "split", day("2014-01-01"), "甲", height=1, community="c", category="c", mode_from="m", mode_to="m",
        new_category="n", target="t", area_dm2=1, households=1, reverses=1,
    )  # fmt: skip
    names = {field.name for field in Entry._meta.concrete_fields}
    texts = dict.fromkeys(TEXT_FIELDS, "x")
    data = canonical(full, [], texts, recorded_at=timezone.now(), recorded_by="x", recorded_for="x")
    assert names - set(orjson.loads(data)) == set(spelt_otherwise)


def test_height_1_follows_64_zeros_and_every_entry_the_one_before(reference):
    User.objects.create(username="bureau")
    register("甲")
    services.record(
        draft=services.Draft(event("takeover", "2014-02-01", "甲", mode_to="owners"), {"note": "备注"}, JINYUAN[:6]),
        by=User.objects.get(), source=Source.PAGE,
    )  # fmt: skip
    first, second = Entry.objects.order_by("height")
    at = second.recorded_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    plain = {
        "area_dm2": 100_000, "category": "abandoned", "compound": "甲", "effective_on": "2014-02-01", "height": 2,
        "households": 10, "kind": "takeover", "mode_from": "none", "mode_to": "owners", "note": "备注",
        "postings": [
            [2, "2014-02-01", "甲", JINYUAN, "abandoned", "none", -100_000, -10],
            [2, "2014-02-01", "甲", JINYUAN, "abandoned", "owners", 100_000, 10],
        ],
        "precision": "day", "recorded_at": at, "recorded_by": "bureau", "recorded_for": "211302", "source": "page",
    }  # fmt: skip
    by_hand = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
    assert second.hash == hashlib.sha256(first.hash.encode() + by_hand).hexdigest()
    assert first.hash != EMPTY_HASH
    assert LedgerHead.objects.get().hash == second.hash
    assert verify().ok


# --- anchors -------------------------------------------------------------------------------------------
def test_an_empty_ledger_has_height_0_and_64_zeros(reference):
    assert ask_json("ledger", "verify") == {"ok": True, "height": 0, "hash": "0" * 64, "findings": []}
    assert write_anchor() == f"0:{'0' * 64}"
    assert ask_json("coverage", "--division", "2113")["ledger"] == {"height": 0, "hash": "0" * 64, "recorded_at": None}


def test_anchors_are_appended_with_their_time(reference, data_folder):
    register("甲")
    first = write_anchor()
    register("乙")
    second = ask_json("ledger", "anchor")
    lines = (data_folder / "anchors.log").read_text(encoding="ascii").splitlines()
    assert [line.split()[1] for line in lines] == [first, f"{second['height']}:{second['hash']}"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line.split()[0]) for line in lines)
    assert first == f"1:{Entry.objects.get(height=1).hash}"


def test_an_anchor_holds_later_and_a_wrong_one_or_one_beyond_the_end_does_not(reference):
    register("甲")
    anchor = write_anchor()
    register("乙")
    assert ask_json("ledger", "verify", "--anchor", anchor)["ok"]
    assert ask_json("ledger", "verify", "--anchor", anchor.upper())["ok"]
    wrong = anchor[:-1] + ("0" if anchor[-1] != "0" else "1")
    for given, height in ((wrong, 1), ("3" + anchor[1:], 2)):
        answer = ask("ledger", "verify", "--anchor", given, "--format", "json")
        assert answer.code == 1
        assert [finding["height"] for finding in answer.json["findings"]] == [height]
        assert answer.err.startswith(f"height={height}: ")
        assert not answer.json["ok"]


@pytest.mark.parametrize("given", ["", "1", "1:abc", "x:" + "0" * 64, "-1:" + "0" * 64, "1:" + "g" * 64])
def test_a_malformed_anchor_is_refused_with_its_form(reference, given):
    with translation.override("en"):
        answer = ask("ledger", "verify", f"--anchor={given}", "--format", "json")
    if not given:
        assert answer.json["ok"]
        return
    assert answer.code == 1
    assert "HEIGHT:HASH" in answer.err
    assert answer.json["errors"][0]["value"] == given


def test_what_is_recorded_in_one_write_stands_as_if_it_came_one_by_one(reference):
    def ledger() -> list[dict]:
        of_each_run = {"id", "hash", "recorded_at", "compound_id", "target_id", "created_at", "updated_at"}
        of = ["compound__code"]
        columns = [
            (model, [field.attname for field in model._meta.concrete_fields if field.attname not in of_each_run], more)
            for model, more in ((Entry, ["target__code", *of]), (Posting, of), (EntryPart, of), (LedgerHead, []))
        ]
        return [row for model, own, more in columns for row in model.objects.order_by("pk").values(*own, *more)]

    with undone():
        post_example_one_by_one()
        one_by_one = ledger()
    post_example()
    assert ledger() == one_by_one
    assert LedgerHead.objects.get().height == 20


# --- tampering -----------------------------------------------------------------------------------------
@pytest.fixture
def example(reference):
    post_example()
    assert verify().ok


@pytest.fixture
def anchor(example) -> tuple[int, str]:
    head = LedgerHead.objects.get()
    return head.height, head.hash


def found_at(*, anchor=None) -> set[int | None]:
    report = verify(anchor=anchor)
    assert report.ok == (not report.findings)
    assert all(finding["problem"] for finding in report.findings)
    return {finding["height"] for finding in report.findings}


def tampered(statement: str, *params) -> None:
    with triggers_lifted():
        assert run_sql(statement, params) >= 1


def restored_afterwards(statement: str, *params) -> None:
    """After the row is put back as it was, nothing is found any more."""
    tampered(statement, *params)
    assert verify().ok


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("area_dm2", 1), ("households", 7), ("effective_on", "2014-05-11"), ("community_id", "211302001006"),
        ("category", "renovated"), ("mode", "manager"), ("kind", "lapse"), ("event_id", 1), ("entry_id", 5),
    ],
)  # fmt: skip
def test_a_changed_posting_is_named_by_its_height(example, column, changed):
    posting = Posting.objects.filter(entry=6).order_by("pk").last()
    before = getattr(posting, column)
    tampered(f"UPDATE compounds_posting SET {column} = %s WHERE id = %s", changed, posting.pk)
    assert 6 in found_at()
    restored_afterwards(f"UPDATE compounds_posting SET {column} = %s WHERE id = %s", before, posting.pk)


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("area_dm2", 1), ("households", 7), ("effective_on", "2014-05-11"), ("category", "renovated"), ("note", "x"),
        ("basis_name", "另一份"), ("recorded_at", "2013-01-01 00:00:00"), ("source", "page"), ("precision", "month"),
    ],
)  # fmt: skip
def test_a_changed_entry_is_named_by_its_height(example, column, changed):
    before = getattr(Entry.objects.get(height=6), column)
    tampered(f"UPDATE compounds_entry SET {column} = %s WHERE height = 6", changed)
    assert 6 in found_at()
    if column != "recorded_at":
        restored_afterwards(f"UPDATE compounds_entry SET {column} = %s WHERE height = 6", before)


def test_a_changed_part_of_a_split_is_named_by_its_height(example):
    register("G", community=XINLIU)
    record("split", "2015-10-01", "E", parts=(Part("G", "renovated", "none", 500_000, 50),))
    tampered("UPDATE compounds_entrypart SET area_dm2 = area_dm2 + 1 WHERE entry_id = 22 AND area_dm2 = 500000")
    assert found_at() == {22}


def test_a_deleted_posting_is_named_by_its_height(example):
    tampered("DELETE FROM compounds_posting WHERE entry_id = 12")
    assert found_at() == {12}


def test_a_forged_posting_is_named_by_its_height(example):
    columns = "event_id, kind, effective_on, compound_id, community_id, category, mode, area_dm2, households"
    with triggers_lifted():
        run_sql(
            f"INSERT INTO compounds_posting (entry_id, {columns}) "
            f"SELECT entry_id, {columns} FROM compounds_posting WHERE entry_id = 9"
        )
    assert found_at() == {9}


def test_a_posting_can_be_forged_without_lifting_a_trigger_and_is_found_all_the_same(example):
    """Triggers refuse changes of what is written; what is added shows in the chain."""
    honest = Posting.objects.get(entry=9)
    honest.pk = None
    honest.area_dm2 = 1_000_000
    Posting.objects.bulk_create([honest])
    assert found_at() == {9}


def cut_off(height: int) -> None:
    with triggers_lifted():
        run_sql("DELETE FROM compounds_posting WHERE entry_id >= %s", [height])
        run_sql("DELETE FROM compounds_entrypart WHERE entry_id >= %s", [height])
        run_sql("DELETE FROM compounds_entry WHERE height >= %s", [height])


def wind_head_back() -> None:
    newest = Entry.objects.order_by("height").last()
    LedgerHead.objects.update(height=newest.height, hash=newest.hash, recorded_at=newest.recorded_at)


def test_a_cut_off_end_shows_in_the_head(example):
    cut_off(20)
    assert found_at() == {19}


def test_a_cut_off_end_with_the_head_wound_back_shows_in_an_anchor_only(anchor):
    cut_off(20)
    wind_head_back()
    assert found_at() == set()
    assert found_at(anchor=anchor) == {19}


def test_an_entry_taken_out_of_the_middle_leaves_a_gap(example):
    with triggers_lifted():
        run_sql("DELETE FROM compounds_posting WHERE entry_id = 12")
        run_sql("DELETE FROM compounds_entry WHERE height = 12")
    assert {12, 13} <= found_at()


def forge_at_the_end(previous_hash: str, **changes) -> Entry:
    """An entry written past the service, with a hash made as the service makes it."""
    kind = changes.pop("kind", "register")
    forged = Event(
        kind, day("2015-01-01"), "A", height=21, community=JINYUAN, category="abandoned", mode_to="none",
        area_dm2=5_000_000, households=50,
    )  # fmt: skip
    source = Entry.objects.get(height=1)
    effect = Effect("A", JINYUAN, "abandoned", "none", 5_000_000, 50)
    changed = [Change(21, kind, forged.effective_on, effect)]
    at = timezone.now()
    data = canonical(forged, changed, {"precision": "day", "source": "command"}, recorded_at=at)
    entry = Entry.objects.create(
        height=21, kind=kind, effective_on=forged.effective_on, compound=source.compound, community_id=JINYUAN,
        category="abandoned", mode_to="none", area_dm2=5_000_000, households=50, recorded_at=at, source="command",
        hash=chain_hash(previous_hash, data),
    )  # fmt: skip
    Posting.objects.bulk_create(
        [
            Posting(
                entry=entry, event=entry, kind=kind, effective_on=entry.effective_on, compound=entry.compound,
                community_id=JINYUAN, category="abandoned", mode="none", area_dm2=5_000_000, households=50,
            )
        ]
    )  # fmt: skip
    return entry


def test_an_added_entry_with_a_right_hash_shows_in_the_head(example):
    forge_at_the_end(LedgerHead.objects.get().hash)
    assert found_at() == {21}


def test_an_added_entry_with_a_wrong_hash_is_named_by_its_height(example):
    forge_at_the_end("1" * 64)
    wind_head_back()
    assert found_at() == {21}


def test_an_added_entry_that_the_replay_does_not_give_is_named_although_chain_and_head_are_right(example):
    """A takeover of area that is not there, with postings that bring area out of nothing."""
    forge_at_the_end(LedgerHead.objects.get().hash, kind="takeover")
    wind_head_back()
    assert found_at() == {21}


def rehash_everything() -> None:
    """What somebody with the database and this code can do: a chain that is right again from end to end."""
    previous = EMPTY_HASH
    with triggers_lifted():
        for entry, texts, _stored, changes in list(_entries()):
            previous = chain_hash(previous, canonical(entry, changes, **texts))
            run_sql("UPDATE compounds_entry SET hash = %s WHERE height = %s", [previous, entry.height])
    LedgerHead.objects.update(hash=previous)


def test_a_changed_posting_in_a_chain_made_anew_still_differs_from_the_replay(example):
    tampered("UPDATE compounds_posting SET area_dm2 = area_dm2 + 100 WHERE entry_id = 9")
    rehash_everything()
    assert found_at() == {9}


def test_a_whole_history_made_anew_shows_in_an_anchor_only(anchor):
    """Entry and posting changed alike, every hash computed again: consistent, and not what was anchored."""
    tampered("UPDATE compounds_entry SET area_dm2 = area_dm2 + 100 WHERE height = 9")
    tampered("UPDATE compounds_posting SET area_dm2 = area_dm2 + 100 WHERE entry_id = 9")
    rehash_everything()
    assert found_at() == set()
    assert found_at(anchor=anchor) == {20}


def test_the_command_names_every_height_and_exits_1(example):
    tampered("UPDATE compounds_posting SET area_dm2 = 1 WHERE entry_id = 9")
    tampered("UPDATE compounds_entry SET note = 'x' WHERE height = 4")
    answer = ask("ledger", "verify", "--format", "json")
    assert answer.code == 1
    assert {finding["height"] for finding in answer.json["findings"]} == {4, 9}
    assert "height=4: " in answer.err
    assert "height=9: " in answer.err
    assert (answer.json["ok"], answer.json["height"]) == (False, 20)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its foreign keys")
def test_postings_of_an_entry_that_does_not_exist_are_found(transactional_db):
    from oversight.programme.services import load_reference

    LedgerHead.objects.get_or_create(pk=1)
    load_reference()
    register("甲")
    with connection.constraint_checks_disabled(), triggers_lifted():
        run_sql("UPDATE compounds_posting SET entry_id = 77")
        try:
            assert {1, 77} <= found_at()
        finally:
            run_sql("UPDATE compounds_posting SET entry_id = 1")
    assert verify().ok


def test_several_events_of_one_call_are_chained_in_order_or_not_at_all(reference):
    register("甲", m2=100)
    drafts = [
        draft(event("takeover", "2014-02-01", "甲", mode_to="owners")),
        draft(event("lapse", "2014-03-01", "甲")),
    ]
    entries = services.record_all(drafts=drafts, by=None, source=Source.COMMAND)
    assert [entry.height for entry in entries] == [2, 3]
    with pytest.raises(Refused):
        services.record_all(
            drafts=[drafts[0], draft(event("lapse", "2013-01-01", "甲"))], by=None, source=Source.COMMAND
        )
    assert (Entry.objects.count(), EntryPart.objects.count()) == (3, 0)
    report = verify()
    assert report.ok
    assert report.height == 3
