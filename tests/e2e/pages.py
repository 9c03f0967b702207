"""Each page of the portal, who opens it, and where it is: what the browser tests and the screenshots walk through."""

from django.urls import reverse

from tests import access

#: Role → the demo account that opens what the role may.
ACCOUNTS = {
    "bureau": "bureau", "admin": "admin", "county": "county_211302", "auditor": "auditor", "leader": "leader",
    "committee": "committee_211302003001",
}  # fmt: skip
#: Pages that anybody may open, and those that say what went wrong.
OPEN = {"login": ("/accounts/login/", 200), "not found": ("/nowhere/", 404), "bad question": ("/?as_of=nonsense", 400)}
#: The address of a file: nothing is shown.
FILES = {
    "coverage:export", "coverage:series_file", "coverage:chart_file", "tables:file", "onepager:document",
    "exports:seen", "exports:template", "exports:kept", "imports:annotated", "files:preview", "files:original",
    "files:shown", "approvals:scan", "returns:scan", "reports:file", "reports:file_preview", "review:sample_file",
    "review:file",
    "review:preview", "review:together", "people:template", "jobs:progress", "notices:open",
    "plans:template", "plans:workbook", "plans:remarked", "plans:rows", "plans:checks", "plans:scan", "plans:opinion",
}  # fmt: skip
#: Each page of the portal and the first account that may open it.
PAGES = {
    name: account
    for name, row in access.ROWS.items()
    if not row.is_open and not row.is_api and row.get and name not in FILES
    for account in [next(ACCOUNTS[role] for role in ACCOUNTS if role in row.get)]
}


def address(name: str, world: dict) -> str:
    row = access.ROWS[name]
    args = [] if row.about == "apart" else [*world.get(row.about, ()), *row.args]
    query = {"pair": world["apart"][0]} if row.about == "apart" else row.query
    return reverse(name, args=args, query=query or None)
