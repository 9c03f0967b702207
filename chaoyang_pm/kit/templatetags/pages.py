"""Template tags of the shell: links that keep date, version and rule, components, keys of forms."""

import uuid

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chaoyang_pm.kit.once.pages import FIELD, sent_key
from chaoyang_pm.kit.pages import STATE

register = template.Library()


@register.simple_tag(takes_context=True)
def page(context, name: str, *args, **query) -> str:
    """The address of a page with the date, version and rule of this one, and more parameters if given."""
    given = context["request"].GET
    wanted = {key: given[key] for key in STATE if given.get(key)} | {
        k: v for k, v in query.items() if v not in ("", None)
    }
    return reverse(name, args=args, query=wanted or None)


@register.simple_tag(takes_context=True)
def once_key(context) -> str:
    """The hidden field by which a form that makes something makes it once; its page is a ``MakesOnce``."""
    key = sent_key(context["request"]) or uuid.uuid4()
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, key)


@register.simple_tag(takes_context=True)
def may(context, action: str, row=None):
    """What the permission matrix answers: true or false, with ``reason``."""
    return context["request"].user.may(action, row)


@register.simple_block_tag(takes_context=True)
def component(context, content: str, name: str, **given) -> str:
    """A shared component around what stands between the tags: its ``slot``."""
    with context.push(slot=content, **given):
        return context.template.engine.get_template(f"components/{name}.html").render(context)


@register.simple_block_tag
def markup(content: str) -> str:
    """What stands between the tags, for an argument of a component: ``{% markup as about %}…{% endmarkup %}``."""
    return SafeString(content.strip())


@register.inclusion_tag("components/steps.html")
def steps(at: int, *labels: str) -> dict:
    """The way of a task and where one is on it, counted from 1."""
    return {"at": at, "labels": labels}


@register.inclusion_tag("components/field.html")
def field(bound, **options) -> dict:
    """A form field with label, help and errors."""
    return {"field": bound, **options}


@register.filter
def share(part: int | None, whole: int | None) -> str:
    """``part`` of ``whole`` as a width in percent for SVG, between 0 and 100."""
    return f"{min(100, max(0, 100 * part / whole)):.3f}%" if part and whole and whole > 0 else "0%"


@register.filter
def short_hash(value: str) -> str:
    return f"{value[:4]}…{value[-4:]}"


@register.filter
def anchor(part: int | None, whole: int | None) -> str:
    """How a label hangs at its place on a bar, so that it stays within the bar."""
    place = 100 * part / whole if part and whole else 0
    return "start" if place < 15 else "end" if place > 85 else "middle"
