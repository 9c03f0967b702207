"""An export holds a portion of its rows at a time, however many there are."""

import tracemalloc

from communities.divisions.models import Division
from compounds.exports import selectors, services
from tests.bench.test_export import fill


def peak(call) -> int:
    tracemalloc.start()
    kept = call()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return most


def test_the_rows_are_never_all_in_memory(reference, tmp_path, monkeypatch):
    monkeypatch.setattr(selectors, "CHUNK", 100)
    city = Division.objects.get(code="2113")
    fill(3_000, 1_000)
    content = selectors.Content(height=4_000)
    streamed = peak(lambda: services.write_to(tmp_path / "导出.xlsx", division=city))
    all_of_them = peak(lambda: [*content.register(), *content.entries()])
    assert streamed < all_of_them / 3
