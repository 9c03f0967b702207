import re
from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from chaoyang_pm.kit.uploads import PHOTO, SCAN, UploadRefused
from chaoyang_pm.kit.uploads.forms import FilesField, FilesInput
from chaoyang_pm.kit.uploads.limits import MIB
from communities.people.models import User
from compounds.files import basis
from compounds.files.choices import AttachmentKind
from compounds.ledger.models import Entry
from compounds.ledger.selectors import history
from compounds.register.models import Compound

#: Ticked at a scan that was sent before: it does not go with the entry.
LEAVE_OUT = "leave_out"
DIGITS = re.compile("[0-9]{1,18}")


class EntryField(forms.ModelChoiceField):
    """An entry as people name it."""

    def label_from_instance(self, entry: Entry) -> str:
        return f"{entry.effective_on.isoformat()} {entry.get_kind_display()}"


class FilesForm(StyledForm, forms.Form):
    """Scans and photos to be filed: chosen from the disk, or taken with the phone's camera."""

    files = FilesField(label=_("Files"), required=False, widget=FilesInput(SCAN))
    camera = FilesField(label=_("Take a photo"), required=False, widget=FilesInput(PHOTO, capture=True))
    kind = forms.ChoiceField(label=_("Kind of file"), choices=AttachmentKind.choices, initial=AttachmentKind.PHOTO)
    entry = EntryField(
        label=_("Belongs to"), queryset=Entry.objects.none(), required=False, empty_label=_("the compound as such")
    )
    title = forms.CharField(
        label=_("Title"), required=False, max_length=200, help_text=_("Blank: the name of the file.")
    )

    def __init__(self, *args, compound: Compound, user: User, told: Iterable[Entry] | None = None, **kwargs):
        """``told``: the entries that are offered, where the page has them at hand."""
        super().__init__(*args, **kwargs)
        field = self.fields["entry"]
        field.queryset = history(compound).visible_to(user).prefetch_related(None).order_by("-effective_on", "-height")
        if told is not None:
            field.choices = [("", field.empty_label), *((one.pk, field.label_from_instance(one)) for one in told)]
        self.fields["files"].help_text = _(
            "Several at once. Scans: JPEG, PNG, WebP, TIFF or PDF up to %(scan)s MB; photos: JPEG, PNG or WebP "
            "up to %(photo)s MB."
        ) % {"scan": SCAN.max_bytes // MIB, "photo": PHOTO.max_bytes // MIB}

    def clean(self):
        data = super().clean()
        if not self.errors and not self.chosen():
            self.add_error("files", _("Choose at least one file."))
        return data

    def chosen(self) -> list:
        return [*self.cleaned_data.get("files", []), *self.cleaned_data.get("camera", [])]


class BasisForm(StyledForm, forms.Form):
    """Scans of the basis, chosen with the form about an entry; those sent before can be left out again."""

    scans = FilesField(label=_("Scans of the basis"), required=False, widget=FilesInput(SCAN))

    def __init__(self, data=None, files=None, *, compound: Compound, key: str, user: User):
        super().__init__(data, files)
        self.compound, self.key, self.user = compound, key, user
        self.fields["scans"].help_text = _("JPEG, PNG, WebP, TIFF or PDF, each up to %(scan)s MB; several at once.") % {
            "scan": SCAN.max_bytes // MIB
        }

    @property
    def held(self):
        """What was sent with this form so far and is kept until its entry is posted."""
        return basis.held(key=self.key, by=self.user)

    def take(self) -> bool:
        """Keep what was chosen; whether nothing of it was refused. One bad file does not send the others back."""
        if not self.is_bound or not self.key:
            return True
        if not self.is_valid():
            return False
        if left_out := self.data.getlist(LEAVE_OUT):
            basis.discard(key=self.key, by=self.user, only=[int(one) for one in left_out if DIGITS.fullmatch(one)])
        for file in self.cleaned_data["scans"]:
            try:
                basis.hold(compound=self.compound, key=self.key, file=file, by=self.user)
            except UploadRefused as refused:
                self.add_error("scans", str(refused))
        return not self.errors


class WithdrawForm(StyledForm, forms.Form):
    """Why a scan or photo is withdrawn."""

    reason = forms.CharField(label=_("Reason for the withdrawal"), max_length=200)
