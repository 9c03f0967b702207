"""Compound names: one normal form for equality, a stem for possible duplicates, initials for search."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from compounds.register.vocabulary import NAME_SUFFIXES

_IGNORED = re.compile(r"[\s·•・.,,。、'\"“”‘’\-—_]+")


@lru_cache(2**16)
def normalise(name: str) -> str:
    """The form by which two names are the same: no white space, no width or case differences, no punctuation.

    Brackets stay: 华园(一期) and 华园(二期) are two compounds.
    """
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name)).casefold()


def stem(name: str) -> str:
    """A normalised name without what clerks add or drop (小区, 花园 …): equal stems are *possible* duplicates."""
    name = normalise(name)
    if not name.endswith(NAME_SUFFIXES):
        return name
    for suffix in NAME_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name


@lru_cache(2**16)
def initials(name: str) -> str:
    """Pinyin initials in lower case: 华园城市 → ``hycs``. Latin letters and digits stay."""
    return _chinese().sub(_of_piece, normalise(name)).lower()[:60]


@cache
def _pypinyin() -> Any:
    """Imported with the first name: its dictionaries are a fifth of what a command takes to start."""
    import pypinyin
    import pypinyin.seg.mmseg

    return pypinyin


@cache
def _chinese() -> re.Pattern[str]:
    """What pypinyin takes for Chinese; everything else stays as it is."""
    return re.compile(_pypinyin().constants.RE_HANS.pattern.removeprefix("^").removesuffix("$"))


def _of_piece(match: re.Match[str]) -> str:
    return _of_chinese(match[0])


@lru_cache(2**14)
def _of_chinese(piece: str) -> str:
    """Word by word, as pypinyin divides it: its words are few, and looking one up takes most of the time."""
    return "".join([_of_word(word) for word in _pypinyin().seg.mmseg.seg.cut(piece)])


@lru_cache(2**14)
def _of_word(word: str) -> str:
    return "".join(_pypinyin().lazy_pinyin([word], style=_pypinyin().Style.FIRST_LETTER))
