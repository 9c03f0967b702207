"""Compound names: one normal form for equality, a stem for possible duplicates, initials for search."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

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
    for suffix in NAME_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name


@lru_cache(2**16)
def initials(name: str) -> str:
    """Pinyin initials in lower case: 华园城市 → ``hycs``. Latin letters and digits stay."""
    return "".join(lazy_pinyin(normalise(name), style=Style.FIRST_LETTER)).lower()[:60]
