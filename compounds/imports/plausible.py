"""Values that can be right but hardly are: warnings on the command line, questions on the page."""

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.sheets.rows import ParsedRow


def implausible(row: ParsedRow) -> None:
    """Put a warning on every implausible cell of a row of the register."""
    area, households, buildings = row.get("area"), row.get("households"), row.get("buildings")
    if area:
        if households:
            per_household = area / households / 100
            if per_household < 10:
                row.warn("area", _("That is %(per).1f ㎡ per household: is the area in 万㎡?") % {"per": per_household})
            elif per_household > 2000:
                row.warn("area", _("That is %(per).0f ㎡ per household: is the area in ㎡?") % {"per": per_household})
        elif area < 100 * 100:
            message = _("%(area)s ㎡ is less than one building: is the area in 万㎡?")
            row.warn("area", message % {"area": format_m2(area)})
        elif area > 5_000_000 * 100:
            row.warn("area", _("%(area)s ㎡ is more than a whole district: is it in ㎡?") % {"area": format_m2(area)})
    if area and row.get("residential_area") and row.get("residential_area") > area:
        row.warn("residential_area", _("The residential area is larger than the whole."))
    if buildings is not None and buildings > 1000:
        row.warn("buildings", _("More than 1,000 buildings: is that right?"))
    for column in ("built_year", "renovated_year"):
        if row.get(column) and row.get(column) > business_date().year:
            row.warn(column, _("The year lies in the future."))
