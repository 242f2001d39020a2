"""The formulas of retention on plain numbers, for when only the counts are known.

>>> float(retention_rate(at_start=10_000, at_end=13_000, new=5_500))
0.75
"""

from __future__ import annotations

from typing import Any

from ._result import call
from ._values import Amount, Currency, Money, Rate, Ratio, amount_text, currency_text

__all__ = [
    "churn_rate",
    "gross_revenue_retention",
    "net_revenue_churn_rate",
    "net_revenue_retention",
    "quick_ratio",
    "reactivation_rate",
    "repurchase_retention",
    "retention_rate",
    "retention_rate_by_headcount",
    "retention_rate_by_repeat_buyers",
    "revenue_churn_rate",
]


def retention_rate(*, at_start: int, at_end: int, new: int) -> Rate:
    """Give (customers at the end − new ones) ÷ customers at the start: which share stayed.

    A result above 100 % is refused: the counts then hold customers who came back, see `retention_rate_by_headcount`.
    """
    return Rate._of(call("formula.retention_rate", at_start=at_start, at_end=at_end, new=new))


def retention_rate_by_headcount(*, at_start: int, at_end: int, new: int) -> Ratio[int]:
    """Give the same formula where customers who came back may be among those at the end: it can exceed 1."""
    return Ratio._of(call("formula.retention_rate_by_headcount", at_start=at_start, at_end=at_end, new=new))


def retention_rate_by_repeat_buyers(*, at_start: int, with_repeat_purchases: int, new: int) -> Ratio[int]:
    """Give (customers with repeat purchases − new ones) ÷ customers at the start: a formula in use that can fall below 0."""
    return Ratio._of(
        call(
            "formula.retention_rate_by_repeat_buyers",
            at_start=at_start,
            with_repeat_purchases=with_repeat_purchases,
            new=new,
        )
    )


def churn_rate(*, at_start: int, lost: int) -> Rate:
    """Give customers lost ÷ customers at the start."""
    return Rate._of(call("formula.churn_rate", at_start=at_start, lost=lost))


def reactivation_rate(*, lapsed_at_start: int, came_back: int) -> Rate:
    """Give customers who came back ÷ customers who had lapsed."""
    return Rate._of(call("formula.reactivation_rate", lapsed_at_start=lapsed_at_start, came_back=came_back))


def repurchase_retention(*, buyers_before: int, of_them_now: int) -> Rate:
    """Give buyers of one period who bought in the next ÷ buyers of the one."""
    return Rate._of(call("formula.repurchase_retention", buyers_before=buyers_before, of_them_now=of_them_now))


def gross_revenue_retention(*, before: Amount, churned: Amount, contraction: Amount, currency: str | Currency) -> Ratio[Money]:
    """Give (revenue before − churned − contraction) ÷ revenue before."""
    return _of_amounts("gross_revenue_retention", currency, before=before, churned=churned, contraction=contraction)


def net_revenue_retention(
    *, before: Amount, expansion: Amount, churned: Amount, contraction: Amount, currency: str | Currency
) -> Ratio[Money]:
    """Give (revenue before + expansion − churned − contraction) ÷ revenue before."""
    return _of_amounts(
        "net_revenue_retention", currency, before=before, expansion=expansion, churned=churned, contraction=contraction
    )


def revenue_churn_rate(*, before: Amount, churned: Amount, contraction: Amount, currency: str | Currency) -> Ratio[Money]:
    """Give (churned + contraction) ÷ revenue before."""
    return _of_amounts("revenue_churn_rate", currency, before=before, churned=churned, contraction=contraction)


def net_revenue_churn_rate(
    *, before: Amount, expansion: Amount, churned: Amount, contraction: Amount, currency: str | Currency
) -> Ratio[Money]:
    """Give (churned + contraction − expansion) ÷ revenue before."""
    return _of_amounts(
        "net_revenue_churn_rate", currency, before=before, expansion=expansion, churned=churned, contraction=contraction
    )


def quick_ratio(
    *,
    new: Amount,
    expansion: Amount,
    reactivated: Amount,
    churned: Amount,
    contraction: Amount,
    currency: str | Currency,
) -> Ratio[Money]:
    """Give (new + expansion + reactivated) ÷ (churned + contraction)."""
    return _of_amounts(
        "quick_ratio",
        currency,
        new=new,
        expansion=expansion,
        reactivated=reactivated,
        churned=churned,
        contraction=contraction,
    )


def _of_amounts(name: str, currency: str | Currency, **amounts: Amount) -> Ratio[Money]:
    texts: dict[str, Any] = {key: amount_text(amount) for key, amount in amounts.items()}
    code, _, decimals = currency_text(currency).partition(":")
    return Ratio._of(call(f"formula.{name}", currency=code, decimals=int(decimals) if decimals else None, **texts))
