"""The pages: the list, a form per kind with its preview, the detail with its undoing; who may see and do what."""

import pytest

from communities.divisions.models import Division, Succession
from compounds.register.models import Compound
from tests.support import JINYUAN, QIANJIN

pytestmark = pytest.mark.usefixtures("city")
STREET = "211302003"
LIST = "/successions/"
COMMON = {"effective_on": "2015-06-01", "document_no": "朝政〔2015〕9号"}


@pytest.fixture
def submit(client, bureau):
    """Fills in a form as a browser does: all hidden fields go back with what is chosen."""

    def send(kind: str, step: str, **values):
        client.force_login(bureau)
        address = f"{LIST}new/{kind}/"
        key = values.pop("key", None) or client.get(address).context["form"]["key"].value()
        return client.post(address, {**COMMON, "key": str(key), "step": step, **values})

    return send


def lies_in(code: str) -> str:
    return Division.objects.get(code=Compound.objects.get(code=code).community_id).name


@pytest.mark.parametrize(
    ("kind", "values", "shown"),
    [
        ("rename", {"divisions": "双塔区 前进街道", "name": "跃进街道"}, "跃进街道"),
        ("merge", {"divisions": f"前进街道 前进社区\n{JINYUAN}", "name": "金进社区"}, "金进社区"),
        ("merge", {"divisions": JINYUAN, "into": QIANJIN}, "前进社区"),
        ("reparent", {"divisions": "前进街道", "parent": "朝阳县"}, "211321003"),
        ("zone", {"divisions": "双塔区·前进街道\n海河社区", "name": "开发区", "street": "开发区街道"}, "211371"),
        ("split", {
            "divisions": QIANJIN, "parts": "前进东社区\n前进西社区 211302003088", "asked": "1",
            "member_甲": "0", "member_乙": "1", "member_己": "1",
        }, "211302003088"),
    ],
)  # fmt: skip
def test_entered_previewed_carried_out(client, submit, kind, values, shown):
    preview = submit(kind, "preview", **values)
    assert preview.status_code == 200
    assert preview.context["form"].errors == {}
    assert shown in preview.content.decode()
    assert not Succession.objects.exists()
    key = preview.context["form"]["key"].value()
    done = submit(kind, "confirm", key=key, **values)
    succession = Succession.objects.get()
    assert done.status_code == 302
    assert done.url == f"{LIST}{succession.pk}/"
    assert shown in client.get(done.url).content.decode()
    assert submit(kind, "confirm", key=key, **values).url == done.url, "sent twice it is carried out once"
    assert Succession.objects.count() == 1
    assert submit(kind, "edit", **values).context["form"]["divisions"].value() == values["divisions"]
    page = client.get(LIST).content.decode()
    assert str(succession.get_kind_display()) in page


def test_a_split_asks_for_every_compound_and_takes_a_list(submit):
    values = {"divisions": QIANJIN, "parts": "前进东社区\n前进西社区"}
    asked = submit("split", "preview", **values)
    assert [bound.name for bound in asked.context["form"].choices()] == ["member_乙", "member_己", "member_甲"]
    assert "preview" not in asked.context
    listed = submit("split", "preview", **values, given="甲 前进东社区\n乙 前进西社区\n小区己 前进西社区")
    assert listed.context["preview"].problems == []
    wrong = submit("split", "preview", **values, given="甲 北社区")
    assert "甲 北社区" in wrong.context["form"].errors["given"][0]
    lacking = submit("split", "preview", **values, asked="1", member_甲="0")
    assert len(lacking.context["preview"].problems) == 2
    assert "confirm" not in lacking.content.decode()


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("reparent", {"divisions": "没有街道", "parent": "朝阳县"}, "divisions"),
        ("reparent", {"divisions": "前进街道", "parent": "双塔区"}, "parent"),
        ("reparent", {"divisions": "前进街道", "parent": "朝阳县", "effective_on": "2030-01-01"}, "effective_on"),
        ("reparent", {"divisions": "前进街道", "parent": "朝阳县", "document_no": ""}, "document"),
        ("rename", {"divisions": "前进", "name": "x"}, "divisions"), ("merge", {"divisions": JINYUAN}, "name"),
        ("zone", {"divisions": "前进街道", "name": "开发区", "code": "211304"}, "code"),
        ("zone", {"divisions": "前进街道"}, "name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(submit, kind, values, field):
    form = submit(kind, "preview", **values).context["form"]
    assert list(form.errors) == [field]


def test_a_wrong_change_is_undone_on_its_page(client, submit):
    values = {"divisions": "前进街道", "parent": "朝阳县"}
    address = submit("reparent", "confirm", **values).url
    assert client.post(address, {"reason": ""}).context["form"].errors
    assert client.post(address, {"reason": "文号有误"}).url == address
    assert Succession.objects.get().undone_reason == "文号有误"
    assert client.get(address).status_code == 200
    assert client.get(f"{LIST}9/").status_code == client.get(f"{LIST}new/other/").status_code == 404


@pytest.mark.parametrize(
    ("who", "reads", "does"),
    [
        ("bureau", 200, 200), ("auditor", 200, 403), ("admin", 200, 403), ("county", 403, 403), ("leader", 403, 403),
        ("committee", 403, 403),
    ],
)  # fmt: skip
def test_who_may_see_and_who_may_do_it(client, cast, who, reads, does):
    client.force_login(cast[who])
    assert client.get(LIST).status_code == reads
    assert client.get(f"{LIST}new/rename/").status_code == does


def test_the_register_offers_living_divisions_only(page, succeed):
    succeed("reparent", STREET, parent="211321")
    offered = {division.code for division in page("/compounds/").context["filters"].form.fields["division"].queryset}
    assert STREET not in offered
    assert "211321003" in offered
    assert page(f"/compounds/?division={STREET}&as_of=2015-05-31").context["compounds"]
    assert QIANJIN not in page("/register/new/").content.decode()


def test_figures_of_older_dates_show_the_counties_and_names_of_then(page, succeed):
    Compound.objects.filter(code="己").delete()
    succeed("zone", STREET, name="开发区")
    succeed("rename", "211302", name="新塔区", on="2015-07-01")
    names = {group.key: group.name for group in page("/?as_of=2015-05-31").context["groups"]}
    assert ("211371" in names, names["211302"]) == (False, "双塔区")
    names = {group.key: group.name for group in page("/?as_of=2015-07-01").context["groups"]}
    assert (names["211371"], names["211302"]) == ("开发区", "新塔区")


def test_the_administration_shows_divisions_and_corrects_names_only(client, cast, succeed):
    succeed("reparent", STREET, parent="211321")
    client.force_login(cast["admin"])
    assert client.get("/admin/communities/division/?ended_on__isempty=0").status_code == 200
    page = client.get(f"/admin/communities/division/{STREET}/change/")
    assert "2015-06-01" in page.content.decode()
    assert set(page.context["adminform"].form.fields) == {"name", "short_name"}
    assert client.get("/admin/communities/division/add/").status_code == 403
