"""
What accounts of many kinds agree on: a peer's address, its authorities, telephone numbers, texts of a length.

Each function gives what is wrong as `Flawed` takes it, and nothing where all is well. What could never work is refused
when the routes file is read, and not by the first message.
"""

import re
import ssl
from collections.abc import Iterable

from service.flows.providers import Secret

Flaws = list[tuple[str, str]]

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def peer(host: str, port: int) -> Flaws:
    """Judge where a peer is."""
    flaws = [] if _is_host(host) else [("host", "must be a host name or address")]
    return flaws + within("port", port, 1, 65535)


def authorities(ca: Secret | None) -> Flaws:
    """Judge the certificates that are believed in place of the system's."""
    if ca is None:
        return []
    try:
        ssl.create_default_context(cadata=ca.decode("ascii"))
    except (ValueError, ssl.SSLError):
        return [("ca_file", "must hold certificates in PEM")]
    return []


def within(name: str, number: int, least: int, most: int) -> Flaws:
    return [] if least <= number <= most else [(name, f"must be from {least} to {most}")]


def texts(said: Iterable[tuple[str, str, int, int]]) -> Flaws:
    """Judge texts of (name, value, least, most)."""
    return [
        (name, f"must have {least} to {most} printable ASCII characters")
        for name, text, least, most in said
        if not (least <= len(text) <= most and text.isascii() and text.isprintable())
    ]


def e164(name: str, number: str) -> Flaws:
    return [] if _E164.fullmatch(number) else [(name, "must be a number such as +14155550100")]


def _is_host(host: str) -> bool:
    if not host or any(c.isspace() or c in "/@" for c in host):
        return False
    try:
        # As a connection would: no part may be empty, or longer than 63 bytes.
        host.encode("idna")
    except UnicodeError:
        return False
    return True
