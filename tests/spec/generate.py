"""Random cases of every kind, from one seed. Each comes with what must hold of its answer, where more is known than that both agree."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import cases
import worlds
from openledger_spec import attribution, claims, disputes, secp256k1, transcripts, trees
from openledger_spec.content import ContentOpening
from openledger_spec.encoding import varint, whole
from openledger_spec.vouchers import Voucher

# A case, and the predicate that its answer must satisfy.
Drawn = tuple[dict, object]


def anything(_: object) -> bool:
    return True


def refused(answer: object) -> bool:
    return not answer


def accepted(answer: object) -> bool:
    return bool(answer)


def number(rng: Random, bits: int = 64) -> int:
    """Small as often as large; the least and the greatest too."""
    return rng.choice([0, 1, 2**bits - 1, rng.getrandbits(7), rng.getrandbits(bits), rng.getrandbits(rng.randrange(1, bits))])


def digest(rng: Random) -> str:
    return rng.randbytes(32).hex()


def units(rng: Random) -> str:
    return cases.units(number(rng, 256))


def chain_id(rng: Random) -> str:
    return rng.choice(["", "openledger-1", "x" * 50, "chaîne", "c" * 65_536 if rng.random() < 0.05 else "demo-1"])


def damaged(rng: Random, data: bytes) -> bytes:
    """One bit, one byte more or less, a cut, a number written longer than it need be, two parts swapped."""
    at = rng.randrange(len(data)) if data else 0
    way = rng.randrange(6) if data else 1
    if way == 0:
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if way == 1:
        return data[:at] + rng.randbytes(1) + data[at:]
    if way == 2:
        return data[:at] + data[at + 1 :]
    if way == 3:
        return data[:at]
    if way == 4:
        return data[:at] + bytes([data[at] | 0x80, 0]) + data[at + 1 :]
    return data[at:] + data[:at]


def numbers_and_trees(rng: Random) -> Iterator[Drawn]:
    leaves = [rng.randbytes(32) for _ in range(rng.randrange(40))]
    first, count = rng.randrange(len(leaves) + 2), rng.randrange(5)
    case = {"op": "tree", "leaves": [leaf.hex() for leaf in leaves], "first": first, "count": count}
    yield case, anything
    made = cases.answer(case)
    if made["path"] is not None:
        opened = case["leaves"][first : first + count]
        good = {"op": "verify_range", "total": len(leaves), "first": first, "leaves": opened, "path": made["path"], "root": made["root"]}
        yield good, accepted
        path = list(made["path"])
        path.insert(rng.randrange(len(path) + 1), digest(rng)) if rng.random() < 0.5 or not path else path.pop()
        for change in [{"first": number(rng)}, {"total": number(rng)}, {"path": path}, {"leaves": opened + [digest(rng)]}]:
            yield good | {"op": "verify_range"} | change, anything
        yield good | {"path": path}, refused
    encoded = [varint(number(rng)) for _ in range(rng.randrange(12))]
    yield {"op": "decode", "kind": rng.choice(list(cases.KINDS)), "bytes": rng.randbytes(rng.randrange(90)).hex()}, anything
    yield {"op": "decode", "kind": "claim", "bytes": damaged(rng, varint(len(encoded) // 4) + b"".join(encoded)).hex()}, anything
    yield {"op": "decode", "kind": "frontier", "bytes": damaged(rng, bytes.fromhex(made["frontier"])).hex()}, anything


def contents(rng: Random) -> Iterator[Drawn]:
    length = rng.choice([0, 1, 255, 256, 257, rng.randrange(4000)])
    data = rng.randbytes(length)
    at = rng.randrange(length + 2)
    size = rng.choice([0, 1, 32, rng.randrange(600), max(0, length - at)])
    for kind in ["content", "transcript"]:
        case = {"op": kind, "data": data.hex(), "secret": digest(rng), "index": number(rng), "offset": at, "size": size}
        yield case, anything
        made = cases.answer(case)
        if made["opening"] is None:
            continue
        good = {"op": f"{kind}_open", "opening": made["opening"], "root": made["root"], "length": length, "offset": at, "size": size}
        yield good, accepted
        broken = damaged(rng, bytes.fromhex(made["opening"])).hex()
        yield good | {"opening": broken}, refused if broken != made["opening"] else accepted
        yield {"op": "decode", "kind": kind, "bytes": broken}, anything
        for field, bits in [("offset", 64), ("size", 64), ("length", 32)]:
            yield good | {field: rng.choice([good[field] + 1, max(0, good[field] - 1), number(rng, bits)])}, anything
    commit = {"op": "commit", "chain_id": chain_id(rng), "datanet": number(rng), "author": rng.randbytes(rng.randrange(40)).hex()}
    root = rng.choice([digest(rng), trees.root([]).hex()])
    yield commit | {"root": root, "length": rng.choice([0, 5_242_880, 5_242_881, number(rng)]), "salt": digest(rng)}, anything
    accepted_list = [[number(rng), digest(rng), number(rng)] for _ in range(rng.randrange(1, 30))]
    place = rng.randrange(len(accepted_list) + 1)
    case = {"op": "version", "accepted": accepted_list, "at": place, "chain_id": "openledger-1", "datanet": number(rng)}
    yield case, anything
    made = cases.answer(case)
    if made["inclusion"] is not None:
        good = {"op": "inclusion", "accepted": [accepted_list[place]], "count": len(accepted_list), "root": made["root"]}
        yield good | {"inclusion": made["inclusion"]}, accepted
        yield good | {"inclusion": damaged(rng, bytes.fromhex(made["inclusion"])).hex()}, anything
        yield good | {"inclusion": made["inclusion"], "count": number(rng)}, anything


def receipts(rng: Random) -> Iterator[Drawn]:
    numbers = {name: number(rng) for name in ["index", "model_version", "corpus_height"]}
    lengths = {name: rng.choice([number(rng, 32), rng.randrange(70_000)]) for name in ["prompt_len", "transcript_len"]}
    roots = {name: digest(rng) for name in ["transcript_root", "segments_root"]}
    case = {"op": "receipt", "fee": units(rng), "segment_count": number(rng, 32)} | numbers | lengths | roots
    yield case, anything
    settled = bytes.fromhex(cases.answer(case)["settled"])
    yield {"op": "decode", "kind": "settled", "bytes": settled.hex()}, accepted
    yield {"op": "decode", "kind": "settled", "bytes": damaged(rng, settled).hex()}, anything


def vouchers(rng: Random) -> Iterator[Drawn]:
    """Signatures are slow by hand: one voucher, signed truly, then wrong in one way."""
    fields = {name: number(rng) for name in ["session", "deployment", "count"]}
    case = {"op": "voucher", "chain_id": chain_id(rng), "cumulative_fee": units(rng), "receipts_root": digest(rng)} | fields
    if len(case["chain_id"]) > 65_535:
        yield case | {"key": secp256k1.public_key(1).hex(), "signature": "11" * 64}, anything
        return
    one = Voucher(case["chain_id"], *fields.values(), cases.amount(case, "cumulative_fee"), cases.b(case, "receipts_root"))
    secret, nonce = rng.randrange(1, secp256k1.N), rng.randrange(1, secp256k1.N)
    signature = secp256k1.sign(secret, one.digest(), nonce)
    good = case | {"key": secp256k1.public_key(secret).hex(), "signature": signature.hex()}
    yield good, lambda answer: answer["holds"]
    s = int.from_bytes(signature[32:], "big")
    key = bytes.fromhex(good["key"])
    high = (signature[:32] + (secp256k1.N - s).to_bytes(32, "big")).hex()
    yield good | {"signature": high}, lambda answer: not answer["holds"]
    wrong = [
        {"signature": damaged(rng, signature).hex()},
        {"signature": rng.choice([b"", bytes(64), b"\xff" * 64, signature[:32] + bytes(32), bytes(32) + signature[32:]]).hex()},
        {"key": (bytes([key[0] ^ 1]) + key[1:]).hex()},
        {"key": rng.choice([b"\2" + b"\xff" * 32, b"\4" + key[1:], key[1:], b"", b"\2" + rng.randbytes(32)]).hex()},
        {"count": number(rng)},
    ]
    yield good | rng.choice(wrong), anything


def money(rng: Random) -> Iterator[Drawn]:
    weights = {str(number(rng)): number(rng, rng.choice([3, 16, 63])) for _ in range(rng.randrange(7))}
    total = rng.choice([sum(weights.values()), sum(weights.values()) + rng.randrange(9), number(rng)])
    if total < 2**64:
        yield {"op": "pool", "pool": units(rng), "total": total, "weights": weights}, anything
    yield {"op": "cap", "pool": units(rng), "baseline": units(rng), "cap": rng.choice([0, 2000, 10_000, 10_001])}, anything
    cuts = sorted(rng.randrange(10_001) for _ in range(5))
    names = ["server", "platform", "model", "stakers", "contributors", "curators"]
    split = {name: stop - start for name, start, stop in zip(names, [0] + cuts, cuts + [10_000])}
    split["platform"] += rng.choice([0, 0, 0, 1])
    split["burnt"] = rng.choice([200, rng.randrange(split["platform"] + 2)])
    yield {"op": "fee", "fee": units(rng), "split": split}, anything
    usual = dict(zip(names, [3000, 500, 1500, 500, 4000, 500])) | {"burnt": 200}
    yield {"op": "fee", "fee": units(rng), "split": usual}, accepted


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


def round_of(rng: Random, which: int) -> Iterator[Drawn]:
    """One round: a few cases of each kind; a slow one every tenth time."""
    yield from numbers_and_trees(rng)
    yield from contents(rng)
    yield from receipts(rng)
    yield from money(rng)
    yield from attributions(rng)
    if which % 10 == 0:
        yield from vouchers(rng)
    if which == 0:
        yield from largest(rng)
