from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from chaoyang_pm.kit.forms import DateInput, StyledForm, styled
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.ledger.choices import Category
from oversight.programme import editing
from oversight.programme.breakdown import Asked, Paper, TargetRefused
from oversight.programme.choices import Unit
from oversight.programme.editing import About, Dates
from oversight.programme.forms import AmountField, MilestonesField
from oversight.programme.models import Clause, Programme, Target


class EditForm(StyledForm, forms.Form):
    """A form that remembers what it was opened with, so that whoever comes second sees what changed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def show(self, refused: TargetRefused) -> None:
        for problem in refused.problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.message)

    def catch_up(self, facts: Dates | About) -> None:
        """The next attempt starts from what there is now."""
        self.data = self.data.copy()
        self.data["seen"] = editing.fingerprint(facts)


class ProgrammeForm(EditForm):
    """Name and dates of the programme."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"), max_length=Programme._meta.get_field("name").max_length
    )
    starts_on = forms.DateField(
        label=gettext_lazy("Starts on"), widget=DateInput,
        help_text=gettext_lazy("From here what is due by a day is counted, and area that lapsed newly."),
    )  # fmt: skip
    baseline_on = forms.DateField(
        label=gettext_lazy("Baseline date"), widget=DateInput,
        help_text=gettext_lazy("What there was at the start is read from the ledger on this day."),
    )  # fmt: skip

    def dates(self) -> Dates:
        return Dates(*(self.cleaned_data[name] for name in ("name", "starts_on", "baseline_on")))


def _max(name: str) -> int:
    return Target._meta.get_field(name).max_length


class AboutForm(EditForm):
    """What a target is about."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=_max("name"))
    clause = forms.ModelChoiceField(label=gettext_lazy("Clause"), queryset=Clause.objects.none())
    position = forms.IntegerField(
        label=gettext_lazy("Position"), min_value=0, max_value=9999, required=False,
        help_text=gettext_lazy("Its place in lists: small numbers first."),
    )  # fmt: skip
    builds_on = forms.ModelChoiceField(
        label=gettext_lazy("Builds on"), queryset=Target.objects.none(), required=False, empty_label="—",
        help_text=gettext_lazy("Its completed area beyond that target's is shown as this one's increment."),
    )  # fmt: skip
    unit = forms.ChoiceField(
        label=gettext_lazy("Counts"), choices=Unit.choices, initial=Unit.AREA, widget=forms.RadioSelect
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Categories"), choices=Category.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    divisions = forms.MultipleChoiceField(
        label=gettext_lazy("Divisions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    more = forms.CharField(
        label=gettext_lazy("Further divisions"), required=False, max_length=500,
        help_text=gettext_lazy("Codes of subdistricts or communities, with blanks between them."),
    )  # fmt: skip

    def __init__(self, *args, programme: Programme, target: Target | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["clause"].queryset = programme.clauses.all()
        self.fields["clause"].label_from_instance = _clause
        others = programme.targets.exclude(pk=target.pk) if target else programme.targets.all()
        self.fields["builds_on"].queryset = others.order_by("position", "code")
        self.offered = [(division.code, division.name) for division in _offered(programme)]
        self.fields["divisions"].choices = self.offered

    @staticmethod
    def initial_of(target: Target) -> dict:
        found = editing.about_of(target)
        long = CODE_LENGTH[Level.COUNTY]
        return {
            "name": found.name, "clause": found.clause, "unit": found.unit, "categories": list(found.categories),
            "builds_on": found.builds_on, "position": found.position, "seen": editing.fingerprint(found),
            "divisions": [code for code in found.divisions if len(code) <= long],
            "more": " ".join(code for code in found.divisions if len(code) > long),
        }  # fmt: skip

    def about(self) -> About:
        data = self.cleaned_data
        return About(
            data["name"], data["clause"].pk, data["unit"], (*data["divisions"], *data["more"].split()),
            tuple(data["categories"]), data["builds_on"].pk if data["builds_on"] else "", data["position"] or 0,
        )  # fmt: skip


def _clause(clause: Clause) -> str:
    """A clause by its number and how it begins."""
    return f"{clause.code} {clause.text[:30]}…"


def _offered(programme: Programme) -> list[Division]:
    """The city and its counties, those that have ended last: a target may still be about them."""
    found = Division.objects.subtree(programme.city_id).filter(level__in=(Level.CITY, Level.COUNTY))
    return sorted(found, key=lambda each: (each.ended_on is not None, each.code))


class NewTargetForm(AboutForm):
    """A new target with what its first document asks for. Amounts are of area; a target of communities has none."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=_max("code"), help_text=gettext_lazy("Such as T5."))
    document = forms.CharField(label=gettext_lazy("Document"), max_length=200)
    valid_from = forms.DateField(label=gettext_lazy("Valid from"), widget=DateInput)
    deadline = forms.DateField(label=gettext_lazy("Deadline"), widget=DateInput)

    OF_VERSION = ("document", "valid_from", "deadline", "required", "base", "milestones")
    field_order = ("code", "name", "clause", "position", "builds_on", "unit", "categories", "divisions", "more")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["required"] = styled(AmountField(
            unit=Unit.AREA, label=_("Required (10,000 ㎡)"), required=False,
            help_text=_("Blank: all area of its categories at the baseline."),
        ))  # fmt: skip
        self.fields["base"] = styled(
            AmountField(unit=Unit.AREA, label=_("By the document (10,000 ㎡)"), required=False)
        )
        self.fields["milestones"] = styled(MilestonesField(
            unit=Unit.AREA, label=_("Milestones"),
            help_text=_("One a line: the day, and how much is due in all by then. Example: 2014-09-30 120"),
        ))  # fmt: skip

    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(data["required"], data["deadline"], data["base"], data["milestones"])

    def paper(self) -> Paper:
        return Paper(self.cleaned_data["document"], self.cleaned_data["valid_from"])

    def of_target(self) -> list:
        return [self[name] for name in self.fields if name not in (*self.OF_VERSION, "seen")]

    def of_version(self) -> list:
        return [self[name] for name in self.OF_VERSION]
