"""Settings that cannot be used stop the start, and name their variable."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHAOYANG_PM_BUSINESS_DATE", "2015-13-01"),
        ("CHAOYANG_PM_BUSINESS_DATE", "yesterday"),
        ("CHAOYANG_PM_DEBUG", "perhaps"),
        ("CHAOYANG_PM_HTTPS", "2"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://host/name"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "amqp://127.0.0.1"),
        ("CHAOYANG_PM_JOBS_LEASE", "a minute"),
        ("CHAOYANG_PM_JOBS_SWEEP", "0"),
    ],
)
def test_an_unusable_variable_is_named(name, value, tmp_path):
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "CHAOYANG_PM_DATA_DIR": str(tmp_path), name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert f"ImproperlyConfigured: {name}: expected" in result.stderr
