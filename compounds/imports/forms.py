from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.forms import DateInput, StyledForm
from chaoyang_pm.kit.uploads.forms import UploadField
from compounds.imports.choices import Workbook
from compounds.imports.vocabulary import CHOICES

MAX_MB = 20


class UploadForm(StyledForm, forms.Form):
    """A workbook to be checked."""

    workbook = forms.ChoiceField(label=_("What the file holds"), choices=Workbook.choices, widget=forms.RadioSelect)
    file = UploadField(
        label=_("Workbook"),
        help_text=_(
            "Excel (.xlsx) or CSV (UTF-8 or GBK), at most 20 MB. The file is checked first; nothing is posted."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    default_date = forms.DateField(
        label=_("Registration date where the cell is blank"),
        widget=DateInput,
        help_text=_("Only for the register; the programme's baseline date unless you change it."),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_MB * 1024 * 1024:
            message = _("The file has %(size)s MB; at most %(most)s MB are accepted. Split it by county.")
            raise forms.ValidationError(message % {"size": round(file.size / 1024 / 1024), "most": MAX_MB})
        return file

    def clean_default_date(self):
        day = self.cleaned_data["default_date"]
        if day > business_date():
            message = _("%(value)s lies after the business date; dates up to %(today)s are accepted.")
            raise forms.ValidationError(message % {"value": day.isoformat(), "today": business_date().isoformat()})
        return day


class WordsForm(StyledForm, forms.Form):
    """What the unknown words of a file mean; words left open stay errors."""

    def __init__(self, *args, words: list[dict[str, str]], **kwargs):
        self.words = words
        super().__init__(*args, **kwargs)
        for number, word in enumerate(words):
            self.fields[f"word_{number}"] = forms.ChoiceField(
                label=f"“{word['word']}”", choices=[("", "—"), *CHOICES[word["field"]].choices], required=False
            )
            self.fields[f"word_{number}"].widget.attrs["class"] = "form-select"

    def meanings(self) -> dict[tuple[str, str], str]:
        chosen = ((word, self.cleaned_data.get(f"word_{number}")) for number, word in enumerate(self.words))
        return {(word["field"], word["word"]): meaning for word, meaning in chosen if meaning}


class UndoForm(StyledForm, forms.Form):
    """Why an import is undone; the reason stands with every reversal."""

    reason = forms.CharField(
        label=_("Why it is undone"), max_length=200, help_text=_("It stands with every entry that is reversed.")
    )
