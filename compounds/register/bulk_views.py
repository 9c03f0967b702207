"""A fact for the chosen rows of the list, or for all that its filters leave: value, preview, one step."""

from typing import cast

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic.base import View

from chaoyang_pm.kit.problems import BadQuestion, Problem
from communities.people.models import User
from compounds.register import bulk, selectors
from compounds.register.forms import FactsForm
from compounds.register.list_views import ListMixin
from compounds.register.models import Compound


class SetFact(ListMixin, View):
    """``which``: "all" or the codes of ``code``. ``step``: "" asks for the value, "preview", "apply"."""

    action = "register.edit"
    http_method_names = ["post"]

    def post(self, request):
        name, step = request.POST.get("fact", ""), request.POST.get("step", "")
        if name not in bulk.FACTS:
            raise BadQuestion([Problem("fact", name, _("This fact is not set for several compounds at once."))])
        which, codes = request.POST.get("which", ""), request.POST.getlist("code")
        chosen = self.roll.compounds if which == "all" else self.roll.compounds.filter(code__in=codes[: bulk.MOST])
        count = chosen.count()
        if not count or count > bulk.MOST:
            messages.error(request, _("Choose rows first.") if not count else _(
                "%(count)s compounds are more than %(most)s at once; filter further."
            ) % {"count": count, "most": bulk.MOST})  # fmt: skip
            return self.back()
        form = FactsForm(request.POST if step else None, only=name)
        preview, by = None, cast(User, request.user)
        if step and form.is_valid():
            value = form.cleaned_data[name]
            preview = bulk.preview(chosen, name=name, value=value, by=by)
            if step == "apply":
                try:
                    changed = bulk.apply(
                        compounds=[line.compound for line in preview.lines], name=name, value=value,
                        fingerprint=request.POST.get("fingerprint", ""), by=by,
                    )  # fmt: skip
                except bulk.Changed:
                    messages.warning(request, _("This changed meanwhile; nothing was saved. Look again."))
                else:
                    done = ngettext("%(number)s compound was changed.", "%(number)s compounds were changed.", changed)
                    messages.success(request, done % {"number": changed})
                    return self.back()
        context = self.get_context_data(
            form=form, preview=preview, count=count, fact=name, label=selectors.label(name), which=which,
            codes=[] if which == "all" else codes, query=request.GET.urlencode(safe=","),
            sample=() if preview else self.sample(chosen, name),
        )  # fmt: skip
        return render(request, "compounds/register/bulk.html", context)

    def sample(self, chosen, name: str) -> list[tuple[Compound, str]]:
        return [(one, selectors.shown(name, getattr(one, name))) for one in chosen.order_by("code")[: bulk.MOST]]

    def back(self):
        return redirect(f"{reverse('register:list')}?{self.request.GET.urlencode(safe=',')}")
