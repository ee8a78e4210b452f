"""A letter can be kept for years: PDF/A-2b by its structure, the type in it, nothing outside of it."""

import io
import re
from functools import cache

import pypdf
import pytest

from service.files.typeset import LetterSetter
from tests.files.pdfa import faults
from tests.files.test_typeset import AT, LETTERS, letter, read, recipient, setter

SEAL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
    '<circle cx="5" cy="5" r="4" fill="none" stroke="#d00"/></svg>'
)


@cache
def a_letter() -> bytes:
    return setter()(letter(), recipient(), AT)


@pytest.mark.parametrize(("name", "locale"), LETTERS)
@pytest.mark.parametrize("seal", [None, SEAL], ids=["to be stamped", "sealed"])
def test_a_letter_keeps_the_clauses_of_its_standard(name: str, locale: str, seal: str | None) -> None:
    pdf = LetterSetter("Asia/Shanghai", seal_svg=seal)(letter(name, locale), recipient(), AT)

    assert [] == faults(pdf)


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        (b"%PDF-1.7", b"%PDF-2.0", "6.1.2"),
        (b"%%EOF", b"%%EOF\nmore", "6.1.3"),
        (b"/ID[", b"/IX[", "6.1.3"),
        (b"/OutputIntents ", b"/OutputIntentz ", "6.2.3"),
        (b"/N 3", b"/N 4", "6.2.3"),
        (b"/FontFile3 ", b"/FontFilz3 ", "6.2.11.4.1"),
        (b"/ToUnicode ", b"/ToUnicodx ", "6.2.11.7"),
        (b"/ViewerPreferences<</Direction/L2R>>", b"/OpenAction<</S/JavaScript/JS(1)>>", "6.5.1"),
        (b"/ViewerPreferences<</Direction/L2R>>", b"/Away<</S/URI/URI(https://a.x)>>", "6.5.1"),
        (b"/ViewerPreferences", b"/AA", "6.5"),
        (b"/Metadata ", b"/Metadatz ", "6.6.2.1"),
        (b"<pdfaid:part>2", b"<pdfaid:part>3", "6.6.4"),
        (b"<xmp:CreateDate>2026", b"<xmp:CreateDate>2025", "6.6.3"),
        (b"/Marked true", b"/Marked null", "6.7"),
    ],
)
def test_a_file_that_breaks_a_clause_is_found_out(old: bytes, new: bytes, clause: str) -> None:
    pdf = a_letter()
    assert old in pdf

    assert clause in {fault.partition(":")[0] for fault in faults(pdf.replace(old, new.ljust(len(old))))}


def test_an_encrypted_file_is_found_out() -> None:
    locked = pypdf.PdfWriter(clone_from=io.BytesIO(a_letter()))
    locked.encrypt("open")
    file = io.BytesIO()
    locked.write(file)

    assert ["6.1.3: it is encrypted"] == faults(file.getvalue())


def test_the_only_typeface_is_the_one_that_comes_with_the_gateway() -> None:
    pages = [page for name, locale in LETTERS for page in read(setter()(letter(name, locale), recipient(), AT)).pages]
    fonts = {str(font.get_object()["/BaseFont"]) for page in pages for font in page["/Resources"]["/Font"].values()}

    assert fonts
    assert all(re.fullmatch(r"/[A-Z]{6}\+NotoSerifSC-Regular(-Identity-H)?", name) for name in fonts)


def test_the_pdf_names_its_sender_and_nobody_else() -> None:
    info = read(a_letter()).metadata

    assert info is not None
    assert ("关于账户逾期欠款的通知", "示例农村商业银行") == (info.title, info.author)
    assert "张三" not in str(dict(info))
