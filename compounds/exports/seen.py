"""The list of compounds as it is seen: what the filters leave, with balances at a date and a version."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet, Sum

from chaoyang_pm.kit.figures import masked
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from chaoyang_pm.kit.sheets.writing import Field, Shape
from compounds.exports.columns import Words
from compounds.exports.selectors import Row, area_cell
from compounds.ledger.choices import Category, Mode
from compounds.ledger.models import Posting
from compounds.register.models import Compound

CHUNK = 1_000
FIELDS = [
    Field("小区编号", width=18), Field("小区名称", width=22), Field("县(市、区)", width=12),
    Field("街道(乡镇)", width=14), Field("社区", width=16), Field("社区编码", width=14), Field("地址", width=24),
    Field("小区类型"),
    Field("建成年份", Shape.NUMBER, 10), Field("楼栋数", Shape.NUMBER, 8), Field("户数", Shape.NUMBER, 8),
    Field("建筑面积(㎡)", Shape.AREA, 14), Field("已管面积(㎡)", Shape.AREA, 14), Field("未管面积(㎡)", Shape.AREA, 14),
    Field("小区类别", width=20), Field("管理模式", width=20), Field("状态", width=8), Field("联系人"),
    Field("联系电话", width=16),
]  # fmt: skip


def rows(
    compounds: QuerySet[Compound], *, phones: Scope, as_of: datetime.date, height: int, code: str = "",
    scope: Scope = EVERYWHERE,
) -> Iterator[Row]:  # fmt: skip
    """``compounds`` come from ``register.selectors.rows``; date, version, division and scope are those they were asked
    with. Telephones are given in full where ``phones`` covers the community."""
    words = Words()
    iterator = compounds.iterator(CHUNK)
    while chunk := list(islice(iterator, CHUNK)):
        held = _pockets([one.pk for one in chunk], as_of=as_of, height=height, code=code, scope=scope)
        for one in chunk:
            community: Any = one.community
            known: Any = one
            pockets = held.get(one.pk, set())
            categories = [words.category[each] for each in Category.values if each in {p[0] for p in pockets}]
            modes = [words.mode[each] for each in Mode.values if each in {p[1] for p in pockets}]
            yield (
                one.code, one.name, str(community.parent.parent), str(community.parent), str(community), community.code,
                one.address, words.compound_kind[one.kind], one.built_year, one.buildings, known.households,
                area_cell(known.total), area_cell(known.managed), area_cell(known.unmanaged),
                "、".join(map(str, categories)), "、".join(map(str, modes)), words.status[one.status], one.contact,
                one.phone if phones.covers(community.code) else masked(one.phone),
            )  # fmt: skip


def _pockets(
    keys: list[int], *, as_of: datetime.date, height: int, code: str, scope: Scope
) -> dict[int, set[tuple[str, str]]]:  # fmt: skip
    """(category, mode) of what each compound holds."""
    inside = Posting.objects.at(code=code, as_of=as_of, height=height) if code else Posting.objects.filter(
        scope.q("community"), effective_on__lte=as_of, entry__lte=height
    )  # fmt: skip
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    sums = inside.filter(compound__in=keys).order_by().values_list("compound", "category", "mode")
    for compound, category, mode, area in sums.annotate(Sum("area_dm2")):
        if area:
            found[compound].add((category, mode))
    return found
