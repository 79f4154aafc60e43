"""Section 6: canonical attribution, every window against every place."""

from collections.abc import Callable
from dataclasses import dataclass

from .claims import ECHO, Claim, Segment

WINDOW = 32


@dataclass(frozen=True)
class Document:
    """A source's bytes, and whether it stands on the chain's own commons list."""

    seq: int
    commons: bool
    data: bytes

    def rank(self) -> tuple[int, int]:
        """Section 6: commons by seq, then contributions by seq."""
        return (1 if self.commons else 2, self.seq)


# An owner: a source and the least offset at which it holds the window.
Owner = tuple[int, int]


def window_count(transcript: bytes, prompt_len: int) -> int:
    return max(0, len(transcript) - prompt_len - (WINDOW - 1))


def own(transcript: bytes, prompt_len: int, p: int, documents: list[Document]) -> Owner | None:
    """Section 6: the owner of window p; nothing is NONE."""
    place = prompt_len + p
    window = transcript[place : place + WINDOW]
    echo = transcript.find(window)  # the least j; at the latest it is the window's own place
    if echo < place:
        return ECHO, echo
    for document in sorted(documents, key=Document.rank):
        offset = document.data.find(window)
        if offset >= 0:
            return document.seq, offset
    return None


def owners(transcript: bytes, prompt_len: int, documents: list[Document]) -> list[Owner | None]:
    count = window_count(transcript, prompt_len)
    return [own(transcript, prompt_len, p, documents) for p in range(count)]


def bytes_of(transcript: bytes, documents: list[Document]) -> Callable[[int], bytes]:
    """A source's bytes by seq: ECHO's are the transcript's."""
    held = {document.seq: document.data for document in documents} | {ECHO: transcript}
    return held.__getitem__


def canonical_claim(transcript: bytes, prompt_len: int, documents: list[Document]) -> Claim:
    """Section 6, *the canonical claim*."""
    held = bytes_of(transcript, documents)
    claim: Claim = []
    for p, owner in enumerate(owners(transcript, prompt_len, documents)):
        if owner is None:
            continue
        source, offset = owner
        last = claim[-1] if claim else None
        if last is not None and last.source == source and last.end == p:
            at = last.offset + last.count + 31
            if held(source)[at : at + 1] == transcript[prompt_len + p + 31 :][:1]:
                claim[-1] = Segment(last.start, last.count + 1, source, last.offset)
                continue
        claim.append(Segment(p, 1, source, offset))
    return claim


def covering(claim: Claim, p: int) -> tuple[int, Segment] | None:
    """The segment over window p, with its place."""
    return next(((i, segment) for i, segment in enumerate(claim) if segment.start <= p < segment.end), None)


def weights(claim: Claim, windows: int) -> tuple[dict[int, int], int]:
    """Section 6, *weights*: by source, ECHO among them, and what is NONE's."""
    counted: dict[int, int] = {}
    for segment in claim:
        counted[segment.source] = counted.get(segment.source, 0) + segment.count
    return counted, windows - sum(counted.values())


def deviations(transcript: bytes, prompt_len: int, claim: Claim, documents: list[Document]) -> list[int]:
    """The windows at which a checked claim names another owner than `own`, or a place that does not hold the window."""
    held, wrong = bytes_of(transcript, documents), []
    for p, owner in enumerate(owners(transcript, prompt_len, documents)):
        found = covering(claim, p)
        if found is None:
            if owner is not None:
                wrong.append(p)
            continue
        _, segment = found
        at = segment.offset + p - segment.start
        window = transcript[prompt_len + p :][:WINDOW]
        if owner is None or owner[0] != segment.source or held(segment.source)[at : at + WINDOW] != window:
            wrong.append(p)
    return wrong
