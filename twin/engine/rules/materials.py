"""Which lots of a material are used first, and whether more is to be ordered."""

from __future__ import annotations

from collections.abc import Sequence


def next_to_use(expires: Sequence[int], arrived: Sequence[int]) -> int:
    """Index of the lot to use next: the first to expire, then the first to arrive, then the first named.

    Both in ns, of equal length and not empty.
    """
    best = 0
    for i in range(1, len(expires)):
        if is_used_before(expires[i], arrived[i], expires[best], arrived[best]):
            best = i
    return best


def is_used_before(expires: int, arrived: int, other_expires: int, other_arrived: int) -> bool:
    """Whether a lot is used before another one that was named first; all in ns."""
    return expires < other_expires or (expires == other_expires and arrived < other_arrived)


def lots_to_order(stock: int, on_order: int, below: int, lots: int, lot: int) -> int:
    """Lots to order now, a multiple of `lots`: as few as bring `stock` and `on_order` to `below` again.

    Quantities in mg or pieces; `below` -1 never orders.
    """
    if below < 0 or stock + on_order >= below:
        return 0
    missing = below - stock - on_order
    size = lots * lot
    return lots * ((missing + size - 1) // size)
