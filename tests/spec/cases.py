"""What the Python implementation makes of a case; `provenance/examples/evaluate_cases` is asked the same. The tables say which fields a case has.

Bytes and 256-bit amounts are hexadecimal, what is refused is None. A *world* is: data (the transcript), prompt_len, secret, index and
documents ([seq, commons, bytes]); a *stand* is: root, first_index, count of a settlement.
"""

from openledger_spec import attribution, claims, content, credits, demands, disputes, duplicates, splits, transcripts, trees
from openledger_spec.attribution import Document
from openledger_spec.claims import Segment, Source
from openledger_spec.content import Commitment, ContentOpening, Inclusion
from openledger_spec.demands import Undeclared
from openledger_spec.disputes import Settlement
from openledger_spec.encoding import whole
from openledger_spec.hashing import Refused
from openledger_spec.proving import Prover
from openledger_spec.receipts import Receipt, Settled
from openledger_spec.transcripts import TranscriptOpening
from openledger_spec.vouchers import Voucher

FEE = int.from_bytes(b"\1" * 32, "big")


def answer(case: dict) -> object:
    """The answer of the function that carries the case's name."""
    return OPERATIONS[case["op"]](case)


def refusal(make, otherwise=None):
    """What `make` gives, or what stands for its refusal."""
    try:
        return make()
    except Refused:
        return otherwise


def holds(check) -> bool:
    return refusal(lambda: (check(), True)[1], False)


def raw(items: list[str]) -> list[bytes]:
    return [bytes.fromhex(item) for item in items]


def units(amount: int) -> str:
    return amount.to_bytes(32, "big").hex()


def b(case: dict, name: str) -> bytes:
    return bytes.fromhex(case[name])


def amount(case: dict, name: str) -> int:
    return int(case[name], 16)


def tree(case: dict) -> object:
    """leaves, first, count: a tree, its frontier, and a range of it."""
    leaves = raw(case["leaves"])
    frontier = trees.Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    path = refusal(lambda: [node.hex() for node in trees.prove(leaves, case["first"], case["count"])])
    encoded = frontier.encode().hex()
    return {"root": trees.root(leaves).hex(), "frontier_root": frontier.root().hex(), "frontier": encoded, "path": path}


def verify_range(case: dict) -> object:
    """root, total, first, leaves, path."""
    leaves, path = raw(case["leaves"]), raw(case["path"])
    return holds(lambda: trees.verify(b(case, "root"), case["total"], case["first"], leaves, path))


def decode(case: dict) -> object:
    """kind, bytes: what is read is written again as it was, or refused."""
    read, write = KINDS[case["kind"]]
    return refusal(lambda: write(whole(b(case, "bytes"), read)).hex())


def content_(case: dict) -> object:
    """data, offset, size."""
    data = b(case, "data")
    opening = refusal(lambda: ContentOpening.prove(data, case["offset"], case["size"]).encode().hex())
    return {"root": Commitment.of(data).root.hex(), "opening": opening}


def content_open(case: dict) -> object:
    """opening, root, length, offset, size."""
    commitment = Commitment(b(case, "root"), case["length"])
    read = lambda: whole(b(case, "opening"), ContentOpening.read)
    return refusal(lambda: read().open(commitment, case["offset"], case["size"]).hex())


def transcript(case: dict) -> object:
    """data, secret, index, offset, size."""
    data, key = b(case, "data"), transcripts.receipt_key(b(case, "secret"), case["index"])
    root = refusal(lambda: transcripts.transcript_root(data, key).hex())
    if root is None:
        return None
    opening = refusal(lambda: TranscriptOpening.prove(data, key, case["offset"], case["size"]).encode().hex())
    return {"key": key.hex(), "root": root, "opening": opening}


def transcript_open(case: dict) -> object:
    """opening, root, length, offset, size."""
    read = lambda: whole(b(case, "opening"), TranscriptOpening.read)
    return refusal(lambda: read().open(b(case, "root"), case["length"], case["offset"], case["size"]).hex())


def commit(case: dict) -> object:
    """chain_id, datanet, author, root, length, salt."""
    commitment = Commitment(b(case, "root"), case["length"])
    fields = (case["chain_id"], case["datanet"], b(case, "author"), commitment, b(case, "salt"))
    return {"hash": refusal(lambda: content.commit(*fields).hex()), "can_be": holds(commitment.check)}


def dispute_commit(case: dict) -> object:
    """chain_id, settlement, disputant, dispute, salt."""
    fields = (case["chain_id"], case["settlement"], b(case, "disputant"), b(case, "dispute"), b(case, "salt"))
    return refusal(lambda: disputes.commit(*fields).hex())


def receipt(case: dict) -> object:
    """A receipt's and a settled receipt's fields."""
    places = [case[name] for name in ["index", "model_version", "corpus_height", "prompt_len", "transcript_len"]]
    one = Receipt(*places, b(case, "transcript_root"), amount(case, "fee"))
    settled = Settled(one, case["segment_count"], b(case, "segments_root"))
    return {
        "can_be": holds(one.check), "windows": one.windows(), "leaf": one.leaf().hex(), "encoded": one.encode().hex(),
        "settled_leaf": settled.leaf().hex(), "settled": settled.encode().hex(),
    }  # fmt: skip


def voucher(case: dict) -> object:
    """A voucher's fields, key and signature."""
    numbers = [case["session"], case["deployment"], case["count"], amount(case, "cumulative_fee")]
    one = Voucher(case["chain_id"], *numbers, b(case, "receipts_root"))
    digest = refusal(lambda: one.digest().hex())
    return {"digest": digest, "holds": holds(lambda: one.verify(b(case, "key"), b(case, "signature")))}


def accepted(case: dict) -> list[bytes]:
    return [content.accepted_leaf(seq, Commitment(bytes.fromhex(root), n)) for seq, root, n in case["accepted"]]


def version(case: dict) -> object:
    """accepted ([seq, root, length]), at, chain_id, datanet."""
    leaves = accepted(case)
    root = trees.root(leaves)
    prove = lambda: Inclusion(case["at"], tuple(trees.prove(leaves, case["at"], 1))).encode().hex()
    digest = content.version_digest(case["chain_id"], case["datanet"], len(leaves), root).hex()
    leaves_hex = [leaf.hex() for leaf in leaves]
    return {"leaves": leaves_hex, "root": root.hex(), "digest": digest, "inclusion": refusal(prove)}


def inclusion(case: dict) -> object:
    """accepted (one), count, root, inclusion."""
    read = lambda: whole(b(case, "inclusion"), Inclusion.read)
    return holds(lambda: read().verify(case["count"], b(case, "root"), accepted(case)[0]))


def documents(case: dict) -> list[Document]:
    return [Document(seq, commons, bytes.fromhex(data)) for seq, commons, data in case["documents"]]


def corpus(case: dict) -> claims.Corpus:
    held = {one.seq: Source(Commitment.of(one.data), one.commons) for one in documents(case)}
    return held.get


def claim_of(case: dict) -> claims.Claim:
    return [Segment(*numbers) for numbers in case["claim"]]


def key_of(case: dict) -> bytes:
    return transcripts.receipt_key(b(case, "secret"), case["index"])


def answered(case: dict) -> Receipt:
    """The receipt over the world's transcript."""
    data = b(case, "data")
    root = transcripts.transcript_root(data, key_of(case))
    return Receipt(case["index"], 3, 4, case["prompt_len"], len(data), root, FEE)


def listed(segment: Segment) -> list[int]:
    return [segment.start, segment.count, segment.source, segment.offset]


def attribution_(case: dict) -> object:
    """data, prompt_len, documents."""
    data = b(case, "data")
    claim = attribution.canonical_claim(data, case["prompt_len"], documents(case))
    counted, none = attribution.weights(claim, attribution.window_count(data, case["prompt_len"]))
    echo = counted.pop(claims.ECHO, 0)
    sources = {str(seq): weight for seq, weight in counted.items()}
    return {"claim": [listed(segment) for segment in claim], "sources": sources, "echo": echo, "none": none}


def claim(case: dict) -> object:
    """A world and a claim: is it refused on arrival, and if not, does it deviate?"""
    stated = claim_of(case)
    fields = (b(case, "data"), case["prompt_len"], stated, documents(case))
    deviates = None
    if holds(lambda: claims.check(stated, answered(case), corpus(case))):
        deviates = bool(attribution.deviations(*fields))
    return {"deviates": deviates, "root": claims.segments_root(stated).hex(), "encoded": claims.encode(stated).hex()}


def existence(case: dict) -> object:
    """A world, a claim that section 5 lets pass, openings; shown and key, as they were published."""

    def check() -> None:
        openings = [whole(one, ContentOpening.read) for one in raw(case["openings"])]
        fields = (b(case, "shown"), b(case, "key"), claim_of(case), openings, corpus(case))
        disputes.check_existence(answered(case), *fields)

    return holds(check)


def opened(case: dict, make) -> object:
    """An opening in a settlement of `count` receipts, this one at `place`, whose other leaves repeat their place."""
    stated, data = claim_of(case), b(case, "data")
    settled = Settled(answered(case), len(stated), claims.segments_root(stated))
    leaves = [bytes([i]) * 32 for i in range(case["count"])]
    leaves[case["place"]] = settled.leaf()
    prover = Prover(data, key_of(case), documents(case), stated, settled, leaves, case["place"])
    return {"root": trees.root(leaves).hex(), "bytes": refusal(lambda: encoded(make(prover)).hex())}


def encoded(one: disputes.ByteOpening | disputes.BetterOwner | demands.Question) -> bytes:
    return one.encode() if isinstance(one, demands.Question) else disputes.encode_dispute(one)


def open_byte(case: dict) -> object:
    """A world, a claim, count, place, segment, byte."""
    return opened(case, lambda prover: prover.open_byte(case["segment"], case["byte"]))


def open_better(case: dict) -> object:
    """A world, a claim, count, place, window, source, offset."""
    return opened(case, lambda prover: prover.open_better(case["window"], case["source"], case["offset"]))


def dispute(case: dict) -> object:
    """A stand, documents, bytes."""
    stand = Settlement(b(case, "root"), case["first_index"], case["count"])
    return refusal(lambda: disputes.verify_dispute(b(case, "bytes"), stand, corpus(case)))


def answer_(case: dict) -> object:
    """A stand, documents, bytes, question (receipt, segment, byte)."""
    stand = Settlement(b(case, "root"), case["first_index"], case["count"])
    question = tuple(case["question"])
    return holds(lambda: disputes.verify_answer(b(case, "bytes"), question, stand, corpus(case)))


def question(case: dict) -> object:
    """A stand, bytes, transcript: D3's question, or S-open's."""
    stand = Settlement(b(case, "root"), case["first_index"], case["count"])
    if case["transcript"]:
        return refusal(lambda: demands.transcript_question(b(case, "bytes"), stand))
    asked = refusal(lambda: demands.question(b(case, "bytes"), stand))
    return asked and list(asked)


def open_question(case: dict) -> object:
    """A world, a claim, count, place, segment, byte."""
    return opened(case, lambda prover: prover.ask(case["segment"], case["byte"]))


def seed(case: dict) -> object:
    """chain_id, epoch, reveals ([auditor, value], ascending)."""
    reveals = {bytes.fromhex(auditor): bytes.fromhex(value) for auditor, value in case["reveals"]}
    commits = [demands.seed_commit(case["chain_id"], case["epoch"], *one).hex() for one in reveals.items()]
    made = demands.seed(case["epoch"], reveals)
    return {"seed": made and made.hex(), "commits": commits}


def draw(case: dict) -> object:
    """pools, seed, settlement, round, k."""
    sums = demands.running_sums([int(pool, 16) for pool in case["pools"]])
    places = sums and demands.draw(b(case, "seed"), case["settlement"], case["round"], case["k"], sums)
    return sums and {"sums": sums, "places": places}


def replacement(case: dict) -> object:
    """chain_id, settlement, round, maker, check, root, salt."""
    fields = [case["settlement"], case["round"], b(case, "maker"), case["check"], b(case, "root"), b(case, "salt")]
    return refusal(lambda: demands.replacement_commit(case["chain_id"], *fields).hex())


def undeclared(case: dict) -> object:
    """A world, a claim, contribution, start, count, offset, transcript, source."""

    def check() -> None:
        openings = [whole(b(case, "transcript"), TranscriptOpening.read), whole(b(case, "source"), ContentOpening.read)]
        shown = Undeclared(case["start"], case["count"], case["offset"], *openings)
        shown.verify(answered(case), claim_of(case), corpus(case)(case["contribution"]).commitment)

    return holds(check)


def duplicate_draw(case: dict) -> object:
    """chain_id, dispute, seq, disputant, seconds, nanos; length."""
    fields = [case["dispute"], case["seq"], b(case, "disputant"), case["seconds"], case["nanos"]]
    drawn = duplicates.draw(case["chain_id"], *fields)
    starts = refusal(lambda: [duplicates.region_start(drawn, i, case["length"]) for i in range(duplicates.REGIONS)])
    return {"seed": drawn.hex(), "starts": starts}


def duplicate_prove(case: dict) -> object:
    """documents, seed: that the last document copies the others."""
    *earlier, later = documents(case)
    given = [(one.seq, one.data) for one in earlier]
    proof = refusal(lambda: duplicates.prove(later.data, b(case, "seed"), given))
    return proof and duplicates.encode(proof).hex()


def duplicate(case: dict) -> object:
    """documents, seq, seed, bytes."""
    held = corpus(case)
    named = lambda seq: (source := held(seq)) and source.commitment

    def judge() -> dict:
        proof = whole(b(case, "bytes"), duplicates.read)
        return {"source": duplicates.judge(proof, held(case["seq"]).commitment, b(case, "seed"), named)}

    return refusal(judge)


def handle_commit(case: dict) -> object:
    """chain_id, account, handle, salt."""
    fields = [b(case, "account"), case["handle"], b(case, "salt")]
    return refusal(lambda: content.handle_commit(case["chain_id"], *fields).hex())


def review_commit(case: dict) -> object:
    """chain_id, seq, reviewer, accept, score, commons, salt."""
    fields = [case["seq"], b(case, "reviewer"), case["accept"], case["score"], case["commons"], b(case, "salt")]
    return refusal(lambda: content.review_commit(case["chain_id"], *fields).hex())


def wallet(case: dict) -> object:
    """A voucher's fields."""
    numbers = [case["session"], case["deployment"], case["count"], amount(case, "cumulative_fee")]
    return credits.wallet_text(Voucher(case["chain_id"], *numbers, b(case, "receipts_root")))


def credit(case: dict) -> object:
    """chain_id, session, deployment, receipt, amount; credits ([receipt, amount])."""
    fields = [case["session"], case["deployment"], case["receipt"], amount(case, "amount")]
    note = refusal(lambda: credits.credit_note(case["chain_id"], *fields).hex())
    return {"note": note, "root": credits.credits_root({receipt: int(n, 16) for receipt, n in case["credits"]}).hex()}


def agent(case: dict) -> object:
    """An agent's receipt's fields; parts ([deployment, session, receipt, fee])."""
    parts = [credits.Part(*numbers, int(fee, 16)) for *numbers, fee in case["parts"]]
    places = [case[name] for name in ["index", "agent", "prompt_len", "transcript_len"]]
    money = [amount(case, "own_fee"), amount(case, "parts_fee"), len(parts), credits.parts_root(parts)]
    receipt = credits.AgentReceipt(*places, b(case, "transcript_root"), *money)
    return {"leaf": receipt.leaf().hex(), "can_be": holds(receipt.check)}


def division(case: dict) -> object:
    """prompt_len, transcript_len, fee, claim, credit, split, cap, unpaid."""
    receipt = Receipt(1, 1, 1, case["prompt_len"], case["transcript_len"], bytes(32), amount(case, "fee"))
    rest = (amount(case, "credit"), case["split"], case["cap"], set(case["unpaid"]))
    made = refusal(lambda: credits.divide(receipt, claim_of(case), *rest))
    if made is None:
        return None
    shares = {name: units(part) for name, part in made["shares"].items()}
    parts = {str(seq): units(part) for seq, part in made["parts"].items()}
    return {name: units(made[name]) for name in ["taken", "baseline", "treasury"]} | {"shares": shares, "parts": parts}


def pool(case: dict) -> object:
    """pool, total, weights."""
    weights = {int(seq): weight for seq, weight in case["weights"].items()}
    split = refusal(lambda: splits.split_pool(amount(case, "pool"), case["total"], weights))
    if split is None:
        return None
    parts = {str(seq): units(part) for seq, part in split[0].items()}
    return {"parts": parts, "baseline": units(split[1]), "rows_root": splits.rows_root(split[0]).hex()}


def cap(case: dict) -> object:
    """pool, baseline, cap."""
    capped = refusal(lambda: splits.cap_baseline(amount(case, "pool"), amount(case, "baseline"), case["cap"]))
    return capped and [units(part) for part in capped]


def fee(case: dict) -> object:
    """fee, split."""
    shares = refusal(lambda: splits.divide_fee(amount(case, "fee"), case["split"]))
    return shares and {name: units(part) for name, part in shares.items()}


OPERATIONS = {
    "tree": tree, "verify_range": verify_range, "decode": decode, "content": content_, "content_open": content_open,
    "transcript": transcript, "transcript_open": transcript_open, "commit": commit, "dispute_commit": dispute_commit,
    "receipt": receipt, "voucher": voucher, "version": version, "inclusion": inclusion, "attribution": attribution_,
    "claim": claim, "existence": existence, "open_byte": open_byte, "open_better": open_better, "dispute": dispute,
    "answer": answer_, "question": question, "open_question": open_question, "seed": seed, "draw": draw,
    "replacement": replacement, "undeclared": undeclared, "handle_commit": handle_commit, "review_commit": review_commit, "wallet": wallet, "credit": credit,
    "duplicate_draw": duplicate_draw, "duplicate_prove": duplicate_prove, "duplicate": duplicate, "agent": agent, "division": division, "pool": pool, "cap": cap, "fee": fee,
}  # fmt: skip

# How each kind of encoding is read, and written again.
KINDS = {
    "claim": (claims.read, claims.encode),
    "segments": (claims.SegmentsOpening.read, claims.SegmentsOpening.encode),
    "content": (ContentOpening.read, ContentOpening.encode),
    "transcript": (TranscriptOpening.read, TranscriptOpening.encode),
    "settled": (Settled.read, Settled.encode),

    "duplicate": (duplicates.read, duplicates.encode),
    "inclusion": (Inclusion.read, Inclusion.encode),
    "frontier": (trees.Frontier.read, trees.Frontier.encode),
    "dispute": (disputes.read_dispute, disputes.encode_dispute),
    "question": (demands.Question.read, demands.Question.encode),
    "answer": (disputes.ByteOpening.read, disputes.ByteOpening.encode),
}
