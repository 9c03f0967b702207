"""Forms in the look of the portal: Bootstrap's classes on Django's widgets."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.figures import DM2_PER_M2


class DateInput(forms.DateInput):
    """The browser's own date picker; it wants ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


def styled(field: forms.Field) -> forms.Field:
    """The field with the class by which Bootstrap draws its widget."""
    widget = field.widget
    if isinstance(widget, forms.HiddenInput | forms.RadioSelect):
        return field
    if isinstance(widget, forms.CheckboxInput):
        name = "form-check-input"
    else:
        name = "form-select" if isinstance(widget, forms.Select) else "form-control"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {name}".strip()
    return field


class StyledForm:
    """Mixin: gives every widget the class that Bootstrap draws it by."""

    fields: dict[str, forms.Field]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            styled(field)


class AreaField(forms.DecimalField):
    """Area written in ㎡ with at most two decimals; its value is a whole number of 0.01 ㎡."""

    def __init__(self, *, label=None, **kwargs):
        # Not a number input: browsers refuse a pasted 12,345.67 there.
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
        super().__init__(max_digits=13, decimal_places=2, label=label or _("Area (㎡)"), widget=widget, **kwargs)

    def to_python(self, value):
        """Clerks paste areas with thousands separators."""
        return super().to_python(value.replace(",", "").replace("\uff0c", "") if isinstance(value, str) else value)

    def clean(self, value):
        area = super().clean(value)
        return None if area is None else int(area * DM2_PER_M2)

    def prepare_value(self, value):
        """An area of the ledger (a whole number) in ㎡; what a person wrote stays as it is."""
        return Decimal(value) / DM2_PER_M2 if isinstance(value, int) else value
