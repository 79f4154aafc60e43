"""Section 8: pools, fees, caps, rows."""

from . import trees
from .hashing import Refused, tag, u64, u256

BASIS_POINTS = 10_000
LEAST_BURN = 200


def split_pool(pool: int, total: int, weights: dict[int, int]) -> tuple[dict[int, int], int]:
    """Section 8, *pool*: each party's part, and the baseline's."""
    own = total - sum(weights.values())
    if own < 0:
        raise Refused("more weight than there is")
    if total == 0:
        return {seq: 0 for seq in weights}, pool
    parties = [(seq, weights[seq]) for seq in sorted(weights)] + [(None, own)]
    parts = {party: pool * weight // total for party, weight in parties}
    left = pool - sum(parts.values())
    # Sorting is stable, so that equal remainders keep the order of seqs, the baseline last.
    for party, _ in sorted(parties, key=lambda one: -(pool * one[1] % total))[:left]:
        parts[party] += 1
    baseline = parts.pop(None)
    return parts, baseline


def cap_baseline(pool: int, baseline: int, cap: int) -> tuple[int, int]:
    """Section 8: what the baseline keeps, what the treasuries have."""
    if cap > BASIS_POINTS:
        raise Refused("a cap of over 10,000 basis points")
    kept = min(baseline, pool * cap // BASIS_POINTS)
    return kept, baseline - kept


def divide_fee(fee: int, split: dict[str, int]) -> dict[str, int]:
    """Section 8, *fee*."""
    parts = ["server", "platform", "model", "stakers", "contributors", "curators"]
    if sum(split[part] for part in parts) != BASIS_POINTS:
        raise Refused("parts that are not 10,000 together")
    if not LEAST_BURN <= split["burnt"] <= split["platform"]:
        raise Refused("a burn under the floor or over the platform's part")
    shares = {part: fee * split[part] // BASIS_POINTS for part in ["server", "model", "stakers", "curators"]}
    shares["platform"] = fee * (split["platform"] - split["burnt"]) // BASIS_POINTS
    shares["burnt"] = -(-fee * split["burnt"] // BASIS_POINTS)
    shares["contributors"] = fee - sum(shares.values())
    return shares


def row_leaf(contribution: int, amount: int) -> bytes:
    """Section 8, *rows*."""
    return trees.leaf(tag("payout"), u64(contribution), u256(amount))


def rows_root(rows: dict[int, int]) -> bytes:
    return trees.root([row_leaf(seq, rows[seq]) for seq in sorted(rows)])


def running_shares(amount: int, weights: dict[int, int]) -> dict[int, int]:
    """Section 8, *use*: each part is the difference of two running shares, rounded down; they sum to the amount."""
    total, running, before, parts = sum(weights.values()), 0, 0, {}
    for key in sorted(weights):
        running += weights[key]
        parts[key] = amount * running // total - before
        before += parts[key]
    return parts


def by_use(baseline: int, treasury: int, uses: dict[int, int]) -> tuple[int, int, int]:
    """Section 8, *use*: what baselines, treasuries and the platform have of what nobody owns."""
    used = sum(uses.values())
    matched = min(baseline, used)
    rest = min(treasury, used - matched)
    return matched, rest, baseline + treasury - matched - rest


def forfeit(bond: int) -> tuple[int, int, int]:
    """Section 8, *a forfeited bond*: the disputant's, the maker's, and what is burnt."""
    return bond // 4, bond // 8, bond - bond // 4 - bond // 8
