from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import DateInput, StyledForm
from compounds.ledger.choices import Mode
from oversight.programme.changes import KINDS
from oversight.programme.models import CountingRule


class RuleForm(StyledForm, forms.Form):
    """How a counting rule counts from a day on."""

    code = forms.CharField(
        label=_("Code"), max_length=CountingRule._meta.get_field("code").max_length,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9_]*$", _("Small letters, digits and _ only, beginning with a letter.")),
        ],
        help_text=_("That of an existing rule changes how it counts from the day on; a new one makes a further rule."),
    )  # fmt: skip
    name = forms.CharField(label=_("Name of the rule"), max_length=CountingRule._meta.get_field("name").max_length)
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput)
    modes = forms.MultipleChoiceField(
        label=_("Modes that count"), widget=forms.CheckboxSelectMultiple,
        choices=[(mode.value, mode.label) for mode in Mode if mode != Mode.NONE],
    )  # fmt: skip


class HistoryForm(StyledForm, forms.Form):
    """What the history of the settings is filtered by."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=_("Kind"), required=False,
        choices=lambda: [("", _("All")), *((kind, label) for kind, (label, _models) in KINDS.items())],
    )  # fmt: skip
    who = forms.CharField(
        label=_("Name or log-in name"), required=False, max_length=150, widget=forms.TextInput(attrs={"type": "search"})
    )
