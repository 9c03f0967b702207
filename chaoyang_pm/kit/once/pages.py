"""Pages whose form makes something: sent twice, without scripts or by the browser's arrow, it is made once."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic.base import View

from chaoyang_pm.kit.once.services import Done, digest_of, once
from chaoyang_pm.kit.uploads.taking import sha256_of

#: The hidden field by which a form is known when it comes again; ``{% once_key %}`` writes it.
FIELD = "once"


class NothingMade(Exception):
    """The answer is the form again, with what is wrong or a preview: what was begun is rolled back."""

    def __init__(self, answer: HttpResponseBase):
        super().__init__()
        self.answer = answer


class MakesOnce(View):
    """Mixin of a page whose POST makes something, and whose form has ``{% once_key %}``.

    The same form with the same content leads to where it led before; with another content it is another form. One
    without a key, from before it had one, is taken as it comes.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = sent_key(request)
        if not key:
            return super().dispatch(request, *args, **kwargs)
        digest, answers = _digest(request), []

        def act() -> Done:
            answer = super(MakesOnce, self).dispatch(request, *args, **kwargs)
            made = self.made(answer)
            if made is None:
                raise NothingMade(answer)
            answers.append(answer)
            return Done(201, made)

        try:
            done = once(by=request.user, key=f"form:{key}:{digest}", digest=digest, act=act)
        except NothingMade as nothing:
            return nothing.answer
        return self.again(done.body) if done.again else answers[0]

    def made(self, answer: HttpResponseBase) -> dict[str, Any] | None:
        """What is kept of the answer, as JSON can hold it; None where nothing was made."""
        return {"url": answer.url} if isinstance(answer, HttpResponseRedirectBase) else None

    def again(self, made: dict[str, Any]) -> HttpResponseBase:
        """The answer to the same form sent again."""
        messages.info(self.request, _("This form had been sent already; nothing was made twice."))
        return redirect(made["url"])


def sent_key(request: HttpRequest) -> str:
    """The key of the form that was sent; "" if there is none that can be read."""
    try:
        return str(uuid.UUID(request.POST.get(FIELD, "")))
    except ValueError:
        return ""


def _digest(request: HttpRequest) -> str:
    fields = {name: values for name, values in request.POST.lists() if name not in (FIELD, "csrfmiddlewaretoken")}
    files = {name: [(file.name, sha256_of(file)) for file in given] for name, given in request.FILES.lists()}
    return digest_of([request.get_full_path(), fields, files])
