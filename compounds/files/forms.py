from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from chaoyang_pm.kit.uploads import PHOTO, SCAN
from chaoyang_pm.kit.uploads.forms import FilesField, FilesInput
from chaoyang_pm.kit.uploads.limits import MIB
from communities.people.models import User
from compounds.files.choices import AttachmentKind
from compounds.ledger.models import Entry
from compounds.ledger.selectors import history
from compounds.register.models import Compound


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

    def __init__(self, *args, compound: Compound, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["entry"].queryset = (
            history(compound).visible_to(user).prefetch_related(None).order_by("-effective_on", "-height")
        )
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


class WithdrawForm(StyledForm, forms.Form):
    """Why a scan or photo is withdrawn."""

    reason = forms.CharField(label=_("Reason for the withdrawal"), max_length=200)
