"""Which conversations are reviewed, how many, and by whom: one exact and repeatable rule.

Everything here is pure, so that anybody can recompute a draw from its ledger. The order of a
frame comes from an md5 of (seed, conversation), never from a random generator or the order of
rows: SQL and Python give the same bits. Shares are exact (`Decimal` or `Fraction`), since a
half must round the same way everywhere.

Sources: Cochran 1977 ch. 5 (stratified samples, planning), the house's statistics.md section 1.
"""

from qa_reviews.sampling.assignment import assign, order_hash, second_items
from qa_reviews.sampling.choice import (
    BANDS,
    Allocation,
    Band,
    FrameSize,
    allocate,
    default_share,
    pick,
    replacement,
    sizes_of,
)
from qa_reviews.sampling.digests import frame_digest, ledger_digest, stratum_digest
from qa_reviews.sampling.hashes import draw_seed, half_up, unit_hash
from qa_reviews.sampling.ledger import RULE, RULES, Ledger, LedgerItem, LedgerStratum, differences
from qa_reviews.sampling.planning import (
    BAND_DF,
    NO_SPREAD,
    TEAM_DF,
    Z95,
    PooledSpread,
    Spread,
    completion,
    half_width_for,
    needed_reviews,
    pooled_spread,
)
from qa_reviews.sampling.quotas import (
    KINDS,
    Quota,
    QuotaKind,
    QuotaOf,
    allocations,
    quotas,
    quotas_held,
)

__all__ = [
    "BANDS",
    "BAND_DF",
    "KINDS",
    "NO_SPREAD",
    "RULE",
    "RULES",
    "TEAM_DF",
    "Z95",
    "Allocation",
    "Band",
    "FrameSize",
    "Ledger",
    "LedgerItem",
    "LedgerStratum",
    "PooledSpread",
    "Quota",
    "QuotaKind",
    "QuotaOf",
    "Spread",
    "allocate",
    "allocations",
    "assign",
    "completion",
    "default_share",
    "differences",
    "draw_seed",
    "frame_digest",
    "half_up",
    "half_width_for",
    "ledger_digest",
    "needed_reviews",
    "order_hash",
    "pick",
    "pooled_spread",
    "quotas",
    "quotas_held",
    "replacement",
    "second_items",
    "sizes_of",
    "stratum_digest",
    "unit_hash",
]
