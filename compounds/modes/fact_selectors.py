"""Reads on votes, tenders and what else a procedure keeps: the rule of a day, and what a tender lacks of it."""

import datetime
from fractions import Fraction
from typing import Any

from auditlog.models import LogEntry
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from chaoyang_pm.kit.edits import Edit, Telling, read
from chaoyang_pm.kit.figures import format_m2
from compounds.ledger.models import Posting
from compounds.modes.choices import Facts, Matter, TenderCheck, Way
from compounds.modes.fact_models import FeeYear, ServicePoint, Tender, TenderRule, VoteRule
from compounds.modes.models import Procedure


def _valid(day: datetime.date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))


def vote_rule(matter: Matter, on: datetime.date) -> VoteRule | None:
    """The rule for a vote held on a day; of several the newest."""
    return VoteRule.objects.filter(_valid(on), matter=matter).order_by("-valid_from").first()


def vote_rules() -> list[VoteRule]:
    """Every rule, by period, in the order of the matters."""
    order = list(Matter)
    return sorted(
        VoteRule.objects.all(), key=lambda rule: (-rule.valid_from.toordinal(), order.index(Matter(rule.matter)))
    )


def tender_rules(on: datetime.date) -> dict[TenderCheck, TenderRule]:
    """What tenders of a day are held against."""
    rows = TenderRule.objects.filter(_valid(on)).order_by("valid_from")
    return {TenderCheck(row.check_of): row for row in rows}


def tender_day(tender: Tender) -> datetime.date:
    """The day by whose rules a tender goes."""
    return tender.announced_on or tender.approved_on or tender.awarded_on or tender.procedure.started_on


def tender_warnings(tender: Tender) -> list[str]:
    """What of a tender is not as its day's rules ask, each with its basis; blanks are not judged."""
    rules = tender_rules(tender_day(tender))
    found = [warning for check in CHECKS for warning in check(tender, rules)]
    return [_("%(text)s (%(basis)s)") % {"text": text, "basis": rule.legal_basis} for text, rule in found]


Rules = dict[TenderCheck, TenderRule]
Warnings = list[tuple[str, TenderRule]]


def _competition(tender: Tender, rules: Rules) -> Warnings:
    found: Warnings = []
    fewest = rules.get(TenderCheck.BIDDERS)
    if tender.way == Way.AGREEMENT:
        return _agreement(tender, rules)
    if fewest and tender.bidders is not None and tender.bidders < fewest.value:
        text = _("%(number)s bidders: with fewer than %(least)s it needs another tender, or the authority's approval.")
        found.append((text % {"number": tender.bidders, "least": fewest.value}, fewest))
    asked = rules.get(TenderCheck.INVITED)
    if asked and tender.way == Way.INVITED and tender.invited is not None and tender.invited < asked.value:
        text = _("%(number)s firms were invited; at least %(least)s must be.")
        found.append((text % {"number": tender.invited, "least": asked.value}, asked))
    return found


def _agreement(tender: Tender, rules: Rules) -> Warnings:
    """By agreement only with fewer bidders than a tender needs or in a small compound, and with an approval."""
    found: Warnings = []
    fewest, small = rules.get(TenderCheck.BIDDERS), rules.get(TenderCheck.SMALL)
    basis = fewest or small
    if basis and not tender.approval_no:
        found.append((_("By agreement: the approval of the authority is missing."), basis))
    few = fewest is not None and tender.bidders is not None and tender.bidders < fewest.value
    if small and not few and area_of(tender.procedure) > small.value * 100:
        text = _("By agreement, although the compound is larger than %(most)s ㎡ and there was no lack of bidders.")
        found.append((text % {"most": f"{small.value:,}"}, small))
    return found


def _panel(tender: Tender, rules: Rules) -> Warnings:
    found: Warnings = []
    if tender.way == Way.AGREEMENT or tender.panel is None:
        return found
    least, odd, share = (rules.get(one) for one in (TenderCheck.PANEL, TenderCheck.ODD, TenderCheck.EXPERTS))
    if least and tender.panel < least.value:
        text = _("The panel has %(number)s members; at least %(least)s are asked for.")
        found.append((text % {"number": tender.panel, "least": least.value}, least))
    if odd and odd.value and tender.panel % 2 == 0:
        found.append((_("The panel has an even number of members."), odd))
    if share and tender.experts is not None and tender.experts < Fraction(share.value, share.divisor) * tender.panel:
        text = _("%(number)s experts among %(panel)s; at least %(part)s are asked for.")
        facts = {"number": tender.experts, "panel": tender.panel, "part": f"{share.value}/{share.divisor}"}
        found.append((text % facts, share))
    return found


def _filing(tender: Tender, rules: Rules) -> Warnings:
    limit = rules.get(TenderCheck.FILING)
    if limit is None or tender.awarded_on is None or tender.filed_on is None:
        return []
    days = (tender.filed_on - tender.awarded_on).days
    if days < 0:
        return [(_("It was filed before it was awarded; check both dates."), limit)]
    if days <= limit.value:
        return []
    return [(_("Filed %(days)s days after the award; within %(limit)s is asked for.")
             % {"days": days, "limit": limit.value}, limit)]  # fmt: skip


CHECKS = (_competition, _panel, _filing)


def area_of(procedure: Procedure) -> int:
    """What the compound holds, as known now."""
    rows = Posting.objects.filter(compound=procedure.compound_id).values_list("area_dm2", flat=True)
    return sum(rows)


KEPT: dict[str, type[Model]] = {Facts.TENDER: Tender, Facts.FEES: FeeYear, Facts.SERVICES: ServicePoint}


def edits(procedure: Procedure) -> list[Edit]:
    """Who entered, changed or took out what the procedure keeps, newest first."""
    model = KEPT.get(procedure.kind.facts)
    if model is None:
        return []
    noted = LogEntry.objects.get_for_model(model)
    its = noted.filter(action=LogEntry.Action.CREATE, changes__procedure__1=str(procedure.pk)).values("object_pk")
    rows = noted.filter(object_pk__in=its).select_related("actor").order_by("-timestamp", "-pk")
    telling = Telling(without=("procedure",), show=_shown)
    return [read(entry, model, telling) for entry in rows]


def _shown(name: str, value: Any) -> str | None:
    """Amounts of money are kept in 0.01 yuan."""
    return format_m2(int(value)) if name.endswith("_fen") else None
