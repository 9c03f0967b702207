"""The sentences of 一页纸, ready to copy into a paper."""

import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_percent, format_wan
from communities.divisions.choices import Level
from communities.divisions.models import Division
from oversight.coverage.figures import Counts
from oversight.onepager.selectors import OnePage, Task


def sentences(page: OnePage) -> list[str]:
    """Paragraphs: coverage, households and compounds, what the month brought, each target."""
    found = [_coverage(page), _counts(page), _month(page)]
    found += [_target(task) for task in page.targets if _is_told(task, page.division)]
    if page.own_part is not None:
        found.append(_part(page.own_part))
    return found


def on_day(day: datetime.date) -> str:
    """A date as it stands in a sentence."""
    return date_format(day, _("Y-m-d"))


def place(division: Division) -> str:
    return _("the whole city") if division.level == Level.CITY else str(division)


def points(change: float | None) -> str:
    """A change of a rate in words."""
    if change is None:
        return _("not comparable with last month")
    shown = f"{abs(change):.2f}"
    if float(shown) == 0:
        return _("unchanged against last month")
    words = _("up %(points)s points against last month") if change > 0 else _(
        "down %(points)s points against last month"
    )  # fmt: skip
    return words % {"points": shown}


def _coverage(page: OnePage) -> str:
    figures = page.figures
    return _(
        "As of %(date)s, residential compounds in %(place)s hold %(total)s × 10,000 ㎡, of which %(managed)s "
        "× 10,000 ㎡ are under property management: a coverage rate of %(rate)s, %(change)s."
    ) % {
        "date": on_day(page.question.as_of), "place": place(page.division), "total": format_wan(figures.total),
        "managed": format_wan(figures.managed), "rate": format_percent(figures.rate),
        "change": points(page.whole.rate_change),
    }  # fmt: skip


def _counts(page: OnePage) -> str:
    figures = page.figures
    counts = figures.counts or Counts()
    return _(
        "By households the rate is %(households)s (%(managed)s of %(all)s households). Of %(number)s compounds with "
        "area, %(whole)s are managed, %(partial)s in part and %(none)s not at all: %(rate)s by compounds; "
        "%(pending)s more, whose area is pending, are in no rate."
    ) % {
        "households": format_percent(figures.households_rate), "managed": f"{figures.households_managed:,}",
        "all": f"{figures.households_total:,}", "number": f"{counts.with_area:,}", "whole": f"{counts.managed:,}",
        "partial": f"{counts.partial:,}", "none": f"{counts.unmanaged:,}", "rate": format_percent(counts.rate),
        "pending": f"{counts.area_pending:,}",
    }  # fmt: skip


def _month(page: OnePage) -> str:
    return _(
        "Since %(since)s, %(taken)s × 10,000 ㎡ were taken over and %(lapsed)s × 10,000 ㎡ lapsed; %(left)s "
        "× 10,000 ㎡ are not managed."
    ) % {
        "since": on_day(page.since), "taken": format_wan(page.taken_over),
        "lapsed": format_wan(page.lapsed), "left": format_wan(page.figures.unmanaged),
    }  # fmt: skip


def _is_told(task: Task, division: Division) -> bool:
    """In the city's sentences, those that the document names by area; the counties' own ones stand in the table."""
    is_whole = task.territory.touches(division.code)
    return is_whole and (division.level != Level.CITY or task.names_its_area)


def _target(task: Task) -> str:
    asked = _("%(name)s (%(divisions)s, by %(deadline)s)") % {
        "name": task.target.name, "divisions": _(", ").join(map(str, task.divisions)),
        "deadline": on_day(task.version.deadline),
    }  # fmt: skip
    return _held_against(asked, task)


def _part(task: Task) -> str:
    asked = _("Of %(name)s, the part of %(division)s (by %(deadline)s)") % {
        "name": task.target.name, "division": task.divisions[0], "deadline": on_day(task.version.deadline)
    }  # fmt: skip
    return _held_against(asked, task)


def _held_against(asked: str, figures: Task) -> str:
    ahead = figures.completed - figures.scheduled
    words = (
        _("ahead of schedule by %(area)s × 10,000 ㎡") if ahead >= 0 else _("behind schedule by %(area)s × 10,000 ㎡")
    )
    return _(
        "%(target)s: %(required)s × 10,000 ㎡ required, %(scheduled)s × 10,000 ㎡ due by now, %(completed)s "
        "× 10,000 ㎡ completed, a completion rate of %(ratio)s, %(ahead)s."
    ) % {
        "target": asked, "required": format_wan(figures.required), "scheduled": format_wan(figures.scheduled),
        "completed": format_wan(figures.completed), "ratio": format_percent(figures.ratio),
        "ahead": words % {"area": format_wan(abs(ahead))},
    }  # fmt: skip
