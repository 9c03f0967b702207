import datetime
import uuid
from collections.abc import Iterable

from django import forms
from django.utils.choices import flatten_choices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date, month_end
from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.forms import AreaField, DateInput, StyledForm
from communities.divisions.models import Division
from compounds.ledger.choices import NEEDS_BASIS, OPEN_CATEGORIES, Category, Kind, Mode, Precision
from compounds.ledger.entering import source_key
from compounds.ledger.events import Event, Pocket
from compounds.ledger.kinds import FROM_POCKET, HoldingOn, pockets_for
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft
from compounds.ledger.refusals import Refused, pocket_label
from compounds.register.models import Compound

MANAGED = [(mode.value, mode.label) for mode in Mode if mode != Mode.NONE]
WHEN = ("effective_on", "precision", "date_basis")
BASIS = ("basis_type", "basis_name", "basis_no")
LAST = ("reason", "late_reason", "note")
#: What each kind asks besides its date, its basis and the notes.
ASKS = {
    Kind.REGISTER: ("category", "mode_to", "area_dm2", "households", "phase", "provider_to"),
    Kind.TAKEOVER: ("pocket", "mode_to", "area_dm2", "households", "provider_to"),
    Kind.MODE_CHANGE: ("pocket", "mode_to", "area_dm2", "households", "provider_to"),
    Kind.PROVIDER_CHANGE: ("provider_from", "provider_to"),
    Kind.LAPSE: ("pocket", "area_dm2", "households", "provider_from"),
    Kind.RECLASSIFY: ("pocket", "new_category", "area_dm2", "households"),
    Kind.RESURVEY: ("pocket", "area_dm2", "households"),
    Kind.DEREGISTER: (),
    Kind.RELOCATE: ("community",),
    Kind.MERGE: (),
    Kind.SPLIT: (),
}
DETAILS = (*WHEN[1:], *BASIS, *LAST, "phase", "provider_from", "provider_to")
#: Another date brings the list of areas that there were then.
ANEW = {
    "hx-get": "", "hx-trigger": "change", "hx-target": "#pocket", "hx-swap": "outerHTML",
    "hx-include": "[name=effective_on],[name=precision],[name=pocket]",
}  # fmt: skip
#: Where a refusal about a field that the form does not have is shown.
SHOWN_AT = {"category": "pocket", "mode_from": "pocket", "community": "effective_on", "compound": None}


def text(label, length: int, **options) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, **options)


class EventForm(StyledForm, forms.Form):
    """One event of one kind about one compound; offers the pockets that it can begin with on its date."""

    #: Fields of a kind's own that its ``part_template`` draws, below the heading of what happened.
    OWN: tuple[str, ...] = ()
    part_template = ""

    key = forms.UUIDField(widget=forms.HiddenInput)
    effective_on = forms.DateField(label=_("Effective on"), widget=DateInput)
    precision = forms.ChoiceField(
        label=_("Precision"), choices=Precision.choices, help_text=_("A month stands for its last day.")
    )
    date_basis = text(_("Basis of the date"), 60)
    pocket = forms.ChoiceField(label=_("Which area"))
    category = forms.ChoiceField(label=_("Category"), choices=[("", "—"), *Category.choices])
    new_category = forms.ChoiceField(
        label=_("New category"),
        choices=[("", "—"), *((category.value, category.label) for category in OPEN_CATEGORIES)],
    )
    mode_to = forms.ChoiceField(label=_("Mode afterwards"), choices=[("", "—"), *MANAGED])
    area_dm2 = AreaField(required=False, help_text=_("Blank: all of it."))
    households = forms.IntegerField(
        label=_("Households"), required=False, help_text=_("Blank: in proportion to the area.")
    )
    phase = text(_("Phase"), 60)
    provider_from = text(_("Provider before"), 100)
    provider_to = text(_("Provider"), 100)
    basis_type = text(_("Basis type"), 60, help_text=_("Handover record, owners' resolution, survey report …"))
    basis_name = text(_("Basis name"), 200)
    basis_no = text(_("Basis number"), 100)
    reason = text(_("Reason"), 200)
    late_reason = text(_("Reason for the late entry"), 200, help_text=_("If the month has been reported already."))
    note = text(_("Note"), 500, widget=forms.Textarea(attrs={"rows": 2}))
    recorded_for = forms.ChoiceField(
        label=_("Reported on behalf of"), required=False,
        help_text=_("The office that reported this and cannot enter it itself. Blank: in your own name."),
    )  # fmt: skip

    def __init__(
        self, *args, kind: Kind, compound: Compound, holding_on: HoldingOn, behalf: Iterable[Division] = (),
        initial=None, **kwargs,
    ):  # fmt: skip
        defaults = {"key": uuid.uuid4(), "effective_on": business_date(), "precision": Precision.DAY}
        super().__init__(*args, initial=defaults | (initial or {}), **kwargs)
        self.kind, self.compound = kind, compound
        offices = [(division.code, str(division)) for division in behalf]
        self.last = (*LAST, "recorded_for") if offices else LAST
        for name in set(self.fields) - {"key", *WHEN, *ASKS[kind], *self.OWN, *BASIS, *self.last}:
            del self.fields[name]
        if offices:
            self.fields["recorded_for"].choices = [("", "—"), *offices]
        if kind in FROM_POCKET:
            self._offer_pockets(holding_on)
        if kind == Kind.REGISTER:
            self.fields["mode_to"].choices = [("", "—"), *Mode.choices]
            self.fields["area_dm2"].help_text = self.fields["households"].help_text = ""
            self.fields["area_dm2"].required = True
        if kind == Kind.RESURVEY:
            self.fields["area_dm2"].label = _("Area difference (㎡), + or −")
            self.fields["households"].label = _("Household difference, + or −")
            self.fields["area_dm2"].help_text = self.fields["households"].help_text = ""
        if kind == Kind.PROVIDER_CHANGE:
            self.fields["provider_to"].label = _("Provider after")
            self.fields["provider_to"].required = True

    def _offer_pockets(self, holding_on: HoldingOn) -> None:
        for name in ("effective_on", "precision"):
            self.fields[name].widget.attrs |= ANEW
        day = self.date_asked()
        offered = pockets_for(self.kind, holding_on(day))
        field = self.fields["pocket"]
        field.choices = [(f"{p.category}:{p.mode}", _pocket_choice(p, *held)) for p, *held in offered]
        if len(offered) != 1:
            field.choices = [("", "—"), *field.choices]
        field.help_text = gettext("As of %(date)s; another date offers what there was then.") % {
            "date": day.isoformat()
        }
        field.error_messages["invalid_choice"] = field.error_messages["required"] = _(
            "Choose one of the areas that the compound had on that date; they are listed here anew."
        )

    def date_asked(self):
        """The date for which areas are offered: the one entered, else the one proposed."""
        field = self.fields["effective_on"]
        try:
            day = field.clean(self["effective_on"].value())
        except forms.ValidationError:
            return business_date()
        return self._resolved(day, self["precision"].value())

    @staticmethod
    def _resolved(day, precision):
        return month_end(day) if precision == Precision.MONTH else day

    @property
    def needs_basis(self) -> bool:
        return self.kind in NEEDS_BASIS

    def sections(self):
        """Headings with their fields, in the order of the page."""
        sections = [(_("When"), WHEN), (_("What"), ASKS[self.kind])]
        sections += [(_("Basis (needed)") if self.needs_basis else _("Basis"), BASIS), (_("Remarks"), self.last)]
        return [(heading, [self[name] for name in names]) for heading, names in sections if names or self.part_template]

    @property
    def on(self) -> datetime.date:
        """The date that was entered; a month stands for its last day."""
        return self._resolved(self.cleaned_data["effective_on"], self.cleaned_data["precision"])

    def details(self) -> dict[str, str]:
        """The descriptive fields of the entry."""
        return {name: self.cleaned_data[name] for name in DETAILS if self.cleaned_data.get(name)}

    def source_key(self) -> str:
        """What the form posts once by."""
        return source_key(self.cleaned_data["key"])

    def draft(self) -> Draft:
        """The event, with the form's key by which it posts once."""
        data = self.cleaned_data
        category, _colon, mode_from = data.get("pocket", "").partition(":")
        event = Event(
            self.kind.value, self.on, self.compound.code,
            category=data.get("category") or category, mode_from=mode_from, mode_to=data.get("mode_to", ""),
            new_category=data.get("new_category", ""), area_dm2=data.get("area_dm2"), households=data.get("households"),
        )  # fmt: skip
        details = self.details() | {"source_key": self.source_key()}
        return Draft(event, details, data.get("recorded_for", ""))

    def concerns(self) -> set[str]:
        """Codes of the compounds that the event is about: what others do to them meanwhile is shown."""
        return {self.compound.code}

    def entered(self) -> list[tuple[str, str]]:
        """What was entered, as a person reads it back before confirming."""
        shown = []
        for _heading, fields in self.sections():
            for bound in fields:
                value = self.cleaned_data.get(bound.name)
                if value is True:
                    shown.append((str(bound.label), gettext("yes")))
                elif value not in ("", None, False):
                    choices = dict(flatten_choices(getattr(bound.field, "choices", [])))
                    said = format_m2(value) if bound.name == "area_dm2" else str(choices.get(value, value))
                    shown.append((str(bound.label), said))
        return shown

    def show(self, refused: Refused) -> None:
        """Put every reason of a refusal at its field."""
        for problem in refused.problems:
            field = problem.field if problem.field in self.fields else SHOWN_AT.get(problem.field)
            self.add_error(field if field in self.fields else None, problem.message)


def as_entered(entry: Entry) -> dict:
    """What a person would have to enter for this entry: the initial values of the record that replaces it."""
    names = ("effective_on", "category", "mode_to", "new_category", "area_dm2", "households", *DETAILS)
    return {name: getattr(entry, name) for name in names} | {
        "pocket": f"{entry.category}:{entry.mode_from}", "recorded_for": entry.recorded_for_id or "",
    }  # fmt: skip


def _pocket_choice(pocket: Pocket, area_dm2: int, households: int) -> str:
    facts = {"pocket": pocket_label(pocket), "area": format_m2(area_dm2), "households": f"{households:,}"}
    if pocket.mode == Mode.NONE:
        return gettext("%(pocket)s: %(area)s ㎡ still unmanaged, %(households)s households") % facts
    return gettext("%(pocket)s: %(area)s ㎡, %(households)s households") % facts


class ReversalForm(StyledForm, forms.Form):
    """更正: why, and whether a right record takes the place of the wrong one."""

    REPLACE, WITHDRAW = "replace", "withdraw"
    why = forms.CharField(label=_("Reason for the correction"), max_length=200)
    action = forms.ChoiceField(
        label=_("What is right"), widget=forms.RadioSelect, initial=REPLACE,
        choices=[(REPLACE, _("Withdraw it and record what is right")), (WITHDRAW, _("Only withdraw it"))],
    )  # fmt: skip
