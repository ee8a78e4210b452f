"""What a template takes from a request, and how it says no."""

from datetime import date
from decimal import Decimal

import babel.numbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.currencies import CURRENCIES, digits_of
from service.core.variables import Fault, Money, RenderingError, VariableSpec, VariableType, bind, clean

SPECS = {
    "amount_due": VariableSpec("amount_due", VariableType.amount, "1234.56", currency="currency"),
    "currency": VariableSpec("currency", VariableType.currency, "CNY"),
    "due_on": VariableSpec("due_on", VariableType.date, "2026-11-11"),
    "days": VariableSpec("days", VariableType.integer, "12", required=False, least=1, most=9999),
    "note": VariableSpec("note", VariableType.text, "甲", required=False, most=10),
    "phone": VariableSpec("phone", VariableType.phone, "96588", required=False),
    "link": VariableSpec("link", VariableType.url, "https://pay.example.com/a", required=False),
}
GOOD = {"amount_due": "1234.56", "currency": "CNY", "due_on": "2026-11-11"}


def faults_of(values: dict[str, object]) -> tuple[Fault, ...]:
    with pytest.raises(RenderingError) as caught:
        bind(SPECS, {**GOOD, **values})
    return caught.value.faults


def test_values_are_taken_as_their_types() -> None:
    bound = bind(
        SPECS, {**GOOD, "days": 12, "note": "张三", "phone": "+86 579-8888", "link": "https://a.example/x?y=1"}
    )

    assert {
        "amount_due": Money(Decimal("1234.56"), "CNY"),
        "currency": "CNY",
        "due_on": date(2026, 11, 11),
        "days": 12,
        "note": "张三",
        "phone": "+86 579-8888",
        "link": "https://a.example/x?y=1",
    } == bound


def test_null_is_absent() -> None:
    assert bind(SPECS, GOOD) == bind(SPECS, {**GOOD, "days": None, "note": None})


def test_all_complaints_come_at_once_and_name_their_fields() -> None:
    with pytest.raises(RenderingError) as caught:
        bind(SPECS, {"amount_due": "12,00", "due_on": "11.11.2026", "colour": "red"})

    assert [
        ("variables.colour", "unknown"),
        ("variables.amount_due", "format"),
        ("variables.currency", "missing"),
        ("variables.due_on", "format"),
    ] == [(fault.field, fault.reason) for fault in caught.value.faults]
    assert ("variables.colour", "unknown") == (caught.value.field, caught.value.reason)


@pytest.mark.parametrize("name", ["A", "x" * 65, "a b", "张三", "<script>", "a\x00", ""])
def test_an_unknown_name_that_is_no_name_is_not_repeated(name: str) -> None:
    (fault,) = faults_of({name: "x"})

    assert ("variables", "unknown") == (fault.field, fault.reason)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("1,234.56", "format"), ("-5", "format"), ("+5", "format"), ("1e9", "format"), ("NaN", "format"),
        ("", "format"), ("01.00", "format"), (".5", "format"), ("5.", "format"), ("1.234", "format"),
        ("1.2345", "format"),
        ("１２", "format"), ("5\n", "format"), (" 5", "format"), ("1" * 16, "format"), ("0", "range"),
        ("0.00", "range"),
        (12.5, "type"), (True, "type"), (["1"], "type"), ({"amount": "1"}, "type"), (-5, "format"),
    ],
)  # fmt: skip
def test_an_amount_is_a_plain_decimal_string_of_more_than_nothing(value: object, reason: str) -> None:
    (fault,) = faults_of({"amount_due": value})

    assert ("variables.amount_due", reason) == (fault.field, fault.reason)


@pytest.mark.parametrize(
    ("amount", "currency", "fits"),
    [
        ("100", "JPY", True),
        ("100.5", "JPY", False),
        ("1.234", "KWD", True),
        ("1.234", "CNY", False),
        ("1.20", "JPY", False),
    ],
)
def test_an_amount_has_no_more_digits_than_its_currency(amount: str, currency: str, fits: bool) -> None:
    values = {**GOOD, "amount_due": amount, "currency": currency}

    if fits:
        assert Money(Decimal(amount), currency) == bind(SPECS, values)["amount_due"]
    else:
        assert [("variables.amount_due", "format")] == [(f.field, f.reason) for f in faults_of(values)]


@pytest.mark.parametrize("value", ["cny", "XXX", "", "CNY ", 156, None])
def test_a_currency_is_one_that_people_owe(value: object) -> None:
    (fault,) = faults_of({"currency": value})

    assert "variables.currency" == fault.field


@pytest.mark.parametrize(
    "value", ["2026-02-30", "20261111", "2026-W46-3", "2026-11-11T00:00:00Z", "11/11/2026", "1899-01-01", "", 20261111]
)
def test_a_date_is_a_day_of_the_calendar(value: object) -> None:
    (fault,) = faults_of({"due_on": value})

    assert "variables.due_on" == fault.field


@pytest.mark.parametrize("value", [0, 10_000, "0", "1.0", "", " 1", True, 1.0, "٣"])
def test_an_integer_is_within_its_bounds(value: object) -> None:
    (fault,) = faults_of({"days": value})

    assert "variables.days" == fault.field


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "\u3000", "a\nb", "a\rb", "a\x00b", "a\x1bb", "a\x85b", "a\u2028b", "a\u202eb", "a\u2066b", "a\u200bb",
        "a\ufeffb", "a\u00adb", "\ud800", "\ue000", "a\ufffeb", "x" * 11, 5, ["a"],
    ],
)  # fmt: skip
def test_a_text_that_could_mislead_is_refused(value: object) -> None:
    (fault,) = faults_of({"note": value})

    assert "variables.note" == fault.field


@pytest.mark.parametrize(
    "value",
    ["张三", "José Núñ", "𠮷野家", "حسن", "שלום", "😀👨\u200d👩", "王\u3000芳", "a\u00a0b", "<b>{{x}}</b>"[:10]],
)
def test_names_of_every_script_are_taken(value: str) -> None:
    assert value == bind(SPECS, {**GOOD, "note": value})["note"]


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "http://a.example",
        "https://a@b.example",
        "https://a.example:8",
        "https://a",
        "https://a.example/ x",
        "//a.example",
    ],
)
def test_a_link_is_a_plain_https_address(value: str) -> None:
    (fault,) = faults_of({"link": value})

    assert "variables.link" == fault.field


@pytest.mark.parametrize("value", ["12 34x", "9", "+", "1" * 30, "call me", "9658\u0668"])
def test_a_telephone_number_is_digits(value: str) -> None:
    (fault,) = faults_of({"phone": value})

    assert "variables.phone" == fault.field


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def complaints(values: dict[str, object]) -> tuple[Fault, ...]:
    try:
        bind(SPECS, values)
    except RenderingError as error:
        return error.faults
    return ()


@given(st.dictionaries(st.sampled_from([*SPECS, "other"]), json_values))
def test_whatever_comes_it_is_taken_or_refused_by_field(values: dict[str, object]) -> None:
    assert {fault.field for fault in complaints(values)} <= {f"variables.{name}" for name in [*SPECS, "other"]}


@given(st.text(st.characters(categories=["L", "N", "S"]), min_size=12, max_size=40), st.sampled_from([*SPECS]))
def test_no_complaint_repeats_a_value(secret: str, name: str) -> None:
    assert all(secret not in f"{fault}" for fault in complaints({**GOOD, name: secret}))


def test_a_text_outside_the_variables_is_measured_alike() -> None:
    assert "张三" == clean("party.name", "张三")
    with pytest.raises(RenderingError) as caught:
        clean("party.name", "张\n三")

    assert "party.name" == caught.value.field


def test_every_currency_is_known_to_the_unicode_locale_data() -> None:
    assert CURRENCIES <= babel.numbers.list_currencies()
    assert {"JPY": 0, "KWD": 3, "CNY": 2, "USD": 2} == {code: digits_of(code) for code in ("JPY", "KWD", "CNY", "USD")}
