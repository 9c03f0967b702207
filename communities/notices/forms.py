from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.forms import StyledForm, styled
from communities.notices import channels, selectors
from communities.notices.choices import Mail
from communities.notices.models import Schedule
from communities.notices.selectors import Way
from communities.people.models import User

#: Further ahead nobody has to be reminded, and notices are kept for longer.
FURTHEST = 29


class ChoicesForm(StyledForm, forms.Form):
    """E-mail, telephone, and for each kind that the person may get where it goes; what is off is not asked."""

    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    phone = forms.RegexField(
        r"^\+?[\d\s()-]{5,20}$", label=_("Telephone"), required=False, max_length=20,
        error_messages={"invalid": _("Write the number with digits, such as 139 0000 0000 or 0421-2600000.")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language of what is sent"), choices=settings.LANGUAGES)

    def __init__(self, *args, user: User, **kwargs):
        first = user.language or settings.LANGUAGE_CODE
        kwargs["initial"] = {"email": user.email, "phone": user.phone, "language": first}
        super().__init__(*args, **kwargs)
        self.chosen, self.kinds = selectors.choices(user), selectors.kinds_for(user)
        for number, kind in enumerate(self.kinds):
            row = self.chosen.get(kind.code)
            if channels.EMAIL.is_on():
                self.fields[f"mail_{number}"] = styled(forms.ChoiceField(
                    label=kind.label, choices=Mail.choices, initial=row.mail if row else kind.mail,
                ))  # fmt: skip
            if channels.SMS.is_on():
                label = _("%(kind)s: by text message, too") % {"kind": kind.label}
                self.fields[f"sms_{number}"] = styled(forms.BooleanField(
                    label=label, required=False, initial=bool(row and row.sms)
                ))  # fmt: skip

    def contact_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("email", "phone", "language")]

    def way_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(("mail_", "sms_"))]

    def contact(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("email", "phone", "language")}

    def ways(self) -> dict[str, Way]:
        """By kind; what was not asked stays as it was chosen."""
        if not self.way_fields():
            return {}
        found = {}
        for number, kind in enumerate(self.kinds):
            row = self.chosen.get(kind.code)
            mail = self.cleaned_data.get(f"mail_{number}", row.mail if row else kind.mail)
            sms = self.cleaned_data.get(f"sms_{number}", bool(row and row.sms))
            found[kind.code] = Way(Mail(mail), sms)
        return found


class ScheduleForm(StyledForm, forms.Form):
    """The schedule of notices."""

    digest_at = forms.TimeField(
        label=_("Reminders and daily e-mail at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("From this time of day on, once a day."),
    )  # fmt: skip
    days_before = forms.RegexField(
        r"^\s*\d{1,2}(\s*[,、,\s]\s*\d{1,2})*\s*$", label=_("Reminders so many days before"), max_length=60,
        error_messages={"invalid": _("Write whole numbers of days with commas, such as 7, 3, 1.")},
    )  # fmt: skip
    keep_days = forms.IntegerField(
        label=_("Read notices are kept for days"), min_value=30, max_value=3650,
        help_text=_("At least 30. Unread ones stay."),
    )  # fmt: skip

    @classmethod
    def of(cls, schedule: Schedule) -> dict[str, Any]:
        days = ", ".join(str(day) for day in schedule.days_before)
        return {"digest_at": schedule.digest_at, "days_before": days, "keep_days": schedule.keep_days}

    def clean_days_before(self) -> list[int]:
        text = self.cleaned_data["days_before"]
        days = {int(word) for word in "".join(one if one.isdigit() else " " for one in text).split()}
        if max(days) > FURTHEST:
            raise forms.ValidationError(
                _("At most %(most)s days before."), params={"most": FURTHEST}
            )  # fmt: skip
        return sorted(days, reverse=True)
