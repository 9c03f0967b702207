"""The pictures that ``make screenshots`` takes."""

from PIL import Image

from tests.e2e import pictures


def test_a_page_is_taken_in_every_look(browsers, portal, tmp_path):
    taken = list(pictures.all_of_them(tmp_path, browsers, portal, only=("people:me",)))
    widths = {path.name: Image.open(path).width for path in taken}
    assert widths == {
        "people-me.zh.png": 1440, "people-me.en.png": 1440, "people-me.360.png": 360, "people-me.dark.png": 1440
    }  # fmt: skip
    assert len({path.read_bytes() for path in taken}) == 4


def test_what_one_comes_to_by_working_is_taken_too(browsers, portal, tmp_path):
    known = pictures.scenes(portal)
    for name in ("takeover", "explained", "found"):
        picture = pictures.take(browsers, known[name], pictures.LOOKS[0], tmp_path / f"{name}.png")
        assert Image.open(picture).width == 1440
