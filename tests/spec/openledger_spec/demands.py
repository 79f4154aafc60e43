"""Section 9: D3's question, seeds, draws, replacements, undeclared sources."""

from dataclasses import dataclass

from .claims import Claim, SegmentsOpening
from .content import Commitment, ContentOpening
from .disputes import SettledOpening, Settlement, bounded
from .encoding import Reader, varint
from .hashing import Refused, h, tag, u32, u64, var
from .receipts import Receipt
from .transcripts import TranscriptOpening

MAX_UNDECLARED = 4096


@dataclass(frozen=True)
class Question:
    """Section 9, *question of D3*."""

    settled: SettledOpening
    segment: SegmentsOpening
    byte: int

    def ask(self, settlement: Settlement) -> tuple[int, int, int]:
        """What it asks for: the receipt's index, the segment's place, the byte."""
        settled = self.settled.open(settlement)
        self.segment.verify(settled.segment_count, settled.segments_root)
        if len(self.segment.segments) != 1 or self.byte >= self.segment.segments[0].span:
            raise Refused("not one segment, or a byte that is not under its windows")
        return settled.receipt.index, self.segment.first, self.byte

    def encode(self) -> bytes:
        return self.settled.encode() + self.segment.encode() + varint(self.byte)

    @staticmethod
    def read(reader: Reader) -> "Question":
        return Question(SettledOpening.read(reader), SegmentsOpening.read(reader), reader.varint(32))


def question(data: bytes, settlement: Settlement) -> tuple[int, int, int]:
    return bounded(data, Question.read).ask(settlement)


def transcript_question(data: bytes, settlement: Settlement) -> int:
    """Section 9, *question of S-open*: the receipt's index."""
    return bounded(data, SettledOpening.read).open(settlement).receipt.index


def seed_commit(chain_id: str, epoch: int, auditor: bytes, value: bytes) -> bytes:
    """Section 9, *seed*."""
    return h(tag("seed-commit"), var(chain_id.encode()), u64(epoch), var(auditor), value)


def seed(epoch: int, reveals: dict[bytes, bytes]) -> bytes | None:
    """Section 9, *seed*: of an epoch, from values by address."""
    if not reveals:
        return None
    return h(tag("seed"), u64(epoch), *(var(auditor) + reveals[auditor] for auditor in sorted(reveals)))


def running_sums(pools: list[int]) -> list[int] | None:
    """Section 9, *weights*; nothing where there is nothing to draw by."""
    total = sum(pools)
    if total == 0 or total >= 2**256:
        return None
    drop = max(0, -(-total.bit_length() // 8) - 6)
    sums, running = [], 0
    for pool in pools:
        running += pool // 256**drop
        sums.append(running)
    return sums


def draw(seed: bytes, settlement: int, round: int, k: int, sums: list[int]) -> list[int]:
    """Section 9, *draw*: the places of the receipts drawn, ascending."""
    if len(sums) <= k:
        return list(range(len(sums)))
    drawn = set()
    for i in range(k):
        x = h(tag("draw"), seed, u64(settlement), u32(round), u32(i))
        point = int.from_bytes(x[:16], "big") % sums[-1]
        drawn.add(next(place for place, running in enumerate(sums) if running > point))
    return sorted(drawn)


def replacement_commit(
    chain_id: str, settlement: int, round: int, maker: bytes, check: int, root: bytes, salt: bytes
) -> bytes:
    """Section 9, *replacement*."""
    numbers = u64(settlement) + u32(round)
    return h(tag("replacement"), var(chain_id.encode()), numbers, var(maker), u32(check), root, salt)


@dataclass(frozen=True)
class Undeclared:
    """Section 9, *undeclared source*: the part that is opened."""

    start: int
    count: int
    offset: int
    transcript: TranscriptOpening
    source: ContentOpening

    def verify(self, receipt: Receipt, claim: Claim, commitment: Commitment) -> None:
        size = self.count + 31
        if self.count < 1 or not 256 <= size <= MAX_UNDECLARED:
            raise Refused("fewer than 256 bytes, or more than 4,096")
        if self.start + self.count > receipt.windows():
            raise Refused("windows out of the output")
        if any(one.start < self.start + self.count and one.end > self.start for one in claim):
            raise Refused("a window that is under a segment")
        place = receipt.prompt_len + self.start
        ours = self.transcript.open(receipt.transcript_root, receipt.transcript_len, place, size)
        if ours != self.source.open(commitment, self.offset, size):
            raise Refused("the source holds other bytes")
