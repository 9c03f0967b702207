"""The columns of the list of compounds: one definition for the page, the sort and the export."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.figures import DM2_PER_M2, format_m2, format_percent, masked, ratio
from chaoyang_pm.kit.problems import BadQuestion, Problem
from chaoyang_pm.kit.scoping import Scope
from chaoyang_pm.kit.sheets.writing import Cell, Shape
from compounds.register import selectors
from compounds.register.choices import Cover, Status
from compounds.register.services import FACTS

NUMBERS = {"built_year", "buildings", "renovated_year"}
WIDE = {"address", "note", "category_basis", "place", "categories", "modes", "provider", "unmanaged_reason"}
FIGURES = ("total", "managed", "unmanaged", "rate", "households")
#: In a new reader's list. Name and code are always there.
DEFAULT = ("place", "cover", *FIGURES)
NO_AREA = NOTHING = "—"


@dataclass(frozen=True)
class Column:
    """``key`` names it in addresses; its label is the heading on the page and in the workbook."""

    key: str
    label: str | Promise
    shape: Shape = Shape.TEXT

    @property
    def is_number(self) -> bool:
        return self.shape in (Shape.NUMBER, Shape.AREA, Shape.PERCENT)

    @property
    def align(self) -> str:
        return "num" if self.is_number else ""

    @property
    def width(self) -> float:
        return 24 if self.key in WIDE else 14

    def text(self, compound: Any) -> str:
        """As the page shows it; telephones masked."""
        value = _value(self.key, compound)
        if value in ("", None):
            return NOTHING
        if self.key in FACTS:
            return selectors.shown(self.key, value)
        if self.shape == Shape.AREA:
            return format_m2(value)
        if self.shape == Shape.PERCENT:
            return format_percent(value)
        return f"{value:,}" if self.shape == Shape.NUMBER else str(value)

    def cell(self, compound: Any, *, phones: Scope) -> Cell:
        """As a workbook holds it; telephones in full where ``phones`` covers the community."""
        value = _value(self.key, compound)
        if value in ("", None):
            return None
        if self.key == "phone":
            return value if phones.covers(compound.community_id) else masked(value)
        if self.shape == Shape.AREA:
            return value / DM2_PER_M2
        if self.key in FACTS and self.shape == Shape.TEXT:
            return selectors.shown(self.key, value)
        return float(value) if isinstance(value, Decimal) else value


def _value(key: str, compound: Any) -> Any:
    """A cell of a compound as ``roll`` fills it in."""
    if key in FACTS:
        return getattr(compound, key)
    community = compound.community
    if key == "place":
        return f"{community.parent.parent} · {community.parent} · {community}"
    if key in ("county", "subdistrict", "community", "community_code"):
        return {
            "county": str(community.parent.parent), "subdistrict": str(community.parent), "community": str(community),
            "community_code": community.code,
        }[key]  # fmt: skip
    if key == "cover":
        if compound.status != Status.ACTIVE:
            return str(Status(compound.status).label)
        return str(Cover.of(total=compound.total, managed=compound.managed).label)
    if key in FIGURES and not compound.has_area:
        return None
    if key == "rate":
        return ratio(compound.managed, compound.total)
    value = getattr(compound, key)
    return _(", ").join(str(each.label) for each in value) if key in ("categories", "modes") else value


def _fact(name: str) -> Column:
    shape = Shape.NUMBER if name in NUMBERS else Shape.TEXT
    if name == "residential_area_dm2":
        return Column(name, gettext_lazy("Residential area (㎡)"), Shape.AREA)
    if name == "committee_term_ends":
        shape = Shape.DATE
    return Column(name, selectors.field(name).verbose_name, shape)


NAME = Column("name", gettext_lazy("Compound name"))
CODE = Column("code", gettext_lazy("Compound code"))
_COLUMNS = (
    Column("place", gettext_lazy("Place")),
    Column("county", gettext_lazy("County")),
    Column("subdistrict", gettext_lazy("Subdistrict")),
    Column("community", gettext_lazy("Community")),
    Column("community_code", gettext_lazy("Community code")),
    Column("cover", gettext_lazy("Status")),
    Column("total", gettext_lazy("Total area (㎡)"), Shape.AREA),
    Column("managed", gettext_lazy("Managed (㎡)"), Shape.AREA),
    Column("unmanaged", gettext_lazy("Unmanaged (㎡)"), Shape.AREA),
    Column("rate", gettext_lazy("Coverage rate"), Shape.PERCENT),
    Column("households", gettext_lazy("Households"), Shape.NUMBER),
    Column("categories", gettext_lazy("Category")),
    Column("modes", gettext_lazy("Mode")),
    Column("provider", gettext_lazy("Provider")),
    *(_fact(name) for name in FACTS if name != "name"),
)
COLUMNS = {column.key: column for column in _COLUMNS}
SORTABLE = {"name", "code", *COLUMNS}


def chosen(keys: Iterable[str]) -> list[Column]:
    """The columns of an address, in its order; none named: the usual ones."""
    wanted = list(dict.fromkeys(key for given in keys for key in given.split(",") if key)) or list(DEFAULT)
    if unknown := [key for key in wanted if key not in COLUMNS]:
        raise BadQuestion([Problem("columns", ",".join(unknown), _("There is no such column."))])
    return [COLUMNS[key] for key in wanted]


def sort_key(given: str) -> str:
    """A column's key, with a minus for the other way round; by code if nothing is asked."""
    if given and given.removeprefix("-") not in SORTABLE:
        raise BadQuestion([Problem("sort", given, _("There is no such column."))])
    return given or "code"
