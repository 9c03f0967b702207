"""Template tags about the database itself."""

from django import template
from django.db import DatabaseError

from chaoyang_pm.kit.portal import selectors

register = template.Library()


@register.inclusion_tag("components/demo_notice.html")
def demo_notice() -> dict:
    """Says on every page of a demonstration that it is one; on the page that reports a broken database, too."""
    try:
        return {"notice": selectors.notice()}
    except DatabaseError:
        return {"notice": ""}
