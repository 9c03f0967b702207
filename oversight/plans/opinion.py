"""审核意见: what the bureau says to a version of a county's plan, as a Word document."""

from django.utils.translation import gettext as _
from docx import Document
from docx.shared import Pt

from chaoyang_pm.kit.figures import format_m2, format_wan
from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.word import add_table, centred, saved, set_up
from oversight.plans import selectors
from oversight.plans.choices import PlanState, PlanStepKind
from oversight.plans.models import PlanComment, PlanVersion


def document(version: PlanVersion) -> bytes:
    """The paper about a version that was returned or approved: its figures, what is to be put right, the opinion."""
    word = Document()
    set_up(word)
    title = _("Opinion on the plan of %(county)s") % {"county": version.county}
    if notice := portal.notice():
        centred(word.add_paragraph(notice))
    word.add_heading(title, level=0)
    centred(word.add_paragraph(_about(version)))
    word.add_heading(_("The plan"), level=1)
    for sentence in _sentences(version):
        word.add_paragraph(sentence).paragraph_format.first_line_indent = Pt(20)
    word.add_heading(_("Decision"), level=1)
    word.add_paragraph(_decision(version)).paragraph_format.first_line_indent = Pt(20)
    comments = list(PlanComment.objects.filter(step__version=version, step__step=PlanStepKind.RETURN))
    if comments:
        word.add_heading(_("To be put right"), level=1)
        _comments(word, version, comments)
    for label in (_("Reviewed by"), _("Approved by (seal)"), _("Date")):
        word.add_paragraph(_("%(label)s: ") % {"label": label}).paragraph_format.space_before = Pt(14)
    return saved(word, title=title, author=_("Property management portal"))


def _about(version: PlanVersion) -> str:
    return _("Version %(number)s · %(document)s · signed by %(signatory)s · submitted on %(date)s") % {
        "number": version.number, "document": version.document_no, "signatory": version.signatory,
        "date": version.submitted_on.isoformat() if version.submitted_on else "",
    }  # fmt: skip


def _sentences(version: PlanVersion) -> list[str]:
    amounts = selectors.amounts(version)
    found = [
        _("The plan has %(lines)s lines with %(area)s × 10,000 ㎡, %(pilots)s of them pilots.") % {
            "lines": amounts.lines, "area": format_wan(amounts.area_dm2 or 0), "pilots": amounts.pilots,
        }
    ]  # fmt: skip
    if version.is_late:
        due = selectors.due_on(version.programme, version.county_id)
        found.append(_("It was submitted after its deadline, %(date)s.") % {"date": due.isoformat() if due else "—"})
    if version.words:
        found.append(_("On warnings of the checks the county says: %(words)s") % {"words": version.words})
    return found


def _decision(version: PlanVersion) -> str:
    if version.state == PlanState.RETURNED:
        decision = _("The plan is returned; put it right and submit it again.")
    else:
        decision = _("The plan is approved and carried out from now on; it is changed by a reviewed amendment only.")
    return f"{decision} {version.opinion}".strip()


def _comments(word, version: PlanVersion, comments: list[PlanComment]) -> None:
    numbers = [comment.line for comment in comments if comment.line is not None]
    lines = {
        line.number: line
        for line in version.lines.select_related("compound", "community").filter(number__in=numbers)
    }  # fmt: skip
    rows = []
    for comment in comments:
        line = lines.get(comment.line or 0)
        rows.append([
            str(comment.line or "—"), str((line.compound or line.name or line.community) if line else _("As a whole")),
            format_m2(line.planned_dm2) if line and line.planned_dm2 else "", comment.text,
        ])  # fmt: skip
    add_table(word, [_("Line"), _("Compound"), _("Area (㎡)"), _("Comment")], rows, (1.4, 4.6, 2.6, 8.4), numbers=False)
