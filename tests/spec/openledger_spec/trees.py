"""Section 2: Merkle trees, range proofs, frontiers."""

from dataclasses import dataclass, field

from .encoding import Reader, varint
from .hashing import Refused, h


def leaf(*parts: bytes) -> bytes:
    return h(b"\0", *parts)


def node(left: bytes, right: bytes) -> bytes:
    return h(b"\1", left, right)


def split_point(n: int) -> int:
    """The largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)


def root(leaves: list[bytes]) -> bytes:
    """Section 2: the root over leaf hashes."""
    if not leaves:
        return h()
    if len(leaves) == 1:
        return leaves[0]
    middle = split_point(len(leaves))
    return node(root(leaves[:middle]), root(leaves[middle:]))


def check_range(first: int, count: int, total: int) -> None:
    if count < 1 or first + count > total:
        raise Refused(f"leaves {first}..+{count} of {total}")


def prove(leaves: list[bytes], first: int, count: int) -> list[bytes]:
    """Section 2, *range proof*: the path."""
    check_range(first, count, len(leaves))

    def walk(at: int, stop: int) -> list[bytes]:
        if stop <= first or first + count <= at:
            return [root(leaves[at:stop])]
        if stop - at == 1:
            return []
        middle = at + split_point(stop - at)
        return walk(at, middle) + walk(middle, stop)

    return walk(0, len(leaves))


def verify(expected: bytes, total: int, first: int, opened: list[bytes], path: list[bytes]) -> None:
    """Section 2, *range proof*: the verifier's walk."""
    check_range(first, len(opened), total)
    leaves, nodes = list(opened), list(path)

    def walk(at: int, stop: int) -> bytes:
        if stop <= first or first + len(opened) <= at:
            if not nodes:
                raise Refused("a path with a node missing")
            return nodes.pop(0)
        if stop - at == 1:
            return leaves.pop(0)
        middle = at + split_point(stop - at)
        left = walk(at, middle)
        return node(left, walk(middle, stop))

    found = walk(0, total)
    if nodes:
        raise Refused("a path with a node left over")
    if found != expected:
        raise Refused("a path to another root")


@dataclass
class Frontier:
    """Section 2, *frontier*."""

    count: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, new: bytes) -> None:
        ones = self.count
        while ones & 1:
            new = node(self.peaks.pop(), new)
            ones >>= 1
        self.peaks.append(new)
        self.count += 1

    def root(self) -> bytes:
        if not self.peaks:
            return h()
        acc = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            acc = node(peak, acc)
        return acc

    def encode(self) -> bytes:
        return varint(self.count) + b"".join(self.peaks)

    @staticmethod
    def read(reader: Reader) -> "Frontier":
        count = reader.varint()
        return Frontier(count, [reader.hash() for _ in range(count.bit_count())])
