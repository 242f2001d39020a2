"""Results as HTML: fragments for notebooks, and the report as one page to open, send and print.

Every fragment carries its own colours, light and dark, on its own background, so that it can be read under any theme of a
notebook. There is no script, no font and no picture from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ._values import Average, Money, Rate, currency_code, days_shown

if TYPE_CHECKING:
    from ._results import (
        CohortTable,
        Concentration,
        CustomerFlow,
        Headline,
        PurchaseFunnel,
        Report,
        RevenueMovements,
        Rfm,
        RfmSegment,
        Timeline,
        TimeToSecondPurchase,
    )
    from ._segments import Migration, SegmentCount, SegmentRule, Segments
    from ._table import Table

_LIGHT = (
    "--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d8dee4;--fill:#f3f5f7;--heat:#0b6e99;--on-heat:#fff;"
    "--on-middle:#1b1f24;--up:#1a7f37;--down:#b42318"
)
_DARK = (
    "--bg:#15181c;--fg:#e6e9ec;--soft:#9aa4ae;--line:#343b43;--fill:#1f242a;--heat:#5cc0e8;--on-heat:#0c1014;"
    "--on-middle:#0c1014;--up:#57c474;--down:#ff8a7a"
)

STYLE = f"""
.rg{{{_LIGHT};background:var(--bg);color:var(--fg);font:14px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;padding:12px;
border-radius:6px;overflow-x:auto}}
@media (prefers-color-scheme:dark){{.rg{{{_DARK}}}}}
[data-jp-theme-light="true"] .rg,body.vscode-light .rg,html[theme="light"] .rg{{{_LIGHT}}}
[data-jp-theme-light="false"] .rg,body.vscode-dark .rg,html[theme="dark"] .rg{{{_DARK}}}
.rg h1{{font-size:26px;margin:0 0 4px}} .rg h2{{font-size:18px;margin:28px 0 8px}} .rg p{{margin:4px 0 8px;max-width:72ch}}
.rg .soft{{color:var(--soft)}} .rg .small{{font-size:12px}}
.rg table{{border-collapse:collapse;margin:6px 0;color:inherit;font-variant-numeric:tabular-nums}}
.rg caption{{text-align:left;font-weight:600;padding:0 0 6px;color:inherit;caption-side:top}}
.rg th,.rg td{{padding:3px 8px;text-align:right;border:0;border-bottom:1px solid var(--line);background:none;color:inherit;
white-space:nowrap}}
.rg th{{font-weight:600;color:var(--soft)}} .rg th.left,.rg td.left{{text-align:left}}
.rg td.text{{white-space:normal}} .rg tbody tr:nth-child(n){{background:none}}
.rg td.heat{{background:color-mix(in srgb,var(--heat) var(--v),var(--bg));border-bottom-color:var(--bg);min-width:3.2em}}
.rg td.middle{{color:var(--on-middle)}} .rg td.high{{color:var(--on-heat)}}
.rg .bar{{display:inline-block;height:.8em;background:var(--heat);vertical-align:baseline;border-radius:2px}}
.rg .up{{color:var(--up)}} .rg .down{{color:var(--down)}}
.rg .tiles{{display:flex;flex-wrap:wrap;gap:10px;margin:10px 0}}
.rg .tile{{background:var(--fill);border-radius:6px;padding:10px 14px;min-width:9.5em;flex:1}}
.rg .tile b{{display:block;font-size:22px;line-height:1.3}}
.rg .beside{{display:flex;flex-wrap:wrap;align-items:flex-end;gap:4px 48px}} .rg .beside caption{{white-space:nowrap}}
.rg .facts{{display:flex;flex-wrap:wrap;gap:0 18px;max-width:none;color:var(--soft)}}
.rg .facts b{{color:var(--fg);font-weight:600}}
.rg svg{{display:block;max-width:100%;height:auto}}
.rg svg text{{fill:var(--soft);font-size:11px}} .rg svg .mark{{fill:var(--heat)}} .rg svg .pale{{fill:var(--heat);opacity:.35}}
.rg svg .unknown{{fill:var(--soft)}}
.rg svg .open rect{{fill-opacity:.25;stroke:var(--heat);stroke-dasharray:4 3}}
.rg svg .axis{{stroke:var(--line)}} .rg svg .curve{{fill:none;stroke:var(--heat);stroke-width:2}}
"""

_PAGE_STYLE = f"""
body{{margin:0;{_LIGHT};background:var(--bg)}}
@media (prefers-color-scheme:dark){{body{{{_DARK}}}}}
.rg{{max-width:1000px;margin:0 auto;padding:28px 24px;border-radius:0}}
.rg .wide{{overflow-x:auto}}
@media print{{
body,.rg{{{_LIGHT};background:#fff}} .rg{{max-width:none;padding:0;overflow:visible;font-size:11px;
print-color-adjust:exact;-webkit-print-color-adjust:exact}}
.rg section,.rg .tile,.rg tr{{break-inside:avoid}} .rg h2{{break-after:avoid}} .rg td.heat{{min-width:2em}}
.rg th,.rg td{{padding:2px 4px}} .rg .wide{{overflow:visible}} @page{{margin:14mm}}
}}
"""

_MOST_ROWS = 20

UNKNOWN = "new or not: not known"
"""Of those whose first purchase in the books lies in the warm-up."""

_TOO_LATE = "not known: the books begin too late"


def _fragment(content: str) -> str:
    return f"<style>{STYLE}</style><div class='rg'>{content}</div>"


# --- words and numbers ---


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _percent(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def _cell(cell: Any) -> str:
    if cell is None:
        return "<span class='soft'>–</span>"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:,.4g}" if abs(cell) < 1000 else f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else escape(str(cell))


def _rate(rate: Rate) -> str:
    """A share with what it rests on."""
    if rate.value is None or rate.interval is None:
        return f"– <span class='soft small'>of {rate.denominator:,}</span>"
    low, high = rate.interval.low, rate.interval.high
    small = " few" if rate.small_n else ""
    title = f"{rate.numerator:,} of {rate.denominator:,}"
    share = _percent(rate._tenths() / 1000)
    return (
        f"<span title='{title}'>{share} <span class='soft small'>{_percent(low)[:-2]}–{_percent(high)}"
        f"{small and ', ' + small.strip()}</span></span>"
    )


def _beside(*parts: str) -> str:
    """Put parts beside each other where there is room."""
    return f"<div class='beside'>{''.join(parts)}</div>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", left: int = 1) -> str:
    """A table of cells that are HTML already; the first columns are aligned to the left."""

    def side(at: int) -> str:
        return " class='left'" if at < left else ""

    top = "".join(f"<th{side(at)}>{name}</th>" for at, name in enumerate(head))
    body = "".join("<tr>" + "".join(_td(cell, side(at)) for at, cell in enumerate(row)) + "</tr>" for row in rows)
    title = f"<caption>{caption}</caption>" if caption else ""
    return f"<div class='wide'><table>{title}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def _td(cell: str, side: str) -> str:
    return cell if cell.startswith("<td") else f"<td{side}>{cell}</td>"


def _tone(share: float) -> str:
    """Which colour of text can be read on so much heat: under light themes the dark one for longer."""
    return " high" if share > 0.85 else " middle" if share > 0.55 else ""


def _bar(share: float | None) -> str:
    width = 0.0 if share is None else max(0.0, min(1.0, share))
    return f"<span class='bar' style='width:{8 * width:.2f}em'></span>"


# --- fragments ---


def table(table: Table) -> str:
    """Show the first rows of a table."""
    names, first = table._shown(_MOST_ROWS)
    shown = [list(map(_cell, row)) for row in first]
    said = "".join(f"<span>{escape(name)} <b>{escape(text)}</b></span>" for name, text in table._facts())
    rest = f"<p class='soft small'>{table._size()}</p>"
    return _fragment((said and f"<p class='facts'>{said}</p>") + _table([escape(name) for name in names], shown, left=0) + rest)


def cohort_table(table: CohortTable) -> str:
    """Show cohorts as a heat map."""
    return _fragment(_cohort_table(table))


def _cohort_table(table: CohortTable) -> str:
    kept = [(row, cells) for row, cells in zip(table.rows, table.values(), strict=True) if row.size]
    values = [cells for _, cells in kept]
    is_share = table.measure in ("rate", "rate_of_previous")
    # Where everyone is there at the start, that says nothing and would pale the rest.
    first = 1 if table.measure in ("rate", "customers") and table.reading != "returned_by" else 0
    largest = max((cell for row in values for cell in row[first:] if cell is not None), default=0.0) or 1.0
    digits = 0 if table.measure in ("customers", "purchases") else 1
    width = max((len(row) for row in values), default=0)

    def cell(at: int, value: float | None) -> str:
        if value is None:
            return "<td></td>"
        text = _percent(value, 0 if value >= 0.9995 else 1)[:-2] if is_share else _number(value, digits)
        if at < first:
            return f"<td class='soft'>{text}</td>"
        share = max(0.0, value / largest)
        return f"<td class='heat{_tone(share)}' style='--v:{100 * share:.0f}%'>{text}</td>"

    rows = [
        [period_name(row.period, table.grain), f"{row.size:,}", *(cell(at, value) for at, value in enumerate(cells))]
        + ["<td></td>"] * (width - len(cells))
        for row, cells in kept
    ]
    pooled = [_pooled(cell) for cell in table.pooled]
    if rows and any(cell is not None for cell in pooled):
        all_ = [_percent(at)[:-2] if is_share and at is not None else _number(at, max(digits, 1)) for at in pooled]
        rows.append(["<b>pooled</b>", "", *all_] + ["<td></td>"] * (width - len(all_)))
    unit = " in %" if is_share else ""
    title = f"{cohort_title(table)}{unit}, by {table.grain} since the first purchase"
    empty = len(table.rows) - len(kept)
    rest = f"<p class='soft small'>Not shown: {empty:,} cohorts without customers.</p>" if empty else ""
    return _table(["first purchase", "customers", *map(str, range(width))], rows, title) + rest


_READINGS = {
    "returned_in": "Who bought in the period",
    "returned_by": "Who bought again until then",
    "returned_from": "Who bought then or later",
    "active_every": "Who bought in every period until then",
}


def cohort_title(table: CohortTable) -> str:
    """Say what the cells of a table of cohorts are."""
    measure = {"rate": "share of the cohort", "rate_of_previous": "share of the period before"}.get(table.measure, table.measure)
    return f"{_READINGS.get(table.reading, table.reading)}: {measure.replace('_', ' ')}"


def _pooled(value: Any) -> float | None:
    if isinstance(value, (Rate, Average)):
        return value.value
    return None if value is None else float(value)


def period_name(period: Any, grain: str) -> str:
    """Name a period as its grain does."""
    start = period.start
    if grain == "month":
        return f"{start:%Y-%m}"
    if grain == "year":
        return f"{start:%Y}"
    return f"{start:%Y}-Q{(start.month + 2) // 3}" if grain == "quarter" else start.isoformat()


def flow(flow: CustomerFlow) -> str:
    """Show how the customers of the start became those of the end."""
    return _fragment(_flow(flow))


def _flow(flow: CustomerFlow) -> str:
    most = max(flow.at_start, flow.at_end, 1)
    steps = [
        ("active at the start", flow.at_start, ""),
        ("new", flow.new, "up"),
        ("came back", flow.reactivated - flow.reactivated_in_warm_up, "up"),
        *([(UNKNOWN, flow.reactivated_in_warm_up, "soft")] if flow.reactivated_in_warm_up else []),
        ("lapsed", -flow.churned, "down"),
        ("active at the end", flow.at_end, ""),
    ]
    rows = [
        [
            name,
            f"<span class='{tone}'>{count:+,}</span>" if tone else f"<b>{count:,}</b>",
            f"<td class='left'>{_bar(abs(count) / most)}</td>",
        ]
        for name, count, tone in steps
    ]
    after = flow.lapse_after
    if isinstance(after, dict):
        ((unit, length),) = after.items()
        after = f"{length} {unit}"
    title = f"Customers {days_shown(flow.period.start, flow.until)}, active for {escape(str(after))} after a purchase"
    rates = _table(
        ["", ""],
        [
            ["retention", _rate(flow.retention_rate)],
            ["churn", _rate(flow.churn_rate)],
            ["reactivation", _rate(flow.reactivation_rate)],
        ],
    )
    warning = "" if flow.complete else "<p class='soft'>The period is not observed to its end.</p>"
    warning += "" if flow.reaches_back else "<p class='soft'>The books do not reach back far enough for the start.</p>"
    return _beside(_table(["", "customers", ""], rows, title), rates) + warning


def funnel(funnel: PurchaseFunnel) -> str:
    """Show which share goes on from purchase to purchase."""
    return _fragment(_funnel(funnel, "From purchase to purchase"))


def _funnel(funnel: PurchaseFunnel, caption: str = "") -> str:
    first = funnel.steps[0].next.denominator if funnel.steps else 0
    rows = [
        [
            f"{step.purchases}",
            f"{step.next.denominator:,}",
            f"<td class='left'>{_bar(step.next.denominator / first if first else None)}</td>",
            _rate(step.next),
            _rate(step.next_within),
        ]
        for step in funnel.steps
    ]
    head = ["purchases", "customers", "", "went on so far", f"went on within {funnel.within_days} days"]
    return _table(head, rows, caption, left=0)


def rfm(rfm: Rfm) -> str:
    """Show the segments, and how many customers have which scores."""
    counts: dict[tuple[int, int], int] = {}
    for cell in rfm.cells:
        key = (cell.r, (cell.f + cell.m + 1) // 2)  # As the names of segments go.
        counts[key] = counts.get(key, 0) + cell.customers
    most = max(counts.values(), default=1)

    def shown(r: int, fm: int) -> str:
        count = counts.get((r, fm), 0)
        name = escape(rfm.grid.name(r, fm) or "")
        return f"<td class='heat{_tone(count / most)}' style='--v:{100 * count / most:.0f}%' title='{name}'>{count:,}</td>"

    scores = range(1, rfm.bins + 1)
    rows = [[f"recency {r}", *(shown(r, fm) for fm in scores)] for r in reversed(scores)]
    title = f"Customers by scores: frequency and money across, {days_shown(rfm.period.start, rfm.as_of)}"
    matrix = _table(["", *map(str, scores)], rows, title)
    return _fragment(_segments(rfm.segments, "Segments by recency, frequency and money") + matrix)


def _segments(segments: Iterable[RfmSegment], caption: str = "") -> str:
    found = list(segments)
    total = sum(float(segment.revenue) for segment in found) or 1.0
    rows = [
        [
            escape(segment.name),
            f"{segment.share.numerator:,}",
            _percent(segment.share.value),
            f"<td class='left'>{_bar(segment.share.value)}</td>",
            f"{segment.revenue.amount:,}",
            f"<td class='left'>{_bar(float(segment.revenue) / total)}</td>",
        ]
        for segment in found
    ]
    return _table(["segment", "customers", "share", "", "revenue", ""], rows, caption)


_TITLES = {"star": "Star", "productive": "Productive", "question_mark": "Question mark", "problem": "Problem"}


def segments(segments: Segments) -> str:
    """Show the segments as the two-way table that they are."""
    return _fragment(_matrix(segments.counts(), segments.rule, segments.as_of))


def _matrix(counts: Iterable[SegmentCount], rule: SegmentRule, as_of: Any) -> str:
    of = {count.segment: count for count in counts}

    def cell(segment: str) -> str:
        count = of[segment]
        share = count.share.value or 0.0
        worth = f"{escape(str(count.value))}, {_percent(count.value_share)} of the value"
        return (
            f"<td class='heat{_tone(share)}' style='--v:{100 * share:.0f}%;text-align:left;padding:10px 14px'>"
            f"<b>{_TITLES[segment]}</b><br>{count.share.numerator:,} customers, {_percent(count.share.value)}<br>{worth}</td>"
        )

    head = [
        "",
        f"outlook low, under {_percent(rule.outlook_cut, 0)}",
        f"outlook high: buys again within {rule.outlook.horizon_days} days",
    ]
    rows = [
        [f"value high<br><span class='small'>from {rule.value_cut} on</span>", cell("productive"), cell("star")],
        ["value low", cell("problem"), cell("question_mark")],
    ]
    return _table(head, rows, f"Customers by value and outlook, as of {as_of}")


def migration(moved: Migration) -> str:
    """Show who went from which segment to which."""
    head = [f"{moved.before} ↓  {moved.after} →", "customers", *(cell.to.replace("_", " ") for cell in moved.rows[0].to)]
    rows = []
    for row in moved.rows:
        cells = {cell.to: cell for cell in row.to}
        shown = []
        for cell in moved.rows[0].to:
            share = cells[cell.to].share if cell.to in cells else None
            if share is None or not share.numerator:
                shown.append("<td class='soft'>–</td>")
                continue
            part = share.value or 0.0
            title = f"{share.numerator:,} of {share.denominator:,}"
            shown.append(f"<td class='heat{_tone(part)}' style='--v:{100 * part:.0f}%' title='{title}'>{share.numerator:,}</td>")
        rows.append([row.from_.replace("_", " "), f"{row.customers:,}", *shown])
    remarks = "".join(f"<p class='soft'>{escape(remark.sentence)}</p>" for remark in moved.remarks)
    return _fragment(_table(head, rows, "Who moved") + remarks)


# --- pictures ---


def _bars(timeline: Timeline) -> str:
    """Revenue by period, and how much of it comes from first purchases."""
    periods = timeline.periods
    if not periods:
        return ""
    revenue = [float(period.revenue) for period in periods]
    splits = [period.revenue_split for period in periods]
    top = max(max(revenue), 0.0) or 1.0
    width, height, foot = 900, 170, 18
    step = width / len(periods)
    open_ = " class='open'"
    marks: list[str] = []
    for at, (whole, split) in enumerate(zip(revenue, splits, strict=True)):
        x, wide = at * step, max(1.0, step * 0.8)
        name = period_name(periods[at].period, timeline.grain)
        marks.append(f"<g{'' if periods[at].complete else open_}>")
        # Refunds may leave less in all than the parts have.
        first = max(0.0, min(float(split.first.revenue), whole))
        unknown = max(0.0, min(float(split.warm_up.revenue), whole - first))
        parts = [(0.0, whole, "pale", str(periods[at].revenue)), (0.0, first, "mark", str(periods[at].revenue))]
        if unknown:
            parts.append((first, unknown, "unknown", f"{split.warm_up.revenue}, {UNKNOWN}"))
        for floor, value, kind, amount in parts:
            tall = max(0.0, value / top) * height
            y = height - floor / top * height - tall
            box = f"x='{x:.1f}' y='{y:.1f}' width='{wide:.1f}' height='{tall:.1f}'"
            marks.append(f"<rect class='{kind}' {box}><title>{name}: {escape(amount)}</title></rect>")
        marks.append("</g>")
    every = max(1, len(periods) // 12)
    labels = "".join(
        f"<text x='{at * step:.1f}' y='{height + foot - 4}'>{period_name(periods[at].period, timeline.grain)}</text>"
        for at in range(0, len(periods), every)
    )
    axis = f"<line class='axis' x1='0' x2='{width}' y1='{height}' y2='{height}'/>"
    most = f"<text x='0' y='10'>{top:,.0f}</text>"
    unit = escape(currency_code(periods[0].revenue.currency))
    said = f"Net revenue in {unit} by {timeline.grain}; what is from first purchases stands out."
    if any(float(split.warm_up.revenue) for split in splits):
        said += f" Grey is from first purchases in the books ({UNKNOWN})."
    if not periods[-1].complete:
        said += " The last one is not observed to its end."
    drawn = "".join(marks) + axis + labels + most
    picture = f"<svg viewBox='0 -2 {width} {height + foot + 2}' role='img' aria-label='{said}'>{drawn}</svg>"
    return f"{picture}<p class='soft small'>{said}</p>"


def _curve(second: TimeToSecondPurchase) -> str:
    """The share that has returned, by days since the first purchase."""
    steps = [step for step in second.curve.steps if step.day <= 730]
    if not steps:
        return ""
    width, height, foot = 560, 150, 18
    last = max(step.day for step in steps) or 1
    top = max(1 - step.survival for step in steps) or 1.0
    points, share = [f"0,{height}"], 0.0
    for step in steps:
        x = step.day / last * width
        points += [f"{x:.1f},{height - share / top * height:.1f}", f"{x:.1f},{height - (1 - step.survival) / top * height:.1f}"]
        share = 1 - step.survival
    marks = "".join(
        f"<text x='{at / last * width:.1f}' y='{height + foot - 4}' text-anchor='{anchor}'>{at} days</text>"
        for at, anchor in ((0, "start"), (last // 2, "middle"), (last, "end"))
    )
    axis = f"<line class='axis' x1='0' x2='{width}' y1='{height}' y2='{height}'/>"
    line = f"<polyline class='curve' points='{' '.join(points)}'/>"
    most = f"<text x='0' y='10'>{_percent(top)}</text>"
    said = f"aria-label='Customers who have bought a second time: {_percent(share)} by day {last} after the first purchase'"
    box = f"viewBox='0 -2 {width} {height + foot + 2}' style='max-width:560px'"
    return f"<svg {box} role='img' {said}>{axis}{line}{marks}{most}</svg>"


# --- the report ---


def report(report: Report) -> str:
    """Show a report in a notebook."""
    return _fragment(_report(report))


def page(report: Report) -> str:
    """Make the report one page."""
    span = report.summary.span
    title = f"Customers and their retention, {days_shown(span.start, span.end)}"
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{title}</title><style>{STYLE}{_PAGE_STYLE}</style></head>"
        f"<body><main class='rg'>{_report(report)}</main></body></html>\n"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>" if content else ""


def _report(report: Report) -> str:
    summary = report.summary
    span = summary.span
    head = (
        "<h1>Customers and their retention</h1>"
        f"<p class='soft'>{summary.orders:,} orders of {summary.customers:,} customers, {days_shown(span.start, span.end)}; "
        f"net revenue {escape(str(summary.revenue))}; policy {escape(summary.policy)}</p>"
    )
    parts = [
        ("Headlines", _headlines(report)),
        ("Revenue over time", _bars(report.timeline)),
        ("Who stays, who leaves, who comes back", _flow(report.flow)),
        ("What their revenue does", _movements(report.movements)),
        ("Cohorts", _cohort_table(report.cohorts)),
        ("The second purchase", _second(report.second_purchase)),
        ("From purchase to purchase", _funnel(report.funnel)),
        ("Who the customers are, by recency, frequency and money", _segments(report.rfm.segments)),
        ("How much hangs on few", _concentration(report.concentration)),
        ("What customers have been worth, and what came back", _worth(report)),
        ("What was counted", _counted(report)),
        ("What the figures mean", _meanings(report)),
    ]
    return head + "".join(_section(title, content) for title, content in parts)


def _headlines(report: Report) -> str:
    period, before = report.headlines.period, report.headlines.previous
    beside = "" if before is None else f", beside {days_shown(before.start, before.end)}"
    tiles = "".join(_tile(report, headline) for headline in report.headlines.figures)
    tiles = "".join(f"<p>{escape(remark.sentence)}</p>" for remark in report.remarks) + f"<div class='tiles'>{tiles}</div>"
    small = "<p class='soft small'>Ranges are 95 % intervals; “few” marks samples under 30.</p>"
    return f"<p class='soft'>{days_shown(period.start, period.end)}{beside}</p>{tiles}{small}"


def _tile(report: Report, headline: Headline) -> str:
    """A headline, its sample and interval where it has them, and its change."""
    now, before, change = headline.now, headline.before, headline.change
    name = report.definitions["texts"][headline.name]["title"]
    # What takes the past of customers to be told: where the books do not have it, this is not nothing.
    too_late = {
        "new_customers": report.current.warm_up_customers,
        "returning_customer_rate": report.current.warm_up_customers,
        "repurchase_retention": not report.repurchase.reaches_back,
        "retention_rate": not report.flow.reaches_back,
    }
    is_unknown = _pooled(now) is None and bool(too_late.get(headline.name))
    sample = _TOO_LATE if is_unknown else ""
    if isinstance(now, Rate):
        if now.interval is not None:
            few = ", few" if now.small_n else ""
            sample = f"{_percent(now.interval.low)[:-2]}–{_percent(now.interval.high)}, n = {now.denominator:,}{few}"
        sample = sample or "of nobody"
        shown, earlier, grown = _percent(now.value), "", "" if change is None else f"{100 * change:+.1f} points"
    else:
        if isinstance(now, Money):
            name += f", {escape(currency_code(now.currency))}"
        shown, earlier = _headline_number(now), "" if before is None else f"from {_headline_number(before)}"
        if change is not None:
            grown = f"{100 * change:+.1f} %"
        elif report.headlines.previous is None:
            grown = "no earlier period"
        elif before is None:
            grown = "" if is_unknown else f"before {_TOO_LATE}"
        else:
            grown = "from nothing" if report.headlines.complete else "not over yet"
    tone = "soft" if not change else "up" if change > 0 else "down"
    parts = ((sample, "soft"), (grown, tone), (earlier if change is not None else "", "soft"))
    note = " ".join(f"<span class='{kind}'>{text}</span>" for text, kind in parts if text)
    return f"<div class='tile'><span class='soft'>{name}</span><b>{shown}</b><span class='small'>{note}</span></div>"


def _headline_number(figure: Any) -> str:
    """Whole where it is a count or large, else with cents."""
    value = _pooled(figure)
    return _number(value, 0 if value is None or isinstance(figure, int) or abs(value) >= 1000 else 2)


def _movements(moved: RevenueMovements) -> str:
    most = max(float(moved.before), float(moved.now), 1.0)
    steps = [
        ("before", moved.before, ""),
        ("new customers", moved.new, "up"),
        ("expansion", moved.expansion, "up"),
        ("came back", moved.reactivated, "up"),
        ("contraction", moved.contraction, "down"),
        ("churned", moved.churned, "down"),
        ("now", moved.now, ""),
    ]
    rows = [
        [
            name,
            f"<span class='{tone}'>{'−' if tone == 'down' else '+'}{amount.amount:,}</span>"
            if tone
            else f"<b>{amount.amount:,}</b>",
            f"<td class='left'>{_bar(abs(float(amount)) / most)}</td>",
        ]
        for name, amount, tone in steps
    ]
    rates = [
        ["gross revenue retention", _percent(moved.gross_revenue_retention.value)],
        ["net revenue retention", _percent(moved.net_revenue_retention.value)],
        ["quick ratio", _number(moved.quick_ratio.value, 2)],
    ]
    then, now = (days_shown(of.start, of.end) for of in (moved.previous, moved.period))
    title = f"Revenue of {then}, and of {now}"
    warning = "" if moved.complete else "<p class='soft'>The period is not observed to its end.</p>"
    unit = escape(currency_code(moved.now.currency))
    return _beside(_table(["", f"revenue in {unit}", ""], rows, title), _table(["", ""], rates)) + warning


def _second(second: TimeToSecondPurchase) -> str:
    def row(by: Any) -> list[str]:
        sure = "" if by.interval is None else f"{_percent(by.interval.low)[:-2]}–{_percent(by.interval.high)}"
        return [f"{by.days} days", _percent(by.share), f"<span class='soft'>{sure}</span>", f"{by.at_risk:,}"]

    median = "not half of them yet" if second.median is None else f"half of all by day {second.median}"
    text = f"<p>{second.returned:,} of {second.customers:,} customers have bought a second time so far; {median}.</p>"
    head = ["returned by", "share", "95 % interval", "watched so long"]
    return text + _curve(second) + _table(head, map(row, second.returned_by))


def _concentration(found: Concentration) -> str:
    rows = [
        [
            f"the best {_percent(top.asked, 0)}",
            f"{top.customers:,}",
            f"{top.revenue.amount:,}",
            _percent(top.revenue_share),
            f"<td class='left'>{_bar(top.revenue_share)}</td>",
        ]
        for top in found.top
    ]
    few = found.fewest
    text = ""
    if few is not None:
        text = (
            f"<p>{few.customers:,} customers ({_percent(few.customer_share)}) bring {_percent(few.asked, 0)} of the revenue.</p>"
        )
    if found.gini is not None:
        text += f"<p>Gini {found.gini:.3f}, where 0 is all alike and 1 is all from one.</p>"
    return text + _table(["customers", "how many", "revenue", "share", ""], rows)


def _worth(report: Report) -> str:
    """What customers have been worth so far, and what came back."""
    value, returns = report.value, report.returns
    rows = [["revenue per customer so far", _number(value.revenue.value, 2), f"of {value.revenue.count:,} customers"]]
    if value.margin is not None:
        rows.append(["margin per customer so far", _number(value.margin.value, 2), ""])
    if not returns.by_orders.numerator and not returns.credit_notes:
        return _table(["", "", ""], rows) + "<p>No order was paid back, and there is no credit note.</p>"
    rows += [
        ["refunded, of orders", _rate(returns.by_orders), ""],
        ["refunded, of value", _percent(returns.by_value.value), ""],
        ["with credit notes", _percent(returns.by_value_with_credit_notes.value), ""],
        ["bought again after a return", _rate(returns.bought_again_after_return), ""],
        ["bought again without one", _rate(returns.bought_again_without_return), ""],
    ]
    return _table(["", "", ""], rows)


_SECTIONS = (
    "current", "repurchase", "flow", "movements", "cohorts", "secondPurchase", "funnel", "rfm", "concentration", "value",
    "returns", "summary",
)  # fmt: skip


def _meanings(report: Report) -> str:
    """The definitions of the figures on the page."""
    figures, texts = report.definitions["figures"], report.definitions["texts"]
    names = {name: None for section in _SECTIONS for name in figures[section].values()}
    rows = [[escape(texts[name]["title"]), f"<td class='left text'>{escape(texts[name]['formula'])}</td>"] for name in names]
    return _table(["", ""], rows)


def _counted(report: Report) -> str:
    summary = report.summary
    rows = [
        ["orders given", f"{summary.given:,}"],
        *([f"left out: {out.reason.replace('_', ' ')}", f"{out.orders:,}"] for out in summary.left_out),
        ["credit notes", f"{summary.credit_notes:,}"],
        ["given again", f"{summary.repeated:,}"],
        ["superseded by a later one", f"{summary.superseded:,}"],
        ["orders that count", f"{summary.orders:,}"],
        ["of nobody who is known", f"{summary.unidentified.numerator:,}"],
        ["purchases (a customer's orders of one day are one)", f"{summary.purchases:,}"],
    ]
    inferred = [f"<li>{escape(found.sentence)}</li>" for found in summary.inferences]
    said = f"<p class='soft'>Inferred, because it was not said:</p><ul class='soft'>{''.join(inferred)}</ul>" if inferred else ""
    return _table(["", "orders"], rows) + said
