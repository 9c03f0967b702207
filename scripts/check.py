"""``make check``: everything a machine can judge without running the portal. All of it runs, also after a failure."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable
CHECKS = {
    "style (ruff)": [BIN / "ruff", "check", "."],
    "formatting (ruff)": [BIN / "ruff", "format", "--check", "."],
    "types (mypy)": [BIN / "mypy"],
    "layers (import-linter)": [BIN / "lint-imports", "--no-logo"],
    "templates (djlint)": [BIN / "djlint", "templates", "--lint", "--quiet"],
    "templates' formatting (djlint)": [BIN / "djlint", "templates", "--check"],
    "missing migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "settings for production": [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "missing translations": [PYTHON, "scripts/messages.py", "check"],
}


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        production = {
            "CHAOYANG_PM_DATA_DIR": folder,
            "CHAOYANG_PM_SECRET_KEY": secrets.token_urlsafe(50),
            "CHAOYANG_PM_ALLOWED_HOSTS": "portal.example",
            "CHAOYANG_PM_HTTPS": "1",
        }
        for heading, command in CHECKS.items():
            started = time.monotonic()
            result = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **production},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            verdict = "FAILED" if result.returncode else "ok"
            print(f"{verdict:7}{heading}  ({time.monotonic() - started:.1f} s)", flush=True)
            if result.returncode:
                failed.append(heading)
                print(result.stdout, flush=True)
    print(
        f"{len(CHECKS) - len(failed)} of {len(CHECKS)} checks passed"
        + (f"; failed: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
