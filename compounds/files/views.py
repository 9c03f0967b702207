from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.uploads import Format, UploadRefused
from chaoyang_pm.kit.uploads.serving import file_response
from communities.divisions.selectors import ancestors
from compounds.files import selectors, services
from compounds.files.choices import AttachmentKind
from compounds.files.forms import FilesForm, WithdrawForm
from compounds.files.models import Attachment
from compounds.ledger.refusals import Refused
from compounds.register.pages import AboutCompound


class CompoundFiles(AboutCompound, FormView):
    """扫描件和照片 of one compound, and the form that files more."""

    template_name = "compounds/files/compound.html"
    form_class = FilesForm

    @property
    def action(self) -> str:
        return "files.add" if self.request.method == "POST" else "files.read"

    def get_initial(self):
        entry = self.request.GET.get("entry", "")
        kind = AttachmentKind.SCAN if entry else AttachmentKind.PHOTO
        return {"entry": entry if entry.isdigit() else None, "kind": kind}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"compound": self.compound, "user": self.request.user}

    def form_valid(self, form):
        """Each file by itself: one bad photo does not send nineteen good ones back over a slow line."""
        filed = already = 0
        data = form.cleaned_data
        for file in form.chosen():
            try:
                result = services.add(
                    compound=self.compound, entry=data["entry"], kind=AttachmentKind(data["kind"]),
                    title=data["title"], file=file, by=self.request.user,
                )  # fmt: skip
            except (UploadRefused, Refused) as refused:
                form.add_error("files", str(refused))
            else:
                filed, already = filed + (not result.already_there), already + result.already_there
        self._say(filed, already)
        if form.errors:
            return self.form_invalid(form)
        entry = data["entry"]
        return redirect("ledger:entry", entry.height) if entry else redirect("register:detail", self.compound.code)

    def _say(self, filed: int, already: int) -> None:
        if filed:
            text = ngettext("%(number)s file is filed.", "%(number)s files are filed.", filed)
            messages.success(self.request, text % {"number": filed})
        if already:
            text = ngettext(
                "%(number)s file was there already; it is kept once.",
                "%(number)s files were there already; they are kept once.", already,
            )  # fmt: skip
            messages.info(self.request, text % {"number": already})

    def get_context_data(self, **kwargs):
        groups = selectors.of_compound(self.compound, user=self.request.user)
        return super().get_context_data(compound=self.compound, groups=groups, **kwargs)


class AttachmentMixin(PageMixin):
    """A page about one scan or photo."""

    action = "files.read"

    @cached_property
    def attachment(self) -> Attachment:
        rows = Attachment.objects.visible_to(self.request.user).select_related(
            "compound__community", "entry", "uploaded_by", "withdrawn_by"
        )
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def subject(self) -> Attachment:
        return self.attachment

    def trail(self):
        return ancestors(self.attachment.compound.community)

    def get_context_data(self, **kwargs):
        return super().get_context_data(attachment=self.attachment, compound=self.attachment.compound, **kwargs)


class Detail(AttachmentMixin, TemplateView):
    template_name = "compounds/files/detail.html"

    def get_context_data(self, **kwargs):
        reads_originals = self.request.user.may("files.original", self.attachment)
        accesses = self.attachment.accesses.select_related("user")[:50] if reads_originals else []
        return super().get_context_data(reads_originals=reads_originals, accesses=accesses, **kwargs)


class Withdraw(AttachmentMixin, FormView):
    """撤下: out of sight with a reason; nothing is deleted."""

    action = "files.withdraw"
    template_name = "compounds/files/withdraw.html"
    form_class = WithdrawForm

    def form_valid(self, form):
        try:
            services.withdraw(
                attachment=self.attachment, reason=form.cleaned_data["reason"], by=self.request.user
            )  # fmt: skip
        except Refused as refused:
            form.add_error("reason", str(refused))
            return self.form_invalid(form)
        messages.success(self.request, _("“%(title)s” is withdrawn.") % {"title": self.attachment})
        return redirect("register:detail", self.attachment.compound.code)


class Shown(AttachmentMixin):
    """What everybody sees: the picture written anew, or a PDF to download."""

    def get(self, request, pk):
        row = self.attachment
        return file_response(request, services.store().path(row.shown), kind=Format(row.shown_format), name=row.title)


class Preview(AttachmentMixin):
    def get(self, request, pk):
        row = self.attachment
        if not row.preview:
            raise Http404
        return file_response(request, services.store().path(row.preview), kind=Format.JPEG, name=row.title)


class Original(AttachmentMixin):
    """What was uploaded, byte for byte; who downloads it is noted."""

    action = "files.original"

    def get(self, request, pk):
        row = self.attachment
        path = services.open_original(attachment=row, by=request.user)
        return file_response(request, path, kind=Format(row.format), name=row.original_name, original=True)
