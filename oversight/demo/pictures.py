"""Drawn pictures in place of the scans and photos of the story: nobody's seal, nobody's house."""

import io
from random import Random

from PIL import Image, ImageDraw


def seal() -> bytes:
    """A page with a red ring."""
    page = Image.new("RGB", (620, 438), "white")
    draw = ImageDraw.Draw(page)
    for line in range(60, 400, 40):
        draw.line((40, line, 580, line), fill="#b8bdc4", width=2)
    draw.ellipse((400, 250, 540, 390), outline="#c0392b", width=6)
    return _bytes(page, "PNG")


def house(number: int) -> bytes:
    """A block of flats with a gate, another one for each number."""
    rng = Random(number)  # noqa: S311 — a drawing
    width, height = 960, 640
    page = Image.new("RGB", (width, height), rng.choice(("#bcd4e6", "#c9d3d8", "#d8dde0")))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 520, width, height), fill="#8d9186")
    wall, left, storeys = rng.choice(("#c8a27c", "#b9b3a3", "#cfc4ae", "#a9b2b0")), 110, rng.randint(5, 6)
    top = 520 - storeys * 76
    draw.rectangle((left, top, width - left, 520), fill=wall, outline="#6d665b", width=3)
    for storey in range(storeys):
        for window in range(9):
            x, y = left + 28 + window * 80, top + 20 + storey * 76
            lit = rng.random() < 0.2
            draw.rectangle((x, y, x + 42, y + 40), fill="#f3dc9a" if lit else "#4e6070", outline="#e8e6e0", width=3)
    gate = left + rng.randint(1, 6) * 100
    draw.rectangle((gate, 440, gate + 60, 520), fill="#53483f")
    draw.rectangle((gate - 60, 410, gate + 120, 434), fill=rng.choice(("#2f5f9e", "#9c3b2e", "#3c7a52")))
    return _bytes(page, "JPEG")


def _bytes(page: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    page.save(buffer, kind)
    return buffer.getvalue()
