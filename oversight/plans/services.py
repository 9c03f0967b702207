"""Writes on plans: begun, written, submitted with their sealed paper, reviewed, amended. Each step leaves a row.

Locks: the version's row first (DESIGN.md, "Operating rules").
"""

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from chaoyang_pm.kit import bulk, uploads
from chaoyang_pm.kit.permissions import require
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.models import User
from compounds.files.services import store
from compounds.ledger.refusals import refuse
from compounds.reports import clock
from oversight.plans import checks, notices, selectors, whole_checks
from oversight.plans.acts import Change, Comment, Put, Remark, Settled, Stale
from oversight.plans.choices import UNDECIDED, WITH_BUREAU, PlanState, PlanStepKind
from oversight.plans.models import PlanComment, PlanLine, PlanRemark, PlanScan, PlanStep, PlanVersion
from oversight.programme.models import Programme


# --- writing it ------------------------------------------------------------------------------------------
@transaction.atomic
def begin(*, programme: Programme, county: Division, by: User, reason: str = "") -> PlanVersion:
    """The draft that a county writes on: the one there is, else the next version with the lines of the last one.

    An approved plan is amended for a ``reason`` only. Raises Refused, Settled while the bureau has the plan.
    """
    require(by.may("plans.write", county))
    if county.level != Level.COUNTY:
        raise refuse("county", county.code, _("Counties write plans; name a county, city or district."))
    _running(programme)
    Division.objects.select_for_update().get(pk=county.pk)
    last = PlanVersion.objects.filter(programme=programme, county=county).order_by("-number").first()
    if last and last.state == PlanState.DRAFT:
        return last
    if last and last.state in WITH_BUREAU:
        raise Settled(
            _("Version %(number)s is with the city bureau; it is decided there first.") % {"number": last.number}
        )
    if last and last.state == PlanState.APPROVED and not reason.strip():
        raise refuse("reason", "", _("An approved plan is changed by an amendment; say why."))
    version = PlanVersion.objects.create(
        programme=programme, county=county, number=last.number + 1 if last else 1, reason=reason.strip(), created_by=by,
        created_at=clock.now(),
    )  # fmt: skip
    if last:
        bulk.insert([_copied(line, version) for line in last.lines.all()])
        for total in last.totals.all():
            _copied(total, version).save()
    _note(version, PlanStepKind.DRAFT, by, before="", reason=reason)
    return version


def _copied(row: Any, version: PlanVersion) -> Any:
    row.pk, row.version, row.planned_dm2, row.planned_households = None, version, None, None
    row._state.adding = True
    return row


def write_lines(
    *, version: PlanVersion, lines: Iterable[Mapping[str, Any]], by: User, revision: int | None = None
) -> PlanVersion:  # fmt: skip
    """Replace all lines of a draft: a mapping of fields each, with its ``number`` or else its place."""
    return replace_lines(version=version, lines=lines, by=by, revision=revision).version


@transaction.atomic
def replace_lines(
    *, version: PlanVersion, lines: Iterable[Mapping[str, Any]], by: User, revision: int | None = None
) -> Put:  # fmt: skip
    """``write_lines`` with the lines that were written, for whoever goes on with them."""
    version = _written(_draft(version, by, revision))
    version.lines.all().delete()
    made = []
    for number, line in enumerate(lines, start=1):
        values = {"number": number} | dict(line) | {"version_id": version.pk, "revision": version.revision}
        compound, community = values.pop("compound", None), values.pop("community", None)
        values |= {"compound_id": compound and compound.pk, "community_id": community and community.pk}
        related = {"compound": compound, "community": community, "version": version}
        made.append(bulk.new(PlanLine, values, related))
    bulk.insert(made)
    return Put(version, made, made)


@transaction.atomic
def write_totals(
    *, version: PlanVersion, totals: Iterable[Mapping[str, Any]], by: User, revision: int | None = None
) -> PlanVersion:  # fmt: skip
    """Replace the totals of a draft by those of a summary, a mapping of fields each; its lines stay."""
    version = _written(_draft(version, by, revision))
    version.totals.all().delete()
    for row in totals:
        version.totals.create(**row)
    return version


@transaction.atomic
def put_lines(*, version: PlanVersion, changes: Iterable[Change], by: User) -> Put:
    """Write some lines of a draft, and new ones behind the last.

    A change of what somebody else has changed meanwhile is left out and told. Raises Settled, Refused, NotAllowed.
    """
    version, changes = _next(version, by), list(changes)
    wanted = [change.line for change in changes if change.line is not None]
    there = {line.number: line for line in selectors.lines_to_show(version).filter(number__in=wanted)}
    put = Put(version)
    last: int | None = None
    for change in changes:
        if change.line is None:
            if last is None:
                last = version.lines.aggregate(last=Max("number"))["last"] or 0
            last += 1
            line = PlanLine(version=version, number=last, revision=version.revision, **change.values)
            line.save(force_insert=True)
            put.touched.append(line)
            put.lines.append(line)
            continue
        if change.line not in there:
            message = _("The plan has no line %(number)s; somebody may have taken it out.")
            raise refuse("line", str(change.line), message % {"number": change.line})
        line = there[change.line]
        put.touched.append(line)
        if change.stands and not change.stands(line):
            put.overtaken.append(line)
            continue
        values = dict(change.values) | {"revision": version.revision}
        for name, value in values.items():
            setattr(line, name, value)
        PlanLine.objects.filter(pk=line.pk).update(**values)
        put.lines.append(line)
    return put


@transaction.atomic
def drop_lines(*, version: PlanVersion, numbers: Collection[int], by: User, revision: int) -> PlanVersion:
    """Take lines out of a draft; the others keep their numbers. Raises Stale if one has been written on since."""
    version = _draft(version, by, None)
    going = version.lines.filter(number__in=numbers)
    if going.filter(revision__gt=revision).exists():
        raise Stale
    going.delete()
    return _written(version)


# --- submitting it ---------------------------------------------------------------------------------------
@transaction.atomic
def submit(
    *, version: PlanVersion, document_no: str, signatory: str, by: User, words: str = "", revision: int | None = None
) -> PlanVersion:  # fmt: skip
    """报送: with the number and signatory of its paper. Errors of the checks block it, warnings ask for ``words``."""
    version = _draft(version, by, revision)
    _running(version.programme)
    paper = {"document_no": document_no.strip(), "signatory": signatory.strip()}
    for name, value in paper.items():
        if not value:
            raise refuse(name, "", _("Give the document's number and who signed it."))
    found = checks.check(version)
    if found.errors:
        message = _("The plan has %(number)s errors; put them right before it is submitted.")
        raise refuse("lines", str(len(found.errors)), message % {"number": len(found.errors)})
    if found.warnings and not words.strip():
        message = _("The checks ask about %(number)s points; say a word on them.")
        raise refuse("words", str(len(found.warnings)), message % {"number": len(found.warnings)})
    _fix_amounts(version)
    today = clock.today()
    version.document_no, version.signatory, version.words = paper["document_no"], paper["signatory"], words.strip()
    version.submitted_on, version.is_late = today, selectors.is_late(version, today)
    return _take(version, PlanStepKind.SUBMIT, PlanState.SUBMITTED, by, words)


def _fix_amounts(version: PlanVersion) -> None:
    """What “all that is unmanaged” is on the day of the submission, so that the plan says the same ever after.

    A line of the plan in force that has been carried out keeps what it had planned.
    """
    there, before = selectors.unmanaged(version.county_id), selectors.in_force(version)
    lines = list(version.lines.select_related("compound"))
    for line in lines:
        line.planned_dm2, line.planned_households = whole_checks.planned(line, there)
        if line.planned_dm2 == 0 and line.compound_id in before:
            line.planned_dm2, line.planned_households = before[line.compound_id]
    bulk.update(lines, ["planned_dm2", "planned_households"])


def add_scan(*, version: PlanVersion, file: File, by: User) -> PlanScan:
    """The sealed paper, scanned; the same one is kept once. Raises UploadRefused."""
    require(by.may("plans.write", version))

    @transaction.atomic
    def kept(taken: uploads.Taken) -> tuple[PlanScan, bool]:
        locked = _locked(version)
        if locked.state not in UNDECIDED:
            raise Settled(_("The plan is decided; its paper stays as it is."))
        values = {"uploaded_by": by} | PlanScan.values(taken)
        return PlanScan.objects.get_or_create(version=locked, sha256=taken.sha256, defaults=values)

    return uploads.keep(file, accepts=uploads.SCAN, store=store(), row=kept)


# --- reviewing it ----------------------------------------------------------------------------------------
@transaction.atomic
def take_up(*, version: PlanVersion, by: User) -> PlanVersion:
    """The bureau begins its review."""
    version = _with_bureau(version, by)
    if version.state == PlanState.UNDER_REVIEW:
        return version
    return _take(version, PlanStepKind.TAKE_UP, PlanState.UNDER_REVIEW, by)


@transaction.atomic
def remark(*, version: PlanVersion, remarks: Iterable[Remark], by: User) -> PlanVersion:
    """逐条审核: agree to lines or say what is to be put right; nothing said takes a remark back. Begins the review."""
    version, remarks = _with_bureau(version, by), list(remarks)
    if version.state == PlanState.SUBMITTED:
        version = _take(version, PlanStepKind.TAKE_UP, PlanState.UNDER_REVIEW, by)
    _lines_of(version, [one.line for one in remarks])
    for one in remarks:
        text = one.text.strip()
        own = PlanRemark.objects.filter(version=version, line=one.line)
        if not one.is_agreed and not text:
            own.delete()
        else:
            values = {"is_agreed": one.is_agreed, "text": text, "by": by, "at": clock.now()}
            PlanRemark.objects.update_or_create(version=version, line=one.line, defaults=values)
    return version


@transaction.atomic
def send_back(*, version: PlanVersion, by: User, comments: Iterable[Comment] = (), opinion: str = "") -> PlanVersion:
    """退回 with comments on lines and the remarks made before; the county goes on in the next version.

    Raises Refused, Settled.
    """
    version = _with_bureau(version, by)
    said = [comment for comment in comments if comment.text.strip()]
    lines = {comment.line for comment in said}
    before = version.remarks.filter(is_agreed=False).exclude(line__in=[one for one in lines if one is not None])
    said += [Comment(one.line, one.text) for one in before]
    if not said and not opinion.strip():
        raise refuse("comments", "", _("Say what is to be put right, then return it."))
    _lines_of(version, [comment.line for comment in said if comment.line is not None])
    version.opinion = opinion.strip()
    return _take(version, PlanStepKind.RETURN, PlanState.RETURNED, by, opinion, said)


@transaction.atomic
def approve(*, version: PlanVersion, by: User, opinion: str = "") -> PlanVersion:
    """批准: from now on this version is held against what happens; an earlier approved one is replaced by it.

    Raises Refused while a remark asks for something to be put right.
    """
    version = _with_bureau(version, by)
    asked = list(version.remarks.filter(is_agreed=False).values_list("line", flat=True))
    if asked:
        message = _("Line %(lines)s is to be put right by your remarks; return the plan, or take the remarks back.")
        lines = _(", ").join(str(number) for number in asked[:10])
        raise refuse("remarks", str(len(asked)), message % {"lines": lines})
    for earlier in PlanVersion.objects.select_for_update().filter(
        programme=version.programme_id, county=version.county_id, state=PlanState.APPROVED
    ):  # fmt: skip
        _take(earlier, PlanStepKind.SUPERSEDE, PlanState.SUPERSEDED, by)
    version.opinion = opinion.strip()
    return _take(version, PlanStepKind.APPROVE, PlanState.APPROVED, by, opinion)


# --- what all of them share ------------------------------------------------------------------------------
def _running(programme: Programme) -> None:
    if (ended := selectors.ends_on(programme)) < clock.today():
        message = _("%(programme)s ended on %(date)s; nothing is planned for it any more.")
        raise refuse("programme", programme.code, message % {"programme": programme, "date": ended.isoformat()})


def _locked(version: PlanVersion) -> PlanVersion:
    rows = PlanVersion.objects.select_for_update(of=("self",)).select_related("county", "programme")
    return rows.get(pk=version.pk)


def _draft(version: PlanVersion, by: User, revision: int | None) -> PlanVersion:
    """The version under its lock, to be written on. Raises Settled, Stale, PermissionDenied."""
    version = _locked(version)
    require(by.may("plans.write", version))
    if version.state != PlanState.DRAFT:
        message = _("Version %(number)s is “%(state)s” and stays as it is; the plan is changed in its next version.")
        raise Settled(message % {"number": version.number, "state": version.get_state_display()})
    if revision is not None and revision != version.revision:
        raise Stale
    return version


def _lines_of(version: PlanVersion, numbers: Collection[int]) -> None:
    """Refuses numbers that are no line of the version."""
    there = set(version.lines.filter(number__in=numbers).values_list("number", flat=True))
    for number in numbers:
        if number not in there:
            raise refuse("comments", str(number), _("The plan has no line %(number)s.") % {"number": number})


def _next(version: PlanVersion, by: User) -> PlanVersion:
    """The version at its next revision, which locks it; for writes of cells, which must cost little."""
    require(by.may("plans.write", version))
    own = PlanVersion.objects.filter(pk=version.pk, state=PlanState.DRAFT)
    if not own.update(revision=F("revision") + 1):
        return _draft(version, by, None)  # says how far it is
    version = copy(version)
    version.revision = own.values_list("revision", flat=True).get()
    return version


def _with_bureau(version: PlanVersion, by: User) -> PlanVersion:
    version = _locked(version)
    require(by.may("plans.review", version))
    if version.state not in WITH_BUREAU:
        message = _("The plan is “%(state)s”; there is nothing to decide now.")
        raise Settled(message % {"state": version.get_state_display()})
    return version


def _written(version: PlanVersion) -> PlanVersion:
    version.revision += 1
    version.save(update_fields=["revision"])
    return version


def _take(
    version: PlanVersion, step: PlanStepKind, to: PlanState, by: User, reason: str = "",
    comments: Iterable[Comment] = (),
) -> PlanVersion:  # fmt: skip
    before, version.state = version.state, to
    version.revision += 1
    version.save()
    _note(version, step, by, before=before, reason=reason, comments=comments)
    notices.tell(version, step, by=by)
    return version


def _note(
    version: PlanVersion, step: PlanStepKind, by: User, *, before: str, reason: str = "",
    comments: Iterable[Comment] = (),
) -> None:  # fmt: skip
    row = PlanStep.objects.create(
        version=version, step=step, from_state=before, to_state=version.state, by=by, at=clock.now(),
        reason=reason.strip(),
    )  # fmt: skip
    PlanComment.objects.bulk_create([
        PlanComment(step=row, line=one.line, text=one.text.strip()) for one in comments
    ])  # fmt: skip
