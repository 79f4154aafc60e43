"""What random cases are drawn with: numbers of every size, digests, damage; and what must hold of an answer."""

from random import Random

import cases

# A case, and the predicate that its answer must satisfy.
Drawn = tuple[dict, object]


def anything(_: object) -> bool:
    return True


def refused(answer: object) -> bool:
    return not answer


def accepted(answer: object) -> bool:
    return bool(answer)


def number(rng: Random, bits: int = 64) -> int:
    """Small as often as large; the least and the greatest too."""
    return rng.choice([0, 1, 2**bits - 1, rng.getrandbits(7), rng.getrandbits(bits), rng.getrandbits(rng.randrange(1, bits))])


def digest(rng: Random) -> str:
    return rng.randbytes(32).hex()


def units(rng: Random) -> str:
    return cases.units(number(rng, 256))


def chain_id(rng: Random) -> str:
    return rng.choice(["", "openledger-1", "x" * 50, "chaîne", "c" * 65_536 if rng.random() < 0.05 else "demo-1"])


def damaged(rng: Random, data: bytes) -> bytes:
    """One bit, one byte more or less, a cut, a number written longer than it need be, two parts swapped."""
    at = rng.randrange(len(data)) if data else 0
    way = rng.randrange(6) if data else 1
    if way == 0:
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if way == 1:
        return data[:at] + rng.randbytes(1) + data[at:]
    if way == 2:
        return data[:at] + data[at + 1 :]
    if way == 3:
        return data[:at]
    if way == 4:
        return data[:at] + bytes([data[at] | 0x80, 0]) + data[at + 1 :]
    return data[at:] + data[:at]
