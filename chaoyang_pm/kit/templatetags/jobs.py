"""The bell of the shell, and the progress of a job on the page it belongs to."""

from django import template

from chaoyang_pm.kit.jobs.selectors import IN_THE_BELL, ended_unseen

register = template.Library()


@register.inclusion_tag("components/bell.html", takes_context=True)
def bell(context) -> dict:
    """What has ended and was not seen yet; one query."""
    ended = ended_unseen(context["request"].user)
    number = f"{IN_THE_BELL}+" if len(ended) > IN_THE_BELL else len(ended)
    return {"jobs": ended[:IN_THE_BELL], "number": number, "csrf_token": context.get("csrf_token")}
