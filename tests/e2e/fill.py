"""Run as a process: puts one object of every kind into the demo city, and prints how addresses name them.

With the argument ``plain`` they have names that one shows to people, else the longest and worst there are.
"""

import json
import sys
from typing import Any

#: Where the journeys go: 前进社区 of 双塔区.
COMMUNITY = "211302003001"
#: Compounds for the journeys, without anybody who manages them: code, name, area in ㎡.
REPORTED = "SENT"
COMPOUNDS = [
    (REPORTED, "上报小区", "30000"),
    ("HAND", "手录小区", "1000"),
    ("PHONE-1", "手机小区", "1000"),
    ("MERGE-1", "合并一区", "1000"),
    ("MERGE-2", "合并二区", "2000"),
]
BAD = "BAD"
PLAIN = {
    "OWN": "凌河家园", "OWN-2": "凌河家园二期", "OWN-3": "凌河家园三期", "OWN-4": "滨河新村", "OWN-5": "滨河新村二期",
    "NEIGHBOUR": "龙泉新村", "NEIGHBOUR-2": "龙泉新村二期", "NEIGHBOUR-3": "龙泉新村三期", "NEIGHBOUR-4": "海河新村",
    "NEIGHBOUR-5": "海河新村二期",
}  # fmt: skip


def main(arguments: list[str]) -> None:
    import django

    django.setup()
    from communities.people.models import User
    from compounds.register import names
    from compounds.register.models import Compound
    from oversight.programme.models import PartVersion
    from tests.nasty import NASTY, put_everywhere
    from tests.support import make_compound, person, register
    from tests.world import make_world

    people = {
        "county": "county_211302", "committee": "committee_211302003001", "neighbour_county": "county_211303",
        "subdistrict": "street_211302003",
    }  # fmt: skip
    cast = {name: User.objects.get(username=username) for name, username in people.items()}
    cast["neighbour_committee"] = person("neighbour_committee", "committee", "211303004001")
    cast["neighbour_subdistrict"] = person("neighbour_subdistrict", "subdistrict", "211303004")
    found = make_world(cast)["own"]
    for code, name, area in COMPOUNDS:
        compound = make_compound(code, COMMUNITY, name)
        compound.initials = names.initials(name)
        compound.save()
        register(code, "2014-02-01", community=COMMUNITY, m2=area)
    hand_in(cast["committee"])
    if "plain" in arguments:
        for code, name in PLAIN.items():
            Compound.objects.filter(code=code).update(name=name)
        PartVersion.objects.filter(required=1).update(required=12_000 * 100)
    else:
        compound = make_compound(BAD, COMMUNITY, NASTY)
        register(BAD, "2014-02-01", community=COMMUNITY, m2="100000")
        put_everywhere(found, compound)
    found["apart"] = (found["apart"].pk,)
    print(json.dumps({"world": found, "shown": shown()}, default=str))


def hand_in(by: Any) -> None:
    """A report of the community that waits for the street."""
    from compounds.register.models import Compound
    from compounds.reports import services
    from compounds.reports.choices import ReportKind
    from compounds.reports.claims import Claim
    from tests.support import day

    claim = Claim(effective_on=day("2014-05-01"), mode_to="community", date_basis="交接记录", basis_no="1号")
    report = services.draft(
        kind=ReportKind.TAKEOVER, claim=claim, by=by, key="e2e", compound=Compound.objects.get(code=REPORTED)
    )
    services.submit(report=report, by=by)


def shown() -> dict[str, list[Any]]:
    """What of the demo city has most to show, for pictures: of 双塔区, and of the division that is behind."""
    from django.db.models import Count, Sum

    from compounds.ledger.models import Entry, Posting

    told = Entry.objects.filter(compound__community__code__startswith="211302", compound__status="active")
    rich = (
        told.values("compound", "compound__code").annotate(number=Count("pk")).order_by("-number", "compound__code")[0]
    )
    newest = told.filter(compound=rich["compound"]).order_by("-height")[0]

    def unmanaged(within: str) -> str:
        left = Posting.objects.filter(compound__community__code__startswith=within, mode="none")
        found = left.values("compound__code").annotate(area=Sum("area_dm2")).order_by("-area", "compound__code")
        return found[0]["compound__code"]

    return {
        "compound": [rich["compound__code"]], "entry": [newest.pk], "unmanaged": [unmanaged("211302")],
        "own_unmanaged": [unmanaged(COMMUNITY)], "division": ["211303"],
    }  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
