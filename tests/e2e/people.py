"""Pages of a real browser, opened as one of the demo accounts, that note what no page may do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from communities.people.demo import PASSWORD

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
ALL_OF_IT = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: What sticks out of the screen, for the message of a failure.
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll"))
    .slice(0, 5).map((one) => one.outerHTML.slice(0, 120))"""
#: What other people made and we only embed.
EMBEDDED = ".swagger-ui"
RUN_AXE = """async ([only, without]) => {
    const options = only ? { runOnly: { type: "rule", values: only } } : {};
    // The page's main region is the embedded one's own there.
    const rules = document.querySelector(without) ? { "landmark-one-main": { enabled: false } } : {};
    const parts = { include: document, exclude: [without] };
    const found = await axe.run(parts, { ...options, rules, resultTypes: ["violations"] });
    return found.violations.map((one) => `${one.id}: ${one.help}: ` + one.nodes.slice(0, 3)
        .map((node) => `${node.target} ${node.html.slice(0, 160)} ${node.failureSummary}`).join(" | "));
}"""


@dataclass
class Tab:
    """A page; ``faults`` are console errors, uncaught exceptions and requests to another host."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("request", self._asked)

    def _said(self, message) -> None:
        # Chromium says of every answer 4xx that the page itself failed to load; that is no fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"request: {request.url}")

    def open(self, path: str) -> Response | None:
        return self.page.goto(f"{self.address}{path}", wait_until="load")

    def violations(self, *rules: str) -> list[str]:
        """What axe finds in the page as it stands; by certain rules only, if any are named."""
        if not self.page.evaluate("() => 'axe' in window"):
            # Through the debugger, because the page's policy forbids what is not the portal's own.
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        return self.page.evaluate(RUN_AXE, [list(rules) or None, EMBEDDED])

    def too_wide(self) -> list[str]:
        """What makes a phone scroll sideways."""
        self.page.set_viewport_size(PHONE)
        over = self.page.evaluate(ALL_OF_IT)
        return [f"{over} px too wide", *self.page.evaluate(TOO_WIDE)] if over > 0 else []


class Browsers:
    """One browser, and in it a context for each account that has logged in."""

    def __init__(self, browser: Browser, address: str):
        self.browser, self.address = browser, address
        self.states: dict[str, dict] = {}

    @classmethod
    @contextmanager
    def started(cls, path: str, address: str) -> Iterator["Browsers"]:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            yield cls(browser, address)
            browser.close()

    def context(self, username: str, **options) -> BrowserContext:
        """Logged in through the form once, and again with the same cookies; with an empty name not at all."""
        if username and username not in self.states:
            context = self.browser.new_context(locale="zh-CN")
            log_in(Tab(context.new_page(), self.address), username)
            self.states[username] = context.storage_state()
            context.close()
        options = {"viewport": WIDE, "locale": "zh-CN", "accept_downloads": True, "reduced_motion": "reduce", **options}
        return self.browser.new_context(storage_state=self.states.get(username), **options)

    @contextmanager
    def of(self, username: str, **options) -> Iterator[Tab]:
        """A tab of an account, closed afterwards."""
        context = self.context(username, **options)
        context.set_default_timeout(15_000)
        try:
            yield Tab(context.new_page(), self.address)
        finally:
            context.close()


def log_in(tab: Tab, username: str) -> None:
    tab.open("/accounts/login/")
    tab.page.fill("[name=username]", username)
    tab.page.fill("[name=password]", PASSWORD)
    with tab.page.expect_navigation():
        tab.page.click("form:has([name=password]) [type=submit]")
    assert "/accounts/login/" not in tab.page.url, tab.page.inner_text("body")
