"""Django's admin under the portal's own rules: rights by the matrix, rows within the user's scope."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from chaoyang_pm.kit.permissions import require


class MatrixAdmin:
    """Mixin of every ModelAdmin. Each right names an action of the matrix; None is a right that nobody has."""

    view_action: str
    add_action: str | None = None
    change_action: str | None = None
    delete_action: str | None = None

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)  # type: ignore[misc]  # a ModelAdmin's
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _may(request, self.view_action)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The rows are those of get_queryset: of another one there is no page.
        return _may(request, self.view_action)

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Django looks for the row before it asks; whoever sees none of them is told so as everywhere."""
        require(request.user.may(self.view_action))  # type: ignore[union-attr]  # nobody is here without log-in
        return super().history_view(request, *args, **kwargs)  # type: ignore[misc]  # a ModelAdmin's

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may(request, self.add_action)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may(request, self.change_action, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may(request, self.delete_action, obj)


def _may(request: HttpRequest, action: str | None, obj: Any = None) -> bool:
    return bool(action and request.user.may(action, obj))  # type: ignore[union-attr]  # nobody is here without log-in
