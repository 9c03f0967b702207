"""Words in which division names end, longest first: what clerks leave out or add."""

SUFFIXES = (
    "社区居民委员会",
    "社区村民委员会",
    "村村民委员会",
    "居民委员会",
    "村民委员会",
    "街道办事处",
    "蒙古族自治县",
    "社区居委会",
    "居委会",
    "村委会",
    "街道办",
    "蒙古族乡",
    "社区居",
    "自治县",
    "社区",
    "街道",
    "镇",
    "乡",
    "村",
    "区",
    "县",
    "市",
)

#: Suffixes that tell kinds of places of one level apart, longest first.
KINDS = {
    "村村民委员会": "村", "村民委员会": "村", "村委会": "村", "村": "村",
    "居民委员会": "社区", "居委会": "社区", "社区": "社区",
    "街道办事处": "街道", "街道办": "街道", "街道": "街道", "镇": "镇", "乡": "乡",
}  # fmt: skip
