from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.forms import AreaField, DateInput, StyledForm
from chaoyang_pm.kit.uploads import SCAN
from chaoyang_pm.kit.uploads.forms import FilesField, FilesInput
from chaoyang_pm.kit.uploads.limits import MIB
from communities.people.models import User
from compounds.files.models import Attachment
from compounds.ledger.choices import Mode
from compounds.modes import fact_services, voting
from compounds.modes.choices import Matter
from compounds.modes.fact_models import FeeYear, ServicePoint, Tender, Vote
from compounds.modes.fact_selectors import vote_rule
from compounds.modes.models import EvidenceRule, Procedure, ProcedureKind, StepRecord


def day(label, **options) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput, **options)


def long_text(label, length: int, **options) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, widget=forms.Textarea(attrs={"rows": 2}), **options)


NOTE = StepRecord._meta.get_field("note").max_length


class StartForm(StyledForm, forms.Form):
    """Which procedure begins, for which mode."""

    way = forms.ChoiceField(label=_("Procedure and mode"), widget=forms.RadioSelect)
    on = day(_("Begun on"), initial=business_date)
    note = long_text(_("Note"), NOTE, required=False)

    def __init__(self, *args, kinds, **kwargs):
        super().__init__(*args, **kwargs)
        self.kinds = {kind.pk: kind for kind in kinds}
        self.fields["way"].choices = [
            (f"{kind.pk}:{mode}", f"{kind} → {Mode(mode).label}") for kind in kinds for mode in kind.modes
        ]

    def chosen(self) -> tuple[ProcedureKind, Mode]:
        code, _colon, mode = self.cleaned_data["way"].partition(":")
        return self.kinds[code], Mode(mode)


class ScansField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, scan: Attachment) -> str:
        return f"{scan.title} ({scan.uploaded_at:%Y-%m-%d})"


class AdvanceForm(StyledForm, forms.Form):
    """A step is done: on which day, with which evidence."""

    step = forms.IntegerField(widget=forms.HiddenInput)
    on = day(_("Done on"), initial=business_date)
    note = long_text(_("Note"), NOTE, required=False)
    filed = ScansField(label=_("Evidence filed already"), queryset=Attachment.objects.none(), required=False)
    files = FilesField(label=_("Scans and photos of the evidence"), required=False, widget=FilesInput(SCAN))

    def __init__(self, *args, procedure: Procedure, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        filed = Attachment.objects.visible_to(user).standing().filter(compound=procedure.compound)
        self.fields["filed"].queryset = filed.order_by("-uploaded_at")
        if not user.may("files.add", procedure.compound):
            del self.fields["files"]
        else:
            text = _("JPEG, PNG, WebP, TIFF or PDF, each up to %(scan)s MB; several at once.")
            self.fields["files"].help_text = text % {"scan": SCAN.max_bytes // MIB}
        if not filed.exists():
            del self.fields["filed"]


class AbandonForm(StyledForm, forms.Form):
    on = day(_("Given up on"), initial=business_date)
    reason = long_text(_("Reason"), NOTE)


class TakeBackForm(StyledForm, forms.Form):
    reason = long_text(_("What was wrong"), NOTE)


class BallotForm(StyledForm, forms.Form):
    """A vote as it was counted, for the calculator."""

    use_required_attribute = False

    matter = forms.ChoiceField(label=_("Matter"), choices=Matter.choices)
    held_on = day(_("Held on"), initial=business_date)
    area_dm2 = AreaField(label=_("Area of all owners (㎡)"), min_value=0)
    heads = forms.IntegerField(label=_("Owners"), min_value=0, max_value=10**8)
    area_part_dm2 = AreaField(
        label=_("Area taking part (㎡)"),
        min_value=0,
        required=False,
        help_text=_("Blank where nobody counted it and the rule of the day does not ask for it."),
    )
    heads_part = forms.IntegerField(
        label=_("Owners taking part"), min_value=0, max_value=10**8, required=False,
        help_text=_("Blank where nobody counted it and the rule of the day does not ask for it."),
    )  # fmt: skip
    area_for_dm2 = AreaField(label=_("Area in favour (㎡)"), min_value=0)
    heads_for = forms.IntegerField(label=_("Owners in favour"), min_value=0, max_value=10**8)

    rule = None

    @property
    def asked_matter(self) -> Matter:
        return Matter(self.cleaned_data["matter"])

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        self.rule = vote_rule(self.asked_matter, data["held_on"])
        if self.rule is None:
            self.add_error("held_on", fact_services.no_rule(data["held_on"]))
        else:
            for field, message in voting.problems(self.rule.rule, self.ballot()):
                self.add_error(field, message)
        return data

    def ballot(self) -> voting.Ballot:
        data = self.cleaned_data
        return voting.Ballot(
            data["area_dm2"], data["heads"], data["area_for_dm2"], data["heads_for"], data["area_part_dm2"],
            data["heads_part"],
        )  # fmt: skip

    def verdict(self) -> voting.Verdict:
        return voting.judge(self.rule.rule, self.ballot())


class VoteForm(BallotForm):
    """A vote on a step: what is voted on the step says."""

    note = long_text(_("Note"), Vote._meta.get_field("note").max_length, required=False)

    def __init__(self, *args, matter: Matter, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["matter"]
        self.matter = matter

    @property
    def asked_matter(self) -> Matter:
        return self.matter


DATES = ("announced_on", "awarded_on", "filed_on", "approved_on")


class TenderForm(StyledForm, forms.ModelForm):
    class Meta:
        model = Tender
        fields = [
            "way", "announced_on", "invited", "bidders", "panel", "experts", "awarded_on", "winner", "filed_on",
            "filing_no", "approved_on", "approval_no", "note",
        ]  # fmt: skip
        widgets = dict.fromkeys(DATES, DateInput()) | {"note": forms.Textarea(attrs={"rows": 2})}

    def clean(self):
        data = super().clean()
        panel, experts = data.get("panel"), data.get("experts")
        if panel is not None and experts is not None and experts > panel:
            self.add_error("experts", _("More experts than members; check both numbers."))
        today = business_date()
        for name in DATES:
            if data.get(name) and data[name] > today:
                self.add_error(name, _("This date lies after the business date."))
        return data


class YuanField(AreaField):
    """Yuan with two decimals; its value is a whole number of 0.01 yuan."""

    def __init__(self, *, min_value=0, **kwargs):
        super().__init__(min_value=min_value, **kwargs)


class FeeYearForm(StyledForm, forms.ModelForm):
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2200)
    income_fen = YuanField(label=_("Income (yuan)"))
    cost_fen = YuanField(label=_("Cost (yuan)"))
    price_fen = YuanField(label=_("Price (yuan per ㎡ and month)"), required=False, max_value=10**4)

    class Meta:
        model = FeeYear
        fields = ["year", "income_fen", "cost_fen", "price_fen", "note"]


class PointForm(StyledForm, forms.ModelForm):
    class Meta:
        model = ServicePoint
        fields = ["kind", "name", "people", "place", "since", "until"]
        labels = {"name": pgettext_lazy("of a thing", "Name")}
        widgets = {"since": DateInput(), "until": DateInput()}

    def clean(self):
        data = super().clean()
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("It ends before it begins."))
        return data


class EvidenceForm(StyledForm, forms.Form):
    """From which takeover on the key evidence is asked for."""

    valid_from = day(_("Takeovers from"))
    is_asked = forms.TypedChoiceField(
        label=_("From then on"), coerce=lambda value: value == "1", empty_value=None,
        choices=[("1", _("needs the key evidence of its procedure, or a reason")), ("0", _("needs neither"))],
    )  # fmt: skip
    document = forms.CharField(
        label=_("Document"), required=False, max_length=EvidenceRule._meta.get_field("document").max_length
    )
