from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chaoyang_pm.kit.health import checks


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """For whoever watches: 200 if all is well, else 503, with a word per check. ``?live``: only that we answer."""
    if "live" in request.GET:
        return JsonResponse({"status": "ok"})
    found = checks.results()
    fine = all(good for good, _shown in found.values())
    content = {"status": "ok" if fine else "failing", "checks": {name: shown for name, (_good, shown) in found.items()}}
    return JsonResponse(content, status=200 if fine else 503)
