"""
What a PDF must be to be kept for years: the clauses of PDF/A-2b (ISO 19005-2) that a letter could break.

Read from the structure by a library that did not write it. What the file says of itself is one clause among many.
"""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import pypdf
from pypdf.generic import ArrayObject, BooleanObject, ContentStream, DictionaryObject, StreamObject

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"

ACTIONS = frozenset(
    f"/{name}"
    for name in (
        *("JavaScript", "Launch", "URI", "SubmitForm", "ImportData", "ResetForm", "GoToR", "GoToE", "Sound", "Movie"),
        *("Named", "Hide", "SetOCGState", "Rendition", "Trans", "GoTo3DView", "RichMediaExecute"),
    )
)
"""What runs something, or leads out of the letter. The standard would let an address of the web stand; we do not."""

FORBIDDEN = frozenset(
    {"/AA", "/OpenAction", "/JS", "/EmbeddedFiles", "/EF", "/AF", "/Ref", "/OPI", "/Alternates", "/XFA"}
)
SHOWS = frozenset({b"Tj", b"TJ", b"'", b'"'})


def faults(pdf: bytes) -> list[str]:
    """Name the clauses that the file breaks."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    if reader.is_encrypted:
        return ["6.1.3: it is encrypted"]
    found = [*_file(pdf, reader), *_intent(reader), *_metadata(reader), *_marks(reader)]
    found += [fault for each in _objects(reader) for fault in _object(each)]
    found += [fault for page in reader.pages for fault in _page(reader, page)]
    return found


def _objects(reader: pypdf.PdfReader) -> Iterator[DictionaryObject]:
    """Give every dictionary that can be reached from the trailer, once."""
    seen: set[int] = set()
    left: list[Any] = [reader.trailer]
    while left:
        one = left.pop().get_object()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, DictionaryObject):
            yield one
            left += [value for _, value in one.items()]
        elif isinstance(one, ArrayObject):
            left += list(one)


def _file(pdf: bytes, reader: pypdf.PdfReader) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[1-7]\n%[\x80-\xff]{4}", pdf):
        yield "6.1.2: the head"
    if not pdf.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield "6.1.3: something follows the end"
    if len(reader.trailer.get("/ID", ())) != 2:
        yield "6.1.3: it has no id"


def _object(one: DictionaryObject) -> Iterator[str]:
    for key in FORBIDDEN & one.keys():
        yield f"6.5: {key}"
    if one.get("/S") in ACTIONS:
        yield f"6.5.1: an action {one['/S']}"
    if isinstance(one, StreamObject):
        if {"/F", "/FFilter", "/FDecodeParms"} & one.keys():
            yield "6.1.7.1: the content of a stream lies elsewhere"
        if "/LZWDecode" in str(one.get("/Filter")) or "/Crypt" in str(one.get("/Filter")):
            yield "6.1.7.2: a filter that is not allowed"
        if one.get("/Subtype") == "/PS":
            yield "6.2.9: PostScript"
        if one.get("/Interpolate"):
            yield "6.2.8.1: an image is smoothed"


def _intent(reader: pypdf.PdfReader) -> Iterator[str]:
    intents = reader.root_object.get("/OutputIntents") or []
    for intent in (each.get_object() for each in intents):
        profile = intent["/DestOutputProfile"].get_object()
        said = profile.get_data()
        if (intent["/S"], profile["/N"], said[16:20], said[36:40]) != ("/GTS_PDFA1", 3, b"RGB ", b"acsp"):
            yield "6.2.3: the profile is not one of RGB"
    if not intents:
        yield "6.2.3: no output intent says what its colours are"


def _metadata(reader: pypdf.PdfReader) -> Iterator[str]:
    stream = reader.root_object.get("/Metadata")
    if stream is None:
        yield "6.6.2.1: no metadata"
        return
    said = ET.fromstring(stream.get_object().get_data().decode())
    if (said.findtext(f".//{PDFAID}part"), said.findtext(f".//{PDFAID}conformance")) != ("2", "B"):
        yield "6.6.4: it does not name its standard"
    info = reader.metadata or {}
    pairs = [
        ("/Title", said.findtext(f".//{DC}title//{RDF}li")),
        ("/Author", said.findtext(f".//{DC}creator//{RDF}li")),
        ("/Creator", said.findtext(f".//{XMP}CreatorTool")),
    ]
    for key, text in pairs:
        if info.get(key) != text:
            yield f"6.6.3: {key} is not what the metadata say"
    for key, element in (("/CreationDate", "CreateDate"), ("/ModDate", "ModifyDate")):
        text = said.findtext(f".//{XMP}{element}")
        when = text and datetime.fromisoformat(text).strftime("D:%Y%m%d%H%M%SZ")
        if info.get(key) != when:
            yield f"6.6.3: {key} is not what the metadata say"


def _marks(reader: pypdf.PdfReader) -> Iterator[str]:
    """PDF/A-2b asks for no structure; ours has one, by which a letter can be read out to who cannot see it."""
    root = reader.root_object
    marked = root.get("/MarkInfo", DictionaryObject()).get("/Marked")
    if marked != BooleanObject(True) or "/StructTreeRoot" not in root or "/Lang" not in root:
        yield "6.7: it has no marks, no structure or no language"


def _page(reader: pypdf.PdfReader, page: pypdf.PageObject) -> Iterator[str]:
    fonts = page["/Resources"]["/Font"]
    good: dict[str, int] = {}
    for name, font in fonts.items():
        yield from _font(font.get_object())
        good[name] = _characters(font.get_object())
    font_now, depth = "", 0
    for operands, operator in ContentStream(page["/Contents"].get_object(), reader).operations:
        if operator in (b"K", b"k"):
            yield "6.2.4.3: a colour of another device"
        depth += (operator in (b"BMC", b"BDC")) - (operator == b"EMC")
        if operator == b"Tf":
            font_now = str(operands[0])
        if operator in SHOWS:
            codes = {code for text in _texts(operands) for code in _codes(text)}
            if 0 in codes or max(codes, default=0) >= good[font_now]:
                yield "6.2.11.4.1: a character that the font does not hold"
    if depth:
        yield "6.7: marks are not closed"


def _texts(operands: list[Any]) -> list[Any]:
    items = operands[0] if isinstance(operands[0], ArrayObject) else operands
    return [item for item in items if hasattr(item, "original_bytes")]


def _codes(text: Any) -> Iterator[int]:
    raw = text.original_bytes
    return (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))


def _font(font: DictionaryObject) -> Iterator[str]:
    inner = font["/DescendantFonts"][0].get_object()
    descriptor = inner["/FontDescriptor"].get_object()
    if "/FontFile3" not in descriptor or not descriptor["/FontFile3"].get_object().get_data():
        yield "6.2.11.4.1: a font is not embedded"
    if not re.fullmatch(r"/[A-Z]{6}\+\S+", str(inner["/BaseFont"])):
        yield "6.2.11.4.2: a font is not a subset"
    if (font["/Subtype"], font["/Encoding"]) != ("/Type0", "/Identity-H"):
        yield "6.2.11.3: a font of another kind"
    if "/ToUnicode" not in font:
        yield "6.2.11.7: nobody can read it out"


def _characters(font: DictionaryObject) -> int:
    """How many characters the subset holds, numbered from 0."""
    bits = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()["/CIDSet"].get_object().get_data()
    whole = int.from_bytes(bits, "big")
    count = whole.bit_count()
    assert whole >> (8 * len(bits) - count) == (1 << count) - 1, "the set of characters has gaps"
    return count
