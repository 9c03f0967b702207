"""The division switcher: which divisions can be chosen, where choosing leads, and what is remembered."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from communities.divisions.models import Division
from communities.divisions.selectors import ancestors, root

#: Where the choice is kept: code and name, so that pages show it without asking.
KEPT = "division"
#: Rooms whose addresses name the division in their path, and pages that take it as a parameter.
IN_PATH = ("coverage", "tables", "cockpit", "onepager", "plan_actuals")
AS_PARAMETER = ("register:list",)
#: What another division's page has no use for.
DROPPED = ("page", "by", "division")


def remembered(request: HttpRequest) -> dict[str, str] | None:
    """The division that the reader chose last, as ``code`` and ``name``, while it lies in his scope."""
    kept = request.session.get(KEPT)
    scope = request.user.scope  # type: ignore[union-attr]  # log-in is required
    return kept if kept and scope.covers(kept["code"]) else None


def remember(request: HttpRequest, division: Division) -> None:
    request.session[KEPT] = {"code": division.code, "name": str(division)}


def address(division: Division, origin: str) -> str:
    """The page of the same kind, with the same query, about another division; else the division's own page."""
    path, query = urlsplit(origin).path, QueryDict(urlsplit(origin).query, mutable=True)
    for name in DROPPED:
        query.pop(name, None)
    name, args = "coverage:division", {"code": division.code}
    try:
        found = resolve(path)
    except Resolver404:
        query.clear()
    else:
        if found.view_name in AS_PARAMETER:
            query["division"] = division.code
            return f"{reverse(found.view_name)}?{query.urlencode()}"
        if found.app_name in IN_PATH and "code" in found.kwargs:
            name, args = found.view_name, {**found.kwargs, "code": division.code}
        else:
            query = QueryDict(mutable=True)
    return reverse(name, kwargs=args) + (f"?{query.urlencode()}" if query else "")


def origin(request: HttpRequest) -> str:
    """The page that the reader comes from, one of this portal."""
    given = request.GET.get("from", "")
    ours = url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()})
    return given if ours and given.startswith("/") else "/"


def choices(user: Any, at: str) -> dict[str, list[Division]]:
    """The way down to a division, and those below it, within the user's scope; three queries at most."""
    scope = user.scope
    if not at or not scope.covers(at):
        top = root()
        at = (top.code if top else "") if scope.everything else next(iter(scope.codes), "")
    found = Division.objects.visible_to(user).filter(code=at).first()
    if found is None:
        return {"way": [], "below": []}
    way = [place for place in ancestors(found) if scope.covers(place.code)]
    below = list(Division.objects.living().filter(parent=found))
    if not below and len(way) > 1:
        below = list(Division.objects.living().filter(parent=way[-2]))
    tops = [code for code in scope.codes if code != at and not at.startswith(code)]
    return {"way": way, "below": below, "others": list(Division.objects.filter(code__in=tops)) if tops else []}
