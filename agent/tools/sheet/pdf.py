"""A PDF whose pages are JPEG pictures, one each: ISO 32000-1, 7.5 (structure) and 8.9.5 (image XObjects, DCTDecode).

A JPEG goes in as it is, so that is all of the format that is needed. Nothing in it depends on fonts of the reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass

A4_PT = (595.28, 841.89)
HEADER = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """A baseline JPEG in three colours."""

    jpeg: bytes
    width: int
    height: int


def pdf_of(pages: Sequence[Picture], title: str) -> bytes:
    """A4 upright; each picture fills its page. `title` in any language."""
    kids = " ".join(f"{3 + 3 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
    ]
    for index, page in enumerate(pages):
        objects += _page(page, 3 + 3 * index)
    hexed = ("\ufeff" + title).encode("utf-16-be").hex().upper()
    objects.append(f"<< /Title <{hexed}> /Producer (camera-agent) >>".encode())
    return _file(objects)


def _page(page: Picture, number: int) -> list[bytes]:
    width, height = A4_PT
    content = f"q {width} 0 0 {height} 0 0 cm /P Do Q".encode()
    return [
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] "
            f"/Resources << /XObject << /P {number + 2} 0 R >> >> /Contents {number + 1} 0 R >>"
        ).encode(),
        _stream(b"", content),
        _stream(
            f"/Type /XObject /Subtype /Image /Width {page.width} /Height {page.height} "
            "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode".encode(),
            page.jpeg,
        ),
    ]


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n" % (entries, len(data)) + data + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    """Numbered from 1, with the table of where each begins; the last one is the document's information."""
    made, places = bytearray(HEADER), []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects))
    return bytes(made + b"startxref\n%d\n%%%%EOF\n" % table)
