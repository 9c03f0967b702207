from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.forms import DateInput, StyledForm, styled
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.reading import inspect
from chaoyang_pm.kit.uploads.forms import UploadField
from compounds.imports.choices import Workbook
from compounds.imports.vocabulary import CHOICES, HEADERS

MAX_MB = 20


class FileForm(StyledForm, forms.Form):
    """A workbook to be checked."""

    file = UploadField(
        label=_("Workbook"),
        help_text=_(
            "Excel (.xlsx, .xls) or CSV (UTF-8 or GBK), at most 20 MB. The file is checked first; nothing is posted."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_MB * 1024 * 1024:
            message = _("The file has %(size)s MB; at most %(most)s MB are accepted. Split it by county.")
            facts = {"size": round(file.size / 1024 / 1024), "most": MAX_MB}
            raise forms.ValidationError(message % facts, code="too_large")
        try:
            inspect(file.read())
        except SheetError as error:
            raise forms.ValidationError(str(error), code="unsupported") from error
        file.seek(0)
        return file


class UploadForm(FileForm):
    """One of the workbooks for register and ledger."""

    workbook = forms.ChoiceField(
        label=_("What the file holds"), choices=[one for one in Workbook.choices if one[0] != Workbook.REPORTS],
        widget=forms.RadioSelect,
    )  # fmt: skip
    default_date = forms.DateField(
        label=_("Registration date where the cell is blank"),
        widget=DateInput,
        help_text=_("Only for the register; the programme's baseline date unless you change it."),
    )
    field_order = ("workbook", "file", "default_date")

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


class ColumnsForm(StyledForm, forms.Form):
    """Which column is which, per shape of a header: sheets with the same columns are asked about together.

    ``layouts`` are those of the check (``layouts.layout_of``).
    """

    def __init__(self, *args, workbook: str, layouts: list[dict[str, Any]], **kwargs):
        self.shapes: dict[str, list[dict[str, Any]]] = {}
        for layout in layouts:
            if layout["columns"] and not layout["other"]:
                self.shapes.setdefault(layout["signature"], []).append(layout)
        columns = HEADERS[Workbook(workbook)][1]
        self.labels = {column.key: column.label for column in columns}
        self.needed = [column.key for column in columns if column.required]
        super().__init__(*args, **kwargs)
        choices = [("", _("— not read —")), *self.labels.items()]
        for number, (first, *_others) in enumerate(self.shapes.values()):
            for column in first["columns"]:
                self.fields[f"shape{number}_{column['index']}"] = styled(
                    forms.ChoiceField(
                        label=column["text"], choices=choices, required=False, initial=self._initial(first, column)
                    )
                )

    @staticmethod
    def _initial(layout: dict[str, Any], column: dict[str, Any]) -> str:
        """What was found; nothing on a sheet that was taken for something else."""
        return (column["key"] or "") if layout["blocks"] or not layout["reason"] else ""

    def clean(self):
        for number, (first, *_others) in enumerate(self.shapes.values()):
            columns: dict[str, list[str]] = {}
            for column in first["columns"]:
                if key := self.cleaned_data.get(f"shape{number}_{column['index']}"):
                    columns.setdefault(key, []).append(f"{column['letters']} “{column['text']}”")
            for key, texts in columns.items():
                if len(texts) > 1:
                    message = gettext("“%(label)s” is chosen for %(columns)s; only one column can be it.")
                    facts = {"label": self.labels[key], "columns": gettext(", ").join(texts)}
                    self.add_error(None, message % facts)
            missing = [self.labels[key] for key in self.needed if key not in columns]
            if columns and missing:
                message = gettext("The sheet “%(sheet)s” needs a column for %(labels)s; else set all to “not read”.")
                self.add_error(None, message % {"sheet": first["name"], "labels": gettext(", ").join(missing)})
        return self.cleaned_data

    def groups(self) -> list[dict[str, Any]]:
        """For the page: the sheets of each shape, and its columns with their fields."""
        return [
            {
                "sheets": layouts, "first": layouts[0], "memory": layouts[0]["memory"],
                "rows": sum(layout["rows"] for layout in layouts),
                "columns": [(column, self[f"shape{number}_{column['index']}"]) for column in layouts[0]["columns"]],
            }
            for number, layouts in enumerate(self.shapes.values())
        ]  # fmt: skip

    def chosen(self) -> dict[str, dict[int, str]]:
        """Keys by signature and index of the column."""
        return {
            signature: {
                column["index"]: self.cleaned_data.get(f"shape{number}_{column['index']}", "")
                for column in layouts[0]["columns"]
            }
            for number, (signature, layouts) in enumerate(self.shapes.items())
        }


class UndoForm(StyledForm, forms.Form):
    """Why an import is undone; the reason stands with every reversal."""

    reason = forms.CharField(
        label=_("Why it is undone"), max_length=200, help_text=_("It stands with every entry that is reversed.")
    )
