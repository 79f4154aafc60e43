"""Making section 7's and 9's openings, for whoever holds the bytes: the inverse of `disputes`."""

from dataclasses import dataclass

from . import trees
from .attribution import Document, bytes_of, covering, own
from .claims import ECHO, Claim, SegmentsOpening
from .content import ContentOpening
from .demands import Question, Undeclared
from .disputes import BetterOwner, ByteOpening, SettledOpening, SourceOpening
from .receipts import Settled
from .transcripts import TranscriptOpening


@dataclass(frozen=True)
class Prover:
    """One settled receipt, its claim, the transcript and the sources; and all leaves of its settlement."""

    transcript: bytes
    key: bytes
    documents: list[Document]
    claim: Claim
    settled: Settled
    leaves: list[bytes]
    place: int

    def open_settled(self) -> SettledOpening:
        return SettledOpening(self.settled, tuple(trees.prove(self.leaves, self.place, 1)))

    def open_transcript(self, at: int, size: int) -> TranscriptOpening:
        return TranscriptOpening.prove(self.transcript, self.key, at, size)

    def open_source(self, source: int, at: int, size: int) -> SourceOpening:
        if source == ECHO:
            return SourceOpening(self.open_transcript(at, size))
        return SourceOpening(ContentOpening.prove(bytes_of(self.transcript, self.documents)(source), at, size))

    def open_byte(self, place: int, byte: int) -> ByteOpening:
        """D1 or D3's answer: a byte under the windows of the segment at a place of the claim."""
        segment = self.claim[place]
        ours = self.open_transcript(self.settled.receipt.prompt_len + segment.start + byte, 1)
        theirs = self.open_source(segment.source, segment.offset + byte, 1)
        return ByteOpening(self.open_settled(), SegmentsOpening.prove(self.claim, place, 1), byte, ours, theirs)

    def ask(self, place: int, byte: int) -> Question:
        """Section 9: D3's question."""
        return Question(self.open_settled(), SegmentsOpening.prove(self.claim, place, 1), byte)

    def show_undeclared(self, start: int, count: int, source: bytes, offset: int) -> Undeclared:
        """Section 9: windows that the claim gives to nobody, in a source outside the corpus."""
        ours = self.open_transcript(self.settled.receipt.prompt_len + start, count + 31)
        return Undeclared(start, count, offset, ours, ContentOpening.prove(source, offset, count + 31))

    def show_owner(self, p: int) -> SegmentsOpening:
        """Section 7: what shows the claim's owner of p."""
        found = covering(self.claim, p)
        if found is not None:
            return SegmentsOpening.prove(self.claim, found[0], 1)
        after = sum(segment.end <= p for segment in self.claim)
        first, stop = max(0, after - 1), min(len(self.claim), after + 1)
        return SegmentsOpening.prove(self.claim, first, stop - first)

    def open_better(self, p: int, source: int, offset: int) -> BetterOwner:
        ours = self.open_transcript(self.settled.receipt.prompt_len + p, 32)
        witness = self.open_source(source, offset, 32)
        return BetterOwner(self.open_settled(), self.show_owner(p), p, source, offset, ours, witness)

    def refute(self, p: int) -> ByteOpening | BetterOwner:
        """Section 7, *why these suffice*: what refutes the claim at a window where it deviates."""
        prompt_len = self.settled.receipt.prompt_len
        found = covering(self.claim, p)
        if found is not None:
            place, segment = found
            held = bytes_of(self.transcript, self.documents)(segment.source)
            for byte in range(p - segment.start, p - segment.start + 32):
                at = segment.offset + byte
                if held[at : at + 1] != self.transcript[prompt_len + segment.start + byte :][:1]:
                    return self.open_byte(place, byte)
        source, offset = own(self.transcript, prompt_len, p, self.documents)
        return self.open_better(p, source, offset)
