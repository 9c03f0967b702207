"""How tables look that are no workbooks to import: words of their headers and titles, as bureaus print them.

The Chinese words are what the files contain.
"""

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.sheets.table import Sheet
from compounds.imports.choices import Workbook

#: Headings that count compounds, and headings that give a share, reduced to their letters.
COUNTED = frozenset({
    "小区数", "小区个数", "小区总数", "小区数量", "住宅小区数", "住宅小区个数", "住宅小区总数", "项目数", "项目个数",
    "物业小区数", "弃管小区数", "老旧小区数", "个数", "小区合计",
})  # fmt: skip
SHARES = frozenset({
    "覆盖率", "物业覆盖率", "完成率", "面积覆盖率", "占比", "比例", "所占比例", "完成比例", "物业管理覆盖率",
})  # fmt: skip
SUMMARY_TITLES = ("汇总", "统计表", "统计", "合计表", "分解表", "一览表汇总")

_FROM_LEDGER = _("The portal makes it from the ledger; import the register (小区台账) or the changes (变更) instead.")
_AS_CHANGES = _("What has to be corrected is recorded as a change (变更).")

#: Titles of tables, the headings that tell each of them, and what to do instead.
PRINTED = (
    ("增减变动表", frozenset({"期初", "期末"}), lambda: str(_FROM_LEDGER)),
    ("数据差异说明表", frozenset({"原报数", "现数", "差额"}), lambda: str(_AS_CHANGES)),
    ("月报表", frozenset({"考核单位", "年度任务"}), lambda: str(_FROM_LEDGER)),
    ("通报附表", frozenset({"名次", "任务", "完成率"}), lambda: str(_FROM_LEDGER)),
    ("任务分解表", frozenset({"责任单位", "拟用模式", "完成时限"}), lambda: str(_FROM_LEDGER)),
    ("未管小区清单", frozenset({"未管原因", "拟用模式", "卡在哪步"}), lambda: str(_FROM_LEDGER)),
    ("报送情况表", frozenset({"应报", "已报", "逾期"}), lambda: str(_FROM_LEDGER)),
)

#: What the explanation in a template of ours begins with: nobody has to be told that it is not read.
GUIDES = {
    Workbook.REGISTER: "小区台账填表说明", Workbook.ENTRIES: "小区变更填表说明", Workbook.BUILDINGS: "小区楼栋填表说明",
    Workbook.REPORTS: "批量代报填表说明",
}  # fmt: skip


def is_guide(sheet: Sheet) -> bool:
    return bool(sheet.rows) and sheet.rows[0][0] in GUIDES.values()
