"""Asks both implementations the same random cases: compare.py ROUNDS EVALUATOR [SEED]. Any disagreement fails, with the case and the seed."""

import json
import secrets
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))
import cases
import generate


def main() -> int:
    rounds, evaluator = int(sys.argv[1]), sys.argv[2]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else secrets.randbits(32)
    print(f"seed {seed}", flush=True)
    rng, begun = Random(seed), time.monotonic()
    kinds: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    other = subprocess.Popen([evaluator], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for which in range(rounds):
        drawn = list(generate.round_of(rng, which))
        # One round at a time: its cases go over, then its answers come back.
        answers = ask(other, [case for case, _ in drawn])
        for (case, must), theirs in zip(drawn, answers):
            ours = json.loads(json.dumps(cases.answer(case)))
            if ours != theirs or not must(ours):
                wrong = "they disagree" if ours != theirs else f"both are wrong: {must.__name__}"
                print(f"{wrong}\n  case   {json.dumps(case)}\n  Python {ours}\n  Rust   {theirs}\n  seed   {seed}, round {which}")
                return 1
            kinds[case["op"]] += 1
            if case["op"] == "dispute":
                verdicts["refused" if ours is None else next(iter(ours))] += 1
    other.stdin.close()
    print(f"{kinds.total()} cases agree, in {time.monotonic() - begun:.1f} s")
    print("  " + ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())))
    print("  disputes: " + ", ".join(f"{name} {count}" for name, count in sorted(verdicts.items())))
    return 0


def ask(other: subprocess.Popen, drawn: list[dict]) -> list[object]:
    """The other implementation's answers. A writer of its own, so that full pipes never wait for each other."""
    import threading

    text = "".join(json.dumps(case) + "\n" for case in drawn)

    def write() -> None:
        other.stdin.write(text)
        other.stdin.flush()

    writer = threading.Thread(target=write)
    writer.start()
    answers = [json.loads(other.stdout.readline()) for _ in drawn]
    writer.join()
    return answers


if __name__ == "__main__":
    sys.exit(main())
