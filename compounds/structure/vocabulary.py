"""Words and signs that clerks write, as data."""

#: Between several former names; clerks also write the others.
NAME_SEPARATOR = "、"
NAME_SEPARATORS = "、,，;；/ \u3000"

#: Characters that tell two compounds apart although the rest of their names is the same: 一期 and 二期, 东区 and 西区.
TELLING = frozenset(
    "0123456789〇零一二三四五六七八九十百甲乙丙丁戊己庚辛东西南北中前后左右上下内外新老旧大小abcdefghijklmnopqrstuvwxyz"
)
