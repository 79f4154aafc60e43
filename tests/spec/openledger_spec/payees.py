"""Section 10: who is paid for what a contribution owns, and what pointers have of it."""

from dataclasses import dataclass, field

from .hashing import Refused

WHOLE = 10_000
# A row of rulings as long as this pays nobody.
RULINGS = 8
# Of a kind, so many pointers have a part.
PLACES = 3

HELD, BASELINE = "held", "baseline"


@dataclass
class Work:
    """A contribution as far as its pay is concerned."""

    author: int
    accepted: bool
    commons: bool
    custodial: bool
    # None: nobody has ruled. Else the source, or None within for several.
    ruling: tuple[int | None] | None = None
    # Header time until which an unavailable one's pay is held.
    unavailable: int | None = None
    # Whose a custodial one is, and from when on.
    custody: tuple[int, int] | None = None
    hold: int | None = None
    # Basis points by kind and seq.
    pointers: dict[tuple[int, int], int] = field(default_factory=dict)


def paid_for(works: dict[int, Work], seq: int) -> Work | None:
    """The work whose payees are paid, following rulings from copy to source."""
    for _ in range(RULINGS):
        work = works.get(seq)
        if work is None or work.ruling is None:
            return work
        (source,) = work.ruling
        if source is None:
            return None
        seq = source
    return None


def first_payee(work: Work | None, now: int) -> int | str:
    if work is None or not work.accepted or work.commons:
        return BASELINE
    held = lambda until: HELD if until is not None and now < until else BASELINE
    if work.unavailable is not None:
        return held(work.unavailable)
    if not work.custodial:
        return work.author
    if work.custody is None:
        return held(work.hold)
    account, begins = work.custody
    return account if begins <= now else held(begins)


def payees(works: dict[int, Work], seq: int, now: int) -> list[tuple[int | str, int]]:
    """Who has how many basis points; the first one what rounding leaves."""
    work = paid_for(works, seq)
    first = first_payee(work, now)
    if first == BASELINE:
        return [(BASELINE, WHOLE)]
    shared = []
    for (_, pointer), bps in sorted(work.pointers.items()):
        theirs = first_payee(paid_for(works, pointer), now)
        shared.append((theirs if isinstance(theirs, int) else BASELINE, bps))
    return [(first, WHOLE - sum(bps for _, bps in shared)), *shared]


def divide(amount: int, shares: list[tuple[int | str, int]]) -> list[int]:
    parts = [amount * bps // WHOLE for _, bps in shares]
    if sum(parts) > amount or not parts:
        raise Refused("more than the whole, or nobody to pay")
    parts[0] += amount - sum(parts)
    return parts


def pointer_parts(policy: dict[int, int], author: int, accepted: list[tuple[int, int, int]]) -> list[int]:
    """What each pointer (kind, author, score) has of the target's pay, in order of acceptance."""
    taken, parts = {kind: 0 for kind in policy}, []
    for kind, by, score in accepted:
        part = 0
        if by != author and taken[kind] < PLACES:
            part = policy[kind] * score // WHOLE // PLACES
        taken[kind] += part > 0
        parts.append(part)
    return parts
