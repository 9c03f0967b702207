"""Run as a process: puts one object of every kind into the demo city, and prints how addresses name them."""

import json

#: Where the journeys go: 前进社区 of 双塔区.
COMMUNITY = "211302003001"
#: Compounds for the journeys, without anybody who manages them: code, name, area in ㎡.
COMPOUNDS = [("HAND", "手录小区", "1000"), ("MERGE-1", "合并一区", "1000"), ("MERGE-2", "合并二区", "2000")]
BAD = "BAD"


def main() -> None:
    import django

    django.setup()
    from communities.people.models import User
    from compounds.register import names
    from tests.nasty import NASTY, put_everywhere
    from tests.support import make_compound, person, register
    from tests.world import make_world

    people = {
        "county": "county_211302", "committee": "committee_211302003001", "neighbour_county": "county_211303"
    }  # fmt: skip
    cast = {name: User.objects.get(username=username) for name, username in people.items()}
    cast["neighbour_committee"] = person("neighbour_committee", "committee", "211303004001")
    found = make_world(cast)["own"]
    for code, name, area in COMPOUNDS:
        compound = make_compound(code, COMMUNITY, name)
        compound.initials = names.initials(name)
        compound.save()
        register(code, "2014-02-01", community=COMMUNITY, m2=area)
    compound = make_compound(BAD, COMMUNITY, NASTY)
    register(BAD, "2014-02-01", community=COMMUNITY, m2="100000")
    put_everywhere(found, compound)
    found["apart"] = (found["apart"].pk,)
    print(json.dumps(found, default=str))


if __name__ == "__main__":
    main()
