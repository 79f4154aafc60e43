"""Random worlds: a few phrases, cut and joined into a transcript and sources, so that windows recur everywhere; and claims about them."""

from random import Random

import cases
from openledger_spec import attribution
from openledger_spec.claims import Segment
from openledger_spec.content import CHUNK


def text(rng: Random, phrases: list[bytes], pieces: int) -> bytes:
    out = b""
    for _ in range(rng.randrange(pieces + 1)):
        phrase, start = rng.choice(phrases), rng.randrange(40)
        out += phrase[start : start + rng.randrange(20, 120)]
    return out


def world(rng: Random) -> dict:
    """See `cases`: data, prompt_len, secret, index, documents."""
    letters = rng.choice([b"a", b"ab", b"abc", bytes(range(256))])
    phrases = [bytes(rng.choices(letters, k=rng.randrange(60, 160))) for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.2:
        phrases.append(bytes(rng.choices(letters, k=3 * CHUNK)))
    prompt, output = text(rng, phrases, 2), text(rng, phrases, 7)
    seqs = rng.sample(range(1, 60), rng.randrange(6))
    seqs = [seq << rng.choice([0, 0, 40]) for seq in seqs]
    documents = [[seq, rng.random() < 0.25, text(rng, phrases, 5).hex()] for seq in sorted(set(seqs), key=lambda _: rng.random())]
    return {
        "data": (prompt + output).hex(), "prompt_len": len(prompt), "secret": rng.randbytes(32).hex(),
        "index": rng.randrange(1, 1 << rng.choice([3, 20, 50])), "documents": documents,
    }  # fmt: skip


def canonical(world: dict) -> list[Segment]:
    return attribution.canonical_claim(bytes.fromhex(world["data"]), world["prompt_len"], cases.documents(world))


def windows(world: dict) -> int:
    return max(0, len(world["data"]) // 2 - world["prompt_len"] - 31)


def mutate(rng: Random, world: dict, claim: list[Segment]) -> list[Segment]:
    """The claim, changed in one way: a field moved, a segment dropped, split, doubled, swapped, invented, or given to another source."""
    claim, n = list(claim), windows(world)
    sources = [0] + [seq for seq, _, _ in world["documents"]]
    way = rng.randrange(11) if claim else 6
    i = rng.randrange(len(claim)) if claim else 0
    one = claim[i] if claim else None
    if way == 0:
        del claim[i]
    elif way == 1:
        step, field = rng.choice([-33, -1, 1, 2, 40]), rng.randrange(4)
        numbers = cases.listed(one)
        numbers[field] = min(max(0, numbers[field] + step), 2**32 - 1)
        claim[i] = Segment(*numbers)
    elif way == 2 and one.count > 1:  # a hole, or two segments that are one
        cut, gap = rng.randrange(1, one.count), rng.randrange(2)
        later = Segment(one.start + cut + gap, one.count - cut - gap, one.source, one.offset + cut + gap)
        claim[i : i + 1] = [Segment(one.start, cut, one.source, one.offset), later]
    elif way == 3:
        claim.insert(i, one)
    elif way == 4 and len(claim) > 1:
        j = rng.randrange(len(claim))
        claim[i], claim[j] = claim[j], claim[i]
    elif way == 5:  # a friend has it
        claim[i] = Segment(one.start, one.count, rng.choice(sources), rng.randrange(60))
    elif way == 7:  # a shorter one, at either end
        claim[i] = Segment(one.start + 1, max(0, one.count - 1), one.source, one.offset + 1)
    elif way == 8 and rng.random() < 0.5:  # the same owner somewhere else, where the same words may stand
        claim[i] = Segment(one.start, one.count, one.source, rng.randrange(120))
    elif way == 9:  # as far as it may go, or one further
        length = {seq: len(data) // 2 for seq, _, data in world["documents"]}.get(one.source)
        most = world["prompt_len"] + one.start if length is None else length - one.span + 1
        claim[i] = Segment(one.start, one.count, one.source, max(0, most - rng.randrange(2)))
    elif way == 10:
        claim.clear()
    elif n:
        start, source = rng.randrange(n), rng.choice(sources + [77])
        claim.append(Segment(start, rng.randrange(1, 20), source, rng.randrange(60)))
        if rng.random() < 0.8:
            claim.sort(key=lambda segment: segment.start)
    return claim
