"""Template filters for figures: areas, rates, and numbers as people read them."""

from django import template

from chaoyang_pm.kit.figures import format_m2, format_percent, format_wan, masked

register = template.Library()
register.filter("m2", format_m2)
register.filter("wan", format_wan)
register.filter("percent", format_percent)
register.filter("masked", masked)
