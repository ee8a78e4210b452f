"""A template that is wrong is refused when it is read, with every complaint and its line."""

from pathlib import Path

import pytest

from service.files.template_verbs import lint
from service.files.template_version import TemplatesRefused, build

MANIFEST = """\
title: {en: Reminder}
purposes: [collection]
party_roles: [debtor]
reveals: debt
locales: [en]
variables:
  amount_due: {type: amount, currency: currency, example: "1234.56"}
  currency: {type: currency, example: CNY}
  note: {type: text, most: 40, required: false, example: a note}
"""
SMS = "Please pay {{ amount_due }}. {% if note %}{{ note }} {% endif %}Call {{ hotline }}.\n"
CALL = """\
[opening]
This is {{ creditor }}. {% if ai_voice %}An artificial voice.{% endif %} {% if recorded %}Recorded.{% endif %}
[verification]
Is it you?
[body]
You owe {{ amount_due }}.
[options]
Call {{ hotline }}.
[closing]
Goodbye.
"""


def complaints(**changed: str | None) -> list[str]:
    """Build the sound template with some files changed (`sms_en_txt` is `sms.en.txt`); None takes a file away."""
    files: dict[str, str | None] = {"template.yaml": MANIFEST, "sms.en.txt": SMS}
    files |= {name.replace("_", "."): text for name, text in changed.items()}
    with pytest.raises(TemplatesRefused) as caught:
        build("reminder", {name: text for name, text in files.items() if text is not None})
    return [str(complaint).removeprefix("reminder/") for complaint in caught.value.complaints]


def test_the_sound_template_is_taken() -> None:
    assert (
        "reminder"
        == build("reminder", {"template.yaml": MANIFEST, "sms.en.txt": SMS, "call.en.txt": CALL}).template.name
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("reveals: debt", "reveals: all", "template.yaml:4: reveals: Input should be 'none', 'institution' or 'debt'"),
        ("reveals: debt", "reveals: debt\ncolour: red", "template.yaml:5: colour: unknown key"),
        (
            "reveals: debt",
            "reveals: debt\nreveals: none",
            "template.yaml:5: reveals: the key stands twice, first in line 4",
        ),
        ("reveals: debt\n", "", "template.yaml:1: reveals: is missing"),
        ("[collection]", "[chasing]", "template.yaml:2: purposes.0: Input should be"),
        ("[collection]", "[]", "template.yaml:2: purposes: is an empty list"),
        ("[debtor]", "[debtor, debtor]", "template.yaml:3: party_roles: names something twice"),
        ("[debtor]", "[neighbour]", "template.yaml:3: party_roles.0: Input should be"),
        ("[en]", "[en, fr]", "template.yaml:5: locales.1: no source is in fr"),
        ("[en]", "[fr]", "sms.en.txt:1: the locale en is not declared"),
        ("CNY}", "yuan}", "template.yaml:8: variables.currency.example: must be a currency code"),
        ("CNY}", "CNY, least: 2}", "template.yaml:8: variables.currency: only an integer has a least value"),
        ("currency: currency, ", "", "template.yaml:7: variables.amount_due: an amount, and nothing else, names"),
        (
            "currency: currency, ",
            "currency: note, ",
            "template.yaml:7: variables.amount_due: its currency is no variable",
        ),
        ('"1234.56"', "1234.56", "template.yaml:7: variables.amount_due.example: "),
        ("  note:", "  hotline:", "template.yaml:9: variables.hotline: the gateway gives this value itself"),
        ("  note:", "  Note:", "template.yaml:9: variables.Note: a name is lower-case letters"),
        ("  note:", "  remark:", "template.yaml:9: variables.remark: is used nowhere"),
        ("type: text", "type: words", "template.yaml:9: variables.note.type: Input should be"),
        ("most: 40", "most: 3", "template.yaml:9: variables.note.example: must not be longer than 3 characters"),
        ("title: {en: Reminder}", "title: [", "template.yaml:"),
        (MANIFEST, "- a list", "template.yaml:1: must be one document with keys and values"),
    ],
)
def test_a_fault_in_the_manifest_is_met_with_its_line(old: str, new: str, expected: str) -> None:
    assert old in MANIFEST

    assert any(said.startswith(expected) for said in complaints(template_yaml=MANIFEST.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pay {{ amount_due }}, call {{ hotline }}. {{ colour }}", "sms.en.txt:1: colour is not declared"),
        ("Pay {{ amount_due }", "sms.en.txt:1: unexpected '}'"),
        ("{% if note %}Pay {{ amount_due }}", "sms.en.txt:1: Unexpected end of template."),
        ("Pay\n{{ amount_due }}, {{ note }}", "sms.en.txt:1: a text message is one line"),
        ("【Bank】Pay {{ amount_due }}", "sms.en.txt:1: the signature is put in front by itself"),
        ("Pay {{ amount_due }}. {{ note }}", "sms.en.txt:1: it does not say whom to ask: use hotline"),
        (" \n", "sms.en.txt:1: the part text is empty"),
    ],
)
def test_a_fault_in_a_source_is_met_with_its_line(text: str, expected: str) -> None:
    assert any(said.startswith(expected) for said in complaints(sms_en_txt=text))


def test_an_optional_value_that_is_printed_unasked_is_met_when_the_template_is_read() -> None:
    said = complaints(sms_en_txt="Pay {{ amount_due }} {{ note }}. Call {{ hotline }}.")

    assert ["sms.en.txt:1: does not render with the examples: variables.note: the text needs this value"] == said


@pytest.mark.parametrize(
    ("code", "node"),
    [
        ("{{ 'x' * 10**9 }}", "Mul"),
        ("{{ 'a'.ljust(10**10) }}", "Call"),
        ("{{ note.__class__ }}", "Getattr"),
        ("{{ note['__class__'] }}", "Getitem"),
        ("{{ note | attr('x') }}", "Filter"),
        ("{{ note | center(1000000) }}", "Filter"),
        ("{% for i in note %}{{ i }}{% endfor %}", "For"),
        ("{% set note = 1 %}", "Assign"),
        ("{{ note ~ note }}", "Concat"),
        ("{{ [1, 2] }}", "List"),
        ("{{ lipsum() }}", "Call"),
        ("{% include 'x' %}", "Include"),
        ("{% import 'x' as y %}", "Import"),
        ("{% extends 'x' %}", "Extends"),
        ("{% macro m() %}{% endmacro %}", "Macro"),
        ("{% block b %}{% endblock %}", "Block"),
        ("{{ note is defined }}", "Test"),
        ("{{ note if note else note }}", "CondExpr"),
    ],
)
def test_nothing_that_could_escape_or_grow_is_allowed(code: str, node: str) -> None:
    said = complaints(sms_en_txt=f"{SMS.strip()} {code}")

    assert any(node in line and "is not allowed" in line for line in said) or any(
        "No filter named" in line for line in said
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[closing]\nGoodbye.\n", "", "call.en.txt:1: the part [closing] is missing"),
        ("[closing]", "[farewell]", "call.en.txt:1: call has no part [farewell]"),
        ("[closing]\nGoodbye.", "[body]\nGoodbye.", "call.en.txt:9: the part body stands twice"),
        ("[opening]\n", "Hello\n[opening]\n", "call.en.txt:1: there is text before the first part"),
        ("[body]", "[body] {{ note }}", "call.en.txt:5: a heading is constant"),
        ("Goodbye.", "", "call.en.txt:10: the part closing is empty"),
        ("{{ creditor }}", "us", "call.en.txt:1: it does not say who writes"),
        ("ai_voice", "recorded", "call.en.txt:1: it has no notice for a synthetic voice"),
        ("recorded", "ai_voice", "call.en.txt:1: it has no notice of recording"),
        (
            "Is it you?",
            "Is it you?\nYou owe us.",
            "call.en.txt:5: a part that a stranger may meet tells of a debt",
        ),
        (
            "This is",
            "About {{ amount_due }}:",
            "call.en.txt:2: a part that a stranger may meet uses amount_due",
        ),
        ("Is it you?", "Is it you? We want\n\n{{ colour", "call.en.txt:6: "),
    ],
)
def test_a_call_script_has_its_parts_and_tells_no_stranger_of_a_debt(old: str, new: str, expected: str) -> None:
    assert old in CALL

    assert any(said.startswith(expected) for said in complaints(call_en_txt=CALL.replace(old, new)))


def test_what_may_be_read_by_a_third_person_tells_of_no_debt() -> None:
    manifest = MANIFEST.replace("reveals: debt", "reveals: institution")

    assert [
        "sms.en.txt:1: a template that reveals no debt tells of a debt",
        "sms.en.txt:1: a template that reveals no debt uses amount_due",
    ] == complaints(template_yaml=manifest, sms_en_txt=SMS.replace("Please", "Your loan:"))


def test_what_reveals_nothing_names_no_institution() -> None:
    manifest = "\n".join(
        line
        for line in MANIFEST.replace("reveals: debt", "reveals: none").splitlines()
        if "amount" not in line and "cur" not in line
    )
    said = complaints(template_yaml=manifest, sms_en_txt="{% if note %}{{ note }}{% endif %} {{ hotline }}")

    assert ["sms.en.txt:1: it names the institution, but the template reveals none"] == said


def test_a_letter_about_a_debt_lacks_none_of_the_seven_items() -> None:
    letter = (
        "[subject]\nA\n[salutation]\nB\n[holder_and_total]\n{{ creditor }} {{ amount_due }}\n[closing]\n{{ hotline }}\n"
    )
    said = complaints(letter_en_txt=letter)

    assert [
        f"letter.en.txt:1: the part [{name}] is missing (credit-card rule, article 69)"
        for name in ("contact", "other_items", "reason_and_rules", "rights_and_duties", "seal", "ways")
    ] == said


@pytest.mark.parametrize("name", ["readme.md", "sms.en.html", "fax.en.txt", "sms.txt", "sms.en.txt~", "SMS.en.txt"])
def test_a_file_that_is_no_source_is_complained_of(name: str) -> None:
    with pytest.raises(TemplatesRefused) as caught:
        build("reminder", {"template.yaml": MANIFEST, "sms.en.txt": SMS, name: "x"})

    assert [f"reminder/{name}:1: is not named <channel>.<locale>.txt nor email.<locale>.html"] == [
        str(complaint) for complaint in caught.value.complaints
    ]


def test_a_locale_that_nobody_speaks_is_complained_of() -> None:
    with pytest.raises(TemplatesRefused) as caught:
        build("reminder", {"template.yaml": MANIFEST, "sms.en.txt": SMS, "sms.xq-ZZ.txt": "x"})

    assert ["reminder/sms.xq-ZZ.txt:1: the locale xq-ZZ is not known"] == [str(c) for c in caught.value.complaints]


def test_an_html_body_needs_its_plain_text() -> None:
    with pytest.raises(TemplatesRefused) as caught:
        build(
            "reminder", {"template.yaml": MANIFEST, "sms.en.txt": SMS, "email.en.html": "{{ creditor }} {{ hotline }}"}
        )

    assert ["reminder/email.en.html:1: an HTML body needs its plain text beside it"] == [
        str(c) for c in caught.value.complaints
    ]


def test_all_complaints_of_a_directory_come_at_once_with_their_files(tmp_path: Path) -> None:
    for name, sms in (("one", "{{ a }}"), ("two", SMS), ("three", "{{ b }}")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "template.yaml").write_text(MANIFEST, "utf-8")
        (folder / "sms.en.txt").write_text(sms, "utf-8")
    (tmp_path / "four").mkdir()
    (tmp_path / "two" / "email.en.txt").write_bytes(b"\xff\xfe")
    found = lint(tmp_path)

    lines = [str(complaint).removeprefix(f"{tmp_path}/") for complaint in found.complaints]
    assert [] == found.templates
    assert "four/template.yaml:1: is missing" in lines
    assert "one/sms.en.txt:1: a is not declared" in lines
    assert "three/sms.en.txt:1: b is not declared" in lines
    assert "two/email.en.txt:1: is not text in UTF-8" in lines


def test_a_directory_without_templates_is_complained_of(tmp_path: Path) -> None:
    assert [f"{tmp_path}:1: there are no templates"] == [str(c) for c in lint(tmp_path).complaints]
    assert [f"{tmp_path}/none:1: there are no templates"] == [str(c) for c in lint(tmp_path / "none").complaints]
