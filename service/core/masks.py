"""
What one sees of personal data without the scope `pii:read`: enough to recognise, too little to reach anyone.

A mask never grows with what it hides: the number of stars tells nothing. What has no shape of its own
is masked whole.
"""

import json

from .model import AddressKind

WHOLE = "****"

_EMAIL_KINDS = frozenset({AddressKind.email, AddressKind.employer_email})
_ID_KINDS = frozenset({AddressKind.wechat_openid, AddressKind.wecom_user})


def mask_name(name: str) -> str:
    """Keep the first character, in Chinese the surname: 张三丰 is 张*."""
    name = name.strip()
    return f"{name[0]}*" if len(name) > 1 else "*"


def mask_address(kind: AddressKind, value: str) -> str:
    """Mask an address in its canonical form: a number, an e-mail address, an identifier, or a place as JSON."""
    if value.startswith("{"):
        return mask_place(value)
    if kind in _EMAIL_KINDS:
        return mask_email(value)
    if kind in _ID_KINDS:
        return mask_id(value)
    return mask_phone(value)


def mask_phone(number: str) -> str:
    """
    Mask an E.164 number: a Chinese mobile as 138****8000, any other with its country code, as +659****567.

    Four digits at least stay hidden, in short numbers at the cost of the last ones.
    """
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return WHOLE
    if digits.startswith("861") and len(digits) == 13:
        return f"{digits[2:5]}{WHOLE}{digits[-4:]}"
    shown_last = max(0, min(4, len(digits) - 7))
    return f"+{digits[:3]}{WHOLE}{digits[len(digits) - shown_last :]}"


def mask_email(address: str) -> str:
    """Keep the first letter and the domain: z***@example.com."""
    local, at, domain = address.rpartition("@")
    if not at:
        return WHOLE
    return f"{local[0] if len(local) > 1 else ''}***@{domain}"


def mask_id(identifier: str) -> str:
    """Keep two characters at either end of an identifier long enough to hide the rest."""
    return f"{identifier[:2]}{WHOLE}{identifier[-2:]}" if len(identifier) >= 10 else WHOLE


def mask_place(canonical: str) -> str:
    """Keep the city of a postal address; the lines never show."""
    try:
        place = json.loads(canonical)
    except ValueError:
        return WHOLE
    city = place.get("city") if isinstance(place, dict) else None
    return f"{city}*" if isinstance(city, str) and city else WHOLE


def mask_text(text: str) -> str:
    """Mask a text without telling its length; an empty one stays empty."""
    return WHOLE if text else ""
