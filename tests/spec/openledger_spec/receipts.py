"""Section 4: receipts and settled receipts."""

from dataclasses import dataclass

from . import trees
from .encoding import Reader, varint
from .hashing import Refused, tag, u32, u64, u256
from .transcripts import MAX_TRANSCRIPT


@dataclass(frozen=True)
class Receipt:
    """Section 4, *receipt*."""

    index: int
    model_version: int
    corpus_height: int
    prompt_len: int
    transcript_len: int
    transcript_root: bytes
    fee: int

    def check(self) -> None:
        if self.index < 1:
            raise Refused("receipts are numbered from 1")
        if not self.prompt_len <= self.transcript_len <= MAX_TRANSCRIPT:
            raise Refused("a prompt within a transcript within 64 KiB")

    def windows(self) -> int:
        """Section 5: `n`."""
        return max(0, self.transcript_len - self.prompt_len - 31)

    def leaf_bytes(self) -> bytes:
        places = u64(self.index) + u64(self.model_version) + u64(self.corpus_height)
        lengths = u32(self.prompt_len) + u32(self.transcript_len)
        return tag("receipt") + places + lengths + self.transcript_root + u256(self.fee)

    def leaf(self) -> bytes:
        return trees.leaf(self.leaf_bytes())

    def encode(self) -> bytes:
        numbers = [self.index, self.model_version, self.corpus_height, self.prompt_len, self.transcript_len]
        return b"".join(map(varint, numbers)) + self.transcript_root + u256(self.fee)

    @staticmethod
    def read(reader: Reader) -> "Receipt":
        places = [reader.varint() for _ in range(3)]
        lengths = [reader.varint(32) for _ in range(2)]
        return Receipt(*places, *lengths, reader.hash(), int.from_bytes(reader.hash(), "big"))


@dataclass(frozen=True)
class Settled:
    """Section 4: a receipt with the claim that was settled for it."""

    receipt: Receipt
    segment_count: int
    segments_root: bytes

    def leaf(self) -> bytes:
        return trees.leaf(tag("settled"), self.receipt.leaf(), u32(self.segment_count), self.segments_root)

    def encode(self) -> bytes:
        return self.receipt.encode() + varint(self.segment_count) + self.segments_root

    @staticmethod
    def read(reader: Reader) -> "Settled":
        return Settled(Receipt.read(reader), reader.varint(32), reader.hash())
