"""Section 4: transcripts, their salted roots and openings."""

from dataclasses import dataclass

from . import trees
from .content import CHUNK, check_chunks, chunk_range, chunks
from .encoding import Reader, counted, sized, varint
from .hashing import Refused, hmac, tag, u32, u64

MAX_TRANSCRIPT = 65_536


def receipt_key(secret: bytes, index: int) -> bytes:
    return hmac(secret, tag("receipt-key"), u64(index))


def salt(key: bytes, chunk: int) -> bytes:
    return hmac(key, tag("salt"), u32(chunk))


def leaves(transcript: bytes, key: bytes) -> list[bytes]:
    """Section 4: `leaf(salt_i ‖ chunk_i)`."""
    if len(transcript) > MAX_TRANSCRIPT:
        raise Refused("a transcript of over 64 KiB")
    return [trees.leaf(salt(key, i), chunk) for i, chunk in enumerate(chunks(transcript))]


def transcript_root(transcript: bytes, key: bytes) -> bytes:
    return trees.root(leaves(transcript, key))


@dataclass(frozen=True)
class TranscriptOpening:
    """Section 4: a content's opening with a salt a chunk."""

    first_chunk: int
    salts: tuple[bytes, ...]
    data: bytes
    path: tuple[bytes, ...]

    @staticmethod
    def prove(transcript: bytes, key: bytes, offset: int, size: int) -> "TranscriptOpening":
        first, stop = chunk_range(len(transcript), offset, size)
        path = trees.prove(leaves(transcript, key), first, stop - first)
        salts = tuple(salt(key, i) for i in range(first, stop))
        return TranscriptOpening(first, salts, transcript[first * CHUNK : stop * CHUNK], tuple(path))

    def open(self, root: bytes, length: int, offset: int, size: int) -> bytes:
        found = check_chunks(length, offset, size, self.first_chunk, self.data)
        parts = chunks(self.data)
        if len(parts) != len(self.salts):
            raise Refused("not one salt a chunk")
        opened = [trees.leaf(one, chunk) for one, chunk in zip(self.salts, parts)]
        trees.verify(root, -(-length // CHUNK), self.first_chunk, opened, list(self.path))
        return found

    def encode(self) -> bytes:
        return varint(self.first_chunk) + counted(list(self.salts)) + sized(self.data) + counted(list(self.path))

    @staticmethod
    def read(reader: Reader) -> "TranscriptOpening":
        first, salts = reader.varint(32), tuple(reader.hashes())
        return TranscriptOpening(first, salts, reader.sized(), tuple(reader.hashes()))
