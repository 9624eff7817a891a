"""Catalogues of translations: what Python and templates say, what `locale/` has for it, and where the two differ.

For `manage.py messages` and its test alone: a running server reads the compiled files and needs none of this.
"""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOMS = ("accounts", "bots", "config", "lib", "llm_chat", "llm_service", "realtime", "teams")
NOT_SAID = ("tests", "migrations")
PLACES = {"": 1, "n": 2, "p": 2, "np": 3}
"""How many texts a call of each kind takes; with a `p` the first one says where it stands."""
CALLS = {"_"} | {f"{kind}gettext{suffix}" for kind in PLACES for suffix in ("", "_lazy", "_noop")}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?[a-z][^<>]*>")
NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # a date in a compiled file would make each run a change
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""

type Key = tuple[str | None, tuple[str, ...]]
"""What a text is known by: where it stands if that matters, and one text or those of one and of many."""


def languages() -> list[str]:
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def source_of(language: str) -> Path:
    return Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"


def said() -> Catalog:
    """Read what the product says, each with the files it stands in."""
    catalog = Catalog(charset="utf-8")
    root = Path(settings.BASE_DIR)
    for path in _files(root):
        place = [(str(path.relative_to(root)), 1)]
        source = path.read_text()
        if path.suffix != ".py":
            source = _as_python(templatize(source, origin=str(path)))
        for context, text in _texts(source):
            catalog.add(text, locations=place, context=context)
    return catalog


def _files(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in sorted((root / room).rglob("*.py")) if not {*NOT_SAID} & {*path.parts})
    yield from (path for path in sorted((root / "templates").rglob("*")) if path.suffix in {".html", ".txt", ".js"})


def _as_python(template: str) -> str:
    """Keep the calls that Django makes of a template's tags; all else of it is crossed out already."""
    calls = re.findall(r"\b((?:_|n?p?gettext)\((?:[^()'\"]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*\))", template)
    return "\n".join(calls)


def _texts(source: str) -> Iterator[tuple[str | None, str | tuple[str, ...]]]:
    found: Iterable[tuple[Any, ...]] = extract_python(
        io.BytesIO(source.encode()), dict.fromkeys(CALLS), [], {"encoding": "utf-8"}
    )
    for _, called, arguments, _ in found:
        given = list(arguments) if isinstance(arguments, tuple) else [arguments]
        kind = called.removesuffix("_lazy").removesuffix("_noop").removesuffix("gettext").strip("_")
        texts = [text for text in given[: PLACES[kind]] if text]
        if len(texts) < PLACES[kind]:
            continue  # not a literal: `_(label)` of what is marked elsewhere
        context = texts.pop(0) if "p" in kind else None
        yield context, texts[0] if len(texts) == 1 else tuple(texts)


def bring_up_to_date(language: str) -> None:
    """Take what is said into the language's file, drop what is said no longer, and compile it."""
    path = source_of(language)
    kept, catalog = read(language), Catalog(locale=language, charset="utf-8")
    for message in said():
        if message.id:
            before = kept.get(message.id, message.context)
            words = before.string if before and _key(before) == _key(message) else ""
            catalog.add(message.id, words, locations=message.locations, context=message.context, flags=message.flags)
    text = io.BytesIO()
    write_po(text, catalog, omit_header=True, sort_output=True, include_lineno=False, width=120)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER.format(language=language, plural=catalog.plural_forms) + text.getvalue().decode())
    path.with_suffix(".mo").write_bytes(_compiled(language))


def read(language: str) -> Catalog:
    path = source_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _compiled(language: str) -> bytes:
    catalog = read(language)
    catalog.creation_date = catalog.revision_date = NEVER
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def faults(language: str) -> list[str]:
    """Say what is wrong with a language's file; nothing means that it can be served."""
    catalog = read(language)
    there, needed = _words(catalog), _words(said())
    found = [f"not taken in: {key[1][0]!r}" for key in needed if key not in there]
    found += [f"said no longer: {key[1][0]!r}" for key in there if key not in needed]
    found += [f"to be looked at again: {_key(message)[1][0]!r}" for message in catalog if message.id and message.fuzzy]
    found += [f"{fault}: {key[1][0]!r}" for key, words in there.items() for fault in _faults_of(key[1], words)]
    path = source_of(language).with_suffix(".mo")
    if not path.exists() or path.read_bytes() != _compiled(language):
        found.append(f"not compiled: {path.name}")
    return found


def _words(catalog: Catalog) -> dict[Key, tuple[str, ...]]:
    return {_key(message): forms(message.string) for message in catalog if message.id}


def _key(message: Message) -> Key:
    return message.context, forms(message.id)


def forms(text: object) -> tuple[str, ...]:
    return tuple(str(form) for form in text) if isinstance(text, list | tuple) else (str(text or ""),)


def _faults_of(originals: tuple[str, ...], words: tuple[str, ...]) -> Iterator[str]:
    if not all(words):
        yield "not translated"
        return
    for form, text in enumerate(words):
        original = originals[min(form, len(originals) - 1)]
        missing, strange = _differing(PLACEHOLDER, originals[-1], text)
        if strange or (missing and form == len(words) - 1):  # "one file" may do without its number
            yield "other placeholders"
        if any(_differing(TAG, original, text)):
            yield "other tags"
        if original[:1].isspace() != text[:1].isspace() or original[-1:].isspace() != text[-1:].isspace():
            yield "other spaces around it"


def _differing(pattern: re.Pattern[str], original: str, text: str) -> tuple[set[str], set[str]]:
    here, there = set(pattern.findall(original)), set(pattern.findall(text))
    return here - there, there - here
