"""Section 4, *voucher*: ECDSA over secp256k1 (SEC 1, section 4.1), by hand and slowly. It signs for tests alone."""

from .hashing import Refused

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
G = (
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
)
Point = tuple[int, int] | None


def add(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(scalar: int, point: Point) -> Point:
    total: Point = None
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def parse_key(key: bytes) -> Point:
    """A compressed key: 33 bytes, 02 for an even y, 03 for an odd one, then x."""
    x = int.from_bytes(key[1:], "big")
    if len(key) != 33 or key[0] not in (2, 3) or x >= P:
        raise Refused("not a compressed key")
    square = (x**3 + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        raise Refused("not a point of the curve")
    return x, y if y % 2 == key[0] % 2 else P - y


def verify(key: bytes, digest: bytes, signature: bytes) -> None:
    """Section 4: 64 bytes, r and s from 1 to N - 1, s at most half of N."""
    point = parse_key(key)
    if len(signature) != 64:
        raise Refused("not 64 bytes")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s <= N // 2):
        raise Refused("r or s out of range, or a high s")
    z, inverse = int.from_bytes(digest, "big"), pow(s, -1, N)
    found = add(times(z * inverse % N, G), times(r * inverse % N, point))
    if found is None or found[0] % N != r:
        raise Refused("signed by another key or over another digest")


def public_key(secret: int) -> bytes:
    x, y = times(secret, G)
    return bytes([2 + y % 2]) + x.to_bytes(32, "big")


def sign(secret: int, digest: bytes, nonce: int) -> bytes:
    """For tests: the low form, with a nonce that the caller draws."""
    r = times(nonce, G)[0] % N
    s = pow(nonce, -1, N) * (int.from_bytes(digest, "big") + r * secret) % N
    return r.to_bytes(32, "big") + min(s, N - s).to_bytes(32, "big")
