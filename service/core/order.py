"""
The order for a visit, as the desk of the field staff reads it: what people need in order to go, and no word of a debt.

Of the visit's own message it has the opening alone, which is said to whoever opens the door and so tells of no debt
(`files.template_lint` sees to that). Amount, reason and what is to be carried stay where they are.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .canonical import canonical, digest
from .civil import local_datetime
from .model import Instant
from .rendering import Message, Part, Reveals, read_part

Span = tuple[Instant, Instant]


class Order(NamedTuple):
    """Whom to visit, where and when, under which permit. No value in its repr."""

    reference: str
    permit: str
    valid: Span
    appointment: Span | None
    name: str | None
    place: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Order {self.permit}>"


class _Words(NamedTuple):
    title: str
    reference: str
    permit: str
    valid: str
    appointment: str
    name: str
    place: str
    line: str
    span: str


_CHINESE = _Words(
    "上门走访工作单", "编号", "许可", "有效时间", "预约时间", "走访对象", "地址", "{}：{}", "{} 至 {}（{}）"
)
_ENGLISH = _Words(
    "Order for a visit", "Reference", "Permit", "Valid", "Appointment", "Person", "Place", "{}: {}", "{} to {} ({})"
)


def order_message(order: Order, said: Message, zone: str) -> Message:
    """Write the order in the language of the visit's own message, times in `zone`; the same order, the same words."""
    words = _CHINESE if said.locale.startswith("zh") else _ENGLISH
    facts = "\n".join(words.line.format(*line) for line in _lines(order, words, zone))
    parts = (Part("order", words.title, facts), *(part for part in said.parts if part.name == "opening"))
    body = "\n".join(map(read_part, parts))
    return said._replace(
        reveals=Reveals.institution,
        states=frozenset(),
        subject=None,
        body=body,
        parts=parts,
        digest=digest(canonical(["order", 1, body])),
    )


def _lines(order: Order, words: _Words, zone: str) -> Iterator[tuple[str, str]]:
    yield words.reference, order.reference
    yield words.permit, order.permit
    yield words.valid, _span(order.valid, words, zone)
    if order.appointment is not None:
        yield words.appointment, _span(order.appointment, words, zone)
    if order.name is not None:
        yield words.name, order.name
    yield words.place, _place(order.place, chinese=words is _CHINESE)


def _span(span: Span, words: _Words, zone: str) -> str:
    start, end = (f"{local_datetime(zone, at):%Y-%m-%d %H:%M}" for at in span)
    return words.span.format(start, end, zone)


def _place(place: Mapping[str, Any], *, chinese: bool) -> str:
    """In China from the region down to the door, elsewhere the other way."""
    region, city, postcode, country = (place.get(name) or "" for name in ("region", "city", "postcode", "country"))
    if country == "CN" or (chinese and not country):
        area = city if region in city else region + city
        return " ".join(filter(None, (area + "".join(place["lines"]), postcode)))
    return ", ".join(filter(None, (*place["lines"], " ".join(filter(None, (city, region, postcode))), country)))
