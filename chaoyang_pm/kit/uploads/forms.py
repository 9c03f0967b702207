"""Fields for uploads. What a file holds is checked when it is taken; here it is only received."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.uploads.limits import MAX_FILES, MIB, Accepts


class UploadField(forms.FileField):
    """A file; one that the server had no room for says so."""

    def to_python(self, data):
        if failure := getattr(data, "failure", ""):
            raise forms.ValidationError(failure)
        return super().to_python(data)


class FilesInput(forms.FileInput):
    """Several files at once. ``capture`` opens the camera of a phone."""

    allow_multiple_selected = True

    def __init__(self, accepts: Accepts, *, capture: bool = False):
        said = format_lazy(_("A file has more than {most} MB:"), most=accepts.max_bytes // MIB)
        limits = {"accept": accepts.accept, "data-most-bytes": accepts.max_bytes, "data-too-large": said}
        super().__init__(limits | ({"capture": "environment"} if capture else {}))


class FilesField(forms.FileField):
    """A list of files. One bad file does not send the others back: each is judged by whoever takes it."""

    def clean(self, data, initial=None):
        files = [file for file in data or [] if file]
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > MAX_FILES:
            message = _("%(number)s files at once; at most %(most)s are accepted.")
            raise forms.ValidationError(message % {"number": len(files), "most": MAX_FILES})
        return files
