"""What a recorded run draws and lists."""

from tests.bench import chart
from tests.bench.measure import RECORDED, Result, append


def test_a_recorded_history_becomes_a_picture_and_a_table_of_the_newest(tmp_path):
    history = tmp_path / RECORDED
    for value in (1.2, 2.0):
        append(history, Result("an export", "PostgreSQL", value, 1.5))
    append(history, Result("pages", "SQLite", 3, None, unit="ms"))
    chart.publish(tmp_path)
    figures = (history.parent / "figures.md").read_text(encoding="utf-8")
    assert "| an export · PostgreSQL | 2 × | ≤ 1.5 ×: missed |" in figures
    assert "| pages · SQLite | 3 ms | — |" in figures
    assert "1.2" not in figures
    picture = history.with_suffix(".svg").read_text(encoding="utf-8")
    assert "an export · PostgreSQL" in picture
    assert "pages" not in picture
    assert "src=" not in picture
    assert 'href="http' not in picture


def test_however_many_figures_there_are_the_picture_has_room_for_their_names(tmp_path):
    history = tmp_path / RECORDED
    for number in range(150):
        append(history, Result(f"figure {number}", "PostgreSQL", 1.2, 1.5))
    chart.publish(tmp_path)
    assert "figure 149 · PostgreSQL" in history.with_suffix(".svg").read_text(encoding="utf-8")


def test_without_a_history_nothing_is_drawn(tmp_path):
    chart.publish(tmp_path)
    assert list(tmp_path.iterdir()) == []
