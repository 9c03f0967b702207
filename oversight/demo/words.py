"""The words of the story (fixtures/demo.json): invented names, and what clerks write in their columns."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings

W: Any = SimpleNamespace(**json.loads((Path(settings.BASE_DIR) / "fixtures" / "demo.json").read_text(encoding="utf-8")))
