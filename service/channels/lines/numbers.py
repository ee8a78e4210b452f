"""Telephone numbers as lines write them, with or without their country code."""


def e164(written: str, home: str = "", *, international: bool = False) -> str:
    """
    Read a number as a line writes it; `home` is the country code of those that are written without theirs.

    One that the line calls `international` has its code, and may be written with the plus or the zeros before it too.
    """
    for before in ("+", "00"):
        if written.startswith(before):
            return f"+{written.removeprefix(before)}"
    if international or not home or written.startswith(home):
        return f"+{written}"
    return f"+{home}{written.removeprefix('0')}"
