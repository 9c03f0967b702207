"""Made-up values with which the page of components shows each of them. Nothing of this is a figure of the city."""

import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from chaoyang_pm.kit.edits import Edit
from chaoyang_pm.kit.forms import StyledForm
from compounds.ledger.choices import Category, Mode
from oversight.explaining.choices import Figure

TEN_THOUSAND_M2 = 10_000 * 100


class Sample(StyledForm, forms.Form):
    """One field of every sort."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"), help_text=gettext_lazy("As it stands on the gate.")
    )
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), choices=Mode.choices)
    note = forms.CharField(label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
    day = forms.DateField(label=gettext_lazy("Date"), required=False)
    checked = forms.BooleanField(label=gettext_lazy("Only area pending"), required=False)


def all_of_them() -> dict[str, Any]:
    wrong = Sample({"name": "", "mode": "professional"}, prefix="wrong")
    wrong.is_valid()
    area = 6 * TEN_THOUSAND_M2
    pieces = [
        SimpleNamespace(mode=mode, category=Category.ABANDONED, start=start, width=width, area_dm2=area, share=width,
                        households=600, is_wide=True)
        for mode, start, width in ((Mode.PROFESSIONAL, "0%", "60%"), (Mode.NONE, "60%", "40%"))
    ]  # fmt: skip
    change = SimpleNamespace(
        category=Category.ABANDONED, mode=Mode.PROFESSIONAL, areas=(0, area), area_change=area, households=(0, 600)
    )
    finding = SimpleNamespace(sheet="", row=3, column=_("Area (㎡)"), value="6O000", message=_("Write a number."))
    return {
        "form": Sample(), "filters": Sample(prefix="filter"), "wrong": wrong, "pieces": pieces,
        "alone": Sample(prefix="alone"), "figures": [Figure.TOTAL, Figure.RATE], "city": "2113",
        "changes": [change], "findings": [finding],
        "states": [("done", _("Done")), ("on_track", _("On track")), ("behind", _("Behind")), ("missed", _("Missed"))],
        "covers": [
            {"status": "active", "total": 2, "managed": 2}, {"status": "active", "total": 2, "managed": 1},
            {"status": "active", "total": 2, "managed": 0}, {"status": "active", "total": 0, "managed": 0},
            {"status": "merged", "label": _("Merged")},
        ],
        "items": [
            {"day": datetime.date(2014, 5, 10), "what": Mode.PROFESSIONAL.label, "sentence": "60,000 ㎡"},
            {
                "day": datetime.date(2014, 1, 1), "what": Category.ABANDONED.label, "sentence": "100,000 ㎡",
                "struck": True, "more": _("As it stands on the gate."),
            },
        ],
        "edits": [
            Edit(datetime.datetime(2014, 5, 10, 9, 30, tzinfo=datetime.UTC), None, _("Edited"), (
                (_("Mode"), str(Mode.NONE.label), str(Mode.PROFESSIONAL.label)),
            )),
        ],
        "rate": Decimal("0.6"), "area": area, "whole": 10 * TEN_THOUSAND_M2, "day": datetime.date(2015, 10, 31),
    }  # fmt: skip
