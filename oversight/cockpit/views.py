"""What leads on from 进度总览: why area is unmanaged, and the tables of the charts as files."""

from django.http import Http404
from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_wan
from oversight.cockpit import charts, gaps
from oversight.coverage.views import AroundPage, DivisionFigures, table_file
from oversight.explaining.choices import Figure, Missing


class GapsPage(AroundPage):
    """缺口构成: what of a division's area is unmanaged and why, by part; each number leads to its compounds."""

    template_name = "oversight/cockpit/gaps.html"

    def get_context_data(self, **kwargs):
        found = gaps.of(self.question, self.around[1])
        columns = [each for each in Missing if each != Missing.UNCOUNTED or found.total.uncounted]
        return super().get_context_data(gaps=found, explains=[Figure.UNMANAGED, *columns], **kwargs)


class ChartFile(DivisionFigures):
    """The table beside a chart, as CSV or xlsx: ``modes``, or ``curve-1`` and on in the order of the page."""

    def get(self, request, *args, **kwargs):
        chart = kwargs["chart"]
        kind, _dash, number = chart.partition("-")
        if chart == "modes":
            table, name = charts.mix_table(self.cockpit.mix), _("Modes over time")
        elif kind == "curve" and number.isascii() and number.isdigit() and 0 < int(number) <= len(self.cockpit.curves):
            table, name = charts.curve_table(self.cockpit.curves[int(number) - 1]), _("Required and actual")
        else:
            raise Http404
        month, *series = table.headings
        header = [month, *(_("%(series)s (10,000 ㎡)") % {"series": each} for each in series)]
        rows = [[day, *map(_shown, areas)] for day, areas in table.rows]
        return table_file(self.question, header, rows, kwargs["format"], name)


def _shown(area: int | None) -> float | None:
    """As the page shows it: 10,000 ㎡ with two decimals."""
    return None if area is None else float(format_wan(area).replace(",", ""))
