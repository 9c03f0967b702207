"""The vocabularies of people who keep spreadsheets, as data, and how their words are compared.

The Chinese words here are what the files contain, not what the portal says.
"""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext as _

SQUARE_METRES = "㎡"
TEN_THOUSAND_SQUARE_METRES = "万㎡"
_METRE_WORDS = ("m2", "m²", "㎡", "平方米", "平方公尺", "平米", "平方", "平", "sqm")
AREA_UNITS = {
    **dict.fromkeys(_METRE_WORDS, SQUARE_METRES),
    **{"万" + word: TEN_THOUSAND_SQUARE_METRES for word in _METRE_WORDS},
    "万": TEN_THOUSAND_SQUARE_METRES,
}
# Areas that nobody may take for ㎡ by mistake.
FOREIGN_AREA_UNITS = {
    "亩", "万亩", "公顷", "万公顷", "平方公里", "平方千米", "km2", "ha", "hm2",
    "百平方米", "千平方米", "百万平方米", "亿平方米", "千㎡", "千m2",
}  # fmt: skip
AREA_EXAMPLE, COUNT_EXAMPLE, YEAR_EXAMPLE, DATE_EXAMPLE = "2.5万㎡", "65栋", "2004年建成", "2014年9月15日"
COUNT_SUFFIXES = ("户", "栋", "幢", "座", "套", "个", "年", "人", "层", "家", "处", "单元", "号楼", "部", "个月")
OTHER_UNITS = {
    *COUNT_SUFFIXES, "%", "元", "万元", "元/m2", "元/m2月", "元/m2/月", "元/平方米", "元/平方米月", "元/平方米/月",
    "元/月", "年月", "年月日", "米", "m",
}  # fmt: skip
BLANKS = frozenset({
    "", "-", "--", "---", "—", "——", "–", "−", "/", "//", "\\", "无", "暂无", "暂无信息", "暂缺", "不详", "未知",
    "空", "待定", "n/a", "na", "null", "none", "nil",
})  # fmt: skip
SUBTOTALS = frozenset({
    "小计", "合计", "总计", "共计", "总合计", "累计", "其中", "本页合计", "本页小计", "本页累计",
    "subtotal", "total", "grandtotal",
})  # fmt: skip
SIGNATURES = frozenset({
    "填报单位", "填表单位", "报送单位", "单位", "单位名称", "制表单位", "单位负责人", "负责人", "分管负责人",
    "主管领导", "分管领导", "审核人", "审核", "复核人", "复核", "审批人", "签发人", "填表人", "填报人", "填表",
    "制表人", "制表", "经办人", "联系人", "联系电话", "电话", "手机", "日期", "填报日期", "填表日期", "填报时间",
    "填表时间", "制表日期", "报送日期", "盖章", "公章", "签字", "签章", "备注", "说明", "填表说明", "注", "注释",
})  # fmt: skip

# What the annotator adds to a workbook. Known in every language, so that a copy may come back in another one.
RESULT_HEADERS = ("检查结果", "Check result")
SUMMARY_SHEETS = ("检查汇总", "Check summary")
NOTE_AUTHORS = ("导入检查", "Import check")

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
#: Text that has one form only: signs of ASCII without white space, and the plain Chinese characters.
is_ordinary = re.compile("[!-~\u4e00-\u9fff]+").fullmatch
#: Without one of these a text names no sum.
SUBTOTALS_END = frozenset(word[-1] for word in SUBTOTALS)
_BRACKETS = re.compile(r"[(\[【〔「<《{][^()\[\]【】〔〕「」<>《》{}]*[)\]】〕」>》}]")

_NUMBERED = re.compile(r"^(?:第?[一二三四五六七八九十百\d]{1,4}[、.,:]|\([一二三四五六七八九十百\d]{1,4}\)[、.,:]?)")


@lru_cache(2**16)
def plain(text: str) -> str:
    """NFKC (full width, ㎡ as m2), lower case, no white space, nothing invisible: for comparing, not for keeping."""
    if is_ordinary(text):
        return text.lower()
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return "".join(folded.split())


def without_brackets(text: str) -> str:
    """``plain`` text without what stands in brackets."""
    return _BRACKETS.sub("", plain(text))


def bracketed(text: str) -> list[str]:
    """What stands in brackets, as ``plain`` text without the brackets."""
    return [found[1:-1] for found in _BRACKETS.findall(plain(text))]


def without_number(text: str) -> str:
    """``plain`` text without the number that a heading among rows begins with: 一、 1. (二)."""
    return _NUMBERED.sub("", plain(text))


def letters_only(text: str) -> str:
    """Letters and digits of a ``plain`` text; punctuation and signs are what people write differently."""
    return "".join(character for character in text if character.isalnum())


def is_subtotal(text: str) -> bool:
    """Whether a cell that names a row says that it is a sum of others: 小计, 合计(户), 其中:…"""
    text = plain(text)
    if SUBTOTALS_END.isdisjoint(text):
        return False
    text = _BRACKETS.sub("", text)
    return letters_only(text) in SUBTOTALS or text.startswith("其中:")


def is_result_header(value) -> bool:
    return isinstance(value, str) and value.strip() in {*RESULT_HEADERS, _("Check result")}


def is_own_sheet(name: str) -> bool:
    return name in {*SUMMARY_SHEETS, _("Check summary")}


def is_own_note(author: str) -> bool:
    return author in {*NOTE_AUTHORS, _("Import check")}
