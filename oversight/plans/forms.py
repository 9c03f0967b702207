from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from chaoyang_pm.kit.uploads import SCAN
from compounds.imports.forms import FileForm


class WorkbookForm(FileForm):
    """The county's workbook, as the draft in place of what it holds."""

    reason = forms.CharField(label=_("Reason of the amendment"), max_length=500, required=False)

    def __init__(self, *args, amends: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "Excel (.xlsx, .xls) or CSV (UTF-8 or GBK), at most 20 MB. Its rows take the place of the draft's lines."
        )
        if not amends:
            del self.fields["reason"]


class BeginForm(StyledForm, forms.Form):
    """Why an approved plan is amended."""

    reason = forms.CharField(
        label=_("Reason of the amendment"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class SubmitForm(StyledForm, forms.Form):
    """The paper that the plan goes with, and a word on what the checks ask about."""

    document_no = forms.CharField(label=_("Document number"), max_length=60)
    signatory = forms.CharField(label=_("Signed by"), max_length=60)
    words = forms.CharField(
        label=_("Words on warnings"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    scan = forms.FileField(label=_("Scan with the seal"), required=False)

    def __init__(self, *args, asks: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scan"].widget.attrs["accept"] = SCAN.accept
        self.fields["scan"].help_text = SCAN.names
        if asks:
            self.fields["words"].required = True
        else:
            del self.fields["words"]


class ScanForm(StyledForm, forms.Form):
    """The sealed paper, where it comes after the submission."""

    scan = forms.FileField(label=_("Scan with the seal"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scan"].widget.attrs["accept"] = SCAN.accept
        self.fields["scan"].help_text = SCAN.names


class OpinionForm(StyledForm, forms.Form):
    """What the bureau says to the plan as a whole."""

    opinion = forms.CharField(
        label=_("Opinion"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
