"""Random cases with a transcript and sources: attribution, claims, existence, disputes, demands, undeclared sources."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import cases
import worlds
from drawn import Drawn, accepted, anything, chain_id, damaged, digest, number, refused
from openledger_spec import attribution, claims, disputes, transcripts, trees
from openledger_spec.content import ContentOpening
from openledger_spec.demands import Question
from openledger_spec.duplicates import encode as encode_proof
from openledger_spec.duplicates import read as read_proof
from openledger_spec.encoding import whole


def attributions(rng: Random) -> Iterator[Drawn]:
    """A world, its canonical claim, a claim that is changed, what refutes that, and disputes that are changed themselves."""
    world = worlds.world(rng)
    yield {"op": "attribution"} | world, anything
    true = worlds.canonical(world)
    for claim in [true, worlds.mutate(rng, world, true), worlds.mutate(rng, world, worlds.mutate(rng, world, true))]:
        case = world | {"op": "claim", "claim": [cases.listed(segment) for segment in claim]}
        must = (lambda answer: answer["deviates"] is False) if claim is true else anything
        yield case, must
        if cases.answer(case)["deviates"] is not None:
            yield from existences(rng, case)
            yield from refutations(rng, case)


def existences(rng: Random, case: dict) -> Iterator[Drawn]:
    """Openings of every segment, and openings that are not."""
    held = {one.seq: one.data for one in cases.documents(case)}
    named = [segment for segment in cases.claim_of(case) if segment.source != claims.ECHO]
    openings = [ContentOpening.prove(held[one.source], one.offset, one.span).encode().hex() for one in named]
    key = transcripts.receipt_key(bytes.fromhex(case["secret"]), case["index"]).hex()
    good = case | {"op": "existence", "openings": openings, "shown": case["data"], "key": key}
    yield good, accepted if not cases.answer(case)["deviates"] else anything
    if openings and rng.random() < 0.5:
        i = rng.randrange(len(openings))
        broken = damaged(rng, bytes.fromhex(openings[i])).hex()
        more = [{"openings": openings[:i] + openings[i + 1 :]}, {"openings": openings + [openings[i]]}]
        yield good | rng.choice(more), refused
        yield good | {"openings": openings[:i] + [broken] + openings[i + 1 :]}, anything
        yield good | {"shown": damaged(rng, bytes.fromhex(case["data"])).hex()}, anything
        yield good | {"key": digest(rng)}, refused if case["data"] else anything


def refutations(rng: Random, case: dict) -> Iterator[Drawn]:
    """Each deviation falls to D1 or D2; what does not deviate falls to neither, however it is tried."""
    data, stated, held = bytes.fromhex(case["data"]), cases.claim_of(case), cases.documents(case)
    wrong = attribution.deviations(data, case["prompt_len"], stated, held)
    count = rng.randrange(1, 12)
    case = case | {"count": count, "place": rng.randrange(count)}
    for p in rng.sample(wrong, min(2, len(wrong))):
        made = cases.opened(case, lambda prover: prover.refute(p))
        opened = whole(bytes.fromhex(made["bytes"]), disputes.read_dispute)
        yield from tried(rng, case, opened, accepted)
        yield from altered(rng, case, made, opened)
    # Anything else that can be opened: at a window that is right it refutes nothing, unless the same opening shows one that is wrong.
    must = anything if wrong else refused
    for _ in range(2):
        if stated:
            place = rng.randrange(len(stated))
            byte = rng.choice([rng.randrange(stated[place].span), stated[place].span - 1, stated[place].span])
            made = cases.opened(case, lambda prover: prover.open_byte(place, byte))
            if made["bytes"]:
                opened = whole(bytes.fromhex(made["bytes"]), disputes.read_dispute)
                yield from tried(rng, case, opened, must if byte < stated[place].span else refused)
                yield from answers(rng, case, made, opened)
                yield from questions(rng, case, place, byte)
        n = worlds.windows(case)
        if n:
            p, source = rng.randrange(n), rng.choice([0] + [one.seq for one in held])
            body = attribution.bytes_of(data, held)(source)
            at = body.find(data[case["prompt_len"] + p :][:32])
            at = rng.randrange(60) if at < 0 or rng.random() < 0.2 else at
            made = cases.opened(case, lambda prover: prover.open_better(p, source, at))
            if made["bytes"]:
                yield from tried(rng, case, whole(bytes.fromhex(made["bytes"]), disputes.read_dispute), must)


def stand(case: dict, made: dict) -> dict:
    first = case["index"] - case["place"]
    return {"op": "dispute", "documents": case["documents"], "root": made["root"], "first_index": first, "count": case["count"]}


def tried(rng: Random, case: dict, opened, must) -> Iterator[Drawn]:
    """Both make the same dispute, and judge it alike."""
    if case["index"] < case["place"]:
        return
    if isinstance(opened, disputes.ByteOpening):
        ask = case | {"op": "open_byte", "segment": opened.segment.first, "byte": opened.byte}
    else:
        ask = case | {"op": "open_better", "window": opened.window, "source": opened.source, "offset": opened.offset}
    yield ask, accepted
    made = cases.answer(ask)
    yield stand(case, made) | {"bytes": made["bytes"]}, must
    salt, sender = digest(rng), rng.randbytes(20).hex()
    fields = {"chain_id": chain_id(rng), "settlement": number(rng), "disputant": sender, "dispute": made["bytes"], "salt": salt}
    yield {"op": "dispute_commit"} | fields, anything


def altered(rng: Random, case: dict, made: dict, opened) -> Iterator[Drawn]:
    """A dispute that holds, changed in its bytes, its parts or its settlement."""
    if case["index"] < case["place"]:
        return
    good = stand(case, made)
    data = bytes.fromhex(made["bytes"])
    yield {"op": "decode", "kind": "dispute", "bytes": damaged(rng, data).hex()}, anything
    for _ in range(2):  # with another byte or window it may hold as well
        yield good | {"bytes": damaged(rng, data).hex()}, anything
    yield good | {"bytes": (data + bytes(4097 - len(data))).hex()}, refused
    yield good | {"bytes": made["bytes"]} | rng.choice([{"first_index": number(rng)}, {"count": number(rng, 32)}, {"root": digest(rng)}]), anything
    claim, salts = cases.claim_of(case), opened.transcript.salts
    parts = {"settled": [replace(opened.settled, path=opened.settled.path + (rng.randbytes(32),))]}
    parts["transcript"] = [replace(opened.transcript, salts=salts + salts[:1]), replace(opened.transcript, salts=salts[1:])]
    if isinstance(opened, disputes.ByteOpening):
        parts["byte"] = [opened.byte + 1, max(0, opened.byte - 1), number(rng, 32)]
        parts["segment"] = [claims.SegmentsOpening.prove(claim, rng.randrange(len(claim)), 1)]
        parts["source"] = [disputes.SourceOpening(opened.transcript)]
    else:
        parts["window"] = [opened.window + 1, max(0, opened.window - 1), number(rng, 32)]
        parts["source"] = [number(rng), claims.ECHO]
        parts["offset"] = [opened.offset + 1, number(rng, 32)]
        parts["witness"] = [disputes.SourceOpening(opened.transcript)]
        if not claim:
            nothing = opened.segments
            parts["segments"] = [replace(nothing, first=1), replace(nothing, path=(trees.root([]),))]
        else:
            first = rng.randrange(len(claim))
            parts["segments"] = [claims.SegmentsOpening.prove(claim, first, rng.randrange(1, len(claim) - first + 1))]
    for name, others in parts.items():
        changed = disputes.encode_dispute(replace(opened, **{name: rng.choice(others)}))
        yield good | {"bytes": changed.hex()}, anything


def answers(rng: Random, case: dict, made: dict, opened: disputes.ByteOpening) -> Iterator[Drawn]:
    """D3: the same opening as an answer, to its own question and to another."""
    if case["index"] < case["place"]:
        return
    asked = [case["index"], opened.segment.first, opened.byte]
    good = stand(case, made) | {"op": "answer", "bytes": opened.encode().hex(), "question": asked}
    yield good, anything
    asked[rng.randrange(3)] += 1
    yield good | {"question": asked}, refused
    yield good | {"bytes": damaged(rng, opened.encode()).hex()}, anything


def questions(rng: Random, case: dict, place: int, byte: int) -> Iterator[Drawn]:
    """D3's question and S-open's, asked of a settlement."""
    if case["index"] < case["place"]:
        return
    yield case | {"op": "open_question", "segment": place, "byte": byte}, accepted
    made = cases.opened(case, lambda prover: prover.ask(place, byte))
    good = stand(case, made) | {"op": "question", "bytes": made["bytes"], "transcript": False}
    yield good, accepted if byte < cases.claim_of(case)[place].span else refused
    data = bytes.fromhex(made["bytes"])
    settled = whole(data, Question.read).settled.encode()
    yield good | {"bytes": settled.hex(), "transcript": True}, accepted
    for transcript, broken in [(False, damaged(rng, data)), (True, damaged(rng, settled)), (True, settled + bytes(4097))]:
        yield good | {"bytes": broken.hex(), "transcript": transcript}, anything


def undeclared(rng: Random) -> Iterator[Drawn]:
    """A stretch of the output that a contribution outside the corpus holds, between segments or under one."""
    stretch = rng.randbytes(rng.choice([255, 256, 300, 700, 4096, 4097]))
    before, after = rng.randbytes(rng.randrange(90)), rng.randbytes(rng.randrange(90))
    head, tail = rng.randbytes(rng.randrange(300)), rng.randbytes(rng.randrange(300))
    prompt = rng.randbytes(rng.randrange(60))
    world = {
        "data": (prompt + before + stretch + after).hex(), "prompt_len": len(prompt), "secret": digest(rng), "index": 1,
        "documents": [[7, False, (head + stretch + tail).hex()]],
    }  # fmt: skip
    claim = []
    if before and rng.random() < 0.7:
        claim.append([0, rng.choice([len(before), len(before) + 1]), 3, 0])
    if after and rng.random() < 0.7:
        claim.append([len(before) + len(stretch) - 31 - rng.randrange(2), 1, 3, 0])
    case = world | {"claim": claim, "count": 1, "place": 0}
    start, offset = len(before) + rng.choice([0, 0, 1]), len(head) + rng.choice([0, 0, 0, 1])
    count = len(stretch) - 31 - rng.choice([0, 0, 1, 1])
    shown: dict = {}

    def make(prover):
        shown["one"] = prover.show_undeclared(start, count, head + stretch + tail, offset)
        return prover.ask(0, 0) if claim else shown["one"].transcript

    cases.refusal(lambda: cases.opened(case, make))
    if "one" not in shown:
        return
    one = shown["one"]
    fields = {"contribution": 7, "start": start, "count": count, "offset": offset}
    good = case | fields | {"op": "undeclared", "transcript": one.transcript.encode().hex(), "source": one.source.encode().hex()}
    yield good, anything
    moved = start - len(before)
    whole_there = moved == offset - len(head) and moved + count + 31 <= len(stretch)
    yield good | {"claim": []}, accepted if 256 <= count + 31 <= 4096 and whole_there else refused
    for change in [{"start": start + 1}, {"count": count - 1}, {"offset": offset + 1}]:
        yield good | change, anything
    yield good | {"source": damaged(rng, one.source.encode()).hex()}, anything


def duplicates(rng: Random) -> Iterator[Drawn]:
    """A work that is copied from one or two others, whole, shifted or edited here and there; and what is shown of it."""
    draw = {"chain_id": "openledger-1", "dispute": number(rng), "seq": number(rng), "disputant": rng.randbytes(20).hex()}
    time = {"seconds": rng.randrange(-(2**63), 2**63), "nanos": rng.randrange(10**9)}
    yield draw | time | {"op": "duplicate_draw", "length": rng.choice([0, 63, 64, 65, number(rng, 22)])}, anything
    words = [bytes(rng.choices(b"abcdefgh ", k=rng.randrange(2, 9))) for _ in range(40)]
    works = [b" ".join(rng.choices(words, k=rng.randrange(10, 300))) for _ in range(2)]
    copy = bytearray(rng.choice([works[0], works[0][7:], works[0] + works[1], works[1][:90] + works[0]]))
    for _ in range(rng.choice([0, 3, len(copy) // 60, len(copy) // 20])):
        copy[rng.randrange(len(copy))] = rng.randrange(256)
    documents = [[3, False, works[0].hex()], [8, False, works[1].hex()], [9, False, bytes(copy).hex()]]
    case = {"op": "duplicate_prove", "seed": digest(rng), "documents": documents}
    yield case, anything
    proof = cases.answer(case)
    if proof is None:
        return
    data = bytes.fromhex(proof)
    good = case | {"op": "duplicate", "seq": 9, "bytes": proof}
    yield good, accepted
    yield good | {"seed": digest(rng)}, anything
    yield good | {"seq": 8}, anything
    parts = whole(data, read_proof)
    i = rng.randrange(len(parts))
    elsewhere = [*parts[:i], replace(parts[i], source=8), *parts[i + 1 :]]
    for other in [parts[:i] + parts[i + 1 :], parts[i:] + parts[:i], parts + [parts[i]], elsewhere]:
        yield good | {"bytes": encode_proof(other).hex()}, anything
    yield good | {"bytes": damaged(rng, data).hex()}, anything
    yield {"op": "decode", "kind": "duplicate", "bytes": damaged(rng, data).hex()}, anything


def largest(rng: Random) -> Iterator[Drawn]:
    """Once: the largest transcript and content, and that a D2 with both, in a full settlement, is a dispute still."""
    transcript = rng.randbytes(65_536)
    source = rng.randbytes(1000)
    source += transcript[40_000:40_700] + rng.randbytes(5_242_880 - 1700)
    world = {"data": transcript.hex(), "prompt_len": 30_000, "secret": digest(rng), "index": 300, "documents": [[5, False, source.hex()]]}
    claim = [[2 * i, 1, 5, 3 * i] for i in range(1000)]
    case = world | {"claim": claim, "count": 256, "place": 255, "op": "open_better", "window": 10_100, "source": 5, "offset": 1100}
    made = cases.answer(case)
    yield case, accepted
    yield stand(case, made) | {"bytes": made["bytes"]}, accepted
    over = {"op": "transcript", "data": (transcript + b"!").hex(), "secret": digest(rng), "index": 1, "offset": 0, "size": 1}
    yield over, refused
