"""Who is paid, a second time: pay.py ROUNDS EVALUATOR [SEED]. The cases of pay.json, then random ones; any disagreement fails.

payees:   works ([author, accepted|withdrawn, commons, custodial] by seq from 1), rulings ([seq, source|null]), unavailable and holds ([seq,
          time]), custodies ([seq, account, time]), pointers ([target, kind, seq, basis points]), now, seq, amount
pointers: policy (basis points by kind), scores ([kind, author, score] in order of acceptance; the target is account 2's), amount
"""

import json
import secrets
import subprocess
import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))
from drawn import units
from openledger_spec import payees as pay
from openledger_spec.hashing import Refused

VECTORS = Path(__file__).parent / "pay.json"
TARGET = 2


def works_of(case: dict) -> dict[int, pay.Work]:
    works = {
        seq: pay.Work(author, status == "accepted", commons, custodial)
        for seq, (author, status, commons, custodial) in enumerate(case["works"], 1)
    }
    for seq, source in case["rulings"]:
        works[seq].ruling = (source,)
    for seq, until in case["unavailable"]:
        works[seq].unavailable = until
    for seq, account, begins in case["custodies"]:
        works[seq].custody = (account, begins)
    for seq, until in case["holds"]:
        works[seq].hold = until
    for target, kind, seq, bps in case["pointers"]:
        works[target].pointers[kind, seq] = bps
    return works


def answer(case: dict) -> object:
    if case["op"] == "payees":
        shares = pay.payees(works_of(case), case["seq"], case["now"])
    else:
        policy = dict(enumerate(case["policy"], 1))
        parts = pay.pointer_parts(policy, TARGET, [tuple(score) for score in case["scores"]])
        order = sorted((kind, place) for place, ((kind, _, _), part) in enumerate(zip(case["scores"], parts)) if part)
        shares = [(case["scores"][place][1], parts[place]) for _, place in order]
        shares.insert(0, (TARGET, pay.WHOLE - sum(bps for _, bps in shares)))
    try:
        amounts = pay.divide(int(case["amount"], 16), shares)
    except Refused:
        return None
    return [[who, bps, part.to_bytes(32, "big").hex()] for (who, bps), part in zip(shares, amounts)]


def drawn_payees(rng: Random) -> dict:
    count = rng.randrange(1, 12)
    seqs = list(range(1, count + 1))
    now = rng.randrange(2_000, 3_000)
    near = lambda: now + rng.choice([-1, 0, 1, -500, 500])
    often = lambda chance: [seq for seq in seqs if rng.random() < chance]
    works = [
        [rng.randrange(1, 10), "withdrawn" if rng.random() < 0.1 else "accepted", rng.random() < 0.1, rng.random() < 0.3]
        for _ in seqs
    ]
    # A source comes before its copy; long rows are drawn on purpose.
    row = rng.random() < 0.3
    rulings = [[seq, seq - 1] for seq in seqs[1:]] if row else []
    if not row:
        rulings = [[seq, rng.randrange(1, seq) if rng.random() < 0.8 else None] for seq in often(0.2) if seq > 1]
    target, pointers = rng.choice(seqs), []
    for kind in range(1, 5):
        chosen = rng.sample(seqs, min(len(seqs), rng.randrange(4)))
        pointers += [[target, kind, seq, rng.randrange(1, 800)] for seq in sorted(chosen)]
    return {
        "op": "payees", "works": works, "rulings": rulings, "unavailable": [[seq, near()] for seq in often(0.1)],
        "custodies": [[seq, rng.randrange(1, 10), near()] for seq in often(0.2)], "holds": [[seq, near()] for seq in often(0.4)],
        "pointers": pointers, "now": now, "seq": target if rng.random() < 0.7 else rng.choice(seqs), "amount": units(rng),
    }  # fmt: skip


def drawn_pointers(rng: Random) -> dict:
    policy, left = [], 5_000
    for _ in range(4):
        policy.append(rng.choice([0, 1, 2, 3, rng.randrange(left + 1)]) if left > 3 else 0)
        left -= policy[-1]
    score = lambda: rng.choice([0, 1, 9_999, 10_000, rng.randrange(10_001)])
    kinds = rng.choice([[1], [1, 2, 3, 4]])
    scores = [[rng.choice(kinds), rng.randrange(2, 8), score()] for _ in range(rng.randrange(8))]
    return {"op": "pointers", "policy": policy, "scores": scores, "amount": units(rng)}


def main() -> int:
    rounds, evaluator = int(sys.argv[1]), sys.argv[2]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else secrets.randbits(32)
    rng = Random(seed)
    vectors = json.loads(VECTORS.read_text())
    for vector in vectors:
        if answer(vector["case"]) != vector["answer"]:
            print(f"pay.json: {json.dumps(vector['case'])}\n  ours {answer(vector['case'])}")
            return 1
    cases = [vector["case"] for vector in vectors]
    cases += [draw(rng) for _ in range(rounds) for draw in [drawn_payees, drawn_payees, drawn_pointers]]
    text = "".join(json.dumps(case) + "\n" for case in cases)
    told = subprocess.run([evaluator], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    held = shared = 0
    for case, line in zip(cases, told, strict=True):
        ours, theirs = json.loads(json.dumps(answer(case))), json.loads(line)
        if ours != theirs:
            print(f"they disagree\n  case   {json.dumps(case)}\n  Python {ours}\n  Rust   {theirs}\n  seed   {seed}")
            return 1
        held += any(payee[0] == "held" for payee in ours or [])
        shared += len(ours or []) > 1
    print(f"{len(cases)} payments agree (seed {seed}): {shared} shared with pointers, {held} held; {len(vectors)} of them vectors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
