"""Pictures of pages: every page of the portal as it looks wide, on a phone, in English and in the dark."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from PIL import Image
from playwright.sync_api import Page

from tests.e2e.pages import OPEN, PAGES, address
from tests.e2e.people import PHONE, WIDE, Browsers, Tab
from tests.e2e.portal import Portal

#: What a picture of README is reduced to.
COLOURS = 160


@dataclass(frozen=True)
class Look:
    """How a page is looked at: the end of the picture's name, language, size, theme, sharpness."""

    name: str
    language: str = "zh-hans"
    viewport: dict[str, int] = field(default_factory=lambda: WIDE)
    theme: str = "light"
    scale: float = 1


LOOKS = [Look("zh"), Look("en", language="en"), Look("360", viewport=PHONE)]
DARK = Look("dark", theme="dark")
#: Pages that are looked at in the dark, too.
DARKENED = {
    "city", "coverage:division", "coverage:series", "programme:target", "onepager:page", "register:list",
    "register:detail", "takeover", "mistakes", "structure:duplicates", "shell:components", "people:me",
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A page, who opens it, and what is done on it before the picture is taken."""

    account: str
    path: str
    prepare: Callable[[Page], Any] = lambda page: None


# --- what is done on pages -----------------------------------------------------------------------------
def wrong_workbook() -> bytes:
    """A register as a county might send it, with mistakes."""
    book = openpyxl.Workbook()
    for row in (
        ["双塔区住宅小区台账(2015年10月)"],
        ["社区", "小区名称", "建筑面积(㎡)", "户数", "小区类别", "管理模式", "接管日期"],
        ["前进社区", "海棠一苑", 20000, 200, "弃管", "专业化", "2014-09-15"],
        ["前进社区居", "海棠二苑", "3.25万㎡", 300, "弃管", "", ""],
        ["前进社区", "红山家园", -1200, 20, "已改造", "", ""],
        ["前进社区", "一中家属楼", 8600, 90, "其他未实施", "社区代管", "2014.13"],
        ["合计", "", 61100, 610, "", "", ""],
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def send_workbook(page: Page) -> None:
    page.check("[name=workbook][value=register]")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files(
        "[type=file]", {"name": "双塔区小区台账(2015年10月).xlsx", "mimeType": kind, "buffer": wrong_workbook()}
    )
    page.fill("[name=default_date]", "2015-10-31")
    with page.expect_navigation():
        page.click("form[enctype] [type=submit]")
    page.wait_for_function("() => !document.querySelector('.job-progress')", timeout=60_000)
    page.reload()


def take_over(page: Page) -> None:
    page.select_option("[name=mode_to]", "professional")
    for name, value in {
        "area_dm2": "6000", "provider_to": "恒信物业", "basis_type": "交接记录", "basis_no": "朝房物〔2015〕88号",
        "reason": "手续后补",
    }.items():  # fmt: skip
        page.fill(f"[name={name}]", value)
    next_step(page)


def merge(page: Page) -> None:
    page.check("[name=others][value='MERGE-2']")
    page.fill("[name=basis_type]", "批复")
    page.fill("[name=basis_name]", "关于合并的批复")
    next_step(page)


def next_step(page: Page) -> None:
    with page.expect_navigation():
        page.click("[name=step][value=preview]")


def explain(page: Page) -> None:
    page.click("[data-how] >> nth=0")
    page.wait_for_selector("dialog[open]")


def find(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("qj")
    page.wait_for_selector("#found a")


def open_fold(selector: str) -> Callable[[Page], None]:
    return lambda page: page.click(f"{selector} > summary")


# --- pages ---------------------------------------------------------------------------------------------
def scenes(portal: Portal) -> dict[str, Scene]:
    """Name of a picture → what it shows."""
    world = portal.world | portal.shown
    (compound,), (unmanaged,) = portal.shown["compound"], portal.shown["unmanaged"]
    worked = {
        "mistakes": Scene("bureau", "/imports/", send_workbook),
        "takeover": Scene("bureau", f"/compounds/{unmanaged}/record/takeover/", take_over),
        "merge": Scene("bureau", "/compounds/MERGE-1/record/merge/", merge),
        "menu": Scene("bureau", f"/compounds/{compound}/", open_fold(".page-head details")),
        "explained": Scene("bureau", "/", explain),
        "found": Scene("bureau", "/", find),
        "as-of": Scene("bureau", "/", open_fold(".top-tools > details:first-of-type")),
    }
    placed = {
        "city": Scene("bureau", "/"),
        "leader": Scene("leader", "/"),
        "county": Scene("county_211302", "/"),
        "partly": Scene("bureau", f"/compounds/{unmanaged}/"),
        "phone": Scene("committee_211302003001", f"/compounds/{portal.shown['own_unmanaged'][0]}/"),
        "street": Scene("bureau", "/divisions/211302003/"),
        "committee": Scene("committee_211302003001", "/"),
        "summary": Scene("bureau", "/divisions/2113/tables/summary/"),
        "unmanaged": Scene("bureau", "/divisions/2113/tables/unmanaged/"),
        "restatement": Scene("bureau", "/divisions/2113/tables/restatement/?as_of=2014-12-31"),
    }
    opened = {name: Scene("" if "accounts" in path else "bureau", path) for name, (path, _status) in OPEN.items()}
    # Reports are about a community of one's own; other pages show what has most to show.
    listed = {
        name: Scene(account, address(name, portal.world if name.startswith("reports:") else world))
        for name, account in PAGES.items()
    }
    listed["api:docs"] = Scene("bureau", listed["api:docs"].path, lambda page: page.wait_for_selector(".info .title"))
    return worked | placed | opened | listed


def all_of_them(out: Path, browsers: Browsers, portal: Portal, *, only: tuple[str, ...] = ()) -> Iterator[Path]:
    """A picture of each page by each look; ``only``: of pages whose names begin so."""
    wanted = {name: scene for name, scene in scenes(portal).items() if not only or name.startswith(only)}
    for look in [*LOOKS, DARK]:
        for name, scene in wanted.items():
            if look is not DARK or name in DARKENED:
                yield take(browsers, scene, look, out / f"{name.replace(':', '-').replace(' ', '-')}.{look.name}.png")


def take(browsers: Browsers, scene: Scene, look: Look, to: Path, *, whole: bool = True) -> Path:
    """A picture of the whole page, or of what the screen shows of it."""
    with browsers.of(scene.account, viewport=look.viewport, device_scale_factor=look.scale) as tab:
        dress(tab, look)
        tab.open(scene.path)
        scene.prepare(tab.page)
        tab.page.evaluate("() => document.fonts.ready.then(() => true)")
        if whole:  # of the page's own height, so that what fills the screen's height fills the picture's
            height = max(look.viewport["height"], tab.page.evaluate("() => document.documentElement.scrollHeight"))
            tab.page.set_viewport_size({"width": look.viewport["width"], "height": height})
        tab.page.screenshot(path=to, animations="disabled")
    return to


def dress(tab: Tab, look: Look) -> None:
    cookies = {"django_language": look.language, "theme": look.theme}
    tab.page.context.add_cookies([{"name": k, "value": v, "url": tab.address} for k, v in cookies.items()])


# --- README --------------------------------------------------------------------------------------------
README_LOOKS = {
    "city": Look("city", viewport={"width": 1440, "height": 1560}, scale=2 / 3),
    "partly": Look("compound", viewport={"width": 1440, "height": 900}, scale=2 / 3),
    "takeover": Look("takeover", viewport={"width": 1440, "height": 930}, scale=2 / 3),
    "onepager:page": Look("one-page", viewport={"width": 1440, "height": 1100}, scale=2 / 3),
    "phone": Look("phone", viewport=PHONE),
}


def for_readme(out: Path, browsers: Browsers, portal: Portal) -> Iterator[Path]:
    """The few of README: the upper part of a page, in few colours."""
    known = scenes(portal)
    for name, look in README_LOOKS.items():
        to = take(browsers, known[name], look, out / f"{look.name}.png", whole=False)
        with Image.open(to) as picture:
            # Colours that are rare, as those of states are, are kept too.
            few = picture.convert("RGB").quantize(
                COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
            )
        few.save(to, optimize=True)
        yield to
