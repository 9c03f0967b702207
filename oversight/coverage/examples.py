"""Examples in the API's description: from the worked example of the ledger's definition."""

_CITY = {"code": "2113", "name": "朝阳市"}
_LEDGER = {
    "height": 16, "hash": "5d41402abc4b2a76b9719d911017c592ae1f3e0d4c7b6a59f8e2d1c0b3a49587",
    "recorded_at": "2015-07-02T02:15:00Z",
}  # fmt: skip
_HEAD = {"division": _CITY, "as_of": "2014-12-31", "rule": "standard", "ledger": _LEDGER}

COVERAGE = _HEAD | {
    "area_m2": {
        "managed": 145000, "unmanaged": 180000.5, "total": 325000.5,
        "by_category": {
            "abandoned": 140000, "renovated": 50000.5, "unserved": 80000, "undetermined": 0, "established": 30000,
            "new_build": 25000,
        },
        "by_mode": {
            "none": 180000.5, "professional": 105000, "manager": 0, "owners": 40000, "self_help": 0, "community": 0,
        },
        "cells": [{"category": "abandoned", "mode": "professional", "area_m2": 60000, "households": 600}],
    },
    "rate": 0.446153, "professional_rate": 0.323076,
    "compounds": {"managed": 2, "partial": 1, "unmanaged": 3, "area_pending": 0, "rate": 0.333333},
    "households": {"managed": 1450, "total": 3250, "rate": 0.446153},
    "under_way": {
        "reports": 2,
        "area_m2": {
            "planned": 160000, "reported": 151000, "approved": 145000, "inspected": None, "difference": 6000,
            "takeovers": 8000, "lapses": 2000,
        },
        "households": {
            "planned": 1600, "reported": 1510, "approved": 1450, "inspected": None, "difference": 60,
            "takeovers": 80, "lapses": 20,
        },
    },
}  # fmt: skip
SERIES = _HEAD | {
    "from": "2014-12", "to": "2014-12",
    "series": [{
        "month": "2014-12", "as_of": "2014-12-31", "managed_m2": 145000, "unmanaged_m2": 180000.5,
        "total_m2": 325000.5, "rate": 0.446153, "professional_rate": 0.323076,
        "compounds": {"managed": 2, "partial": 1, "unmanaged": 3, "rate": 0.333333},
        "households": {"managed": 1450, "total": 3250, "rate": 0.446153},
    }],
}  # fmt: skip
MOVEMENTS = {
    "division": _CITY, "from": "2014-01-31", "to": "2014-12-31", "rule": "standard", "ledger": _LEDGER,
    "opening": {"managed_m2": 30000, "total_m2": 300000.5, "households": 3000},
    "by_kind": [{"kind": "takeover", "managed_m2": 120000, "total_m2": 0, "households": 0}],
    "closing": {"managed_m2": 145000, "total_m2": 325000.5, "households": 3250},
}  # fmt: skip
RESTATEMENT = {
    "results": [{
        "code": "B", "name": "示例小区B",
        "before": {"managed_m2": 50000.5, "total_m2": 50000.5, "households": 500},
        "change": {"managed_m2": -50000.5, "total_m2": 0, "households": 0},
        "after": {"managed_m2": 0, "total_m2": 50000.5, "households": 500},
        "entries": [14],
    }],
    "next": None,
    "division": _CITY, "as_of": "2014-12-31", "rule": "standard",
    "from": _LEDGER | {"height": 10}, "to": _LEDGER,
    "before": {"managed_m2": 175000.5, "total_m2": 325000.5, "households": 3250},
    "change": {"managed_m2": -30000.5, "total_m2": 0, "households": 0},
    "after": {"managed_m2": 145000, "total_m2": 325000.5, "households": 3250},
}  # fmt: skip
TARGETS = {
    "results": [{
        "code": "T1", "name": "弃管、老旧小区物业管理", "clause": "P3.3", "unit": "area", "deadline": "2014-12-31",
        "required_m2": 3020000, "completed_m2": 100000, "remaining_m2": 2920000, "ratio": 0.033113,
        "scheduled_m2": 3020000, "status": "behind", "run_rate_m2_per_month": 2920000, "forecast": None,
        "at_deadline_m2": 100000, "newly_lapsed_m2": 30000,
    }],
    "next": None,
}  # fmt: skip
