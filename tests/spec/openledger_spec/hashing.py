"""Section 1: hashes, tags and fixed-width integers."""

import hashlib
import hmac as _hmac

NAMES = [
    "commit", "dispute", "voucher", "receipt", "settled", "segment", "payout", "accepted", "version", "receipt-key", "salt",
    "replacement", "seed-commit", "seed", "draw", "credit", "credited", "agent-receipt", "part", "review",
    "duplicate", "handle",
]


class Refused(Exception):
    """What the document says is refused; the text says why."""


def tag(name: str) -> bytes:
    """Section 1: `TAG.x`."""
    if name not in NAMES:
        raise ValueError(name)
    return b"openledger/" + name.encode() + b"/v1\0"


def h(*parts: bytes) -> bytes:
    """Section 1: `H`."""
    return hashlib.sha256(b"".join(parts)).digest()


def hmac(key: bytes, *parts: bytes) -> bytes:
    """Section 1: `HMAC`."""
    return _hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


def u256(value: int) -> bytes:
    return value.to_bytes(32, "big")


def var(data: bytes) -> bytes:
    """Section 1: `var(x)`; more than 65,535 bytes have no such form."""
    if len(data) > 0xFFFF:
        raise Refused("a field of over 65,535 bytes")
    return u16(len(data)) + data
