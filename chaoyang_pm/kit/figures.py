"""Whole numbers of 0.01 ㎡ (``dm2``) for people and for machines. No floats in between."""

from decimal import Decimal

DM2_PER_M2 = 100
DM2_PER_WAN = 1_000_000


def m2(area_dm2: int | None) -> float | int | None:
    """Area in ㎡ as a JSON number with at most two decimals."""
    if area_dm2 is None:
        return None
    whole, rest = divmod(area_dm2, DM2_PER_M2)
    return whole if rest == 0 else float(Decimal(area_dm2) / DM2_PER_M2)


def format_m2(area_dm2: int | None) -> str:
    """``1,234.50``: ㎡ with two decimals and thousands; "—" for None."""
    return "—" if area_dm2 is None else f"{Decimal(area_dm2) / DM2_PER_M2:,.2f}"


def format_wan(area_dm2: int | None) -> str:
    """``302.00``: 万㎡ with two decimals, half up; "—" for None."""
    if area_dm2 is None:
        return "—"
    hundredths = half_up(area_dm2, DM2_PER_WAN // 100)
    return f"{Decimal(hundredths) / 100:,.2f}"


def format_percent(ratio: Decimal | float | None) -> str:
    """``68.74%``; "—" where there is nothing to divide by."""
    return "—" if ratio is None else f"{Decimal(str(ratio)) * 100:.2f}%"


def half_up(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` rounded half up (away from zero for negative numbers); denominator > 0."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def ratio(part: int, whole: int) -> float | None:
    """``part / whole`` as the nearest float; None when ``whole`` is 0."""
    return part / whole if whole else None


def masked(phone: str) -> str:
    """A telephone number that a colleague recognises and a passer-by cannot use: 139****0000."""
    digits = "".join(letter for letter in phone if letter.isdigit())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****" if digits else ""
