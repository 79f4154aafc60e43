"""Section 4: wallets' vouchers, credit notes, agents' receipts; section 8: what is divided, and why a row is what it is."""

import base64
import json
from dataclasses import dataclass

from . import trees
from .attribution import weights
from .claims import ECHO, Claim
from .hashing import Refused, h, tag, u32, u64, u256, var
from .receipts import Receipt
from .splits import cap_baseline, divide_fee, split_pool
from .transcripts import MAX_TRANSCRIPT
from .vouchers import Voucher


def wallet_text(voucher: Voucher) -> str:
    """Section 4, *a wallet's voucher*: the seven lines."""
    lines = [
        "OpenLedger voucher v1",
        f"chain {voucher.chain_id}",
        f"session {voucher.session}",
        f"deployment {voucher.deployment}",
        f"receipts {voucher.count}",
        f"cumulative fee {voucher.cumulative_fee}",
        f"receipts root {voucher.receipts_root.hex()}",
    ]
    return "".join(line + "\n" for line in lines)


def wallet_document(text: str, signer: str) -> bytes:
    """Section 4: the ADR-036 document around it."""
    data = base64.b64encode(text.encode()).decode()
    message = {"type": "sign/MsgSignData", "value": {"data": data, "signer": signer}}
    head = {"account_number": "0", "chain_id": "", "fee": {"amount": [], "gas": "0"}, "memo": ""}
    return json.dumps(head | {"msgs": [message], "sequence": "0"}, separators=(",", ":")).encode()


def credit_note(chain_id: str, session: int, deployment: int, receipt: int, amount: int) -> bytes:
    """Section 4, *credit note*: what is signed, before its SHA-256."""
    return tag("credit") + var(chain_id.encode()) + u64(session) + u64(deployment) + u64(receipt) + u256(amount)


def credits_root(credits: dict[int, int]) -> bytes:
    """Section 4: the root over a settlement's credits, by receipt."""
    return trees.root([trees.leaf(tag("credited"), u64(receipt), u256(credits[receipt])) for receipt in sorted(credits)])


@dataclass(frozen=True)
class Part:
    """Section 4, *an agent's session*: a part's receipt."""

    deployment: int
    session: int
    receipt: int
    fee: int

    def leaf(self) -> bytes:
        return trees.leaf(tag("part"), u64(self.deployment), u64(self.session), u64(self.receipt), u256(self.fee))


def parts_root(parts: list[Part]) -> bytes:
    return trees.root([part.leaf() for part in parts])


@dataclass(frozen=True)
class AgentReceipt:
    """Section 4, *an agent's session*: a receipt."""

    index: int
    agent: int
    prompt_len: int
    transcript_len: int
    transcript_root: bytes
    own_fee: int
    parts_fee: int
    parts: int
    parts_root: bytes

    def check(self) -> None:
        if self.index < 1 or not self.prompt_len <= self.transcript_len <= MAX_TRANSCRIPT:
            raise Refused("numbered from 1; a prompt within a transcript within 64 KiB")

    def leaf(self) -> bytes:
        numbers = u64(self.index) + u64(self.agent) + u32(self.prompt_len) + u32(self.transcript_len)
        money = u256(self.own_fee) + u256(self.parts_fee) + u32(self.parts)
        return trees.leaf(tag("agent-receipt"), numbers, self.transcript_root, money, self.parts_root)


def divide(receipt: Receipt, claim: Claim, credit: int, split: dict[str, int], cap: int, unpaid: set[int]) -> dict:
    """Section 8: what is taken for a receipt, and who has it."""
    if credit > receipt.fee:
        raise Refused("a credit over the fee")
    taken = receipt.fee - credit
    shares = divide_fee(taken, split)
    counted, _ = weights(claim, receipt.windows())
    paid = {seq: weight for seq, weight in counted.items() if seq != ECHO and seq not in unpaid}
    parts, unowned = split_pool(shares["contributors"], receipt.windows(), paid)
    baseline, treasury = cap_baseline(shares["contributors"], unowned, cap)
    parts = {seq: part for seq, part in parts.items() if part > 0}
    return {"taken": taken, "shares": shares, "parts": parts, "baseline": baseline, "treasury": treasury}
