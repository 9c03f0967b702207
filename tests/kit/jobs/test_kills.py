"""Ten kills while work is going on; ``make bench`` does two hundred on both databases."""

import json
import subprocess
import sys

from django.conf import settings as django_settings


def test_kills_lose_nothing_and_double_nothing(portal):
    environment = portal.environment | {"CHAOYANG_PM_JOBS_ATTEMPTS": "1000"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.kit.jobs.killing", "10", "1"],
        cwd=django_settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["kills"], result["lost"], result["doubled"], result["failures"]) == (10, 0, 0, 0), done.stderr
    assert result["ledger"]
    assert result["entries"]
