"""The bell of the shell."""

from django import template

from communities.notices import selectors

register = template.Library()


@register.inclusion_tag("components/bell.html", takes_context=True)
def bell(context) -> dict:
    """What was not read or looked at yet; one query."""
    lines = selectors.bell(context["request"].user)
    most = selectors.IN_THE_BELL
    number = f"{most}+" if len(lines) > most else len(lines)
    return {"lines": lines[:most], "number": number, "csrf_token": context.get("csrf_token")}
