"""``make screenshots``: a picture of every page in both languages, of a demo city made for it in a folder of its own.

``OUT`` names the folder for the pictures, outside of the tree. ``README=1`` renews the few of docs/images instead.
Arguments are beginnings of pages' names, such as ``register: city``: only these are taken.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUSINESS_DATE = "2015-10-31"


def main(arguments: list[str]) -> int:
    for_readme = os.environ.get("README", "") not in ("", "0")
    out = Path(os.environ.get("OUT") or Path(tempfile.gettempdir()) / "chaoyang_pm_screenshots").resolve()
    if for_readme:
        out = ROOT / "docs" / "images"
    elif out.is_relative_to(ROOT):
        print(f"OUT={out}: choose a folder outside of {ROOT}.", file=sys.stderr)
        return 1
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="chaoyang_pm_screenshots_") as folder:
        return take(Path(folder), out, arguments, for_readme=for_readme)


def take(folder: Path, out: Path, arguments: list[str], *, for_readme: bool) -> int:
    """Load a demo city into the folder, walk through its pages, say what came of it."""
    os.environ |= {
        "CHAOYANG_PM_BUSINESS_DATE": BUSINESS_DATE, "CHAOYANG_PM_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3", "DJANGO_SETTINGS_MODULE": "chaoyang_pm.settings",
    }  # fmt: skip
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from tests.e2e import pictures
    from tests.e2e.people import Browsers
    from tests.e2e.portal import browser, running

    chromium = browser()
    if chromium is None:
        print("No Chromium on this machine (apt-get install chromium, or CHROMIUM=/path/to/it).", file=sys.stderr)
        return 1
    started = time.monotonic()
    print("Loading a demo city for the pictures", flush=True)
    with running(folder, "plain", scale="1") as portal, Browsers.started(chromium, portal.address) as browsers:
        if for_readme:
            taken = list(pictures.for_readme(out, browsers, portal))
        else:
            taken = list(pictures.all_of_them(out, browsers, portal, only=tuple(arguments)))
    size = sum(path.stat().st_size for path in taken)
    print(f"{len(taken)} pictures, {size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s: {out}")
    return 0 if taken else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
