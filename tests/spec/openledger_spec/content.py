"""Section 3: contents, their openings, commits, versions."""

from dataclasses import dataclass

from . import trees
from .encoding import Reader, counted, sized, varint
from .hashing import Refused, h, tag, u32, u64, var

CHUNK = 256
MAX_CONTRIBUTION = 5_242_880


def chunks(data: bytes) -> list[bytes]:
    return [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]


@dataclass(frozen=True)
class Commitment:
    """Section 3: (root, length)."""

    root: bytes
    length: int

    @staticmethod
    def of(data: bytes) -> "Commitment":
        return Commitment(trees.root([trees.leaf(chunk) for chunk in chunks(data)]), len(data))

    def check(self) -> None:
        """What cannot be a contribution's."""
        if self.length > MAX_CONTRIBUTION:
            raise Refused("a contribution of over 5 MiB")
        if self.length == 0 and self.root != h():
            raise Refused("no bytes under a root of some")


def chunk_range(length: int, offset: int, size: int) -> tuple[int, int]:
    """Section 3, *opening*: the first chunk and the one after the last."""
    if size < 1 or offset + size > length:
        raise Refused(f"bytes {offset}..+{size} of {length}")
    return offset // CHUNK, -(-(offset + size) // CHUNK)


def check_chunks(length: int, offset: int, size: int, first_chunk: int, data: bytes) -> bytes:
    """The bytes asked for, out of an opening's, if those are exactly the chunks that hold them."""
    first, stop = chunk_range(length, offset, size)
    if first_chunk != first or len(data) != min(stop * CHUNK, length) - first * CHUNK:
        raise Refused("other chunks than hold these bytes")
    return data[offset - first * CHUNK :][:size]


@dataclass(frozen=True)
class ContentOpening:
    """Section 3, *opening*."""

    first_chunk: int
    data: bytes
    path: tuple[bytes, ...]

    @staticmethod
    def prove(content: bytes, offset: int, size: int) -> "ContentOpening":
        first, stop = chunk_range(len(content), offset, size)
        leaves = [trees.leaf(chunk) for chunk in chunks(content)]
        path = trees.prove(leaves, first, stop - first)
        return ContentOpening(first, content[first * CHUNK : stop * CHUNK], tuple(path))

    def open(self, commitment: Commitment, offset: int, size: int) -> bytes:
        found = check_chunks(commitment.length, offset, size, self.first_chunk, self.data)
        leaves = [trees.leaf(chunk) for chunk in chunks(self.data)]
        total = -(-commitment.length // CHUNK)
        trees.verify(commitment.root, total, self.first_chunk, leaves, list(self.path))
        return found

    def encode(self) -> bytes:
        return varint(self.first_chunk) + sized(self.data) + counted(list(self.path))

    @staticmethod
    def read(reader: Reader) -> "ContentOpening":
        return ContentOpening(reader.varint(32), reader.sized(), tuple(reader.hashes()))


def commit(chain_id: str, datanet: int, author: bytes, content: Commitment, salt: bytes) -> bytes:
    """Section 3, *commit*."""
    fields = [var(chain_id.encode()), u64(datanet), var(author), content.root, u64(content.length), salt]
    return h(tag("commit"), *fields)


def handle_commit(chain_id: str, account: bytes, handle: str, salt: bytes) -> bytes:
    """Section 3, *commit* of a handle."""
    return h(tag("handle"), var(chain_id.encode()), var(account), var(handle.encode()), salt)


def review_commit(
    chain_id: str, seq: int, reviewer: bytes, accept: bool, score: int, commons: bool, salt: bytes
) -> bytes:
    """Section 3, *commit* of a hidden review."""
    judgement = u32(accept) + u32(score) + u32(commons)
    return h(tag("review"), var(chain_id.encode()), u64(seq), var(reviewer), judgement, salt)


def accepted_leaf(seq: int, content: Commitment) -> bytes:
    """Section 3, *versions*."""
    return trees.leaf(tag("accepted"), u64(seq), content.root, u64(content.length))


def version_digest(chain_id: str, datanet: int, count: int, root: bytes) -> bytes:
    """Section 3, *versions*: the name of one outside the chain's state."""
    return h(tag("version"), var(chain_id.encode()), u64(datanet), u64(count), root)


@dataclass(frozen=True)
class Inclusion:
    """Section 3, *versions*: inclusion at an index."""

    accept_index: int
    path: tuple[bytes, ...]

    def verify(self, count: int, root: bytes, leaf: bytes) -> None:
        trees.verify(root, count, self.accept_index, [leaf], list(self.path))

    def encode(self) -> bytes:
        return varint(self.accept_index) + counted(list(self.path))

    @staticmethod
    def read(reader: Reader) -> "Inclusion":
        return Inclusion(reader.varint(), tuple(reader.hashes()))
