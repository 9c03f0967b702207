from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from chaoyang_pm.kit.errors.views import unavailable
from chaoyang_pm.kit.operations import maintenance


class Closed:
    """Answers for the portal while it is closed; those who watch it are still told how it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if maintenance.is_on() and request.path != "/healthz":
            return unavailable(request, "maintenance")
        return self.get_response(request)
