"""One form per kind of change. Divisions are written as clerks do: a code, a name, or names from the county down."""

import re
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.forms import DateInput, StyledForm
from communities.divisions.choices import Level, SuccessionKind
from communities.divisions.models import Division
from communities.divisions.selectors import Gazetteer, kind, normalised
from compounds.register.models import Compound
from compounds.successions.planning import Change, Part
from compounds.successions.selectors import members

BELOW_CITY = (Level.COUNTY, Level.SUBDISTRICT, Level.COMMUNITY)
ABOUT_A_LINE = 3


def form_key(key: Any) -> str:
    """The key under which what a form carries is carried out once."""
    return f"page:{key}"


def meant(text: str, gazetteer: Gazetteer, levels: tuple[Level, ...] = BELOW_CITY) -> Division:
    """The living division that a line names. Raises ValidationError with what it could mean."""
    within = ""
    *above, last = re.split(r"[\s·/>、,,]+", text.strip()) or [""]
    for name in above:
        found = [division for level in BELOW_CITY[:2] for division in gazetteer.find(level, name, within=within)]
        found = _of_the_kind(name, found)
        if len(found) != 1:
            raise forms.ValidationError(_question(name, found, gazetteer))
        within = found[0].code
    found = _of_the_kind(
        last, [division for level in levels for division in gazetteer.find(level, last, within=within)]
    )
    if len(found) != 1:
        similar = found or [d for level in levels for d in gazetteer.similar(level, last, within=within)]
        raise forms.ValidationError(_question(last, similar, gazetteer, unknown=not found))
    return found[0]


def _of_the_kind(text: str, found: list[Division]) -> list[Division]:
    """Of several levels, those called exactly so, else those whose name says the same kind of place."""
    exact = [division for division in found if normalised(text) in (normalised(division.name), division.code)]
    return exact or [division for division in found if kind(division.name) == kind(text)] or found


def _question(name: str, choices: list[Division], gazetteer: Gazetteer, *, unknown: bool = False) -> str:
    listed = _(", ").join(f"{gazetteer.path(division.code)} {division.code}" for division in choices[:5])
    if not listed:
        return _("There is no division “%(name)s”; give its full name or its code.") % {"name": name}
    if unknown:
        return _("There is no division “%(name)s”. Did you mean %(choices)s?") % {"name": name, "choices": listed}
    return _("“%(name)s” can mean %(choices)s; give the code.") % {"name": name, "choices": listed}


class DivisionText(forms.CharField):
    """One division, by code or name; its value is the code."""

    def __init__(self, *, levels: tuple[Level, ...] = BELOW_CITY, **kwargs: Any):
        super().__init__(max_length=80, **kwargs)
        self.levels = levels

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return meant(text, Gazetteer.load(), self.levels).code if text else ""


class DivisionLines(forms.CharField):
    """Several divisions, one a line; its value is their codes."""

    def __init__(self, *, levels: tuple[Level, ...] = BELOW_CITY, **kwargs: Any):
        super().__init__(widget=forms.Textarea(attrs={"rows": ABOUT_A_LINE}), **kwargs)
        self.levels = levels

    def clean(self, value: Any) -> tuple[str, ...]:
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        gazetteer, found, problems = Gazetteer.load(), [], []
        for line in lines:
            try:
                found.append(meant(line, gazetteer, self.levels).code)
            except forms.ValidationError as error:
                problems += error.messages
        if problems:
            raise forms.ValidationError(problems)
        return tuple(dict.fromkeys(found))


class ChangeForm(StyledForm, forms.Form):
    """What every change of divisions says: the day, the document, the reason."""

    kind: SuccessionKind
    effective_on = forms.DateField(label=gettext_lazy("Effective on"), widget=DateInput)
    document = forms.CharField(label=gettext_lazy("Document"), max_length=200, required=False)
    document_no = forms.CharField(label=gettext_lazy("Document number"), max_length=100, required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    field_order: list[str] | None = None

    def clean_effective_on(self):
        day = self.cleaned_data["effective_on"]
        if day > business_date():
            message = _("%(date)s lies after the business date; dates up to %(today)s are accepted.")
            facts = {"date": day.isoformat(), "today": business_date().isoformat()}
            raise forms.ValidationError(message % facts)
        return day

    def clean(self):
        cleaned = super().clean()
        if not (cleaned.get("document") or cleaned.get("document_no")):
            message = _("A change of divisions needs a document: give its name or number.")
            self.add_error("document", message)
        return cleaned

    def own(self) -> list[forms.BoundField]:
        """The fields that every step shows."""
        return list(self)

    def asks(self) -> bool:
        """Whether there is more to ask before anything can be previewed."""
        return False

    def change(self) -> Change:
        common = {name: self.cleaned_data[name] for name in ("effective_on", "document", "document_no", "reason")}
        return Change(kind=self.kind, key=form_key(self.cleaned_data["key"]), **common, **self.fields_of_kind())

    def fields_of_kind(self) -> dict[str, Any]:
        names = ("divisions", "name", "short_name", "code", "parent", "into", "street")
        found = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return found | {
            "divisions": found["divisions"] if isinstance(found["divisions"], tuple) else (found["divisions"],)
        }


def _name(label: str, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=60, **kwargs)


class RenameForm(ChangeForm):
    kind = SuccessionKind.RENAME
    divisions = DivisionText(label=gettext_lazy("Division (name or code)"))
    name = _name(gettext_lazy("Its new name"))
    short_name = _name(gettext_lazy("New short name"), required=False)
    field_order = ["divisions", "name", "short_name"]


ONE_A_LINE = gettext_lazy("One a line: a code, a name, or county, subdistrict and community with spaces between.")
BLANK_CODE = gettext_lazy("Blank: the next free one of its kind.")


class MergeForm(ChangeForm):
    kind = SuccessionKind.MERGE
    divisions = DivisionLines(label=gettext_lazy("Divisions that are merged"), help_text=ONE_A_LINE)
    into = DivisionText(
        label=gettext_lazy("Into an existing division"), required=False,
        help_text=gettext_lazy("Blank: into a new one, which has a name."),
    )  # fmt: skip
    name = _name(gettext_lazy("Name of the new division"), required=False)
    code = forms.CharField(label=gettext_lazy("Code"), max_length=12, required=False, help_text=BLANK_CODE)
    field_order = ["divisions", "into", "name", "code"]

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("into") and not cleaned.get("name"):
            self.add_error("name", _("Name the new division, or the existing one into which they are merged."))
        return cleaned


class ReparentForm(ChangeForm):
    kind = SuccessionKind.REPARENT
    divisions = DivisionLines(
        label=gettext_lazy("Subdistricts or communities"), levels=(Level.SUBDISTRICT, Level.COMMUNITY),
        help_text=ONE_A_LINE,
    )  # fmt: skip
    parent = DivisionText(label=gettext_lazy("New parent"), levels=(Level.COUNTY, Level.SUBDISTRICT))
    field_order = ["divisions", "parent"]


class ZoneForm(ChangeForm):
    kind = SuccessionKind.ZONE
    divisions = DivisionLines(
        label=gettext_lazy("Subdistricts and communities"), levels=(Level.SUBDISTRICT, Level.COMMUNITY),
        help_text=ONE_A_LINE,
    )  # fmt: skip
    name = _name(gettext_lazy("Name of the new zone"), required=False)
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=6, required=False,
        help_text=gettext_lazy("Six digits that end in 71 or more. Blank: the next free one."),
    )  # fmt: skip
    parent = DivisionText(label=gettext_lazy("Or an existing zone"), levels=(Level.COUNTY,), required=False)
    street = _name(
        gettext_lazy("Subdistrict for single communities"),
        required=False,
        help_text=gettext_lazy("Blank: it has the name of the zone."),
    )
    field_order = ["divisions", "name", "code", "parent", "street"]

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("parent") and not cleaned.get("name"):
            self.add_error("name", _("Name the new zone, or an existing one."))
        return cleaned


class SplitForm(ChangeForm):
    """The parts first; then every compound (of a subdistrict, every community) is given to one of them."""

    kind = SuccessionKind.SPLIT
    divisions = DivisionText(label=gettext_lazy("Division (name or code)"), levels=(Level.SUBDISTRICT, Level.COMMUNITY))
    parts = forms.CharField(
        label=gettext_lazy("Parts"), widget=forms.Textarea(attrs={"rows": ABOUT_A_LINE}),
        help_text=gettext_lazy("One a line: the name of the new division, and its code if it is given."),
    )  # fmt: skip
    keeps = forms.BooleanField(label=gettext_lazy("The old division goes on with what no part gets"), required=False)
    given = forms.CharField(
        label=gettext_lazy("Who goes where, as a list"), required=False,
        widget=forms.Textarea(attrs={"rows": ABOUT_A_LINE}),
        help_text=gettext_lazy("One a line: code or name, then the part. Or choose in the next step."),
    )  # fmt: skip
    asked = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["divisions", "parts", "keeps", "given"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.members: list[Compound | Division] = []
        self.lines: list[tuple[str, str]] = []
        if self.is_bound:
            self._ask_for_members()

    def _ask_for_members(self) -> None:
        """One choice per member, once division and parts are known."""
        try:
            code = self.fields["divisions"].clean(self.data.get("divisions", ""))
            self.lines = self._parts(self.data.get("parts", ""))
        except forms.ValidationError:
            return  # said at its field
        self.members = members(Division.objects.get(code=code))
        stays = _("stays") if self.data.get("keeps") else _("choose")
        choices = [("", stays), *((str(index), name) for index, (name, _code) in enumerate(self.lines))]
        for member in self.members:
            field = forms.ChoiceField(label=f"{member.name} {member.code}", choices=choices, required=False)
            field.widget.attrs["class"] = "form-select"
            self.fields[f"member_{member.code}"] = field

    @staticmethod
    def _parts(text: str) -> list[tuple[str, str]]:
        lines = [line.split() for line in text.splitlines() if line.strip()]
        return [
            ("".join(words[:-1]), words[-1]) if words[-1].isdigit() and len(words) > 1 else ("".join(words), "")
            for words in lines
        ]

    def own(self) -> list[forms.BoundField]:
        return [bound for bound in self if not bound.name.startswith("member_")]

    def choices(self):
        """The fields of the second step."""
        return [bound for bound in self if bound.name.startswith("member_")]

    def asks(self) -> bool:
        """The choices are shown once before anything is previewed, unless the list has given them all."""
        if self.cleaned_data.get("asked"):
            return False
        taken = {member for part in self.assigned() for member in part}
        return len(taken) < len(self.members)

    def shown(self) -> None:
        """The choices stand on the page now; what the list gave is chosen."""
        self.data = self.data.copy()
        self.data["asked"] = "1"
        for index, part in enumerate(self.assigned()):
            for code in part:
                self.data[f"member_{code}"] = str(index)

    def clean(self):
        cleaned = super().clean()
        self.listed: dict[str, str] = {}
        names = {name: str(index) for index, (name, _code) in enumerate(self.lines)}
        known = {text: member.code for member in self.members for text in (member.code, member.name)}
        for line in (cleaned.get("given") or "").splitlines():
            words = line.split()
            if not words:
                continue
            member, part = known.get("".join(words[:-1])), names.get(words[-1])
            if member is None or part is None:
                message = _("“%(line)s” names no member and part of this division; write e.g. %(example)s.")
                example = f"{self.members[0].code} {self.lines[0][0]}" if self.members and self.lines else "—"
                self.add_error("given", message % {"line": line, "example": example})
            else:
                self.listed[member] = part
        return cleaned

    def assigned(self) -> list[list[str]]:
        """The members of every part; the list counts where nothing is chosen."""
        parts: list[list[str]] = [[] for _line in self.lines]
        for member in self.members:
            chosen = self.cleaned_data.get(f"member_{member.code}") or self.listed.get(member.code, "")
            if chosen:
                parts[int(chosen)].append(member.code)
        return parts

    def fields_of_kind(self) -> dict[str, Any]:
        parts = tuple(
            Part(name, code, tuple(own)) for (name, code), own in zip(self.lines, self.assigned(), strict=True)
        )
        return {
            "divisions": (self.cleaned_data["divisions"],), "keeps": self.cleaned_data["keeps"], "parts": parts,
        }  # fmt: skip


class UndoForm(StyledForm, forms.Form):
    """Why a change of divisions is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


FORMS: dict[str, type[ChangeForm]] = {
    form.kind.value: form for form in (RenameForm, MergeForm, SplitForm, ReparentForm, ZoneForm)
}
