"""Section 4: vouchers."""

from dataclasses import dataclass

from . import secp256k1
from .hashing import h, tag, u64, u256, var


@dataclass(frozen=True)
class Voucher:
    """Section 4, *voucher*."""

    chain_id: str
    session: int
    deployment: int
    count: int
    cumulative_fee: int
    receipts_root: bytes

    def sign_bytes(self) -> bytes:
        numbers = u64(self.session) + u64(self.deployment) + u64(self.count) + u256(self.cumulative_fee)
        return tag("voucher") + var(self.chain_id.encode()) + numbers + self.receipts_root

    def digest(self) -> bytes:
        return h(self.sign_bytes())

    def verify(self, key: bytes, signature: bytes) -> None:
        secp256k1.verify(key, self.digest(), signature)
