"""Files that mean harm, or that nobody can open: each is answered with a sentence, and nothing of it is kept."""

import os
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from llm_chat.models import Attachment
from llm_chat.tests import samples

pytestmark = pytest.mark.django_db

MB = 1024 * 1024
BOMB = "<w:p><w:r><w:t>" + "A" * (30 * MB) + "</w:t></w:r></w:p>"
TWO = "two things at once"
BROKEN = "damaged"

HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    # Two things at once
    "a GIF that is a script": ("a.gif", lambda: b"GIF89a/*\x00\x00*/=1;<script>alert(1)</script>", TWO),
    "a whole GIF with a page behind it": ("a.gif", lambda: samples.animation() + b"<html><body>x</body></html>", TWO),
    "a PNG with a script in its words": (
        "a.png", lambda: samples.picture()[:-12] + b"<script>alert(1)</script>" + samples.picture()[-12:], TWO,
    ),
    "a JPEG with an archive behind it": ("a.jpg", lambda: samples.picture("JPEG") + samples.docx(), TWO),
    "a JPEG with PHP behind it": ("a.jpg", lambda: samples.picture("JPEG") + b"<?php system($_GET[0]); ?>", TWO),
    "a PDF that begins as a page": (
        "a.pdf", lambda: b"%PDF-1.7\n<html><script>alert(1)</script></html>\n" + samples.pdf()[9:], TWO,
    ),
    "a PDF with a page behind it": ("a.pdf", lambda: samples.pdf() + b"<html><script>alert(1)</script></html>", TWO),
    "a PDF with an archive behind it": ("a.pdf", lambda: samples.pdf() + samples.docx(), TWO),
    "a page with a PDF behind it": ("a.html", lambda: b"<html>\x00" + samples.pdf(), TWO),
    # Not what they say
    "a program": ("setup.exe", lambda: b"MZ\x90\x00" + b"\0" * 200, "program"),
    "a program called a picture": ("cat.png", lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 200, "program"),
    "a page called a picture": ("cat.png", lambda: b"<html><script>alert(1)</script></html>", "not a picture"),
    "a drawing with a script called a picture": (
        "cat.jpg", lambda: b"<svg xmlns='x'><script>alert(1)</script></svg>", "not a picture",
    ),
    "a text called a PDF": ("report.pdf", lambda: b"hello", "not a PDF"),
    "a PDF called a text": ("notes.txt", samples.pdf, "not a text"),
    "a picture called a page": ("page.html", samples.picture, "not a text"),
    "a text called a document": ("letter.docx", lambda: b"hello", "not an Office file"),
    "bytes of nothing": ("data.bin", lambda: bytes(range(256)) * 20, "cannot be read here"),
    "a film": ("film.mp4", lambda: b"\0\0\0\x18ftypisom" + b"\0" * 100, "Films"),
    "a picture of a phone": ("a.heic", lambda: b"\0\0\0\x18ftypheic" + b"\0" * 100, "HEIC"),
    # Bombs
    "a PNG of 50,000 by 50,000": ("a.png", lambda: samples.png_header(50_000, 50_000), "pixels"),
    "a PNG of 2,000,000,000 by 1": ("a.png", lambda: samples.png_header(2_000_000_000, 1), "pixels"),
    "an animation without end": ("a.gif", samples.endless_animation, "animation"),
    "a document that unpacks to 30 MB of one letter": ("a.docx", lambda: samples.docx(BOMB), "unpacks"),
    "a sheet that unpacks without end": (
        "a.xlsx", lambda: samples.xlsx(shared=f"<si><t>{'A' * 30 * MB}</t></si>"), "unpacks",
    ),
    "slides that unpack without end": ("a.pptx", lambda: samples.pptx("A" * 30 * MB), "unpacks"),
    "a billion laughs": ("a.docx", lambda: samples.docx("<w:t>&a9;</w:t>", samples.laughs()), "signs of its own"),
    "a document that asks for a file of the server": (
        "a.docx", lambda: samples.docx("&x;", '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc">]>'), "signs of its own",
    ),
    "a document of 6,000 parts": (
        "a.docx", lambda: samples.docx(**{f"part{number}": "x" for number in range(6_000)}), "too many parts",
    ),
    "a PDF whose page unpacks to 100 MB": ("a.pdf", lambda: samples.pdf("x", content=b" " * (100 * MB)), BROKEN),
    # Damaged
    "an empty file": ("a.txt", lambda: b"", "empty"),
    "half a PNG": ("a.png", lambda: samples.picture(size=(400, 400))[:200], BROKEN),
    "half a JPEG": ("a.jpg", lambda: samples.picture("JPEG", (400, 400))[:500], BROKEN),
    "the head of a WebP": ("a.webp", lambda: b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 8, BROKEN),
    "the head of a GIF": ("a.gif", lambda: b"GIF89a\x10\0\x10\0", BROKEN),
    "the head of a PDF": ("a.pdf", lambda: b"%PDF-1.7\n%broken", BROKEN),
    "half a document": ("a.docx", lambda: samples.docx()[:120], BROKEN),
    "a document with broken markup": ("a.docx", lambda: samples.docx("<w:p><w:t>x</w:p>"), BROKEN),
    "a text of spaces": ("a.txt", lambda: b"  \n\n ", "no text"),
    "a PDF without text": ("a.pdf", lambda: samples.pdf("x", content=b"0 0 m 10 10 l S"), "no text"),
    # Locked, or with programs in them
    "a PDF with a password": ("a.pdf", lambda: samples.pdf("x", password="secret"), "password"),
    "an Office file with a password": ("a.docx", lambda: samples.ole("EncryptedPackage"), "password"),
    "an Office file of before": ("a.doc", lambda: samples.ole("WordDocument"), "before 2007"),
    "an archive with a password": ("a.docx", lambda: samples.with_password(samples.docx()), "password"),
    "a document with macros": ("a.docm", lambda: samples.docx(word__vbaProject_dot_bin=b"x"), "macros"),
    "a document with macros, renamed": ("a.docx", lambda: samples.docx(word__vbaProject_dot_bin=b"x"), "macros"),
    # Archives
    "an archive": ("a.zip", lambda: samples.archive({"a.txt": "x"}), "Archives"),
    "an archive called a document": ("a.docx", lambda: samples.archive({"a.txt": "x"}), "Archives"),
    "an archive that leads out of itself": ("a.docx", lambda: samples.archive({"../../etc/passwd": "x"}), "lead out"),
    "an archive with a link": ("a.docx", lambda: samples.with_link("/etc/passwd"), "lead out"),
    "a tape": ("a.tar", samples.tar, "Archives"),
    "a tape, packed": ("a.tar.gz", lambda: b"\x1f\x8b\x08\0" + b"\0" * 60, "Archives"),
    # Too large
    "a file over the limit": ("a.txt", lambda: b"a" * (MB + 1), "1 MB are the most"),
}  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """Return what lies in the storage and among temporary files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(temporary)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setitem(os.environ, "TMPDIR", str(temporary))
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file()]


def send(client: Client, name: str, data: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("x", data)
    file._name = name  # type: ignore[attr-defined]  # the client's own word, which Django's class would clean
    return client.post("/chat/api/attachments/", {"id": str(uuid.uuid4()), "file": file, **more})


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_and_nothing_is_kept(
    case: str, alice: User, client: Client, kept: Callable[[], list[Path]], settings: Any
) -> None:
    settings.ATTACHMENT_MAX_MB = 1 if case == "a file over the limit" else 20
    name, made, word = HOSTILE[case]
    client.force_login(alice)

    answer = send(client, name, made())

    assert 400 <= answer.status_code < 500
    sentence = answer.json()["error"]
    assert word in sentence
    assert sentence.endswith(".")
    assert not any(sign in sentence for sign in ("/var", "Traceback", "Error", "0x"))
    assert Attachment.objects.count() == 0
    assert kept() == []


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\secret.txt", "secret.txt"),
        ("photo\u202etxt.exe", "phototxt.exe"),
        ("a\x00b\x07.txt", "ab.txt"),
        ("CON", "_CON"),
        ("x" * 1_000 + ".txt", "x" * 115 + "….txt"),
        ("...", "file"),
        ("\u200b\u2066.txt", "txt"),
    ],
)
def test_a_name_is_a_label_without_paths_and_hidden_signs(name: str, label: str) -> None:
    from lib.file_names import cleaned  # noqa: PLC0415  beside its only use

    assert cleaned(name) == label
