"""Compound names: one normal form for equality, a stem for possible duplicates, initials for search."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import RE_HANS
from pypinyin.seg.mmseg import seg as words

from compounds.register.vocabulary import NAME_SUFFIXES

_IGNORED = re.compile(r"[\s·•・.,,。、'\"“”‘’\-—_]+")
#: What pypinyin takes for Chinese; everything else stays as it is.
_CHINESE = re.compile(RE_HANS.pattern.removeprefix("^").removesuffix("$"))


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
    return _CHINESE.sub(_of_piece, normalise(name)).lower()[:60]


def _of_piece(match: re.Match[str]) -> str:
    return _of_chinese(match[0])


@lru_cache(2**14)
def _of_chinese(piece: str) -> str:
    """Word by word, as pypinyin divides it: its words are few, and looking one up takes most of the time."""
    return "".join([_of_word(word) for word in words.cut(piece)])


@lru_cache(2**14)
def _of_word(word: str) -> str:
    return "".join(lazy_pinyin([word], style=Style.FIRST_LETTER))
