"""Pictures with matplotlib: what most notebooks have, and what can be seen on GitHub and in print without a script.

Each function draws into `ax`, or into a new figure, and gives the axes back for the caller to go on with.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from ._html import UNKNOWN, cohort_title, period_name
from ._values import currency_code, days_shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._results import (
        CohortTable,
        Comparison,
        Concentration,
        CustomerFlow,
        FlowTimeline,
        KaplanMeier,
        MovementTimeline,
        PurchaseFunnel,
        RevenueMovements,
        Rfm,
        Simulation,
        SpendByTenure,
        TimeBetweenPurchases,
        Timeline,
        TimeToSecondPurchase,
    )
    from ._segments import Migration, Segments

_MAIN, _PALE, _UP, _DOWN = "#0b6e99", "#9fcbe0", "#2e8b57", "#c8553d"
_UNKNOWN = "#b5b5b5"


def _axes(ax: Axes | None, width: float = 8.0, height: float = 4.0) -> Axes:
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as missing:
        raise ImportError('pictures need matplotlib: `pip install "regulars[plot]"`') from missing
    _, made = pyplot.subplots(figsize=(width, height), layout="constrained")
    return made


def _dress(ax: Axes, title: str, x: str = "", y: str = "") -> Axes:
    ax.set_title(title, loc="left")
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _thousands(ax: Axes) -> None:
    from matplotlib.ticker import StrMethodFormatter

    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def _percent(ax: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    ax.yaxis.set_major_formatter(PercentFormatter(1.0))


def _days(periods: Sequence[Any]) -> tuple[list[Any], list[float]]:
    """Where bars of periods start, and how wide they are."""
    starts = [period.period.start for period in periods]
    return starts, [0.85 * (period.period.end - period.period.start).days for period in periods]


def _dress_periods(ax: Axes, timeline: Timeline | FlowTimeline | MovementTimeline, drawn: int, title: str, y: str) -> Axes:
    """Name the periods below their bars, and of the last so many that were drawn hatch those not observed to their end."""
    periods = timeline.periods
    incomplete = [at for at, period in enumerate(periods) if not period.complete]
    for bars in ax.containers[-drawn:]:
        for at in incomplete:
            bars[at].set(hatch="////", edgecolor="white", linewidth=0)
    named = [period.period for period in periods[:: -(-len(periods) // 10) or 1]]
    middles: list[Any] = [period.start + 0.425 * (period.end - period.start) for period in named]
    ax.set_xticks(middles, [period_name(period, timeline.grain) for period in named])
    ax.margins(y=0.1)
    return _dress(ax, title, "hatched: not observed to its end" if incomplete else "", y)


def cohort_table(table: CohortTable, ax: Axes | None) -> Axes:
    """Draw the heat map."""
    kept = [(row, cells) for row, cells in zip(table.rows, table.values(), strict=True) if row.size]
    values = [cells for _, cells in kept]
    width = max((len(row) for row in values), default=0)
    ax = _axes(ax, 1.6 + 0.5 * max(width, 4), 1.2 + 0.27 * max(len(values), 4))
    is_share = table.measure in ("rate", "rate_of_previous")
    first = 1 if table.measure in ("rate", "customers") and table.reading != "returned_by" else 0
    top = max((cell for row in values for cell in row[first:] if cell is not None), default=0.0) or 1.0
    grid = [[float("nan")] * width for _ in values]
    for down, row in enumerate(values):
        for along, cell in enumerate(row):
            if cell is None:
                continue
            # The first period of all is the same for everyone, and is left white.
            grid[down][along] = float("nan") if along < first else cell
            text = f"{100 * cell:.0f}" if is_share else f"{cell:,.0f}"
            high = along >= first and cell > 0.75 * top
            ax.text(along, down, text, ha="center", va="center", fontsize=7, color="white" if high else "#333333")
    if width:
        from matplotlib.colors import LinearSegmentedColormap

        colours = LinearSegmentedColormap.from_list("regulars", ["#f2f8fb", _MAIN])
        ax.imshow(grid, aspect="auto", cmap=colours, vmin=0, vmax=top)
    names = {"month": "%Y-%m", "year": "%Y"}.get(table.grain, "%Y-%m-%d")
    ax.set_yticks(range(len(values)), [f"{row.period.start:{names}}  ({row.size:,})" for row, _ in kept], fontsize=7)
    ax.set_xticks(range(width))
    unit = " in %" if is_share else ""
    _dress(ax, f"{cohort_title(table)}{unit}", f"{table.grain}s since the first purchase")
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def timeline(timeline: Timeline, ax: Axes | None) -> Axes:
    """Draw customers by period, new and existing, and those of the warm-up, of whom that is not known."""
    ax = _axes(ax)
    periods = timeline.periods
    unknown = [period.warm_up_customers for period in periods]
    # Where some are of the warm-up, nobody is known to be new.
    new = [period.new_customers or 0 for period in periods]
    existing = [period.customers - first - warm for period, first, warm in zip(periods, new, unknown, strict=True)]
    parts = [("existing customers", _MAIN, existing), ("new customers", _PALE, new)]
    drawn = _stack(ax, timeline, [*parts, (UNKNOWN, _UNKNOWN, unknown)])
    return _dress_periods(ax, timeline, drawn, f"Customers by {timeline.grain}", "customers")


def _stack(ax: Axes, timeline: Timeline | FlowTimeline, parts: Sequence[tuple[str, str, Sequence[int]]]) -> int:
    """Draw parts upon each other, that of the warm-up only where there is one, and count those drawn."""
    starts, widths = _days(timeline.periods)
    floor = [0] * len(starts)
    drawn = [part for part in parts if part[1] != _UNKNOWN or any(part[2])]
    for name, colour, heights in drawn:
        ax.bar(starts, heights, widths, bottom=floor, align="edge", color=colour, label=name)
        floor = [low + height for low, height in zip(floor, heights, strict=True)]
    ax.legend(frameon=False)
    _thousands(ax)
    return len(drawn)


def flow_timeline(timeline: FlowTimeline, ax: Axes | None) -> Axes:
    """Draw who came, came back and left by period, and who came during the warm-up."""
    ax = _axes(ax)
    periods = timeline.periods
    starts, widths = _days(periods)
    ax.bar(starts, [-period.churned for period in periods], widths, align="edge", color=_DOWN, label="lapsed")
    unknown = [period.reactivated_in_warm_up for period in periods]
    back = [period.reactivated - warm for period, warm in zip(periods, unknown, strict=True)]
    parts = [("new", _MAIN, [period.new for period in periods]), ("came back", _UP, back)]
    drawn = _stack(ax, timeline, [*parts, (UNKNOWN, _UNKNOWN, unknown)])
    ax.axhline(0, color="#888888", linewidth=0.8)
    return _dress_periods(ax, timeline, 1 + drawn, f"Who comes and who leaves, by {timeline.grain}", "customers")


def movement_timeline(timeline: MovementTimeline, ax: Axes | None) -> Axes:
    """Draw what was won and lost of revenue by period."""
    ax = _axes(ax)
    starts, widths = _days(timeline.periods)
    floor = [0.0] * len(starts)
    for name, colour, sign in (
        ("new", _MAIN, 1),
        ("expansion", _PALE, 1),
        ("reactivated", _UP, 1),
        ("contraction", "#e5a08f", -1),
        ("churned", _DOWN, -1),
    ):
        if name == "contraction":
            floor = [0.0] * len(starts)
        heights = [sign * float(getattr(period, name)) for period in timeline.periods]
        ax.bar(starts, heights, widths, bottom=floor, align="edge", color=colour, label=name)
        floor = [low + height for low, height in zip(floor, heights, strict=True)]
    ax.axhline(0, color="#888888", linewidth=0.8)
    ax.legend(frameon=False, ncols=5, fontsize=8)
    _thousands(ax)
    unit = currency_code(timeline.periods[0].now.currency) if timeline.periods else ""
    return _dress_periods(ax, timeline, 5, f"What became of revenue, by {timeline.grain}", unit)


def _bridge(ax: Axes, steps: Sequence[tuple[str, float]], title: str, unit: str) -> Axes:
    """Draw a start, what was added and taken, and the end; the first and the last of the steps are totals."""
    level = top = 0.0
    for at, (name, change) in enumerate(steps):
        is_total = at in (0, len(steps) - 1)
        base = 0.0 if is_total else level
        colour = _MAIN if is_total else _UNKNOWN if name == UNKNOWN else _UP if change >= 0 else _DOWN
        ax.bar(at, change, bottom=base, color=colour, width=0.7)
        level = base + change
        high = max(base, level)
        top = max(top, high)
        ax.annotate(f"{change:,.0f}", (at, high), (0, 2), textcoords="offset points", ha="center", va="bottom", fontsize=8)
    ax.set_ylim(top=1.1 * top or 1.0)
    ax.set_xticks(range(len(steps)), [name for name, _ in steps])
    _thousands(ax)
    return _dress(ax, title, "", unit)


def flow(flow: CustomerFlow, ax: Axes | None) -> Axes:
    """Draw how the customers of the start became those of the end."""
    steps = [
        ("at start", float(flow.at_start)),
        ("new", float(flow.new)),
        ("came back", float(flow.reactivated - flow.reactivated_in_warm_up)),
        *([(UNKNOWN, float(flow.reactivated_in_warm_up))] if flow.reactivated_in_warm_up else []),
        ("lapsed", -float(flow.churned)),
        ("at end", float(flow.at_end)),
    ]
    return _bridge(_axes(ax), steps, f"Customers, {days_shown(flow.period.start, flow.until)}", "active customers")


def movements(moved: RevenueMovements, ax: Axes | None) -> Axes:
    """Draw how the revenue before became that of now."""
    steps = [
        ("before", float(moved.before)),
        ("new", float(moved.new)),
        ("expansion", float(moved.expansion)),
        ("came back", float(moved.reactivated)),
        ("contraction", -float(moved.contraction)),
        ("churned", -float(moved.churned)),
        ("now", float(moved.now)),
    ]
    title = f"Revenue of {days_shown(moved.previous.start, moved.previous.end)}, and of the period after"
    return _bridge(_axes(ax), steps, title, currency_code(moved.now.currency))


def funnel(funnel: PurchaseFunnel, ax: Axes | None) -> Axes:
    """Draw which share goes on from purchase to purchase, with its interval."""
    ax = _axes(ax)
    for name, colour, label, shift in (
        ("next_within", _MAIN, f"within {funnel.within_days} days", -0.08),
        ("next", _PALE, "so far", 0.08),
    ):
        known = [(step.purchases, getattr(step, name)) for step in funnel.steps if getattr(step, name).value is not None]
        x = [at + shift for at, _ in known]
        y = [float(rate) for _, rate in known]
        reach = [[float(rate) - rate.low for _, rate in known], [rate.high - float(rate) for _, rate in known]]
        ax.errorbar(x, y, yerr=reach, fmt="o-", color=colour, label=label, capsize=2)
    ax.set_ylim(0, 1)
    ax.legend(frameon=False)
    _percent(ax)
    return _dress(ax, "Which share buys again", "purchases so far", "")


def time_between_purchases(gaps: TimeBetweenPurchases, ax: Axes | None) -> Axes:
    """Draw the gaps between purchases, with the days by which half and 80 % have bought again."""
    ax = _axes(ax)
    bars = gaps.histogram
    ax.bar([bin.start for bin in bars], [bin.gaps for bin in bars], [bin.end - bin.start for bin in bars],
           align="edge", color=_PALE)  # fmt: skip
    for day, text in ((gaps.corrected_median, "half"), (gaps.corrected_p80, "80 %")):
        if day is not None:
            ax.axvline(day, color=_MAIN)
            ax.annotate(f" {text} by day {day}", (day, ax.get_ylim()[1]), va="top", fontsize=8, color=_MAIN)
    _thousands(ax)
    return _dress(ax, "Days between purchases; lines count those who still wait", "days", "gaps")


def kaplan_meier(curve: KaplanMeier, ax: Axes | None, share: bool = False) -> Axes:
    """Draw the curve with its band; as the share with the event where `share` is set."""
    ax = _axes(ax)
    days = [0, *(step.day for step in curve.steps)]
    y = [1.0, *(step.survival for step in curve.steps)]
    low = [1.0, *(step.survival if step.interval is None else step.interval.low for step in curve.steps)]
    high = [1.0, *(step.survival if step.interval is None else step.interval.high for step in curve.steps)]
    if share:
        y, low, high = ([1 - at for at in line] for line in (y, high, low))
    ax.fill_between(days, low, high, step="post", color=_PALE, alpha=0.5, linewidth=0)
    ax.step(days, y, where="post", color=_MAIN)
    ax.set_ylim(0, 1 if not share else max(0.05, 1.05 * max(high)))
    ax.set_xlim(0)
    _percent(ax)
    return _dress(ax, "Share without the event" if not share else "Share with the event", "days", "")


def time_to_second_purchase(second: TimeToSecondPurchase, ax: Axes | None) -> Axes:
    """Draw which share has returned by which day."""
    ax = kaplan_meier(second.curve, ax, share=True)
    return _dress(ax, "Customers who have bought a second time", "days since the first purchase", "")


def concentration(found: Concentration, ax: Axes | None) -> Axes:
    """Draw the Lorenz curve."""
    ax = _axes(ax, 5.0, 4.6)
    x, y = ([getattr(point, name) for point in found.lorenz] for name in ("customer_share", "revenue_share"))
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle="--")
    ax.plot(x, y, color=_MAIN)
    ax.fill_between(x, y, x, color=_PALE, alpha=0.4, linewidth=0)
    _percent(ax)
    from matplotlib.ticker import PercentFormatter

    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    title = "Lorenz curve" if found.gini is None else f"Lorenz curve, Gini {found.gini:.2f}"
    return _dress(ax, title, "customers, the smallest first", "revenue")


def spend_by_tenure(spend: SpendByTenure, ax: Axes | None) -> Axes:
    """Draw revenue per original customer by months since the first purchase."""
    ax = _axes(ax)
    bands = spend.bands
    values = [band.revenue_per_original_customer.value or 0.0 for band in bands]
    names = [f"{b.first_month}" if b.first_month == b.last_month else f"{b.first_month}–{b.last_month}" for b in bands]
    ax.bar(range(len(bands)), values, color=_MAIN, width=0.8)
    every = max(1, len(bands) // 18)
    ax.set_xticks(range(0, len(bands), every), names[::every])
    return _dress(ax, "Revenue per customer won", "month since the first purchase", "")


def rfm(rfm: Rfm, ax: Axes | None) -> Axes:
    """Draw the segments by their shares of customers and of revenue."""
    ax = _axes(ax, 8.0, 4.6)
    total = sum(float(segment.revenue) for segment in rfm.segments) or 1.0
    places = range(len(rfm.segments))
    ax.barh([at - 0.2 for at in places], [float(s.share) for s in rfm.segments], 0.38, color=_MAIN, label="of customers")
    ax.barh([at + 0.2 for at in places], [float(s.revenue) / total for s in rfm.segments], 0.38, color=_PALE, label="of revenue")
    ax.set_yticks(places, [segment.name for segment in rfm.segments])
    ax.invert_yaxis()
    ax.legend(frameon=False)
    from matplotlib.ticker import PercentFormatter

    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    return _dress(ax, "Segments by recency, frequency and money", "share", "")


def segments(segments: Segments, ax: Axes | None) -> Axes:
    """Draw the segments by their shares of customers and of value."""
    ax = _axes(ax, 8.0, 3.2)
    counts = segments.counts()
    places = range(len(counts))
    ax.barh([at - 0.2 for at in places], [float(c.share) for c in counts], 0.38, color=_MAIN, label="of customers")
    ax.barh([at + 0.2 for at in places], [c.value_share or 0.0 for c in counts], 0.38, color=_PALE, label="of value")
    ax.set_yticks(places, [count.segment.replace("_", " ") for count in counts])
    ax.invert_yaxis()
    ax.legend(frameon=False)
    from matplotlib.ticker import PercentFormatter

    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    return _dress(ax, f"Segments by value and outlook, as of {segments.as_of}", "share", "")


def migration(moved: Migration, ax: Axes | None) -> Axes:
    """Draw who went from which segment to which, each row by its shares."""
    ax = _axes(ax, 7.0, 3.6)
    to = [cell.to for cell in moved.rows[0].to]
    cells = [{cell.to: cell.share for cell in row.to} for row in moved.rows]
    grid = [[row[name].value or 0.0 if name in row else 0.0 for name in to] for row in cells]
    for down, row in enumerate(cells):
        for along, name in enumerate(to):
            share = row.get(name)
            if share is not None and share.numerator:
                colour = "white" if grid[down][along] > 0.6 else "#333333"
                ax.text(along, down, f"{share.numerator:,}", ha="center", va="center", fontsize=8, color=colour)
    from matplotlib.colors import LinearSegmentedColormap

    ax.imshow(grid, aspect="auto", cmap=LinearSegmentedColormap.from_list("regulars", ["#ffffff", _MAIN]), vmin=0, vmax=1)
    ax.set_xticks(range(len(to)), [name.replace("_", " ") for name in to])
    ax.set_yticks(range(len(cells)), [f"{row.from_.replace('_', ' ')}  ({row.customers:,})" for row in moved.rows])
    ax.tick_params(length=0)
    # Below the axis, where it is read before the figures are used.
    to_what = "\n".join(["to", *(fill(remark.sentence, 80) for remark in moved.remarks)])
    return _dress(ax, f"Who moved, {moved.before} to {moved.after}", to_what, "from")


def simulation(simulation: Simulation, ax: Axes | None) -> Axes:
    """Draw revenue by period."""
    ax = _axes(ax)
    ax.bar([at.period for at in simulation.periods], [at.revenue for at in simulation.periods], color=_MAIN)
    _thousands(ax)
    return _dress(ax, "Expected revenue", "period", "")


def comparison(comparison: Comparison, ax: Axes | None) -> Axes:
    """Draw the revenue of both scenarios by period."""
    ax = _axes(ax)
    for scenario, colour, name in ((comparison.base, _PALE, "base"), (comparison.other, _MAIN, "other")):
        ax.plot([at.period for at in scenario.periods], [at.revenue for at in scenario.periods], "o-", color=colour, label=name)
    ax.set_ylim(0)
    ax.legend(frameon=False)
    _thousands(ax)
    lift = "" if comparison.lift is None else f", {100 * comparison.lift:+.1f} % in all"
    return _dress(ax, f"Expected revenue{lift}", "period", "")
