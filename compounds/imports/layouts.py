"""How the sheets of a file were understood: kept with the import, shown on its page, used again when it is posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chaoyang_pm.kit.sheets.grid import column_letters
from chaoyang_pm.kit.sheets.guessing import samples
from chaoyang_pm.kit.sheets.headers import Header, How
from chaoyang_pm.kit.sheets.headings import plain_heading
from chaoyang_pm.kit.sheets.table import Sheet
from chaoyang_pm.kit.sheets.values import shown

EXAMPLES = 3


@dataclass(frozen=True)
class Chosen:
    """Where the header of a sheet is and which column is which, as it was found or said before."""

    first_row: int
    last_row: int
    columns: Mapping[int, str | None]
    how: Mapping[int, How]
    by_hand: bool = False
    #: Why the sheet was not read then, and is not now.
    reason: str = ""
    blocks: bool = False
    other: str = ""


def layout_of(
    sheet: Sheet, header: Header | None, *, rows: int, place: str = "", reason: str = "", blocks: bool = False,
    other: str = "", memory: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the page shows of a sheet: its columns with examples, or why it is not read."""
    found: dict[str, Any] = {
        "name": sheet.name, "rows": rows, "place": place, "reason": reason, "blocks": blocks, "other": other,
        "memory": memory, "columns": [],
    }  # fmt: skip
    if header is None:
        return found
    keys = {index: key for key, index in header.mapping.items()}
    keys |= {index: key for key, indexes in header.duplicates for index in indexes[:1]}
    found |= {"first_row": header.first_row, "last_row": header.row_number, "signature": header.signature}
    found["by_hand"] = header.by_hand
    for index, heading in sorted(header.headings.items()):
        if index != header.result_index:
            found["columns"].append({
                "index": index, "letters": column_letters(index), "text": " · ".join(heading),
                "name": plain_heading(heading), "key": keys.get(index), "how": header.how.get(index, ""),
                "examples": [shown(cell) for cell in samples(sheet, header, index, EXAMPLES)],
            })  # fmt: skip
    return found


def pinned(layouts: list[dict[str, Any]]) -> dict[str, Chosen]:
    """The layouts of an earlier check, to be read in the same way again: what was shown is what is posted."""
    return {
        layout["name"]: Chosen(
            layout.get("first_row", 0), layout.get("last_row", 0),
            {column["index"]: column["key"] for column in layout["columns"]},
            {column["index"]: column["how"] for column in layout["columns"] if column["how"]},
            layout.get("by_hand", False), layout["reason"], layout["blocks"], layout["other"] or "",
        )
        for layout in layouts
    }  # fmt: skip
