"""Random cases of every kind, from one seed. Each comes with what must hold of its answer, where more is known than that both agree."""

from collections.abc import Iterator
from random import Random

import cases
import generate_claims
from drawn import Drawn, accepted, anything, chain_id, damaged, digest, number, refused, units
from openledger_spec import secp256k1, trees
from openledger_spec.encoding import varint
from openledger_spec.vouchers import Voucher


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
    yield {"op": "fee", "fee": units(rng), "split": usual_split()}, accepted


def sessions(rng: Random) -> Iterator[Drawn]:
    """Wallets' vouchers, credits, agents' receipts, one receipt's division."""
    places = {name: number(rng) for name in ["session", "deployment", "count", "receipt", "index", "agent"]}
    lengths = {name: rng.choice([number(rng, 32), rng.randrange(70_000)]) for name in ["prompt_len", "transcript_len"]}
    money = {name: units(rng) for name in ["cumulative_fee", "amount", "own_fee", "parts_fee"]}
    roots = {name: digest(rng) for name in ["receipts_root", "transcript_root"]}
    fields = {"chain_id": chain_id(rng)} | places | lengths | money | roots
    yield fields | {"op": "wallet"}, anything
    given = {number(rng): units(rng) for _ in range(rng.randrange(6))}
    yield fields | {"op": "credit", "credits": list(given.items())}, anything
    parts = [[number(rng), number(rng), number(rng), units(rng)] for _ in range(rng.randrange(5))]
    yield fields | {"op": "agent", "parts": parts}, anything
    claim, at = [], 0
    while at < 400 and rng.random() < 0.85:
        count = rng.randrange(1, 60)
        claim.append([at, count, rng.randrange(6), rng.randrange(999)])
        at += count + rng.randrange(30)
    fee = number(rng, 256)
    credit = rng.choice([0, 0, min(fee, number(rng, 200)), fee, min(fee + 1, 2**256 - 1)])
    lengths = {"prompt_len": rng.randrange(60), "transcript_len": 60 + at + 31 + rng.randrange(99)}
    rule = {"split": usual_split(), "cap": rng.choice([0, 2000, 5000]), "unpaid": rng.sample(range(1, 6), 2)}
    yield {"op": "division", "fee": cases.units(fee), "credit": cases.units(credit), "claim": claim} | lengths | rule, anything


def usual_split() -> dict[str, int]:
    names = ["server", "platform", "model", "stakers", "contributors", "curators"]
    return dict(zip(names, [3000, 500, 1500, 500, 4000, 500])) | {"burnt": 200}


def seeds(rng: Random) -> Iterator[Drawn]:
    reveals = sorted({rng.randbytes(rng.choice([20, 20, 32])): rng.randbytes(32) for _ in range(rng.randrange(5))}.items())
    reveals = [[auditor.hex(), value.hex()] for auditor, value in reveals]
    yield {"op": "seed", "chain_id": "openledger-1", "epoch": number(rng), "reveals": reveals}, anything
    bits = rng.choice([3, 60, 100, 248, 256])
    pools = [cases.units(rng.choice([0, rng.getrandbits(bits)])) for _ in range(rng.randrange(20))]
    draw = {"seed": digest(rng), "settlement": number(rng), "round": rng.randrange(3), "k": rng.randrange(1, 12)}
    yield {"op": "draw", "pools": pools} | draw, anything
    fields = {"settlement": number(rng), "round": rng.randrange(1, 3), "check": rng.randrange(1, 3), "root": digest(rng)}
    handle = {"handle": rng.choice(["", "ada", "a" * 40]), "account": rng.randbytes(20).hex(), "salt": digest(rng)}
    yield {"op": "handle_commit", "chain_id": chain_id(rng)} | handle, anything
    judgement = {"accept": rng.random() < 0.5, "score": number(rng, 32), "commons": rng.random() < 0.5}
    reviewer = {"seq": number(rng), "reviewer": rng.randbytes(20).hex(), "salt": digest(rng)}
    yield {"op": "review_commit", "chain_id": chain_id(rng)} | reviewer | judgement, anything
    maker = {"maker": rng.randbytes(20).hex(), "salt": digest(rng)}
    yield {"op": "replacement", "chain_id": chain_id(rng)} | fields | maker, anything


def round_of(rng: Random, which: int) -> Iterator[Drawn]:
    """One round: a few cases of each kind; a slow one every tenth time."""
    yield from numbers_and_trees(rng)
    yield from contents(rng)
    yield from receipts(rng)
    yield from money(rng)
    yield from seeds(rng)
    yield from sessions(rng)
    yield from generate_claims.attributions(rng)
    if which % 4 == 0:
        yield from generate_claims.undeclared(rng)
        yield from generate_claims.duplicates(rng)
    if which % 10 == 0:
        yield from vouchers(rng)
    if which == 0:
        yield from generate_claims.largest(rng)
