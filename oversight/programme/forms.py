import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.figures import DM2_PER_WAN
from chaoyang_pm.kit.forms import DateInput, StyledForm, styled
from communities.divisions.models import Division
from oversight.programme import selectors
from oversight.programme.breakdown import Asked, Paper, PartGiven, TargetRefused
from oversight.programme.choices import Unit
from oversight.programme.models import Target
from oversight.programme.selectors import Given

#: Columns of milestones in the table of a breakdown: at first, added by a click, at most.
COLUMNS, MORE, MOST = 4, 4, 24


class AmountField(forms.CharField):
    """An amount in the target's unit: 万㎡ with at most six decimals (a whole number of 0.01 ㎡), or communities."""

    def __init__(self, *, unit: str, **kwargs):
        self.unit = unit
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "num"})
        super().__init__(max_length=20, widget=widget, **kwargs)

    def clean(self, value):
        text = super().clean(value)
        return None if text in self.empty_values else amount(text, self.unit)

    def prepare_value(self, value):
        return shown(value, self.unit) if isinstance(value, int) else value


def amount(text: str, unit: str) -> int:
    """What a clerk wrote, as a whole number. Raises ValidationError."""
    try:
        number = Decimal(text.replace(",", "").replace("\uff0c", "").strip())
        number = number * (DM2_PER_WAN if unit == Unit.AREA else 1)
        if not number.is_finite() or number != number.to_integral_value() or not 0 <= number < 10**15:
            raise InvalidOperation
    except InvalidOperation:
        if unit == Unit.AREA:
            message = _("“%(value)s” is no area in 10,000 ㎡; write it as 302 or 12.35.")
        else:
            message = _("“%(value)s” is no whole number.")
        raise forms.ValidationError(message % {"value": text}) from None
    return int(number)


def shown(number: int, unit: str) -> str:
    """The amount as a person would write it: 302, 12.35."""
    if unit != Unit.AREA:
        return str(number)
    text = f"{Decimal(number) / DM2_PER_WAN:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class MilestonesField(forms.CharField):
    """One milestone a line: the day, and how much is due in all by then."""

    def __init__(self, *, unit: str, **kwargs):
        self.unit = unit
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 4}), **kwargs)

    def clean(self, value):
        found = []
        for line in super().clean(value).splitlines():
            if line.strip():
                found.append(self._read(line.strip()))
        return tuple(found)

    def _read(self, line: str) -> tuple[datetime.date, int]:
        parts = re.split(r"[\s::;;]+", line, maxsplit=1)
        try:
            day = datetime.datetime.strptime(parts[0], "%Y-%m-%d").date()
            return day, amount(parts[1], self.unit)
        except (ValueError, IndexError):
            message = _("“%(line)s” is no milestone; write the day and the amount, such as 2014-09-30 120.")
            raise forms.ValidationError(message % {"line": line}) from None

    def prepare_value(self, value):
        if isinstance(value, (list, tuple)):
            return "\n".join(f"{day.isoformat()} {shown(number, self.unit)}" for day, number in value)
        return value


class PaperForm(StyledForm, forms.Form):
    """By which document, from when on, and why."""

    document = forms.CharField(label=gettext_lazy("Document"), max_length=200)
    valid_from = forms.DateField(label=gettext_lazy("Valid from"), widget=DateInput)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def paper(self) -> Paper:
        return Paper(**{name: self.cleaned_data[name] for name in ("document", "valid_from", "reason")})


class VersionForm(PaperForm):
    """A further version of a target: its document, what it asks, until when, and on which way."""

    def __init__(self, *args, target: Target, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        unit = target.unit
        if unit == Unit.AREA:
            self.fields["required"] = styled(AmountField(
                unit=unit, label=_("Required (10,000 ㎡)"), required=False,
                help_text=_("Blank: all area of its categories at the baseline."),
            ))  # fmt: skip
        self.fields["deadline"] = styled(forms.DateField(label=_("Deadline"), widget=DateInput))
        if unit == Unit.AREA:
            self.fields["base"] = styled(AmountField(unit=unit, label=_("By the document (10,000 ㎡)"), required=False))
            self.fields["milestones"] = styled(MilestonesField(
                unit=unit, label=_("Milestones"),
                help_text=_("One a line: the day, and how much is due in all by then. Example: 2014-09-30 120"),
            ))  # fmt: skip

    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(data.get("required"), data["deadline"], data.get("base"), data.get("milestones", ()))

    def show(self, refused: TargetRefused) -> None:
        for problem in refused.problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.message)


@dataclass(frozen=True)
class Line:
    """One division's row in the table of a breakdown."""

    division: Division
    given: Given | None
    required: BoundField
    deadline: BoundField
    base: BoundField
    milestones: list[BoundField]

    @property
    def errors(self) -> list[str]:
        fields = (self.required, self.deadline, self.base, *self.milestones)
        return [error for bound in fields for error in bound.errors]


class DivideForm(PaperForm):
    """任务分解 as a table: a row a division, with the milestones' days above their columns."""

    def __init__(self, data=None, *, target: Target, divisions: list[Division], given: dict[str, Given],
                 deadline: datetime.date, columns: int = 0, **kwargs):  # fmt: skip
        super().__init__(data, **kwargs)
        self.target, self.divisions, self.given = target, divisions, given
        days = sorted({day for each in given.values() for day, _due in selectors.milestones(each.version)})
        sent = str((data or {}).get("columns", ""))
        self.columns = min(MOST, columns or (int(sent) if sent.isdigit() else 0) or max(COLUMNS, len(days) + 1))
        self.fields["columns"] = forms.IntegerField(widget=forms.HiddenInput, initial=self.columns, required=False)
        for number in range(self.columns):
            day = days[number] if number < len(days) else None
            self._add(
                f"day-{number}", forms.DateField(label=_("Milestone"), widget=DateInput, required=False, initial=day)
            )
        for division in divisions:
            self._add_row(division, given.get(division.code), days, deadline)

    def _add(self, name: str, field: forms.Field) -> None:
        self.fields[name] = styled(field)

    def _add_row(self, division: Division, given: Given | None, days: list, deadline: datetime.date) -> None:
        code, unit = division.code, self.target.unit
        version = given.version if given else None
        due = dict(selectors.milestones(version)) if version else {}
        label = str(division)

        def amounts(name: str, heading: str, initial: int | None) -> None:
            title = f"{label}: {heading}"
            self._add(name, AmountField(unit=unit, required=False, initial=initial, label=title))
            self.fields[name].widget.attrs["aria-label"] = title

        amounts(f"required-{code}", _("Required"), version and version.required)
        title = f"{label}: {_('Deadline')}"
        self._add(f"deadline-{code}", forms.DateField(
            widget=DateInput({"aria-label": title}), required=False, label=title,
            initial=version.deadline if version else deadline,
        ))  # fmt: skip
        amounts(f"base-{code}", _("Base figure by the document"), version and version.base)
        for number in range(self.columns):
            day = days[number] if number < len(days) else None
            amounts(f"due-{number}-{code}", f"{_('Milestone')} {number + 1}", due.get(day))

    # --- what the page shows ----------------------------------------------------------------------------
    @property
    def own(self) -> list[BoundField]:
        return [self["document"], self["valid_from"], self["reason"]]

    @property
    def columns_sent(self) -> BoundField:
        return self["columns"]

    @property
    def days(self) -> list[BoundField]:
        return [self[f"day-{number}"] for number in range(self.columns)]

    @property
    def lines(self) -> Iterator[Line]:
        for division in self.divisions:
            code = division.code
            yield Line(
                division, self.given.get(code), self[f"required-{code}"], self[f"deadline-{code}"],
                self[f"base-{code}"],
                [self[f"due-{number}-{code}"] for number in range(self.columns)],
            )  # fmt: skip

    # --- what was entered -------------------------------------------------------------------------------
    def parts(self) -> list[PartGiven]:
        """The rows that differ from what is in force."""
        return [PartGiven(division, asked) for division in self.divisions if (asked := self._changed(division.code))]

    def _changed(self, code: str) -> Asked | None:
        data = self.cleaned_data
        milestones = tuple(
            (data[f"day-{number}"], data[f"due-{number}-{code}"])
            for number in range(self.columns)
            if data.get(f"day-{number}") and data.get(f"due-{number}-{code}") is not None
        )
        required, base = data.get(f"required-{code}"), data.get(f"base-{code}")
        given = self.given.get(code)
        if required is None and base is None and not milestones and given is None:
            return None
        asked = Asked(required, data[f"deadline-{code}"], base, tuple(sorted(milestones)))
        if given and asked == in_force(given):
            return None
        return asked

    def clean(self):
        data = super().clean()
        days = [data.get(f"day-{number}") for number in range(self.columns)]
        for number, day in enumerate(days):
            if day and day in days[:number]:
                self.add_error(f"day-{number}", _("This day stands above another column already."))
        for division in self.divisions:
            code = division.code
            wants = any(data.get(f"{name}-{code}") is not None for name in ("required", "base"))
            if (wants or code in self.given) and not data.get(f"deadline-{code}") and f"deadline-{code}" in data:
                self.add_error(f"deadline-{code}", _("Give a deadline."))
            for number, day in enumerate(days):
                if not day and data.get(f"due-{number}-{code}") is not None:
                    self.add_error(f"due-{number}-{code}", _("Write the day above this column."))
        return data

    def show(self, refused: TargetRefused) -> None:
        for problem in refused.problems:
            code, _slash, name = problem.field.rpartition("/")
            field = f"due-0-{code}" if name == "milestones" else f"{name}-{code}" if code else name
            if name == "valid_from" and code:
                named = next(str(division) for division in self.divisions if division.code == code)
                self.add_error("valid_from", f"{named}: {problem.message}")
            else:
                self.add_error(field if field in self.fields else None, problem.message)


def in_force(given: Given) -> Asked:
    """What a division was given, in the form of what it may be given."""
    version = given.version
    return Asked(version.required, version.deadline, version.base, tuple(selectors.milestones(version)))


class WithdrawForm(StyledForm, forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is withdrawn"), max_length=200)
