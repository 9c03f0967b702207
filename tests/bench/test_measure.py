"""The harness itself: who takes a turn when, what is kept, and what a missed bar does."""

import pytest

from tests.bench import measure
from tests.bench.measure import Bench, interleave, read


def test_every_other_round_runs_backwards_and_the_warm_up_is_not_counted():
    turns: list[str] = []
    medians = interleave(
        {"a": lambda: turns.append("a"), "b": lambda: turns.append("b")}, runs=3, before=lambda: turns.append(".")
    )
    assert "".join(turns) == ".a.b.b.a.a.b.b.a"
    assert set(medians) == {"a", "b"}


def test_a_missed_bar_fails_when_all_is_measured_and_a_missed_aim_does_not(tmp_path):
    lines: list[str] = []
    bench = Bench(lines.append, tmp_path / "history.jsonl")
    assert bench.judge("of lists", 1.4, at_most=1.5, database="SQLite").met
    bench.judge("of sums", 1.1, at_most=1, aim=True, database="SQLite")
    bench.settle()
    bench.judge("of entries", 0.011, at_most=0.01, unit="s", database="SQLite")
    bench.judge("of pages", 2, at_most=None, database="SQLite")
    assert lines == [
        "of lists [SQLite]: 1.4 ×, bar ≤ 1.5 ×: met",
        "of sums [SQLite]: 1.1 ×, aim ≤ 1 ×: missed",
        "of entries [SQLite]: 0.011 s, bar ≤ 0.01 s: MISSED",
        "of pages [SQLite]: 2 ×",
    ]
    with pytest.raises(AssertionError, match="of entries"):
        bench.settle()


def test_a_comparison_is_kept_with_its_medians_machine_and_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "commit", lambda: "abc+")
    bench = Bench(print, tmp_path / "new" / "history.jsonl")
    bench.compare("twice", lambda: sum(range(200_000)), lambda: sum(range(100_000)), at_most=None, against="once")
    (line,) = read(bench.history)
    assert (line["name"], line["commit"], line["unit"], line["runs"], line["met"]) == ("twice", "abc+", "×", 7, True)
    assert line["value"] == pytest.approx(line["medians"]["subject"] / line["medians"]["once"], rel=0.01)
    assert line["cores"] >= 1
    assert line["load"] >= 0


def test_the_tree_is_left_alone_unless_asked(monkeypatch, tmp_path, settings):
    monkeypatch.setenv("CHAOYANG_PM_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("RECORD", raising=False)
    assert measure.history_file() == tmp_path / "bench" / "history.jsonl"
    monkeypatch.setenv("RECORD", "1")
    assert measure.history_file() == settings.BASE_DIR / "docs/bench/history.jsonl"


def test_the_peak_is_that_of_the_other_process():
    small = measure.peak_memory({}, "-c", "pass")
    large = measure.peak_memory({}, "-c", "x = bytearray(100 * 1024 * 1024)")
    assert 90 < large - small < 120
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        measure.peak_memory({}, "-c", "1 / 0")
