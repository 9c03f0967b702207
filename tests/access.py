"""Who may open what: a row per URL of the portal, written by hand and independent of the permission matrix.

``tests/test_access.py`` walks every URL × every role × objects of one's own and of the neighbour's. A URL without a
row fails there; a row without a URL, too.
"""

from dataclasses import dataclass, field

CITY = {"bureau", "leader", "department", "auditor", "admin"}
EVERYBODY = CITY | {"county", "subdistrict", "committee"}
OFFICES = {"bureau", "county", "subdistrict", "committee"}
RECORDERS = {"bureau", "county"}
WORKERS = {"bureau", "county", "subdistrict"}
#: The city reports for counties without staff; those of the tests have some.
REPORTERS = {"county", "subdistrict", "committee"}
REPORT_READERS = OFFICES | {"auditor"}
PLAN_READERS = RECORDERS | {"leader", "auditor"}
MANAGERS = {"bureau", "county", "admin"}
NOBODY: set[str] = set()


@dataclass(frozen=True)
class Row:
    """``get`` and ``post``: roles that may, None where the page has no such method.

    ``about``: which object the URL names ("" for none). ``query``/``data``: what is sent along.
    """

    about: str = ""
    get: set[str] | None = None
    post: set[str] | None = None
    args: tuple = ()
    query: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)
    #: Open without log-in; nothing else is asked of it here.
    is_open: bool = False
    #: For programs: who is not logged in gets 401 instead of the page to log in.
    is_api: bool = False


def read(about: str, roles=EVERYBODY, **more) -> Row:
    return Row(about, get=roles, **more)


def page(about: str, roles, **more) -> Row:
    """A form that is shown and sent."""
    return Row(about, get=roles, post=roles, **more)


def button(about: str, roles, **more) -> Row:
    return Row(about, post=roles, **more)


def api(about: str, roles=EVERYBODY, **more) -> Row:
    return Row(about, get=roles, is_api=True, **more)


ROWS: dict[str, Row] = {
    "healthz": Row(is_open=True),
    "set_language": Row(is_open=True),
    # figures
    "coverage:city": read(""),
    "coverage:division": read("division"),
    "coverage:movements": read("division"),
    "coverage:restatement": read("division"),
    "coverage:series": read("division"),
    "coverage:series_file": read("division", args=("csv",)),
    "coverage:gaps": read("division"),
    "coverage:chart_file": read("division", args=("modes", "csv")),
    "coverage:rules": read("division"),
    "coverage:export": read("division", args=("csv",)),
    "tables:table": read("division", args=("movements",)),
    "tables:file": read("division", args=("summary", "csv")),
    "plan_actuals:start": read("", PLAN_READERS),
    "plan_actuals:division": read("division", PLAN_READERS),
    "onepager:page": read("division"),
    "onepager:document": read("division"),
    "explaining:figure": read("division", args=("rate",)),
    # the shell
    "desk:home": read("", OFFICES),
    "shell:search": read(""),
    "shell:switch": read(""),
    "shell:help": read(""),
    "shell:theme": Row(is_open=True),
    "shell:components": read("", {"admin"}),
    # targets: T1 concerns both sides
    "settings:home": read("", {"bureau", "auditor", "admin"}),
    "settings:history": read("", {"bureau", "auditor", "admin"}),
    "settings:rules": Row(get={"bureau", "auditor", "admin"}, post={"bureau", "admin"}),
    "settings:programme": read("", {"bureau", "auditor", "admin"}),
    "settings:edit_programme": page("", {"bureau", "admin"}),
    "settings:lock": page("", {"bureau"}),
    "settings:new_target": page("", {"bureau", "admin"}),
    "settings:edit_target": page("", {"bureau", "admin"}, args=("T1",)),
    "words:list": Row(get={"bureau", "auditor", "admin"}, post={"bureau", "admin"}),
    "words:withdraw": button("", {"bureau", "admin"}),
    "programme:targets": read(""),
    "programme:target": read("", args=("T1",)),
    "programme:adjust": page("", {"bureau", "admin"}, args=("T1",)),
    "programme:withdraw_version": page("", {"bureau", "admin"}, args=("T1", "2014-01-01")),
    "programme:divide": page("task", MANAGERS),
    "programme:withdraw_part": page("part", MANAGERS),
    # register and ledger
    "register:list": read(""),
    "register:columns": button("", EVERYBODY, data={"columns": "total"}),
    "register:save_view": button("", EVERYBODY, data={"name": "未管"}),
    # Somebody else's view: known to nobody but whoever keeps it.
    "register:change_view": Row("view", post={"county"}, data={"name": "未管"}),
    "register:delete_view": Row("view", post={"county"}),
    "register:bulk": button("", RECORDERS, data={"fact": "duty_person", "which": "all"}),
    "register:new": page("", RECORDERS),
    "register:detail": read("compound"),
    "register:edit": page("compound", RECORDERS),
    "register:fact": page("compound", RECORDERS, args=("duty_person",)),
    "register:add_building": page("compound", RECORDERS, data={"name": "9栋"}),
    "register:building": page("building", RECORDERS, data={"name": "10栋"}),
    "register:move": page("compound", RECORDERS),
    "register:retire": page("compound", RECORDERS),
    "ledger:record": page("compound", RECORDERS, args=("takeover",)),
    "ledger:entry": read("entry"),
    "ledger:correct": page("entry", RECORDERS),
    "structure:correct": page("relocation", RECORDERS),
    "structure:relocate": page("compound", RECORDERS),
    "structure:merge": page("compound", RECORDERS),
    "structure:split": page("compound", RECORDERS),
    "structure:duplicates": Row(get={"bureau", "county", "auditor"}, post=RECORDERS),
    "structure:apart": Row("apart", get={"bureau", "county", "auditor"}, post=RECORDERS),
    # monthly returns
    "returns:list": read("", OFFICES | {"auditor"}),
    "returns:detail": read("return", OFFICES | {"auditor"}),
    "returns:scan": read("sealed", {"bureau", "county", "auditor"}),
    "returns:act": button("return", {"committee", "subdistrict", "county"}, args=("submit",)),
    "returns:rules": page("", RECORDERS),
    # plans of counties
    "plans:list": read("", PLAN_READERS),
    "plans:template": read("county", PLAN_READERS),
    "plans:begin": button("county", {"county"}),
    "plans:upload": page("county", {"county"}),
    "plans:version": read("plan", PLAN_READERS),
    "plans:said": read("plan", PLAN_READERS),
    "plans:workbook": read("plan", PLAN_READERS),
    "plans:uploaded": read("plan_workbook", PLAN_READERS),
    "plans:remarked": read("plan_workbook", PLAN_READERS),
    "plans:sheet": read("plan", {"county"}),
    "plans:rows": read("plan", {"county"}),
    "plans:cells": button("plan", {"county"}),
    "plans:drop": button("plan", {"county"}),
    "plans:checks": read("plan", {"county"}),
    "plans:submit": page("plan", {"county"}),
    "plans:add_scan": button("plan", {"county"}),
    "plans:scan": read("plan_scan", PLAN_READERS),
    "plans:review": page("plan", {"bureau"}),
    "plans:decide": button("plan", {"bureau"}, args=("approve",)),
    "plans:compare": read("plans", PLAN_READERS),
    "plans:opinion": read("returned_plan", PLAN_READERS),
    # procedures
    "modes:list": read(""),
    "modes:kinds": read(""),
    "modes:calculator": read(""),
    "modes:detail": read("procedure"),
    "modes:start": page("compound", WORKERS),
    "modes:advance": page("procedure", WORKERS),
    "modes:abandon": page("procedure", WORKERS),
    "modes:take_back": page("procedure", WORKERS),
    "modes:vote": page("vote_step", WORKERS),
    "modes:tender": page("procedure", WORKERS),
    "modes:add_fee": page("self_help", WORKERS),
    "modes:fee": page("fee", WORKERS),
    "modes:add_point": page("entrusted", WORKERS),
    "modes:point": page("point", WORKERS),
    "modes:evidence": Row(get={"bureau", "auditor", "admin"}, post={"bureau", "admin"}),
    "pilots:list": read(""),
    "pilots:detail": read("pilot"),
    "pilots:choose": page("compound", WORKERS),
    "pilots:tell": page("pilot", WORKERS),
    "pilots:withdraw": page("pilot", WORKERS),
    # files
    "files:compound": Row("compound", get=EVERYBODY, post=OFFICES),
    "files:detail": read("file"),
    "files:withdraw": page("file", RECORDERS),
    "files:shown": read("file"),
    "files:preview": read("file"),
    "files:original": read("file", {"bureau", "auditor"}),
    # imports, approvals, jobs
    "imports:start": Row(get={"bureau", "county", "auditor"}, post=RECORDERS),
    "exports:start": page("", {"bureau", "county", "auditor"}),
    "exports:seen": read("", args=("csv",)),
    "exports:template": read("", {"bureau", "county", "auditor"}, args=("register",)),
    # Somebody else's file: known to nobody but whoever asked for it.
    "exports:kept": Row("export", get={"county"}),
    "imports:run": read("run", {"bureau", "county", "auditor"}),
    "imports:post": button("run", RECORDERS),
    "imports:words": button("run", RECORDERS),
    "imports:columns": Row("run", get={"bureau", "county", "auditor"}, post=RECORDERS),
    "imports:switch": button("run", RECORDERS),
    "imports:mappings": read("", {"bureau", "county", "auditor"}),
    "imports:forget": button("mapping", RECORDERS),
    "imports:undo": page("run", RECORDERS),
    "imports:annotated": read("run", {"bureau", "county", "auditor"}),
    "approvals:list": read("", {"bureau", "county", "auditor"}),
    "approvals:second_persons": page("", {"bureau"}),
    "approvals:detail": read("proposal", {"bureau", "county", "auditor"}),
    "approvals:scan": read("basis_scan", {"bureau", "county", "auditor"}),
    # The county's own person entered it and has no colleague: the city is the second person.
    "approvals:decide": button("proposal", {"bureau"}, args=("review",)),
    # reports on their way
    "review:queue": read("", OFFICES | {"auditor"}),
    "review:report": Row("handed_in", get=OFFICES | {"auditor"}, post=OFFICES | {"auditor"}),
    "review:together": Row(get=OFFICES | {"auditor"}, post=OFFICES | {"auditor"}),
    "review:decided": read("decided", OFFICES | {"auditor"}),
    "review:ageing": read("", OFFICES | {"auditor"}),
    "review:rules": page("", RECORDERS),
    "review:sample": read("", {"bureau", "auditor"}, query={"since": "2014-01-01", "until": "2015-12-31", "seed": "1"}),
    "review:sample_file": read("", {"bureau", "auditor"}),
    "review:file": read("handed_in_file", OFFICES | {"auditor"}),
    "review:preview": read("handed_in_file", OFFICES | {"auditor"}),
    "jobs:list": read(""),
    "jobs:job": read("job"),
    "jobs:progress": read("job"),
    "jobs:cancel": button("job", {"bureau", "county", "admin"}),
    "jobs:again": button("job", {"bureau", "county", "admin"}),
    # reports: those of the tests have been returned to their committee
    "reports:home": read("", OFFICES),
    "imports:reports": page("", WORKERS),
    "reports:community": read("division", REPORTERS),
    "reports:missing": page("division", REPORTERS),
    "reports:blank_paper": read("division", REPORTERS),
    "reports:what": read("compound", REPORTERS),
    "reports:paper": read("compound", REPORTERS),
    "reports:new": page("compound", REPORTERS, args=("takeover",)),
    "reports:detail": read("report", OFFICES | {"auditor"}),
    "reports:edit": page("report", REPORTERS),
    "reports:take": button("report", {"committee"}, args=("submit",)),
    "reports:upload": button("report", REPORTERS),
    "reports:file": read("evidence", OFFICES | {"auditor"}),
    "reports:file_preview": read("evidence", OFFICES | {"auditor"}),
    # divisions
    "divisions:list": read("", {"bureau", "auditor", "admin"}),
    "divisions:add": page("", {"bureau", "admin"}),
    "divisions:division": read("division", {"bureau", "auditor", "admin"}),
    "divisions:correct": page("division", {"bureau", "admin"}),
    "successions:list": read("", {"bureau", "auditor", "admin"}),
    "successions:succeed": page("", {"bureau"}, args=("rename",)),
    "successions:detail": Row("succession", get={"bureau", "auditor", "admin"}, post={"bureau"}),
    # plans: the county of the tests has staff that writes them
    "plan_writing:propose": page("plan", {"county"}),
    "plan_writing:deadlines": Row(get=PLAN_READERS, post={"bureau"}),
    # API
    "api:schema": api(""),
    "api:docs": read(""),
    "api:divisions": api(""),
    "api:compounds": api(""),
    "api:compound": api("compound"),
    "api:compound_ledger": api("compound"),
    "api:entries": Row(get=EVERYBODY, post=RECORDERS, is_api=True),
    "api:entry": api("entry"),
    "api:proposal": api("proposal", {"bureau", "county", "auditor"}),
    "api:procedures": api(""),
    "api:procedure": api("procedure"),
    "api:pilots": api(""),
    "api:reports": Row(get=REPORT_READERS, post=OFFICES, is_api=True),
    "api:report": api("report", REPORT_READERS),
    "api:report_files": Row("report", get=REPORT_READERS, post=OFFICES, is_api=True),
    "api:report_file": api("evidence", REPORT_READERS),
    "api:report_edit": Row("report", post=OFFICES, is_api=True),
    "api:report_submit": Row("report", post=OFFICES, is_api=True),
    "api:report_verify": Row("report", post={"subdistrict"}, is_api=True),
    "api:report_approve": Row("report", post=RECORDERS, is_api=True),
    "api:report_return": Row("report", post=RECORDERS | {"subdistrict"}, is_api=True),
    "api:report_recheck": Row("report", post=RECORDERS, is_api=True),
    "api:report_withdraw": Row("report", post=OFFICES, is_api=True),
    "api:plans": Row(get=PLAN_READERS, post=RECORDERS, is_api=True),
    "api:plan": api("plan", PLAN_READERS),
    "api:plan_lines": api("plan", PLAN_READERS),
    "api:plan_compare": api("plans", PLAN_READERS),
    "api:plan_actuals": api("plan", PLAN_READERS),
    "api:plan_submit": Row("plan", post=RECORDERS, is_api=True),
    "api:plan_return": Row("plan", post={"bureau"}, is_api=True),
    "api:plan_approve": Row("plan", post={"bureau"}, is_api=True),
    "api:coverage": api(""),
    "api:series": api(""),
    "api:movements": api(""),
    "api:restatement": api(""),
    "api:targets": api(""),
    "api:target": api("", args=("T1",)),
    "api:target_parts": api("", args=("T1",)),
    "api:table_movements": api(""),
    "api:table_monthly": api(""),
    "api:table_returns": api(""),
    "api:returns": api("", OFFICES | {"auditor"}),
    "api:table_summary": api(""),
    "api:table_unmanaged": api(""),
    "api:table_assignments": api(""),
    "api:table_restatement": api(""),
    # notices: one's own only
    "notices:list": read(""),
    "notices:open": Row("notice", get={"county"}),
    "notices:read": Row("notice", post={"county"}),
    "notices:read_all": button("", EVERYBODY),
    "notices:choices": page("", EVERYBODY),
    "notices:schedule": Row(get={"bureau", "auditor", "admin"}, post={"bureau", "admin"}),
    # accounts
    "people:login": Row(is_open=True),
    "people:logout": Row(is_open=True),
    "people:first_account": Row(is_open=True),
    "people:password": page("", EVERYBODY),
    "people:locks": page("", MANAGERS),
    "people:link": Row(is_open=True),
    "people:verify": page("", EVERYBODY),
    "people:me": read(""),
    "people:second_factor": page("", CITY),
    "people:remove_factor": page("", EVERYBODY),
    "people:accounts": read("", MANAGERS | {"auditor"}),
    "people:new": page("", MANAGERS),
    "people:workbook": page("", MANAGERS),
    "people:template": read("", MANAGERS),
    "people:log_ins": read("", {"auditor", "admin"}),
    "people:rights": read("", {"auditor", "admin"}),
    "people:account": read("account", MANAGERS | {"auditor"}),
    "people:rename": page("account", MANAGERS),
    "people:set_active": page("account", MANAGERS),
    "people:reset": page("account", MANAGERS),
    "tokens:list": read(""),
    "tokens:new": page("", EVERYBODY),
    # The token is the committee's: whoever looks after that account revokes it, as it does itself.
    "tokens:revoke": page("token", MANAGERS | {"committee"}),
    "people:appoint": page("account", MANAGERS),
    "people:end_appointment": page("appointment", MANAGERS),
    # The last row: whoever walks these is logged out afterwards.
    "people:end_sessions": button("", EVERYBODY),
}

#: Model → who sees, adds, changes, deletes in the administration. Those who enter it see all of the city.
ENTER = {"bureau", "auditor", "admin"}
SETTINGS = {"bureau", "admin"}
ADMIN: dict[str, tuple[set[str], set[str], set[str], set[str]]] = {
    "communities_division": (ENTER, NOBODY, SETTINGS, NOBODY),
    "communities_user": (ENTER, NOBODY, NOBODY, NOBODY),
    "communities_notice": (ENTER - {"bureau"}, NOBODY, NOBODY, NOBODY),
    "communities_message": (ENTER - {"bureau"}, NOBODY, NOBODY, NOBODY),
    "communities_department": (ENTER, SETTINGS, SETTINGS, NOBODY),
    "compounds_attachment": (ENTER, NOBODY, NOBODY, NOBODY),
    "compounds_originalaccess": (ENTER, NOBODY, NOBODY, NOBODY),
    "compounds_synonym": (ENTER, SETTINGS, SETTINGS, SETTINGS),
    "compounds_importrun": (ENTER, NOBODY, NOBODY, NOBODY),
    "compounds_entry": (ENTER, NOBODY, NOBODY, NOBODY),
    "compounds_posting": (ENTER, NOBODY, NOBODY, NOBODY),
    "compounds_compound": (ENTER, NOBODY, {"bureau"}, NOBODY),
    "compounds_procedurekind": (ENTER, SETTINGS, SETTINGS, NOBODY),
    "compounds_voterule": (ENTER, SETTINGS, SETTINGS, NOBODY),
    "compounds_tenderrule": (ENTER, SETTINGS, SETTINGS, NOBODY),
    "compounds_evidencerule": (ENTER, NOBODY, NOBODY, NOBODY),
    "compounds_pilot": (ENTER, NOBODY, NOBODY, NOBODY),
    "compounds_procedure": (ENTER, NOBODY, NOBODY, NOBODY),
    "oversight_planversion": (ENTER - {"admin"}, NOBODY, NOBODY, NOBODY),
    "oversight_plandeadline": (ENTER - {"admin"}, {"bureau"}, {"bureau"}, NOBODY),
    "oversight_programme": (ENTER, SETTINGS, SETTINGS, NOBODY),
    "oversight_baseline": (ENTER, NOBODY, NOBODY, NOBODY),
    "oversight_clause": (ENTER, SETTINGS, SETTINGS, NOBODY),
    "oversight_target": (ENTER, SETTINGS, SETTINGS, NOBODY),
    "oversight_countingrule": (ENTER, SETTINGS, SETTINGS, SETTINGS),
}
#: Pages of Django's administration itself; what they hold follows from the rights above.
ADMIN_ITSELF = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site",
    "app_list",
}  # fmt: skip
