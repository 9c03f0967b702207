"""What somebody may type anywhere, put into every field that takes a text."""

#: What somebody may type anywhere: 100 characters that break nothing and do nothing but stand there.
NASTY = """<img src=x onerror="window.executed=1"></title></textarea>'&quot;<script>window.executed=2</script>W"""


def put_everywhere(found: dict, compound) -> None:
    """The same text in every field that takes one, of every object that the tests of pages open."""
    from django.apps import apps
    from django.db.models import CharField, TextField

    from compounds.register.services import FACTS
    from tests.support import record

    def put(row, *names: str) -> None:
        fields = {field.name: field for field in row._meta.get_fields() if isinstance(field, CharField | TextField)}
        wanted = [fields[name] for name in names if name in fields and not fields[name].choices]
        values = {field.name: NASTY[: field.max_length] for field in wanted}
        type(row).objects.filter(pk=row.pk).update(**values)

    for one in (compound, type(compound).objects.get(code=found["compound"][0])):
        put(one, *FACTS)
    details = {
        "provider_to": NASTY, "basis_type": NASTY[:60], "basis_name": NASTY, "basis_no": NASTY, "reason": NASTY,
        "late_reason": NASTY, "note": NASTY, "phase": NASTY[:60],
    }  # fmt: skip
    notices = apps.get_model("communities.Notice").objects.filter(pk=found["notice"][0])
    notices.update(parameters={"what": NASTY, "about": NASTY})
    entry = record("takeover", "2014-06-01", compound.code, m2=7, mode_to="professional", details=details)
    found["entry"] = (entry.height,)
    for label, key, *names in (
        ("compounds.Building", found["building"][1], "name"), ("compounds.SavedView", found["view"][0], "name"),
        ("compounds.Attachment", found["file"][0], "title", "original_name"),
        ("compounds.BasisScan", found["basis_scan"][1], "title", "original_name"),
        ("compounds.ImportRun", found["run"][0], "filename"),
        ("compounds.ColumnMapping", found["mapping"][0], "filename"),
        ("communities.User", found["account"][0], "display_name"), ("communities.Token", found["token"][0], "name"),
        ("communities.Succession", found["succession"][0], "document"),
        ("oversight.PartVersion", found["part"][1], "document"),
        ("compounds.Proposal", found["proposal"][0], "comment"),
        ("compounds.FeeYear", found["fee"][1], "note"), ("compounds.ServicePoint", found["point"][1], "name", "place"),
        ("compounds.Report", found["report"][0], "provider_to", "date_basis", "note", "late_reason", "basis_name"),
        ("compounds.ReportFile", found["evidence"][1], "title", "original_name"),
        ("compounds.Pilot", found["pilot"][0], "lessons", "rollout", "document"),
    ):  # fmt: skip
        put(apps.get_model(label).objects.get(pk=key), *names)
