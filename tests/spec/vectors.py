"""Every file of provenance/vectors/, made again by the Python implementation. A file that nothing here checks fails."""

import json
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from openledger_spec import claims, content, credits, demands, disputes, duplicates, secp256k1, splits, transcripts, trees
from openledger_spec.attribution import Document, canonical_claim, weights
from openledger_spec.claims import Segment, Source
from openledger_spec.content import Commitment, ContentOpening, Inclusion
from openledger_spec.disputes import Settlement
from openledger_spec.encoding import whole
from openledger_spec.hashing import Refused, h
from openledger_spec.proving import Prover
from openledger_spec.receipts import Receipt, Settled
from openledger_spec.transcripts import TranscriptOpening
from openledger_spec.vouchers import Voucher

FOLDER = Path(__file__).parents[2] / "provenance" / "vectors"


def pattern(length: int) -> bytes:
    """The vectors' own bytes: `(131 · i + i / 256) mod 256`."""
    return bytes((131 * i + i // 256) % 256 for i in range(length))


def same(found: object, wanted: object, what: str) -> None:
    found = found.hex() if isinstance(found, bytes) else found
    if found != wanted:
        raise SystemExit(f"{what}: {found} is not the vector's {wanted}")


def hexes(items: list[bytes]) -> list[str]:
    return [item.hex() for item in items]


def segments(listed: list[dict]) -> list[Segment]:
    return [Segment(one["start"], one["count"], one["source"], one["offset"]) for one in listed]


def content_json(v: dict) -> None:
    for one in v["commitments"]:
        same(Commitment.of(pattern(one["length"])).root, one["root"], "root")
    o = v["opening"]
    data = pattern(o["length"])
    opening = ContentOpening.prove(data, o["offset"], o["len"])
    same(opening.first_chunk, o["first_chunk"], "first chunk")
    same(hexes(opening.path), o["path"], "path")
    same(opening.encode(), o["encoded"], "opening")
    same(opening.open(Commitment.of(data), o["offset"], o["len"]), data[o["offset"] :][: o["len"]].hex(), "opened")
    c = v["commit"]
    commitment = Commitment.of(pattern(c["content_length"]))
    made = content.commit(c["chain_id"], c["datanet"], bytes.fromhex(c["author"]), commitment, bytes.fromhex(c["salt"]))
    same(made, c["hash"], "commit")


    r = v["review"]
    fields = [r["seq"], bytes.fromhex(r["reviewer"]), r["accept"], r["score"], r["commons"], bytes.fromhex(r["salt"])]
    same(content.review_commit(r["chain_id"], *fields), r["hash"], "review's commit")


def handle_json(v: dict) -> None:
    c = v["commit"]
    made = content.handle_commit(c["chain_id"], bytes.fromhex(c["account"]), c["handle"], bytes.fromhex(c["salt"]))
    same(made, c["hash"], "handle's commit")


def transcript_json(v: dict) -> None:
    key = transcripts.receipt_key(bytes.fromhex(v["session_secret"]), v["receipt_index"])
    same(key, v["receipt_key"], "receipt key")
    same([transcripts.salt(key, i).hex() for i in range(len(v["salts"]))], v["salts"], "salts")
    data = pattern(v["length"])
    same(transcripts.transcript_root(data, key), v["root"], "root")
    opening = TranscriptOpening.prove(data, key, v["opening"]["offset"], v["opening"]["len"])
    same(opening.encode(), v["opening"]["encoded"], "opening")


def receipt_of(r: dict, index: int) -> Receipt:
    numbers = [r["model_version"], r["corpus_height"], r["prompt_len"], r["transcript_len"]]
    return Receipt(index, *numbers, bytes.fromhex(r["transcript_root"]), int(r["fee"]))


def receipt_json(v: dict) -> None:
    r, s = v["receipt"], v["settled"]
    one = receipt_of(r, r["index"])
    one.check()
    same(one.leaf_bytes(), r["leaf_bytes"], "leaf bytes")
    same(one.leaf(), r["leaf"], "leaf")
    same(one.encode(), r["encoded"], "encoding")
    same(Settled(one, s["segment_count"], bytes.fromhex(s["segments_root"])).leaf(), s["leaf"], "settled leaf")
    frontier = trees.Frontier()
    for state in v["session"]["roots"]:
        frontier.append(receipt_of(r, state["count"]).leaf())
        same(frontier.count, state["count"], "count")
        same(hexes(frontier.peaks), state["peaks"], "peaks")
        same(frontier.root(), state["receipts_root"], "receipts root")


def voucher_json(v: dict) -> None:
    root = bytes.fromhex(v["receipts_root"])
    one = Voucher(v["chain_id"], v["session"], v["deployment"], v["count"], int(v["cumulative_fee"]), root)
    same(one.sign_bytes(), v["sign_bytes"], "sign bytes")
    same(one.digest(), v["digest"], "digest")
    key = bytes.fromhex(v["public_key"])
    one.verify(key, bytes.fromhex(v["signature"]))
    wallet_vectors(one, key, v["adr036"])
    credit_vectors(key, v["credit_note"])


def wallet_vectors(one: Voucher, key: bytes, a: dict) -> None:
    same(credits.wallet_text(one), a["text"], "text")
    document = credits.wallet_document(a["text"], a["signer"])
    same(document.decode(), a["document"], "document")
    same(h(document), a["digest"], "digest")
    secp256k1.verify(key, h(document), bytes.fromhex(a["signature"]))


def credit_vectors(key: bytes, c: dict) -> None:
    note = credits.credit_note(c["chain_id"], c["session"], c["deployment"], c["receipt"], int(c["amount"]))
    same(note, c["sign_bytes"], "credit note")
    same(h(note), c["digest"], "its digest")
    secp256k1.verify(key, h(note), bytes.fromhex(c["signature"]))
    given = {int(receipt): int(amount) for receipt, amount in c["credits_root"]["credits"].items()}
    same(credits.credits_root(given), c["credits_root"]["root"], "credits root")


def agent_json(v: dict) -> None:
    parts = [credits.Part(one["deployment"], one["session"], one["receipt"], int(one["fee"])) for one in v["parts"]]
    same([part.leaf().hex() for part in parts], [one["leaf"] for one in v["parts"]], "parts")
    root = credits.parts_root(parts)
    same(root, v["parts_root"], "parts root")
    r = v["receipt"]
    numbers = [r["index"], r["agent"], r["prompt_len"], r["transcript_len"], bytes.fromhex(r["transcript_root"])]
    receipt = credits.AgentReceipt(*numbers, int(r["own_fee"]), int(r["parts_fee"]), r["parts"], root)
    receipt.check()
    same(receipt.leaf(), r["leaf"], "agent's receipt")


def claim_json(v: dict) -> None:
    for one in v["claims"]:
        claim = segments(one["segments"])
        same(claims.encode(claim), one["encoded"], "claim")
        same([segment.leaf().hex() for segment in claim], one["leaves"], "leaves")
        same(claims.segments_root(claim), one["segments_root"], "segments root")


def canonical_json(v: dict) -> None:
    for one in v["cases"]:
        prompt, output = one["prompt"].encode(), one["output"].encode()
        held = [Document(s["seq"], s["commons"], s["text"].encode()) for s in one["sources"]]
        claim = canonical_claim(prompt + output, len(prompt), held)
        same(claim, segments(one["claim"]), "canonical claim")
        counted, none = weights(claim, one["windows"])
        same(counted.pop(0, 0), one["weights"]["echo"], "echo")
        same({str(seq): n for seq, n in counted.items()}, one["weights"]["sources"], "weights")
        same(none, one["weights"]["none"], "none")


def dispute_json(v: dict) -> None:
    transcript, index = v["transcript"].encode(), v["receipt_index"]
    key = transcripts.receipt_key(bytes.fromhex(v["session_secret"]), index)
    stand = Settlement(bytes.fromhex(v["settlement"]["root"]), v["settlement"]["first_index"], v["settlement"]["count"])
    claim = segments(v["claim"])
    for name in ["false", "better"]:
        d = v[name]
        data, text = bytes.fromhex(d["encoded"]), d["source_text"].encode()
        # Where the segment names another source than the witness, it need only be in the corpus.
        corpus = lambda seq: Source(Commitment.of(text), False)
        shown = disputes.verify_dispute(data, stand, corpus)
        wanted = [index, d["segment"], d["byte"]] if name == "false" else [index, d["window"]]
        same(shown[name][: len(wanted)], wanted, name)
        opened = disputes.bounded(data, disputes.read_dispute)
        # The vectors give the settlement's root alone; its one path is taken from them, all else is made again.
        settled = opened.settled.settled
        prover = Prover(transcript, key, [Document(d.get("source", 4), False, text)], claim, settled, [settled.leaf()], 0)
        made = prover.open_byte(*wanted[1:]) if name == "false" else prover.open_better(d["window"], d["source"], d["offset"])
        same(disputes.encode_dispute(replace(made, settled=opened.settled)), d["encoded"], name)
    c = v["commit"]
    fields = [c["chain_id"], c["settlement"], bytes.fromhex(c["disputant"]), data, bytes.fromhex(c["salt"])]
    same(disputes.commit(*fields), c["hash"], "commit")


def split_json(v: dict) -> None:
    for one in v["pools"]:
        given = {int(seq): int(weight) for seq, weight in one["weights"].items()}
        parts, baseline = splits.split_pool(int(one["pool"]), one["total"], given)
        same({str(seq): str(part) for seq, part in parts.items()}, one["parts"], "parts")
        same(str(baseline), one["baseline"], "baseline")
        same(splits.rows_root(parts), one["rows_root"], "rows root")
    for one in v["fees"]:
        shares = splits.divide_fee(int(one.pop("fee")), v["fee_basis_points"])
        same({name: str(share) for name, share in shares.items()}, one, "fee")


def version_json(v: dict) -> None:
    leaves = [content.accepted_leaf(3 * i + 1, Commitment.of(pattern(100 * i))) for i in range(6)]
    same(hexes(leaves), v["leaves"], "leaves")
    frontier = trees.Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    same(hexes(frontier.peaks), v["peaks"], "peaks")
    same(frontier.root(), v["root"], "root")
    d, at = v["digest"], v["inclusion"]["accept_index"]
    same(content.version_digest(d["chain_id"], d["datanet"], 6, frontier.root()), d["digest"], "digest")
    path = trees.prove(leaves, at, 1)
    same(hexes(path), v["inclusion"]["path"], "inclusion")
    Inclusion(at, tuple(path)).verify(6, frontier.root(), leaves[at])


def audit_json(v: dict) -> None:
    question_vectors(v["question"])
    s = v["seed"]
    reveals = {bytes.fromhex(one["auditor"]): bytes.fromhex(one["value"]) for one in s["reveals"]}
    same([demands.seed_commit(s["chain_id"], s["epoch"], *one).hex() for one in reveals.items()], s["commits"], "commits")
    same(demands.seed(s["epoch"], reveals), s["seed"], "seed")
    d = v["draws"]
    sums = demands.running_sums([int(pool) for pool in d["pools"]])
    same(sums, d["running_sums"], "running sums")
    for one in d["drawn"]:
        drawn = demands.draw(bytes.fromhex(d["seed"]), d["settlement"], d["round"], one["k"], sums)
        same(drawn, one["places"], f"{one['k']} draws")
    r = v["replacement"]
    fields = [r["settlement"], r["round"], bytes.fromhex(r["maker"]), r["check"], bytes.fromhex(r["root"])]
    same(demands.replacement_commit(r["chain_id"], *fields, bytes.fromhex(r["salt"])), r["hash"], "replacement")
    undeclared_vectors(v["undeclared"])


def dispute_vector() -> dict:
    return json.loads((FOLDER / "dispute.json").read_text())


def question_vectors(q: dict) -> None:
    stand = dispute_vector()["settlement"]
    stand = Settlement(bytes.fromhex(stand["root"]), stand["first_index"], stand["count"])
    data = bytes.fromhex(q["encoded"])
    same(list(demands.question(data, stand)), q["asks"], "question")
    same(demands.transcript_question(bytes.fromhex(q["of_transcript"]), stand), q["asks"][0], "question of a transcript")
    same(whole(data, demands.Question.read).settled.encode(), q["of_transcript"], "the receipt in both")


def undeclared_vectors(u: dict) -> None:
    transcript, source = dispute_vector()["transcript"].encode() + pattern(300), b"-" * 40 + pattern(300)
    key = transcripts.receipt_key(bytes.fromhex(u["session_secret"]), u["receipt_index"])
    claim = segments(u["claim"])
    root = transcripts.transcript_root(transcript, key)
    receipt = Receipt(u["receipt_index"], 3, 4, 0, len(transcript), root, 0)
    prover = Prover(transcript, key, [], claim, Settled(receipt, len(claim), claims.segments_root(claim)), [], 0)
    shown = prover.show_undeclared(u["start"], u["count"], source, u["offset"])
    shown.verify(receipt, claim, Commitment.of(source))
    same(shown.transcript.encode(), u["transcript_opening"], "the transcript's opening")
    same(shown.source.encode(), u["source_opening"], "the source's opening")


def duplicate_json(v: dict) -> None:
    d, seed = v["draw"], bytes.fromhex(v["seed"])
    drawn = duplicates.draw(d["chain_id"], d["dispute"], d["seq"], bytes.fromhex(d["disputant"]), d["seconds"], d["nanos"])
    same(drawn, v["seed"], "seed")
    starts = [duplicates.region_start(seed, i, 1200) for i in range(duplicates.REGIONS)]
    same(starts, v["starts_in_1200_bytes"], "starts")
    for region, source, found in v["shingles"]:
        same(duplicates.places_found(bytes.fromhex(region), bytes.fromhex(source)), found, "places found")
    for case in v["cases"]:
        later = bytes.fromhex(case["later_hex"])
        earlier = {one["seq"]: Commitment.of(bytes.fromhex(one["hex"])) for one in case["earlier"]}
        try:
            proof = whole(bytes.fromhex(case["proof"]), duplicates.read)
            verdict = (True, duplicates.judge(proof, Commitment.of(later), seed, earlier.get))
        except Refused:
            verdict = (False, None)
        same(verdict, (case["holds"], case["source"]), case["note"])


CHECKS = {
    "content": content_json, "transcript": transcript_json, "receipt": receipt_json, "voucher": voucher_json,
    "claim": claim_json, "canonical": canonical_json, "dispute": dispute_json, "audit": audit_json, "agent": agent_json, "handle": handle_json, "duplicate": duplicate_json, "split": split_json, "version": version_json,
}  # fmt: skip


def main() -> None:
    names = sorted(path.stem for path in FOLDER.glob("*.json"))
    unknown = set(names) - set(CHECKS)
    if unknown:
        raise SystemExit(f"nothing here checks {unknown}")
    for name in names:
        CHECKS[name](json.loads((FOLDER / f"{name}.json").read_text()))
    print(f"{len(names)} files of vectors hold: {', '.join(names)}")


if __name__ == "__main__":
    main()
