"""Of every kind of object one of each of two counties: what the tests of access and of pages open."""

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chaoyang_pm.kit.jobs.models import Job
from communities.divisions.models import Succession
from communities.notices.models import Notice
from communities.people.models import User
from communities.tokens import services as tokens
from compounds.approvals.models import Proposal
from compounds.files import basis
from compounds.files import services as files
from compounds.files.choices import AttachmentKind
from compounds.imports.models import ColumnMapping, ImportRun
from compounds.ledger.choices import Mode, Source
from compounds.ledger.services import record as post
from compounds.modes import fact_services
from compounds.modes import services as modes
from compounds.modes.choices import PointKind
from compounds.modes.models import Procedure, ProcedureKind
from compounds.pilots.models import Pilot
from compounds.register.models import Building, Compound, SavedView
from compounds.reports import evidence
from compounds.reports import services as reports
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.returns import services as returns
from compounds.returns.models import Return
from compounds.structure.models import KnownApart
from oversight.plans import services as plans
from oversight.plans.models import PlanVersion, PlanWorkbook
from oversight.programme.models import PartVersion, Programme, TargetPart
from tests.kit.uploads.files import photo, picture
from tests.support import day, draft, event, make_compound

SIDES = {"own": ("211302003001", "county", ""), "neighbour": ("211303004001", "neighbour_county", "neighbour_")}
EMPTY_RESULT = {
    "rows": 1, "created": 0, "updated": 0, "unchanged": 0, "posted": 1, "area_pending": 0, "errors": [], "warnings": [],
    "height": 0, "accepted": 1, "skipped": [], "unknown_columns": [], "adds_managed": 0, "adds_total": 0,
    "readable": True, "unknown_words": [], "asks_city": False,
}  # fmt: skip


def make_world(cast: dict[str, User]) -> dict[str, dict[str, tuple]]:
    """Of every kind of object one of each side, entered by that county's own person."""
    found = {}
    renamed = Succession.objects.create(kind="rename", effective_on=day("2014-06-01"), key="k", document="批复")
    renamed.lines.create(
        from_division_id="211302003001", to_division_id="211302003001", from_name="前进", to_name="前进社区"
    )
    for side, (community, county, prefix) in SIDES.items():
        by, code = cast[county], side.upper()
        committee = cast[f"{prefix}committee"]
        compound, other = make_compound(code, community), make_compound(f"{code}-2", community)
        away = {"211302003001": "211302003003", "211303004001": "211303004003"}[community]
        steps = [
            event("register", "2014-01-01", code, community=community, category="abandoned", mode_to="none", m2=100),
            event("relocate", "2014-03-01", code, community=away),
            event("relocate", "2014-04-01", code, community=community),
            event("takeover", "2014-05-01", code, category="abandoned", mode_to="professional", m2=50),
        ]
        entries = [post(draft=draft(step), by=by, source=Source.PAGE) for step in steps]
        run = ImportRun(workbook="entries", filename="变更.csv", created_by=by, division_id=community[:6],
                        result=EMPTY_RESULT, default_date=day("2014-01-01"))  # fmt: skip
        run.file.save(
            "x.upload", ContentFile(f"小区编号,变更类型,发生日期\n{code},撤管,2014-06-01\n".encode()), save=False
        )
        run.save()
        filed = files.add(
            compound=Compound.objects.get(code=code), kind=AttachmentKind.PHOTO,
            file=SimpleUploadedFile("a.jpg", photo()), by=by,
        )  # fmt: skip
        scan = basis.hold(
            compound=compound, key=code, file=SimpleUploadedFile("批复.png", picture("PNG")), by=by
        )  # fmt: skip
        basis.wait(key=code, by=by)
        part, _new = TargetPart.objects.get_or_create(target_id="T1", division_id=community)
        given = PartVersion.objects.create(
            part=part, required=1, deadline=day("2014-12-31"), valid_from=day("2014-03-01"), document="分解表"
        )
        of_county, _new = TargetPart.objects.get_or_create(target_id="T1", division_id=community[:6])
        PartVersion.objects.create(
            part=of_county, required=1, deadline=day("2014-12-31"), valid_from=day("2014-03-01"), document="分解表"
        )
        proposal = Proposal.objects.create(
            verb="reverse", arguments={"height": entries[-1].height, "reason": "误"}, height=4, key=code,
            division_id=community[:6], compound=compound, needs_second=True, proposed_by=by,
        )  # fmt: skip
        asked = Return.objects.create(
            division_id=community, level="community", month=day("2014-06-01"), due_on=day("2014-06-25")
        )
        sealed = Return.objects.create(
            division_id=community[:6], level="county", month=day("2014-06-01"), due_on=day("2014-07-05"),
            state="prepared", height=1,
        )  # fmt: skip
        returns.seal(
            row=sealed, file=SimpleUploadedFile("月报.png", picture("PNG")), document_no="8号", signatory="王某", by=by
        )
        tendered, helped, entrusted = _procedures(code, community, by)
        returned = reports.draft(
            kind=ReportKind.TAKEOVER, claim=Claim(effective_on=day("2014-07-01"), mode_to="owners"), by=committee,
            key=code, compound=compound,
        )  # fmt: skip
        evidence_file = evidence.add(
            report=returned, file=SimpleUploadedFile("b.jpg", photo(size=(60, 40))), by=committee
        )
        reports.submit(report=returned, by=committee)
        street = cast[f"{prefix}subdistrict"]
        reports.send_back(report=returned, by=street, comments=[reports.Comment("date_basis", "请补交接记录照片")])
        report = reports.draft(
            kind=ReportKind.TAKEOVER, by=committee, key=f"{code}-review", compound=Compound.objects.get(code=code),
            claim=Claim(effective_on=day("2014-06-01"), mode_to="owners", date_basis="交接记录", note=code),
        )  # fmt: skip
        evidence.add(report=report, file=SimpleUploadedFile("b.jpg", photo()), by=committee)
        report = reports.submit(report=report, by=committee)
        _approved_plan(Compound.objects.get(code=code), by)
        returned_plan = _plan(community[:6], "returned", by)
        plan = _undecided(community[:6]) or _plan(community[:6], "submitted", by)
        plan_scan = plans.add_scan(version=plan, file=SimpleUploadedFile("方案.jpg", photo(size=(40, 60))), by=by)
        plan_workbook = PlanWorkbook.objects.create(
            version=plan, filename="方案.csv", sha256="0" * 64, uploaded_by=by,
            file=SimpleUploadedFile("x", "小区名称,社区,拟采用管理模式,计划完成时间,责任人\n甲,乙,丙,丁,戊\n".encode()),
        )  # fmt: skip
        found[side] = {
            "procedure": (tendered.pk,),
            "vote_step": (tendered.pk, tendered.kind.steps.get(position=20).pk),
            "self_help": (helped.pk,),
            "fee": (helped.pk, helped.fee_years.get().pk),
            "pilot": (
                # One that failed: in the demo city the community has another one.
                Pilot.objects.create(
                    community_id=community, compound=Compound.objects.get(code=code), mode=Mode.OWNERS,
                    started_on=day("2014-04-15"), ended_on=day("2014-12-15"), result="failed", recorded_by=by,
                ).pk,
            ),
            "entrusted": (entrusted.pk,),
            "point": (entrusted.pk, entrusted.points.get().pk),
            "task": ("T1", community[:6]),
            "part": ("T1", given.pk),
            "division": (community,),
            "succession": (renamed.pk,),
            "compound": (code,),
            "building": (code, Building.objects.create(compound=compound, name="1栋").pk),
            "view": (SavedView.objects.create(user=by, name=code).pk,),
            "entry": (entries[-1].height,),
            "relocation": (entries[2].height,),
            "apart": KnownApart.objects.create(first=compound, second=other, said_by=by),
            "file": (filed.attachment.pk,),
            "run": (run.pk,),
            "mapping": (ColumnMapping.objects.create(
                workbook="entries", division_id=community[:6], signature=code, filename="变更.csv",
            ).pk,),
            "account": (committee.pk,),
            "notice": (Notice.objects.create(
                user=by, kind="approvals.posted", key=code, parameters={"what": "接管", "about": compound.name},
                link=f"/compounds/{code}/",
            ).pk,),
            "token": (tokens.make(user=committee, name="x", scopes=["coverage:read"], by=None)[0].pk,),
            "appointment": (committee.pk, committee.appointments.get().pk),
            "job": (Job.objects.create(
                kind="imports.check", parameters={"run": str(run.pk)}, created_by=by, scope_code=community[:6],
                language="zh-hans",
            ).pk,),
            "export": (Job.objects.create(
                kind="exports.write", parameters={"division": community[:6]}, created_by=by, language="zh-hans",
                state="done", finished_at=timezone.now(), result={"file": "00/gone.xlsx", "name": "x.xlsx"},
            ).pk,),
            "handed_in": (report.pk,),
            "handed_in_file": (report.pk, report.files.get().pk),
            "decided": (Job.objects.create(
                kind="reports.together", parameters={"reports": []}, created_by=by, scope_code=community[:6],
                language="zh-hans", state="done", finished_at=timezone.now(), result={
                    "done": 0, "left": 1, "outcomes": [
                        {"report": str(report.pk), "name": code, "done": False, "said": "误", "height": None},
                    ],
                },
            ).pk,),
            "proposal": (proposal.pk,),
            "return": (asked.pk,),
            "plan": (plan.pk,),
            "plans": (plan.pk, plan.pk),
            "county": (community[:6],),
            "plan_scan": (plan.pk, plan_scan.pk),
            "plan_workbook": (plan.pk, plan_workbook.pk),
            "returned_plan": (returned_plan.pk,),
            "sealed": (sealed.pk, sealed.scans.get().pk),
            "basis_scan": (proposal.pk, scan.pk),
            "report": (str(returned.pk),),
            "evidence": (str(returned.pk), evidence_file.pk),
        }  # fmt: skip
    return found


def _approved_plan(compound: Compound, by: User) -> None:
    """A plan of the compound and of some area besides; in the demo city the county has one already."""
    county = compound.community_id[:6]
    if PlanVersion.objects.filter(county=county, state="approved").exists():
        return
    version = PlanVersion.objects.create(
        programme=Programme.objects.get(), county_id=county, number=1, state="draft", created_by=by
    )
    for number, about in enumerate([{"compound": compound}, {"area_dm2": 500}], start=1):
        version.lines.create(
            number=number, community_id=compound.community_id, mode="community", due_on=day("2014-06-30"),
            by_quarter=True, person="张某", phone="13900001111", **about,
        )  # fmt: skip
    paper = {"document_no": "11号", "signatory": "王某", "submitted_on": day("2014-06-10")}
    PlanVersion.objects.filter(pk=version.pk).update(state="approved", **paper)


def _plan(county: str, state: str, by: User) -> PlanVersion:
    """A version without lines, of the next number: the demo city has some."""
    return PlanVersion.objects.create(
        programme=Programme.objects.get(), county_id=county, state=state, created_by=by, document_no="12号",
        number=PlanVersion.objects.filter(county=county).count() + 1, signatory="王某", submitted_on=day("2014-07-10"),
    )  # fmt: skip


def _undecided(county: str) -> PlanVersion | None:
    """The version that the bureau reviews in the demo city."""
    return PlanVersion.objects.filter(county=county, state__in=["submitted", "under_review"]).first()


def _procedures(code: str, community: str, by: User) -> list[Procedure]:
    """One of a kind that keeps a tender, one with fees, one with posts, each of a compound of its own."""
    begun = []
    for name, kind, mode in (
        (f"{code}-3", "P4.2a", "professional"), (f"{code}-4", "P4.2c", "self_help"), (f"{code}-5", "P4.2d", "community")
    ):  # fmt: skip
        procedure = modes.start(
            compound=make_compound(name, community), kind=ProcedureKind.objects.get(pk=kind), mode=Mode(mode),
            on=day("2014-06-01"), by=by,
        )  # fmt: skip
        modes.advance(procedure=procedure, step=procedure.step, on=day("2014-07-01"), note="见会议纪要", by=by)
        begun.append(Procedure.objects.select_related("kind").get(pk=procedure.pk))
    fees = {"year": 2014, "income_fen": 100_00, "cost_fen": 90_00, "price_fen": 30, "note": ""}
    fact_services.save_fee_year(procedure=begun[1], values=fees, by=by)
    post = {"kind": PointKind.POST, "name": "保洁员", "people": 2, "place": "", "since": None, "until": None}
    fact_services.save_point(procedure=begun[2], values=post, by=by)
    return begun
