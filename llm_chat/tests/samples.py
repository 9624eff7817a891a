"""Files as people send them, and as they should not: all made here, none kept in the repository."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

GPS = 0x8825
ORIENTATION = 0x0112


def picture(format_: str = "PNG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    made = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(made, format_, **more)
    return made.getvalue()


def photograph() -> bytes:
    """A JPEG that lies on its side and says where it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    exif[0x010E] = "taken at home"
    return picture("JPEG", (80, 40), exif=exif, comment=b"secret comment")


def animation(frames: int = 4, size: tuple[int, int] = (60, 40)) -> bytes:
    made = io.BytesIO()
    drawn = [Image.new("RGB", size, (number * 9 % 256, 40, 90)) for number in range(frames)]
    drawn[0].save(made, "GIF", save_all=True, append_images=drawn[1:], duration=80, loop=0)
    return made.getvalue()


def endless_animation() -> bytes:
    """Thirty pictures of one pixel or two, each to be shown on a canvas of 36 million."""
    made = bytearray(animation(30, (2, 2)))
    made[6:10] = struct.pack("<HH", 6_000, 6_000)
    return bytes(made)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
        + b"".join([_chunk(b"IDAT", zlib.compress(b"\0" * 4_000)), _chunk(b"IEND", b"")])
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def pdf(*pages: str, content: bytes | None = None, password: str = "") -> bytes:
    writer = PdfWriter()
    for text in pages or ("Hello",):
        page = writer.add_blank_page(300, 300)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(content if content is not None else f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    if password:
        writer.encrypt(password, algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def docx(body: str = "<w:p><w:r><w:t>Hello</w:t></w:r></w:p>", head: str = "", **more: str | bytes) -> bytes:
    document = f'<?xml version="1.0"?>{head}<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>'
    parts = {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    return archive({"[Content_Types].xml": TYPES, "word/document.xml": document, **parts})


def xlsx(rows: str | None = None, shared: str = "<si><t>Name</t></si><si><t>Born</t></si>") -> bytes:
    rows = rows or (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>Ada</t></is></c><c r="B2"><v>3.5</v></c>'
        '<c r="C2" s="1"><v>45000</v></c></row>'
    )
    relations = '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>'
    return archive(
        {
            "[Content_Types].xml": TYPES,
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="People" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations,
            "xl/sharedStrings.xml": f"<sst>{shared}</sst>",
            "xl/styles.xml": '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def pptx(*slides: str) -> bytes:
    parts = {"[Content_Types].xml": TYPES, "ppt/presentation.xml": "<p:presentation xmlns:p='p'/>"}
    for number, text in enumerate(slides or ("Hello",), start=1):
        parts[f"ppt/slides/slide{number}.xml"] = (
            f"<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>"
        )
    return archive(parts)


def with_password(data: bytes) -> bytes:
    """Set the sign of encryption on every part of an archive, as a packer with a password does."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(mark, at + 4)
    return bytes(changed)


def with_link(target: str) -> bytes:
    made = io.BytesIO(docx())
    with zipfile.ZipFile(made, "a") as file:
        entry = zipfile.ZipInfo("word/media/image1.png")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(entry, target)
    return made.getvalue()


def ole(*names: str) -> bytes:
    """What old Office files, and new ones with a password, begin with."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + b"".join(name.encode("utf-16-le") for name in names)


def tar() -> bytes:
    import tarfile  # noqa: PLC0415  for one sample

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        entry = tarfile.TarInfo("../../etc/passwd")
        entry.size = 4
        file.addfile(entry, io.BytesIO(b"root"))
    return made.getvalue()


def laughs() -> str:
    """Ten letters that become a billion."""
    entities = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    return f'<!DOCTYPE w:document [<!ENTITY a0 "ha">{entities}]>'
