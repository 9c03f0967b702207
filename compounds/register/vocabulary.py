"""Words clerks add to compound names or leave out, longest first."""

NAME_SUFFIXES = (
    "住宅小区",
    "生活小区",
    "居民小区",
    "家属小区",
    "生活区",
    "家属院",
    "家属楼",
    "住宅楼",
    "小区",
    "花园",
    "家园",
    "新村",
    "新区",
    "公寓",
    "小镇",
    "苑",
)
