"""Text that a spreadsheet must not take for a formula (OWASP, "CSV Injection")."""

from typing import Any

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


def plain(value: Any) -> Any:
    """A cell of a CSV file: text that begins like a formula, or with an apostrophe, gets an apostrophe before it.

    Numbers stay numbers. Whoever reads the file by program takes one leading apostrophe away and has the text again.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_BEGINNINGS) else value
