"""The workbook of a county's plan: headings as offices write them, and how its own cells are read."""

import datetime
import re
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import month_end
from chaoyang_pm.kit.sheets import values as cells
from chaoyang_pm.kit.sheets.errors import CellError
from chaoyang_pm.kit.sheets.headers import Column
from compounds.imports.columns import AREA

COLUMNS = (
    Column("code", "小区编号", ("小区代码", "小区编码")),
    Column("name", "小区名称", ("小区名", "小区", "名称"), required=True, names_row=True),
    Column("county", "县(市、区)", ("县区", "县市区", "所属县区", "区县")),
    Column("subdistrict", "街道(乡镇)", ("街道", "所属街道", "乡镇", "街道乡镇", "街道办", "街道办事处")),
    Column("community", "社区", ("所属社区", "社区名称", "居委会", "社区居委会", "社区(村)"), required=True),
    Column("category", "小区类别", ("类别", "小区分类", "分类")),
    Column("mode", "拟采用管理模式", ("拟用模式", "拟采用模式", "计划模式", "管理模式", "拟实施模式"), required=True),
    Column("planned_for", "计划完成时间", ("完成时限", "计划时间", "完成时间", "计划完成时限", "时限"), required=True),
    Column("area", "面积", ("建筑面积", "计划面积", "面积(㎡)"), dimension=AREA, adds_up=True),
    Column("households", "户数", ("总户数", "计划户数"), adds_up=True),
    Column("leader", "责任领导", ("包保领导", "分管领导")),
    Column("person", "责任人", ("具体责任人", "负责人"), required=True),
    Column("phone", "电话", ("联系电话", "责任人电话", "联系方式")),
    Column("unit", "责任单位", ("承办单位", "实施单位")),
    Column("is_pilot", "试点", ("是否试点", "试点小区")),
    Column("note", "备注", ("说明",)),
)
LABELS = {column.key: column.label for column in COLUMNS}
NUMBERING = ("序号",)
PLACES = ("county", "subdistrict", "community")
#: A summary by place in place of the lines; ``NAME`` tells a list of compounds from it.
TOTALS = (
    *(replace(column, required=False, names_row=True) for column in COLUMNS if column.key in PLACES),
    Column("place", "区域", ("单位", "名称", "辖区", "区划", "责任单位", "街道(社区)", "分类", "项目"), names_row=True),
    Column(
        "compounds", "小区数",
        ("小区个数", "小区总数", "小区数量", "住宅小区数", "住宅小区个数", "弃管小区数", "老旧小区数", "个数"),
        required=True, adds_up=True,
    ),
    Column("buildings", "楼栋数", ("栋数", "楼数", "楼栋", "楼房栋数", "幢数", "楼房数"), adds_up=True),
    Column("households", "户数", ("总户数", "居民户数", "住户数"), adds_up=True),
    Column("area", "建筑面积", ("面积", "总建筑面积", "总面积"), required=True, dimension=AREA, adds_up=True),
)  # fmt: skip
NAME = next(column for column in COLUMNS if column.key == "name")
PARTS, SUBTOTAL = "其中", "小计"

QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "一": 1, "二": 2, "三": 3, "四": 4}
QUARTER = re.compile(r"(\d{4})\s*年?\s*(?:第?\s*([1-4一二三四])\s*季度?|[Qq]([1-4]))")
YES, NO = {"是", "√", "✓", "y", "yes", "1", "试点"}, {"否", "×", "n", "no", "0", "非试点"}


def parse_when(value: Any) -> tuple[datetime.date, bool] | None:
    """The last day of a quarter or month, and whether it was a quarter: 2014年3季度, 2014Q3, 2014-09, 2014.9."""
    if cells.is_blank(value):
        return None
    text = cells.clean_text(value) or ""
    if found := QUARTER.fullmatch(text):
        month = 3 * QUARTERS[found[2] or found[3]]
        return month_end(datetime.date(int(found[1]), month, 1)), True
    try:
        parsed = cells.parse_date(value)
    except CellError:
        message = _("“%(value)s” is no time of a plan; write a quarter such as 2014年3季度 or a month such as 2014-09.")
        raise CellError(message % {"value": cells.shown(value)}) from None
    return (month_end(parsed.date), False) if parsed else None


def when(due_on: datetime.date | None, by_quarter: bool) -> str:
    """A time of a plan as offices write it, and as ``parse_when`` reads it: 2014年3季度, 2014-09."""
    if due_on is None:
        return ""
    if by_quarter:
        return _("%(year)sQ%(quarter)s") % {"year": due_on.year, "quarter": (due_on.month + 2) // 3}
    return f"{due_on:%Y-%m}"


def parse_yes(value: Any) -> bool | None:
    """是 or 否; blank says nothing."""
    if cells.is_blank(value):
        return None
    word = cells.normalise_key(str(value))
    if word in YES or word in NO:
        return word in YES
    raise CellError(_("“%(value)s” is neither 是 nor 否.") % {"value": cells.shown(value)})
