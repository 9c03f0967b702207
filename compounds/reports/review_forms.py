import datetime
import uuid
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.forms import DateInput, StyledForm
from chaoyang_pm.kit.labels import field_label
from communities.divisions.choices import Level
from communities.divisions.models import Division
from compounds.reports.choices import Office, Reporter, ReportKind, Step
from compounds.reports.models import Report
from compounds.reports.review import MOST_DAYS
from compounds.reports.review_selectors import LATE, before, overdue
from compounds.reports.services import Comment

OVERDUE = "overdue"
#: Days that a report has waited, to choose from.
WAITED = ("1", "3", "7", "15")
MINE, ALL = "mine", "all"


class QueueForm(StyledForm, forms.Form):
    """What of the queue is shown; anything but a choice that is offered is no choice."""

    use_required_attribute = False

    community = forms.CharField(label=_("Community"), required=False, max_length=50)
    kind = forms.ChoiceField(label=_("What happened"), required=False, choices=[("", _("All")), *ReportKind.choices])
    waited = forms.ChoiceField(
        label=_("Waited for"), required=False,
        choices=[
            ("", _("All")), (OVERDUE, _("Past its days")), *((days, _("more than %s days") % days) for days in WAITED),
        ],
    )  # fmt: skip
    late = forms.BooleanField(label=_("Reported late"), required=False)
    changed = forms.BooleanField(label=_("Ledger has changed"), required=False)
    on_behalf = forms.BooleanField(label=_("On behalf"), required=False)
    whose = forms.ChoiceField(label=_("Whose turn"), required=False)

    CHECKS = ("late", "changed", "on_behalf")

    def __init__(self, *args: Any, decides: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        mine = [("", _("Waiting for me"))] if decides else []
        self.fields["whose"].choices = [*mine, (ALL, _("All under review"))]

    def asked(self) -> Q:
        """The condition on ``described`` rows; what is no choice asks for nothing."""
        self.is_valid()
        asked, found = self.cleaned_data, Q()
        if name := asked.get("community"):
            found &= Q(community__name__icontains=name) | Q(community__code=name)
        if kind := asked.get("kind"):
            found &= Q(kind=kind)
        if waited := asked.get("waited"):
            found &= overdue() if waited == OVERDUE else Q(waiting_since__lt=before(int(waited)))
        if asked.get("late"):
            found &= LATE
        if asked.get("changed"):
            found &= Q(is_changed=True)
        if asked.get("on_behalf"):
            found &= ~Q(reporter=Reporter.COMMITTEE)
        return found

    def shown(self) -> list[Any]:
        return [self[name] for name in ("community", "kind", "waited", "whose")]

    def checks(self) -> list[Any]:
        return [self[name] for name in self.CHECKS]


#: Fields that a comment can be about, in the order of the page.
COMMENTED = (
    "kind", "name", "address", "mode_to", "category", "area_dm2", "households", "provider_to", "effective_on",
    "date_basis", "basis_name", "files", "note", "late_reason",
)  # fmt: skip
_LABELS = {"files": _("Photos and scans"), "area_dm2": _("Area (㎡)")}
_PREFIX = "comment_"


class DecisionForm(StyledForm, forms.Form):
    """A decision on a report as it was seen; ``next`` is the report that opens afterwards."""

    use_required_attribute = False

    step = forms.ChoiceField(choices=[(one.value, one.label) for one in (
        Step.VERIFY, Step.APPROVE, Step.RETURN, Step.RECHECK
    )])  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    key = forms.UUIDField(widget=forms.HiddenInput)
    next = forms.UUIDField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label=_("Words on the whole"), max_length=500, required=False)

    def __init__(self, *args: Any, shown: tuple[str, ...] = COMMENTED, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in COMMENTED:
            if name in shown:
                label = _LABELS.get(name) or field_label(Report, name)
                self.fields[f"{_PREFIX}{name}"] = forms.CharField(
                    label=label, max_length=200, required=False, widget=forms.TextInput(attrs={"class": "form-control"})
                )

    @classmethod
    def fresh(cls, report: Report, following: Any, **kwargs: Any) -> "DecisionForm":
        initial = {"revision": report.revision, "key": uuid.uuid4(), "next": following}
        return cls(initial=initial, auto_id="decide_%s", **kwargs)

    def comments(self) -> list[Comment]:
        """One per field that something was said about."""
        return [
            Comment(name, self.cleaned_data[f"{_PREFIX}{name}"])
            for name in COMMENTED
            if self.cleaned_data.get(f"{_PREFIX}{name}")
        ]

    def comment_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith(_PREFIX)]


class WithinForm(StyledForm, forms.Form):
    """A rule that holds within a division above the communities."""

    division = forms.ModelChoiceField(label=_("Division"), queryset=Division.objects.none())

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        living = Division.objects.living().visible_to(user).exclude(level=Level.COMMUNITY)
        self.fields["division"].queryset = living.order_by("code")


class DaysForm(WithinForm):
    """How many days an office has within a division."""

    office = forms.ChoiceField(label=_("Deciding office"), choices=Office.choices)
    days = forms.IntegerField(label=_("Days allowed"), min_value=1, max_value=MOST_DAYS)


class SkipForm(WithinForm):
    """Whether reports of an office within a division need no word of the street."""

    reporter = forms.ChoiceField(label=_("Reports by"), choices=Reporter.choices)
    skipped = forms.TypedChoiceField(
        label=_("The street"), coerce=lambda value: value == "yes",
        choices=[("no", _("verifies first")), ("yes", _("is skipped"))],
    )  # fmt: skip


class SampleForm(StyledForm, forms.Form):
    """A period and a seed; blanks are the month before, and a seed of chance."""

    use_required_attribute = False

    since = forms.DateField(label=_("Approved from"), widget=DateInput)
    until = forms.DateField(label=_("Approved to"), widget=DateInput)
    seed = forms.CharField(label=_("Seed"), max_length=40, required=False)

    @staticmethod
    def usual() -> dict[str, datetime.date]:
        today = business_date()
        return {"since": today.replace(day=1), "until": today}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError(_("The first date lies after the last; give the earlier one first."))
        return cleaned
