"""The message catalogue, without system tools: ``extract | update | compile | check``.

The code speaks English; locale/zh_Hans/LC_MESSAGES/django.po says it in Chinese. The file is sorted and carries no
places and no times, so that a change of it shows what was changed and nothing else.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
FOLDERS = ["chaoyang_pm", "communities", "compounds", "oversight", "templates"]
HEADER = {
    "Project-Id-Version": "chaoyang_pm",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
ONE, PLURAL, CONTEXT, CONTEXT_PLURAL = None, (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    "_": ONE,
    "gettext": ONE,
    "gettext_lazy": ONE,
    "gettext_noop": ONE,
    "ngettext": PLURAL,
    "ngettext_lazy": PLURAL,
    "pgettext": CONTEXT,
    "pgettext_lazy": CONTEXT,
    "npgettext": CONTEXT_PLURAL,
    "npgettext_lazy": CONTEXT_PLURAL,
}
PLACEHOLDER = re.compile(r"%%|(%\(\w+\)[a-zA-Z]|%[sdrf])|(\{\w*(?:[:!][^{}]*)?\})")


class Message(NamedTuple):
    context: str
    text: str
    plural: str
    place: str
    comment: str


def _as_python(path: Path) -> str:
    """A source file as Babel's Python extractor can read it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    # A note to translators becomes a Python comment, which would swallow a message on the same line.
    text = text.replace("{% endcomment %}", "{% endcomment %}\n")
    # Within parentheses indentation means nothing to Python's tokenizer.
    return "(" + templatize(text, origin=str(path)) + "\n)"


def _from_file(path: Path) -> Iterator[Message]:
    source = io.BytesIO(_as_python(path).encode())
    options = {"encoding": "utf-8"}
    for line, found, comments, context in extract("python", source, KEYWORDS, ["Translators:"], options):
        text, plural = found if isinstance(found, tuple) else (found, "")
        place = f"{path.relative_to(ROOT)}:{line}"
        yield Message(context or "", text, plural, place, "\n".join(comments))


def extracted() -> dict[tuple[str, str], Message]:
    """Every message of the code and the templates, by context and text."""
    if not settings.configured:
        settings.configure(USE_I18N=True)  # all that templatize needs
    messages: dict[tuple[str, str], Message] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
                continue
            for message in _from_file(path):
                known = messages.setdefault((message.context, message.text), message)
                if message.plural and not known.plural:
                    messages[message.context, message.text] = message
    return messages


def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE), encoding="utf-8") if CATALOGUE.exists() else polib.POFile()


def _key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgctxt or "", entry.msgid


def _translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def updated(old: polib.POFile, messages: dict[tuple[str, str], Message]) -> polib.POFile:
    """The catalogue that fits the code: known translations are kept, messages that left the code are dropped."""
    known = {_key(entry): entry for entry in old}
    new = polib.POFile(wrapwidth=0)
    new.metadata = HEADER
    for key, message in sorted(messages.items(), key=lambda item: (item[1].text, item[1].context)):
        before = known.get(key)
        translation = next((text for text in _translations(before) if text), "") if before else ""
        entry = polib.POEntry(
            msgctxt=message.context or None,
            msgid=message.text,
            comment=message.comment,
            flags=["python-format"] if any(one[0] == "%" for one in _placeholders(message.text)) else [],
        )
        if message.plural:
            entry.msgid_plural, entry.msgstr_plural = message.plural, {0: translation}
        else:
            entry.msgstr = translation
        if before and before.fuzzy:
            entry.flags.append("fuzzy")
        new.append(entry)
    return new


def _placeholders(text: str) -> set[str]:
    return {match[0] for match in PLACEHOLDER.finditer(text) if match[1] or match[2]}


def problems(current: polib.POFile, messages: dict[tuple[str, str], Message]) -> list[str]:
    """What keeps the catalogue from being complete, each with the message it is about."""
    entries = {_key(entry): entry for entry in current}
    found = []
    for key, message in messages.items():
        entry = entries.get(key)
        if entry is None or not all(_translations(entry)) or bool(entry.msgid_plural) != bool(message.plural):
            found.append(f"not translated: {message.text!r} ({message.place})")
            continue
        if entry.fuzzy:
            found.append(f"fuzzy: {message.text!r} ({message.place})")
        wanted = _placeholders(message.plural or message.text)
        for translation in _translations(entry):
            if _placeholders(translation) != wanted:
                found.append(f"placeholders differ: {message.text!r} became {translation!r} ({message.place})")
    found += [f"no longer in the code: {text!r}" for context, text in entries if (context, text) not in messages]
    return found


def main(action: str) -> int:
    if action == "extract":
        for message in sorted(extracted().values(), key=lambda one: one.place):
            print(f"{message.place}: {message.text!r}")
    elif action == "update":
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        updated(catalogue(), extracted()).save(str(CATALOGUE))
    elif action == "compile":
        catalogue().save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    elif action == "check":
        found = problems(catalogue(), extracted())
        print("\n".join(found) or "The catalogue is complete.")
        return 1 if found else 0
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
