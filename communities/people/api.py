"""The portal's own session as a key to the API: pages' scripts use it, with the CSRF token of their page."""

from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied

from communities.people.middleware import first_thing


class Session(SessionAuthentication):
    """Who is logged in to the portal; a write needs the CSRF token, and first things come first here, too."""

    def authenticate(self, request):
        found = super().authenticate(request)
        if found and first_thing(found[0]):
            raise PermissionDenied(_("Log in to the portal first: a new password or the second factor is asked for."))
        return found

    def enforce_csrf(self, request):
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            message = _("With a session, a write needs the page's CSRF token in the header X-CSRFToken.")
            raise PermissionDenied(message) from None

    def authenticate_header(self, request):
        return 'Bearer realm="chaoyang_pm"'
