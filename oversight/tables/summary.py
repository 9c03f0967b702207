"""汇总表: what lies where, community by community, with 小计 and 合计."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import as_called_on
from compounds.ledger.choices import Category
from oversight.coverage import selectors
from oversight.coverage.figures import Cells, Counts, Figures
from oversight.coverage.question import Question

#: Down to which level the rows go.
LEVELS = (Level.COMMUNITY.value, Level.SUBDISTRICT.value)


@dataclass(frozen=True)
class SummaryRow:
    """A community (or subdistrict), or the 小计 of the subdistrict or county above: ``level`` says of what."""

    code: str
    level: Level
    subdistrict: str
    community: str
    figures: Figures
    is_subtotal: bool = False

    @property
    def undetermined(self) -> int:
        """待认定: area whose category is still to be determined."""
        return self.figures.area(categories=[Category.UNDETERMINED])


@dataclass(frozen=True)
class Summary:
    by: str
    rows: list[SummaryRow]
    total: Figures

    @property
    def undetermined(self) -> int:
        return self.total.area(categories=[Category.UNDETERMINED])


def levels(division: Division) -> list[str]:
    return [level for level in LEVELS if CODE_LENGTH[Level(level)] >= len(division.code)]


def summary(question: Question, by: str) -> Summary:
    """The table of the question's division; the number of queries does not grow with its communities."""
    groups = selectors.groups(question, by)
    names = _names(question, [group.key for group in groups])
    rows: list[SummaryRow] = []
    county_length, length = CODE_LENGTH[Level.COUNTY], CODE_LENGTH[Level.SUBDISTRICT]
    by_county: dict[str, dict[str, list[SummaryRow]]] = {}
    for group in groups:
        subdistrict = group.key[:length]
        community = group.name if by == Level.COMMUNITY else ""
        row = SummaryRow(group.key, Level(by), names[subdistrict], community, group.figures)
        by_county.setdefault(group.key[:county_length], {}).setdefault(subdistrict, []).append(row)
    own = len(question.division.code)
    for county, by_subdistrict in by_county.items():
        of_county: list[SummaryRow] = []
        for subdistrict, its in by_subdistrict.items():
            of_county += its
            rows += its
            if by == Level.COMMUNITY and own < length:
                rows.append(_subtotal(subdistrict, Level.SUBDISTRICT, names[subdistrict], its))
        if own < county_length:
            rows.append(_subtotal(county, Level.COUNTY, names[county], of_county))
    return Summary(by, rows, added((group.figures for group in groups), question.modes))


def _subtotal(code: str, level: Level, name: str, rows: list[SummaryRow]) -> SummaryRow:
    figures = added((row.figures for row in rows), rows[0].figures.modes)
    return SummaryRow(code, level, name, "", figures, is_subtotal=True)


def added(parts: Iterable[Figures], modes: tuple[str, ...]) -> Figures:
    """The figures of divisions together: areas, households and counts add up."""
    cells: Cells = {}
    counts = Counts()
    for figures in parts:
        for key, (area, households) in figures.cells.items():
            held = cells.get(key, (0, 0))
            cells[key] = (held[0] + area, held[1] + households)
        if figures.counts:
            one = figures.counts
            counts = replace(
                counts, managed=counts.managed + one.managed, partial=counts.partial + one.partial,
                unmanaged=counts.unmanaged + one.unmanaged, area_pending=counts.area_pending + one.area_pending,
            )  # fmt: skip
    return Figures(cells, modes, counts)


def _names(question: Question, keys: list[str]) -> dict[str, str]:
    """Names of subdistricts and counties above the rows, as of the question's date."""
    lengths = (CODE_LENGTH[Level.COUNTY], CODE_LENGTH[Level.SUBDISTRICT])
    codes = {key[:length] for key in keys for length in lengths}
    divisions = as_called_on(Division.objects.filter(code__in=codes), question.as_of)
    return {division.code: str(division) for division in divisions}
