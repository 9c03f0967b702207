"""Every page in a real browser: readable by everybody, in both themes, on a phone, without faults and under the CSP."""

import pytest
from playwright.sync_api import Error

from tests.e2e.pages import OPEN, PAGES, address

#: Pages of the administration, with the link that leads from there to the one that is meant.
ADMINISTRATION = {
    "index": ("/admin/", ""), "list": ("/admin/compounds/compound/", ""), "ledger": ("/admin/compounds/entry/", ""),
    "seen": ("/admin/compounds/entry/", "#result_list th a"), "form": ("/admin/oversight/clause/", "#result_list th a"),
    "new": ("/admin/communities/department/add/", ""),
}  # fmt: skip
#: Colours that fade are judged when they have arrived.
SETTLED = """() => Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished))"""


def faults(tab, path: str, status: int = 200) -> list[str]:
    """All that is wrong with a page."""
    answer = tab.open(path)
    assert "text/html" in answer.headers["content-type"], path
    assert answer.status == status, path
    policy = answer.headers.get("content-security-policy", "")
    wrong = [] if "script-src 'self'" in policy and "unsafe" not in policy else [f"policy: {policy}"]
    wrong += tab.violations()
    tab.page.emulate_media(color_scheme="dark")
    tab.page.evaluate(SETTLED)
    wrong += [f"dark: {one}" for one in tab.violations("color-contrast")]
    return wrong + tab.too_wide() + tab.faults


@pytest.mark.parametrize(("name", "account"), PAGES.items(), ids=PAGES)
def test_page(name, account, browsers, portal):
    path = address(name, portal.world)
    with browsers.of(account) as tab:
        found = faults(tab, path)
        assert not found, "\n".join([path, *found])


@pytest.mark.parametrize(("path", "status"), OPEN.values(), ids=OPEN)
def test_page_beside_the_rooms(path, status, browsers):
    with browsers.of("" if "accounts" in path else "bureau") as tab:
        found = faults(tab, path, status)
        assert not found, "\n".join([path, *found])


@pytest.mark.parametrize(("path", "link"), ADMINISTRATION.values(), ids=ADMINISTRATION)
def test_page_of_the_administration(path, link, browsers):
    with browsers.of("admin") as tab:
        if link:
            tab.open(path)
            path = tab.page.locator(link).first.get_attribute("href") or ""
        # Django's own scripts set styles there; the policy forbids it, and nothing is lost.
        found = [one for one in faults(tab, path) if "Applying inline style" not in one]
        assert not found, "\n".join([path, *found])


@pytest.mark.parametrize("account", ["leader", "county_211302", "committee_211302003001"])
def test_first_page_of_a_role(account, browsers):
    with browsers.of(account) as tab:
        found = faults(tab, "/")
        assert not found, "\n".join(found)


def test_notices_of_somebody_who_has_some(browsers):
    with browsers.of("county_211302") as tab:
        found = faults(tab, "/notices/?show=all")
        assert tab.page.locator(".notices li").count()
        tab.page.locator(".bell summary").click()
        assert not found + tab.violations() + tab.too_wide()


def test_files_are_no_pages(browsers, portal):
    with browsers.of("county_211302") as tab, pytest.raises(Error, match="Download is starting"):
        tab.open(address("coverage:export", portal.world))
