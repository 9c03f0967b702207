import datetime
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import PageMixin
from communities.divisions.models import Division
from oversight.coverage.question import resolve
from oversight.coverage.targets import TargetBoard
from oversight.programme import breakdown, selectors
from oversight.programme.forms import MORE, DivideForm, VersionForm, WithdrawForm, in_force
from oversight.programme.models import PartVersion, Programme, Target, TargetVersion
from oversight.programme.selectors import Holder


class OfProgramme(PageMixin):
    """A page about the programme in force."""

    @cached_property
    def programme(self) -> Programme:
        current = selectors.current()
        if current is None:
            raise Http404
        return current

    def get_context_data(self, **kwargs):
        return super().get_context_data(programme=self.programme, **kwargs)


class TargetPage(OfProgramme, TemplateView):
    """A form about one target: first what it will do, then the rows."""

    action = "programme.edit"

    @cached_property
    def target(self) -> Target:
        return get_object_or_404(selectors.targets(self.programme), pk=self.kwargs["target"])

    @property
    def step(self) -> str:
        return self.request.POST.get("step", "")

    def required(self) -> int:
        """What the whole target asks today, also where it is what the baseline holds."""
        board = TargetBoard(resolve(division=self.programme.city), self.programme)
        return board.required(self.target, selectors.version_on(self.target, board.versions_on))

    def done(self, message: str):
        messages.success(self.request, message)
        return redirect("programme:target", self.target.pk)

    def page(self, **context):
        return self.render_to_response(self.get_context_data(target=self.target, **context))


class Adjust(MakesOnce, TargetPage):
    """A further version of a target, beside the one in force."""

    template_name = "oversight/programme/adjust.html"

    @property
    def now(self) -> TargetVersion:
        return selectors.version_on(self.target, business_date())

    def get(self, request, *args, **kwargs):
        now = self.now
        initial = {
            "required": now.required, "deadline": now.deadline, "base": now.base, "valid_from": business_date(),
            "milestones": selectors.milestones(now),
        }  # fmt: skip
        return self.page(form=VersionForm(target=self.target, initial=initial), now=now)

    def post(self, request, *args, **kwargs):
        form = VersionForm(request.POST, target=self.target)
        if not form.is_valid() or self.step == "edit":
            return self.page(form=form, now=self.now)
        asked, paper = form.asked(), form.paper()
        try:
            if self.step == "confirm":
                breakdown.add_version(target=self.target, asked=asked, paper=paper, by=request.user)
                return self.done(_("The version is entered; progress by the one before can still be shown."))
            breakdown.check_version(target=self.target, asked=asked, paper=paper)
        except breakdown.TargetRefused as refused:
            form.show(refused)
            return self.page(form=form, now=self.now)
        return self.page(form=form, now=self.now, preview=asked, paper=paper, required_now=self.required())


@dataclass(frozen=True)
class Change:
    """One line of the preview: what a division has, and what it will have; None where it has nothing."""

    division: Division
    before: breakdown.Asked | None
    after: breakdown.Asked | None

    @property
    def differs(self) -> bool:
        return self.before != self.after


class Divide(MakesOnce, TargetPage):
    """任务分解: what a holder of the target, or of a part of it, gives to the divisions below."""

    template_name = "oversight/programme/divide.html"
    action = "targets.divide"

    @cached_property
    def holder(self) -> Holder:
        holder = selectors.holder(self.target, self.kwargs["code"], self.day, self.given.values())
        if holder is None or not self.request.user.scope.covers(holder.division.code):
            raise Http404
        return holder

    @property
    def day(self) -> datetime.date:
        return business_date()

    def subject(self):
        return self.holder

    @cached_property
    def divisions(self) -> list[Division]:
        """Those that can be given something, and those that were: a division may have ended since."""
        found = {division.code: division for division in selectors.receivers(self.holder, self.day)}
        own, length = self.holder.division.code, min((len(code) for code in found), default=0)
        for code, given in self.given.items():
            if len(code) == length and code.startswith(own):
                found.setdefault(code, given.part.division)
        return [found[code] for code in sorted(found)]

    @cached_property
    def given(self) -> dict:
        return {given.code: given for given in selectors.parts(self.target, self.day)}

    @cached_property
    def held(self) -> int:
        """How much there is to break down."""
        return self.required() if self.holder.given is None else self.holder.given.version.required

    def form(self, data=None, **how) -> DivideForm:
        version = self.holder.given.version if self.holder.given else selectors.version_on(self.target, self.day)
        return DivideForm(
            data, target=self.target, divisions=self.divisions, given=self.given, deadline=version.deadline, **how
        )

    def page(self, **context):
        return super().page(holder=self.holder, held=self.held, **context)

    def get(self, request, *args, **kwargs):
        return self.page(form=self.form(initial={"valid_from": self.day}))

    def post(self, request, *args, **kwargs):
        if self.step == "more":
            typed = {name: value for name, value in request.POST.items() if name != "columns"}
            columns = self.form(request.POST).columns + MORE
            return self.page(form=self.form(initial=typed, columns=columns))
        form = self.form(request.POST)
        if not form.is_valid() or self.step == "edit":
            return self.page(form=form)
        parts, paper = form.parts(), form.paper()
        try:
            if self.step == "confirm":
                written = breakdown.divide(target=self.target, parts=parts, paper=paper, by=request.user)
                text = ngettext("%(number)s part is given.", "%(number)s parts are given.", len(written))
                return self.done(text % {"number": len(written)})
            breakdown.check_division(target=self.target, parts=parts, paper=paper)
        except breakdown.TargetRefused as refused:
            form.show(refused)
            return self.page(form=form)
        return self.page(form=form, paper=paper, **self.preview(form))

    def preview(self, form: DivideForm) -> dict:
        new = {part.division.code: part.asked for part in form.parts()}
        changes = []
        for division in self.divisions:
            now = self.given.get(division.code)
            before = in_force(now) if now else None
            changes.append(Change(division, before, new.get(division.code, before)))
        total = sum(change.after.required or 0 for change in changes if change.after)
        return {
            "preview": [change for change in changes if change.after], "total": total, "difference": self.held - total,
        }  # fmt: skip


class WithdrawVersion(TargetPage):
    """Take back a version of a target that was entered wrongly."""

    template_name = "oversight/programme/withdraw.html"

    @cached_property
    def version(self):
        for version in selectors.standing(self.target):
            if version.valid_from.isoformat() == self.kwargs["valid_from"]:
                return version
        raise Http404

    def withdraw(self, reason: str) -> None:
        breakdown.withdraw_version(version=self.version, reason=reason, by=self.request.user)

    def get(self, request, *args, **kwargs):
        return self.page(form=WithdrawForm(), version=self.version)

    def post(self, request, *args, **kwargs):
        form = WithdrawForm(request.POST)
        if form.is_valid():
            try:
                self.withdraw(form.cleaned_data["reason"])
            except breakdown.TargetRefused as refused:
                form.add_error(None, str(refused))
            else:
                return self.done(_("The version is withdrawn; it stays in the history."))
        return self.page(form=form, version=self.version)


class WithdrawPart(WithdrawVersion):
    """Take back what a division was given."""

    action = "targets.take_back"

    @cached_property
    def version(self):
        versions = PartVersion.objects.visible_to(self.request.user).select_related("part__division", "part__target")
        return get_object_or_404(versions, part__target=self.target, pk=self.kwargs["pk"])

    def subject(self):
        return self.version

    def withdraw(self, reason: str) -> None:
        breakdown.withdraw_part(version=self.version, reason=reason, by=self.request.user)
