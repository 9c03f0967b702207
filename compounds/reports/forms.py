"""The form of a report: prefilled from the ledger, everything may stay blank in a draft."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date, month_end
from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.forms import AreaField, DateInput, StyledForm
from chaoyang_pm.kit.uploads import PHOTO, SCAN
from chaoyang_pm.kit.uploads.forms import FilesField, FilesInput
from compounds.ledger.choices import Category, Mode, Precision
from compounds.ledger.forms import MANAGED
from compounds.ledger.refusals import Refused, pocket_label
from compounds.reports.choices import ReportKind
from compounds.reports.claims import CLAIMED, Claim, at_fields
from compounds.reports.models import Report
from compounds.reports.offers import Held, Ledgered, Offer

WHEN = ("effective_on", "precision", "date_basis")
BASIS = ("basis_type", "basis_name", "basis_no")
AMOUNT = ("area_dm2", "households")
#: What each kind asks about what happened, how much of it, and when.
ASKS: dict[ReportKind, tuple[str, ...]] = {
    ReportKind.TAKEOVER: ("pocket", "mode_to", "provider_to", *WHEN, *AMOUNT),
    ReportKind.MODE_CHANGE: ("pocket", "mode_to", "provider_to", *WHEN, *AMOUNT),
    ReportKind.PROVIDER_CHANGE: ("provider_from", "provider_to", *WHEN),
    ReportKind.LAPSE: ("pocket", "provider_from", *WHEN, *AMOUNT),
    ReportKind.AREA: ("pocket", "category", "mode_to", *AMOUNT, *WHEN),
    ReportKind.MISSING: ("name", "address", "category", "mode_to", "provider_to", *AMOUNT, *WHEN),
    ReportKind.UNCLEAR: ("effective_on", "precision"),
}
LABELS: dict[ReportKind, dict[str, Any]] = {
    ReportKind.TAKEOVER: {"mode_to": _("Who manages it now"), "effective_on": _("From which day")},
    ReportKind.MODE_CHANGE: {"mode_to": _("Who manages it now"), "effective_on": _("From which day")},
    ReportKind.PROVIDER_CHANGE: {"provider_to": _("New provider"), "effective_on": _("From which day")},
    ReportKind.LAPSE: {"provider_from": _("Who has left"), "effective_on": _("Since which day")},
    ReportKind.AREA: {
        "area_dm2": _("The right area (㎡)"), "households": _("The right number of households"),
        "effective_on": _("As of which day"), "mode_to": _("Who manages it"),
    },
    ReportKind.MISSING: {
        "effective_on": _("Since when it has been as it is now"), "mode_to": _("Who manages it"),
    },
    ReportKind.UNCLEAR: {"effective_on": _("Since which day, if known"), "note": _("What was seen")},
}  # fmt: skip
#: What every form carries and nobody sees.
HIDDEN = ("key", "revision", "instead_of")
#: Where what is said about a field that the form does not have stands.
SHOWN_AT = {"category": "pocket", "mode_from": "pocket", "precision": "effective_on"}


def text(label: Any, name: str, **attributes: Any) -> forms.CharField:
    """A field as long as the report's own."""
    length = Report._meta.get_field(name).max_length
    return forms.CharField(label=label, max_length=length, required=False, widget=forms.TextInput(attributes))


class ReportForm(StyledForm, forms.Form):
    """What is claimed about one compound, or about one that the register does not have."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    instead_of = forms.UUIDField(widget=forms.HiddenInput, required=False)
    name = text(_("Compound name"), "name")
    address = text(_("Address"), "address")
    pocket = forms.ChoiceField(label=_("Which area"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False, choices=[("", "—"), *Category.choices])
    mode_to = forms.ChoiceField(label=_("Mode afterwards"), required=False)
    provider_from = text(_("Provider before"), "provider_from", list="providers")
    provider_to = text(_("Provider"), "provider_to", list="providers")
    effective_on = forms.DateField(label=_("Effective on"), required=False, widget=DateInput)
    precision = forms.ChoiceField(
        label=_("Precision"), choices=[(Precision.DAY, _("to the day")), (Precision.MONTH, _("to the month"))],
        required=False,
    )  # fmt: skip
    date_basis = text(_("What the date goes by"), "date_basis", list="date-bases")
    area_dm2 = AreaField(required=False, min_value=0)
    households = forms.IntegerField(
        label=_("Households"), required=False, min_value=0, max_value=10**8,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )  # fmt: skip
    basis_type = text(_("Kind of document"), "basis_type")
    basis_name = text(_("Title of the document"), "basis_name")
    basis_no = text(_("Number of the document"), "basis_no")
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip
    late_reason = text(_("Reason for the late report"), "late_reason")
    photos = FilesField(label=_("Photos and scans"), required=False, widget=FilesInput(SCAN))
    camera = FilesField(label=_("Take a photo"), required=False, widget=FilesInput(PHOTO, capture=True))

    def __init__(self, *args, offer: Offer, ledgered: Ledgered | None, initial: dict[str, Any] | None = None, **kwargs):
        super().__init__(*args, initial={"key": uuid.uuid4(), "revision": 1} | (initial or {}), **kwargs)
        self.offer, self.kind, self.ledgered = offer, offer.kind, ledgered
        self.held = ledgered.pockets(self.kind) if ledgered else []
        self.basis = BASIS if offer.has_document else ()
        asked = [*ASKS[self.kind], *self.basis]
        if self.kind == ReportKind.AREA:
            # Without area it is registered with category and mode; else the difference goes to one of its pockets.
            for name in ("category", "mode_to") if self.held else ("pocket",):
                asked.remove(name)
        if len(self.held) < 2 and "pocket" in asked:
            asked.remove("pocket")
        asked += ["note"] if self.kind == ReportKind.UNCLEAR else ["note", "late_reason"]
        for name in set(self.fields) - {*HIDDEN, *asked, "photos", "camera"}:
            del self.fields[name]
        self._label()

    def _label(self) -> None:
        for name, label in LABELS[self.kind].items():
            if name in self.fields:
                self.fields[name].label = label
        if "mode_to" in self.fields:
            unmanaged = self.kind in (ReportKind.MISSING, ReportKind.AREA)
            modes = Mode.choices if unmanaged else MANAGED
            self.fields["mode_to"].choices = [("", _("Please choose")), *modes]
        if "pocket" in self.fields:
            self.fields["pocket"].choices = [("", _("Please choose")), *((one.key, _choice(one)) for one in self.held)]
        if "area_dm2" in self.fields:
            self._label_area()
        if "late_reason" in self.fields:
            self.fields["late_reason"].help_text = _("If the month has been reported already.")

    def _label_area(self) -> None:
        field = self.fields["area_dm2"]
        if self.kind in (ReportKind.AREA, ReportKind.MISSING):
            return
        if self.only:
            label = (
                gettext("Area (all that is unmanaged: %(area)s ㎡)") if self.kind == ReportKind.TAKEOVER
                else gettext("Area (all that is managed: %(area)s ㎡)")
            )  # fmt: skip
            field.label = label % {"area": format_m2(self.only.area_dm2)}
        field.help_text = self.fields["households"].help_text = gettext("Blank: all of it.")

    @property
    def only(self) -> Held | None:
        """The pocket that the report is about, where there is no choice."""
        return self.held[0] if len(self.held) == 1 else None

    @staticmethod
    def first_initial(offer: Offer, ledgered: Ledgered | None, provider: str) -> dict[str, Any]:
        """What a new form begins with, from the ledger."""
        held = ledgered.pockets(offer.kind) if ledgered else []
        values: dict[str, Any] = {"provider_from": provider, "precision": Precision.DAY} | dict(offer.initial)
        if offer.kind == ReportKind.AREA:
            values["effective_on"] = business_date()
        if len(held) == 1:
            values |= {"area_dm2": held[0].area_dm2, "households": held[0].households}
        return values

    @staticmethod
    def initial_of(report: Report, ledgered: Ledgered | None) -> dict[str, Any]:
        """What the form of a report begins with; one about all of a pocket with what that holds now."""
        values: dict[str, Any] = {name: getattr(report, name) for name in CLAIMED}
        values |= {
            "pocket": f"{report.category}:{report.mode_from}",
            "key": _form_key(report),
            "revision": report.revision,
        }
        if report.whole and ledgered:
            for one in ledgered.pockets(report.kind):
                if one.key == values["pocket"]:
                    values |= {"area_dm2": one.area_dm2, "households": one.households}
        return values

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("effective_on") and data.get("precision") == Precision.MONTH:
            data["effective_on"] = month_end(data["effective_on"])
        return data

    def claim(self) -> Claim:
        """What was entered so far; a field with an error counts as blank."""
        data = self.cleaned_data
        category, _colon, mode_from = data.get("pocket", "").partition(":")
        given = {name: data[name] for name in CLAIMED if data.get(name) not in (None, "")}
        return Claim(**({"category": category, "mode_from": mode_from} | given))

    def chosen(self) -> list:
        return [*self.cleaned_data.get("photos", []), *self.cleaned_data.get("camera", [])]

    def groups(self) -> list[list[forms.BoundField]]:
        """The fields in the order of the page; the photos follow behind the second last group."""
        first = [name for name in ASKS[self.kind] if name in self.fields and name != "precision"]
        if self.kind == ReportKind.UNCLEAR:
            return [[self[name] for name in ("note", *first)]]
        return [[self[name] for name in names] for names in (first, self.basis, ("note", "late_reason")) if names]

    def place(self, name: str) -> str | None:
        """The field at which something about a field of the report is shown; None for the form as a whole."""
        name = "photos" if name == "files" else name
        name = name if name in self.fields else SHOWN_AT.get(name, "")
        return name if name in self.fields else None

    def show(self, refused: Refused) -> None:
        """Put every reason of a refusal at its field."""
        for name, message in at_fields(refused).items():
            self.add_error(self.place(name), message)


def _form_key(report: Report) -> uuid.UUID:
    """The key of the form that made it; programs give keys of other shapes, and it is edited by its own."""
    try:
        return uuid.UUID(report.key)
    except ValueError:
        return report.pk


def _choice(held: Held) -> str:
    facts = {
        "pocket": pocket_label(held.pocket), "area": format_m2(held.area_dm2), "households": f"{held.households:,}"
    }  # fmt: skip
    return gettext("%(pocket)s: %(area)s ㎡, %(households)s households") % facts
