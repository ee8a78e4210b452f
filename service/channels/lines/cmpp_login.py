"""The login of CMPP, in which either side proves that it knows the secret: ours, and the gateway's answer. Pure."""

import hashlib
import struct

from service.core.model import Instant

from .cmpp import CONNECT, HEADER, Version, frame
from .cmpp_times import stamp
from .speech import Garbled


def authenticator(source_addr: str, secret: bytes, at: str) -> bytes:
    """Prove that we know the secret; the protocol names the digest."""
    return hashlib.md5(source_addr.encode() + bytes(9) + secret + at.encode(), usedforsecurity=False).digest()


def connect(sequence: int, source_addr: str, secret: bytes, version: Version, now: Instant) -> bytes:
    at = stamp(now)
    proof = authenticator(source_addr, secret, at)
    return frame(CONNECT, sequence, struct.pack("!6s16sBI", source_addr.encode(), proof, version, int(at)))


def proof_of(login: bytes) -> bytes:
    """Give the proof in a login of ours."""
    return login[HEADER.size + 6 : HEADER.size + 22]


def read_connect_resp(body: bytes) -> tuple[int, bytes, int]:
    """Give status, the gateway's own proof and its version; a gateway may answer in the widths of either version."""
    for width, layout in ((1 + 16 + 1, "!B16sB"), (4 + 16 + 1, "!I16sB")):
        if len(body) == width:
            status, proof, version = struct.unpack(layout, body)
            return status, proof, version
    raise Garbled("no answer to a login")


def is_gateway(proof: bytes, status: int, ours: bytes, secret: bytes, version: Version) -> bool:
    """Whether the gateway knows the secret too; otherwise any listener could pose as it and take what we send."""
    spelt = struct.pack("!I" if version is Version.v30 else "!B", status)
    return hashlib.md5(spelt + ours + secret, usedforsecurity=False).digest() == proof
