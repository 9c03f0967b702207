from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm
from compounds.imports.choices import Field
from compounds.imports.models import Synonym
from compounds.imports.vocabulary import meanings
from compounds.imports.words import IN_USE, WITHDRAWN


class FindWordsForm(StyledForm, forms.Form):
    """What the list of words is filtered by."""

    use_required_attribute = False

    q = forms.CharField(
        label=_("Word"), required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"})
    )
    field = forms.ChoiceField(label=_("Field"), required=False, choices=[("", _("All")), *Field.choices])
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[(IN_USE, _("in use")), (WITHDRAWN, _("withdrawn"))]
    )


def _choices() -> list:
    """Fields with what their words can stand for, as one list to choose from: it works without scripts."""
    return [
        ("", "—"),
        *((field.label, [(f"{field.value}/{code}", label) for code, label in meanings(field)]) for field in Field),
    ]


class WordForm(StyledForm, forms.Form):
    """A word, and what it stands for in which field."""

    word = forms.CharField(label=_("Word"), max_length=Synonym._meta.get_field("word").max_length)
    meaning = forms.ChoiceField(label=_("Stands for"), choices=_choices)

    def chosen(self) -> dict[str, str]:
        field, _slash, meaning = self.cleaned_data["meaning"].partition("/")
        return {"word": self.cleaned_data["word"], "field": field, "meaning": meaning}
