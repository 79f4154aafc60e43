"""Section 5: segments, claims, and what is refused on arrival."""

from collections.abc import Callable
from dataclasses import dataclass

from . import trees
from .content import Commitment
from .encoding import Reader, counted, varint
from .hashing import Refused, tag
from .receipts import Receipt

ECHO = 0


@dataclass(frozen=True)
class Source:
    """What the chain knows of a source of a receipt's corpus: its commitment, and whether it is the chain's commons."""

    commitment: Commitment
    commons: bool


# The corpus of a receipt: what it knows of a seq, nothing where the seq is not in it.
Corpus = Callable[[int], Source | None]


@dataclass(frozen=True)
class Segment:
    """Section 5, *segment*."""

    start: int
    count: int
    source: int
    offset: int

    @property
    def end(self) -> int:
        return self.start + self.count

    @property
    def span(self) -> int:
        """Bytes under its windows."""
        return self.count + 31

    def encode(self) -> bytes:
        return b"".join(map(varint, [self.start, self.count, self.source, self.offset]))

    def leaf(self) -> bytes:
        return trees.leaf(tag("segment"), self.encode())

    @staticmethod
    def read(reader: Reader) -> "Segment":
        return Segment(reader.varint(32), reader.varint(32), reader.varint(), reader.varint(32))


Claim = list[Segment]


def encode(claim: Claim) -> bytes:
    return counted([segment.encode() for segment in claim])


def read(reader: Reader) -> Claim:
    return reader.counted(Segment.read)


def segments_root(claim: Claim) -> bytes:
    return trees.root([segment.leaf() for segment in claim])


def check(claim: Claim, receipt: Receipt, corpus: Corpus) -> None:
    """Section 5, rules 1 to 3."""
    last = None
    for segment in claim:
        if segment.count < 1 or segment.end > receipt.windows():
            raise Refused("a segment of no window, or out of the output")
        if last is not None:
            if segment.start < last.end:
                raise Refused("a segment before the end of the one before")
            if (segment.source, segment.start, segment.offset) == (last.source, last.end, last.offset + last.count):
                raise Refused("two segments that are one")
        if segment.source == ECHO:
            if segment.offset >= receipt.prompt_len + segment.start:
                raise Refused("an echo that is not before its place")
        else:
            source = corpus(segment.source)
            if source is None:
                raise Refused("a source out of the corpus")
            if segment.offset + segment.span > source.commitment.length:
                raise Refused("a segment out of its source")
        last = segment


@dataclass(frozen=True)
class SegmentsOpening:
    """Section 5, *opening of segments*."""

    first: int
    segments: tuple[Segment, ...]
    path: tuple[bytes, ...]

    @staticmethod
    def prove(claim: Claim, first: int, count: int) -> "SegmentsOpening":
        if not claim:
            return SegmentsOpening(0, (), ())
        path = trees.prove([segment.leaf() for segment in claim], first, count)
        return SegmentsOpening(first, tuple(claim[first : first + count]), tuple(path))

    def verify(self, segment_count: int, root: bytes) -> None:
        if segment_count == 0:
            if self.first or self.segments or self.path or root != trees.root([]):
                raise Refused("a claim of no segments opens as nothing")
            return
        leaves = [segment.leaf() for segment in self.segments]
        trees.verify(root, segment_count, self.first, leaves, list(self.path))

    def encode(self) -> bytes:
        return varint(self.first) + encode(list(self.segments)) + counted(list(self.path))

    @staticmethod
    def read(reader: Reader) -> "SegmentsOpening":
        return SegmentsOpening(reader.varint(32), tuple(read(reader)), tuple(reader.hashes()))
