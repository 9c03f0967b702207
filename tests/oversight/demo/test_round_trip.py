"""The demo city goes through its own export: the same balances at every date."""

from tests.compounds.exports.worlds import empty, export, import_again, movements, pending


def test_the_demo_city_goes_round(forgotten, tmp_path):
    with forgotten(scale=0.2):
        before, waiting = movements(), pending()
        export(tmp_path / "导出.xlsx")
        empty()
        import_again(tmp_path / "导出.xlsx")
        assert len(before) > 500
        assert movements() == before
        assert pending() == waiting
