"""Section 7: existence, D1, D2, D3's answer, and the commit of a dispute."""

from collections.abc import Callable
from dataclasses import dataclass

from . import trees
from .claims import ECHO, Claim, Corpus, Segment, SegmentsOpening
from .content import ContentOpening
from .encoding import Reader, counted, varint, whole
from .hashing import Refused, h, tag, u64, var
from .receipts import Receipt, Settled
from .transcripts import TranscriptOpening, transcript_root

MAX_DISPUTE = 4096
# Section 6's ranks; the second part is the seq.
Rank = tuple[int, int]
ECHO_RANK, NONE_RANK = (0, 0), (3, 0)


@dataclass(frozen=True)
class Settlement:
    """Section 7: what the chain keeps of a settlement."""

    root: bytes
    first_index: int
    count: int


@dataclass(frozen=True)
class SettledOpening:
    """Section 7, *a settled receipt's opening*."""

    settled: Settled
    path: tuple[bytes, ...]

    def open(self, settlement: Settlement) -> Settled:
        place = self.settled.receipt.index - settlement.first_index
        if not 0 <= place < settlement.count:
            raise Refused("a receipt of another settlement")
        trees.verify(settlement.root, settlement.count, place, [self.settled.leaf()], list(self.path))
        return self.settled

    def encode(self) -> bytes:
        return self.settled.encode() + counted(list(self.path))

    @staticmethod
    def read(reader: Reader) -> "SettledOpening":
        return SettledOpening(Settled.read(reader), tuple(reader.hashes()))


@dataclass(frozen=True)
class SourceOpening:
    """Section 7, *a source's opening*."""

    inner: TranscriptOpening | ContentOpening

    def open(self, receipt: Receipt, seq: int, offset: int, size: int, corpus: Corpus) -> bytes:
        if isinstance(self.inner, TranscriptOpening) != (seq == ECHO):
            raise Refused("an opening of the wrong kind")
        if isinstance(self.inner, TranscriptOpening):
            return self.inner.open(receipt.transcript_root, receipt.transcript_len, offset, size)
        return self.inner.open(rank(seq, corpus)[1].commitment, offset, size)

    def encode(self) -> bytes:
        return varint(isinstance(self.inner, ContentOpening)) + self.inner.encode()

    @staticmethod
    def read(reader: Reader) -> "SourceOpening":
        kind = reader.varint()
        if kind > 1:
            raise Refused("a source opening of an unknown kind")
        return SourceOpening((TranscriptOpening, ContentOpening)[kind].read(reader))


def rank(seq: int, corpus: Corpus):
    """Section 6's rank of a source of the corpus, and the source."""
    source = corpus(seq)
    if source is None:
        raise Refused("a source out of the corpus")
    return (1 if source.commons else 2, seq), source


@dataclass(frozen=True)
class ByteOpening:
    """D1 without its first byte; D3's answer."""

    settled: SettledOpening
    segment: SegmentsOpening
    byte: int
    transcript: TranscriptOpening
    source: SourceOpening

    def open(self, settlement: Settlement, corpus: Corpus) -> tuple[bytes, bytes]:
        """The transcript's byte and the source's."""
        settled = self.settled.open(settlement)
        receipt = settled.receipt
        self.segment.verify(settled.segment_count, settled.segments_root)
        if len(self.segment.segments) != 1:
            raise Refused("not one segment")
        segment = self.segment.segments[0]
        if self.byte >= segment.span:
            raise Refused("a byte that is not under the segment's windows")
        place = receipt.prompt_len + segment.start + self.byte
        ours = self.transcript.open(receipt.transcript_root, receipt.transcript_len, place, 1)
        return ours, self.source.open(receipt, segment.source, segment.offset + self.byte, 1, corpus)

    def encode(self) -> bytes:
        head = self.settled.encode() + self.segment.encode() + varint(self.byte)
        return head + self.transcript.encode() + self.source.encode()

    @staticmethod
    def read(reader: Reader) -> "ByteOpening":
        settled, segment = SettledOpening.read(reader), SegmentsOpening.read(reader)
        byte = reader.varint(32)
        return ByteOpening(settled, segment, byte, TranscriptOpening.read(reader), SourceOpening.read(reader))


def owner_shown(opening: SegmentsOpening, segment_count: int, p: int) -> Segment | None:
    """Section 7: the claim's owner of p as the open segments show it; nothing is NONE."""
    opened = opening.segments
    if not opened and segment_count == 0:
        return None
    if len(opened) == 1:
        one = opened[0]
        if one.start <= p < one.end:
            return one
        if opening.first == 0 and p < one.start:
            return None
        if opening.first == segment_count - 1 and p >= one.end:
            return None
    if len(opened) == 2 and opened[0].end <= p < opened[1].start:
        return None
    raise Refused("the open segments do not show the owner of the window, or more than that")


@dataclass(frozen=True)
class BetterOwner:
    """D2 without its first byte."""

    settled: SettledOpening
    segments: SegmentsOpening
    window: int
    source: int
    offset: int
    transcript: TranscriptOpening
    witness: SourceOpening

    def verify(self, settlement: Settlement, corpus: Corpus) -> tuple[Segment | None, Rank]:
        """What it shows: the segment over the window, and the better owner's rank."""
        settled = self.settled.open(settlement)
        receipt = settled.receipt
        if self.window >= receipt.windows():
            raise Refused("a window out of the output")
        self.segments.verify(settled.segment_count, settled.segments_root)
        claimed = owner_shown(self.segments, settled.segment_count, self.window)
        place = receipt.prompt_len + self.window
        if claimed is None:
            before = NONE_RANK
        else:
            before = ECHO_RANK if claimed.source == ECHO else rank(claimed.source, corpus)[0]
        if self.source == ECHO and self.offset >= place:
            raise Refused("an echo that is not before the window")
        witness = ECHO_RANK if self.source == ECHO else rank(self.source, corpus)[0]
        if witness >= before:
            raise Refused("no better owner")
        ours = self.transcript.open(receipt.transcript_root, receipt.transcript_len, place, 32)
        if ours != self.witness.open(receipt, self.source, self.offset, 32, corpus):
            raise Refused("the witness does not hold the window")
        return claimed, witness

    def encode(self) -> bytes:
        numbers = varint(self.window) + varint(self.source) + varint(self.offset)
        head = self.settled.encode() + self.segments.encode() + numbers
        return head + self.transcript.encode() + self.witness.encode()

    @staticmethod
    def read(reader: Reader) -> "BetterOwner":
        settled, segments = SettledOpening.read(reader), SegmentsOpening.read(reader)
        window, source, offset = reader.varint(32), reader.varint(), reader.varint(32)
        transcript = TranscriptOpening.read(reader)
        return BetterOwner(settled, segments, window, source, offset, transcript, SourceOpening.read(reader))


def read_dispute(reader: Reader) -> ByteOpening | BetterOwner:
    kind = reader.varint()
    if kind not in (1, 2):
        raise Refused("a dispute of an unknown kind")
    return ByteOpening.read(reader) if kind == 1 else BetterOwner.read(reader)


def encode_dispute(dispute: ByteOpening | BetterOwner) -> bytes:
    return varint(1 if isinstance(dispute, ByteOpening) else 2) + dispute.encode()


def bounded(data: bytes, read: Callable[[Reader], object]):
    if len(data) > MAX_DISPUTE:
        raise Refused("over 4,096 bytes")
    return whole(data, read)


def verify_dispute(data: bytes, settlement: Settlement, corpus: Corpus) -> dict:
    """Section 7: what an encoded D1 or D2 refutes."""
    dispute = bounded(data, read_dispute)
    index = dispute.settled.settled.receipt.index
    if isinstance(dispute, ByteOpening):
        ours, theirs = dispute.open(settlement, corpus)
        if ours == theirs:
            raise Refused("the bytes agree")
        return {"false": [index, dispute.segment.first, dispute.byte]}
    claimed, witness = dispute.verify(settlement, corpus)
    shown = None if claimed is None else [claimed.start, claimed.count, claimed.source, claimed.offset]
    return {"better": [index, dispute.window, shown, list(witness)]}


def verify_answer(data: bytes, question: tuple[int, int, int], settlement: Settlement, corpus: Corpus) -> None:
    """Section 7, *D3's answer*: to a question of receipt, segment and byte."""
    answer: ByteOpening = bounded(data, ByteOpening.read)
    if (answer.settled.settled.receipt.index, answer.segment.first, answer.byte) != question:
        raise Refused("an answer to another question")
    ours, theirs = answer.open(settlement, corpus)
    if ours != theirs:
        raise Refused("the bytes differ")


def check_existence(
    receipt: Receipt, transcript: bytes, key: bytes, claim: Claim, openings: list[ContentOpening], corpus: Corpus
) -> None:
    """Section 7, *existence*, of a claim that section 5 let pass."""
    if len(transcript) != receipt.transcript_len or transcript_root(transcript, key) != receipt.transcript_root:
        raise Refused("not the receipt's transcript")
    left = list(openings)
    for segment in claim:
        place = receipt.prompt_len + segment.start
        if segment.source == ECHO:
            found = transcript[segment.offset :][: segment.span]
        else:
            if not left:
                raise Refused("an opening is missing")
            found = left.pop(0).open(rank(segment.source, corpus)[1].commitment, segment.offset, segment.span)
        if found != transcript[place:][: segment.span] or len(found) != segment.span:
            raise Refused("the source holds other bytes")
    if left:
        raise Refused("an opening too many")


def commit(chain_id: str, settlement: int, disputant: bytes, dispute: bytes, salt: bytes) -> bytes:
    """Section 7, *commit of a dispute*."""
    fields = [var(chain_id.encode()), u64(settlement), var(disputant), var(dispute), salt]
    return h(tag("dispute"), *fields)
