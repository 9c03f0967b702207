"""The head of a table in one line: numbers, what is read out only, columns that are there on a condition."""

import pytest
from django.template import Context, Template

from chaoyang_pm.kit.jobs.choices import JobState


def head(written: str, **context) -> str:
    html = Template(f"{{% table_head {written} %}}").render(Context(context))
    return " ".join(html.split()).replace(" >", ">").replace("> <", "><")


@pytest.mark.parametrize(
    ("written", "cells"),
    [
        ('_("A name") _("An area") "num"', '<th scope="col">A name</th><th scope="col" class="num">An area</th>'),
        ('_("B") "unseen" "unprinted"', '<th scope="col" class="no-print"><span class="visually-hidden">B</span></th>'),
        ('_("A sheet") "when" several _("Each row")', '<th scope="col">Each row</th>'),
        ('_("A sheet") "num" "when" one', '<th scope="col" class="num">A sheet</th>'),
        ('states "num"', f'<th scope="col" class="num">{JobState.QUEUED.label}</th>'),
        ("name", '<th scope="col">&lt;b&gt;</th>'),
    ],
)  # fmt: skip
def test_headings(written, cells):
    shown = head(written, several=False, one=True, states=[JobState.QUEUED], name="<b>")
    assert shown == f"<thead><tr>{cells}</tr></thead>"
