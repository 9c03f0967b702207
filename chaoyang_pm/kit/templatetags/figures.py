"""Template filters for figures: areas, rates, and numbers as people read them."""

from django import template

from chaoyang_pm.kit.figures import format_m2, format_percent, format_wan, masked, ratio

register = template.Library()
register.filter("m2", format_m2)
register.filter("wan", format_wan)
register.filter("percent", format_percent)
register.filter("masked", masked)
register.filter("ratio", ratio)


@register.filter
def whole(number: int | str | None) -> str:
    """A count with thousands; "—" where there is none (a template turns that into ""): 0 and nothing are different."""
    return f"{number:,}" if isinstance(number, int) else "—"


@register.filter
def dotted(text: str) -> str:
    """A list with dots, to be broken after a dot and never before it."""
    return text.replace(" · ", "\u00a0· ")


@register.filter
def signed_m2(area_dm2: int | None) -> str:
    """㎡ with a sign: +1,000.00, −20.50; 0.00 has none."""
    return _signed(format_m2, area_dm2)


@register.filter
def signed_wan(area_dm2: int | None) -> str:
    return _signed(format_wan, area_dm2)


@register.filter
def amount(number: int | str | None, unit: str) -> str:
    """An amount in its unit: 万㎡ of an area in 0.01 ㎡, else a count; "—" where there is none."""
    return format_wan(number) if unit == "area" and isinstance(number, int) else whole(number)


@register.filter
def signed_amount(number: int | str | None, unit: str) -> str:
    if not isinstance(number, int):
        return whole(number)
    return signed_wan(number) if unit == "area" else signed(number)


@register.filter
def points(share: float | None) -> str:
    """A difference of two rates in percentage points, to three decimals: a compound moves a city by hundredths."""
    if share is None:
        return "—"
    return f"{'+' if share > 0 else '−' if share < 0 else ''}{abs(share) * 100:.3f}"


@register.filter
def signed(number: int | None) -> str:
    """A whole number with a sign and thousands."""
    return _signed(whole, number)


def _signed(shown, area_dm2: int | None) -> str:
    if not area_dm2:
        return shown(area_dm2)
    return f"{'+' if area_dm2 > 0 else '−'}{shown(abs(area_dm2))}"
