"""Section 10: is a later work a copy of earlier ones?"""

from collections.abc import Callable
from dataclasses import dataclass

from .content import CHUNK, Commitment, ContentOpening
from .encoding import Reader, counted, varint
from .hashing import Refused, h, tag, u32, u64, var

REGIONS, NEEDED = 16, 14
REGION, SHINGLE, NEEDED_SHINGLES = 64, 8, 29
MAX_PROOF = 65_536


def draw(chain_id: str, dispute: int, seq: int, disputant: bytes, seconds: int, nanos: int) -> bytes:
    """Section 10, *draw*: the seed."""
    time = u64(seconds % 2**64) + u32(nanos)
    return h(tag("duplicate"), var(chain_id.encode()), u64(dispute), u64(seq), var(disputant), time)


def region_start(seed: bytes, region: int, length: int) -> int:
    """Section 10, *draw*: where a region of the later work starts."""
    if length < REGION:
        raise Refused("a work shorter than a region")
    return int.from_bytes(h(seed, bytes([region]))[:8], "big") % (length - REGION + 1)


def places_found(region: bytes, source: bytes) -> int:
    """Section 10, *proof*: the places of the region's shingles that hold bytes of the source."""
    return sum(region[at : at + SHINGLE] in source for at in range(REGION - SHINGLE + 1))


@dataclass(frozen=True)
class Region:
    """Section 10, *proof*: one region."""

    number: int
    later: ContentOpening
    source: int
    earlier: ContentOpening

    def check(self, later: Commitment, seed: bytes, earlier: Commitment) -> None:
        start = region_start(seed, self.number, later.length)
        shown = self.later.open(later, start, REGION)
        if not 1 <= len(self.earlier.data) <= 2 * CHUNK:
            raise Refused("not one or two chunks of the source")
        source = self.earlier.open(earlier, self.earlier.first_chunk * CHUNK, len(self.earlier.data))
        if places_found(shown, source) < NEEDED_SHINGLES:
            raise Refused("a region of which too little lies in the source")

    def encode(self) -> bytes:
        return varint(self.number) + self.later.encode() + varint(self.source) + self.earlier.encode()

    @staticmethod
    def read(reader: Reader) -> "Region":
        number, later = reader.varint(8), ContentOpening.read(reader)
        return Region(number, later, reader.varint(), ContentOpening.read(reader))


Proof = list[Region]


def read(reader: Reader) -> Proof:
    return reader.counted(Region.read)


def encode(proof: Proof) -> bytes:
    return counted([region.encode() for region in proof])


def judge(proof: Proof, later: Commitment, seed: bytes, named: Callable[[int], Commitment | None]) -> int | None:
    """Section 10, *proof*: the one source, or nothing for several."""
    numbers = [region.number for region in proof]
    if len(proof) < NEEDED or sorted(set(numbers)) != numbers or numbers[-1] >= REGIONS:
        raise Refused("fewer than 14 regions, or not ascending, or of others than were drawn")
    by_source: dict[int, int] = {}
    for region in proof:
        earlier = named(region.source)
        if earlier is None:
            raise Refused("a source that may not be named")
        region.check(later, seed, earlier)
        by_source[region.source] = by_source.get(region.source, 0) + 1
    return next((source for source, count in by_source.items() if count >= NEEDED), None)


def prove(later: bytes, seed: bytes, sources: list[tuple[int, bytes]]) -> Proof | None:
    """A proof from the works themselves: for each region the source that holds most of them, in the order given."""
    found = []
    for number in range(REGIONS):
        start = region_start(seed, number, len(later))
        region = later[start : start + REGION]
        holders = {seq: at for seq, text in sources if (at := first_chunk(region, text)) is not None}
        if holders:
            found.append((number, start, holders))
    if len(found) < NEEDED:
        return None
    held = {seq: sum(seq in holders for _, _, holders in found) for seq, _ in sources}
    texts, proof = dict(sources), []
    for number, start, holders in found:
        source = max(holders, key=held.__getitem__)
        offset = holders[source] * CHUNK
        size = min(2 * CHUNK, len(texts[source]) - offset)
        opened = ContentOpening.prove(texts[source], offset, size)
        proof.append(Region(number, ContentOpening.prove(later, start, REGION), source, opened))
    return proof


def first_chunk(region: bytes, text: bytes) -> int | None:
    starts = range(0, len(text), CHUNK)
    fits = (at // CHUNK for at in starts if places_found(region, text[at : at + 2 * CHUNK]) >= NEEDED_SHINGLES)
    return next(fits, None)
