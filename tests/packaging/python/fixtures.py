"""The cases of `tests/fixtures`, spelled as a user of the Python package spells them.

Most calls are spelled by rule: `during.x` is a method of a window, `history.x` of a history, `formula.x` of `rg.formula`;
arguments and options become keywords in snake case. The few others are in `PLAIN`.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import regulars as rg
from regulars._json import dumps
from regulars._result import plain

FOLDER = Path(__file__).parents[2] / "fixtures"


def cases() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Every case by its place, with the file that it is in."""
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        if path.name != "snapshots.json":
            file = json.loads(path.read_text())
            found.update({f"{path.stem}/{case['name']}": (file, case) for case in file["cases"]})
    return found


def snapshots() -> dict[str, str]:
    """The exact text of every case's result."""
    return json.loads((FOLDER / "snapshots.json").read_text())


def snake(name: str) -> str:
    return re.sub("(?<!^)([A-Z])", r"_\1", name).lower()


def as_json(result: Any) -> str:
    """The JSON of a result; of plain values in the core's way of writing numbers."""
    return result.to_json() if hasattr(result, "to_json") else dumps(plain(result))


# --- histories ---

COLUMNS = {
    "placedAt": "placed_at",
    "amounts": "amount",
    "customers": "customer",
    "emails": "email",
    "ids": "order_id",
    "statuses": "status",
    "currencies": "currency",
    "refunded": "refunded",
    "refundedOn": "refunded_on",
    "costs": "cost",
    "discounts": "discount",
    "channels": "channel",
}
MONEY = {"amount", "refunded", "cost", "discount"}


def moment(text: str | None) -> Any:
    if text is None:
        return None
    if len(text) == 10:
        return datetime.date.fromisoformat(text)
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def table(columns: dict[str, Any]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """A case's columns as a table, and the keywords that say how to read it."""
    cells = {COLUMNS[key]: value for key, value in columns.items() if key in COLUMNS}
    keywords: dict[str, Any] = {name: name if name in cells else "" for name in COLUMNS.values() if name != "currency"}
    keywords["currency_column"] = "currency" if "currency" in cells else ""
    for name in {"placed_at", "refunded_on"} & set(cells):
        cells[name] = [moment(cell) for cell in cells[name]]
    for name in MONEY & set(cells):
        # Cents in one chunk and text in another.
        if {int, str} <= {type(cell) for cell in cells[name]}:
            cells[name] = [str(Decimal(cell) / 100) if isinstance(cell, int) else cell for cell in cells[name]]
    whole = {name for name in MONEY & set(cells) if all(isinstance(cell, (int, type(None))) for cell in cells[name])}
    if "amountDecimals" in columns:
        keywords["decimals"] = columns["amountDecimals"]
        cells["amount"] = [None if cell is None else float(cell) for cell in cells["amount"]]
        whole.discard("amount")
    if whole:
        keywords["amount_unit"] = "minor"
    for name in {"customer", "order_id"} & set(cells):
        if any(isinstance(cell, str) for cell in cells[name]):
            cells[name] = [None if cell is None else str(cell) for cell in cells[name]]
    return cells, keywords


def history_options(options: dict[str, Any]) -> dict[str, Any]:
    return {snake(name): value for name, value in options.items()}


def history_of(file: dict[str, Any], case: dict[str, Any]) -> rg.OrderHistory:
    def named(value: Any) -> Any:
        return file["inputs"][value] if isinstance(value, str) else value

    def build(value: Any, options: dict[str, Any]) -> rg.OrderHistory:
        chunks = value if isinstance(value, list) else [value]
        cells, keywords = table(joined(chunks))
        return rg.OrderHistory.from_table(cells, **keywords, **options)

    options = history_options(case["options"])
    if isinstance(options.get("policy"), dict):
        options["policy"] = rg.OrderPolicy.from_json(json.dumps(options["policy"]))
    history = build(named(case["input"]), options)
    for step in case.get("then", []):
        for name, value in step.items():
            if name == "append":
                cells, keywords = table(named(value))
                history = history.append(cells, **keywords)
            elif name == "merge":
                history = history.merge(build(named(value), options))
            elif name == "mergeUnder":
                days = options.get("warm_up_days", 365) + 1
                history = history.merge(build(named(value), {**options, "warm_up_days": days}))
            elif name == "observeUntil":
                history = history.observe_until(value)
            elif name == "customers":
                history = history.with_customers([{snake(key): cell for key, cell in fact.items()} for fact in value])
            else:
                raise AssertionError(f"step {name}")
    return history


def joined(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Chunks one under the other; a column that a chunk does not have is missing in its rows."""
    if len(chunks) == 1:
        return chunks[0]
    whole: dict[str, Any] = {}
    rows = [len(chunk["placedAt"]) for chunk in chunks]
    for key in {key: None for chunk in chunks for key in chunk}:
        if key == "amountDecimals":
            whole[key] = chunks[0][key]
        else:
            parts = [chunk.get(key, [None] * count) for chunk, count in zip(chunks, rows, strict=True)]
            whole[key] = [cell for part in parts for cell in part]
    return whole


# --- calls ---


def lifespan(value: dict[str, Any]) -> rg.Lifespan:
    return rg.Lifespan(**value)


def frequency(value: dict[str, Any]) -> rg.Frequency:
    return rg.Frequency(**value)


def simple(a: dict[str, Any]) -> rg.SimpleValue:
    return rg.simple_value(
        average_order_value=a["averageOrderValue"],
        frequency=frequency(a["frequency"]),
        lifespan=lifespan(a["lifespan"]),
    )


def scenario(value: dict[str, Any]) -> rg.Scenario:
    return rg.Scenario(value["customers"], value["spend"], value["retentionRate"], value.get("acquiring", 0.0))


def simulated(a: dict[str, Any]) -> rg.Simulation:
    given = {**a["scenario"]}
    given["acquired"] = given.pop("acquiring", 0.0)
    return rg.simulate(**{snake(name): value for name, value in given.items()}, periods=a["periods"])


def curve(a: dict[str, Any]) -> rg.KaplanMeier:
    level = {"level": a["level"]} if "level" in a else {}
    durations = a["durations"]
    return rg.kaplan_meier(**durations, **level) if isinstance(durations, dict) else rg.kaplan_meier(durations, **level)


def zone(a: dict[str, Any]) -> rg.Zone:
    return rg.Zone(a["zone"], a.get("transitions"))


def money(a: dict[str, Any]) -> dict[str, Any]:
    return {name: a[name] for name in ("currency", "decimals") if name in a}


def keywords(a: dict[str, Any]) -> dict[str, Any]:
    return {snake(name): value for name, value in a.items()}


PLAIN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "benchmarks": lambda a: rg.benchmarks(a["figure"]),
    "event_kind": lambda a: rg.event_kind(a["text"]),
    "playbook": lambda a: rg.playbook(),
    "rate_difference": lambda a: rg.RateDifference.between(tuple(a["rate"]), tuple(a["other"]), a.get("level")),
    "segment.title": lambda a: rg.segment_title(a["segment"]),
    "shop_stage.weigh": lambda a: rg.stage_advice(a["stage"]),
    "average": lambda a: rg.Average.of(a["total"], a["count"], a.get("currency")),
    "clock.date": lambda a: zone(a).date_of(a["value"], a["unit"]),
    "cohort_grain.days": lambda a: rg.CohortGrain.days(a["days"]),
    "cohort_grain.parse": lambda a: rg.CohortGrain.parse(a["text"]),
    "compare": lambda a: rg.compare(scenario(a["base"]), scenario(a["other"]), periods=a["periods"]),
    "concentration": lambda a: rg.concentration(
        a["totals"], currency=a["currency"], **keywords(a.get("options", {}))
    ),
    "currency": lambda a: rg.Currency(a["currency"], *([a["decimals"]] if "decimals" in a else [])),
    "customer_key": lambda a: rg.customer_key(a["text"]),
    "definition": lambda a: rg.definition(a["name"]),
    "definitions": lambda a: rg.definitions(),
    "discounted_value": lambda a: rg.discounted_value(
        margin=a["margin"], retention_rate=a["retentionRate"], every=a["every"], **keywords(a.get("options", {}))
    ),
    "error.codes": lambda a: rg.error_codes(),
    "frequency": lambda a: frequency(a["frequency"]),
    "frequency.over": lambda a: frequency(a["frequency"]).over(lifespan(a["lifespan"])),
    "grain.period_of": lambda a: rg.Grain(a["grain"]).period_of(a["date"]),
    "grain.periods": lambda a: rg.Grain(a["grain"]).periods(a["span"]),
    "interval.wilson": lambda a: rg.Interval.wilson(**a),
    "kaplan_meier": curve,
    "kaplan_meier.at_risk": lambda a: curve(a).at_risk(a["day"]),
    "kaplan_meier.interval": lambda a: curve(a).interval(a["day"]),
    "kaplan_meier.median": lambda a: curve(a).median(),
    "kaplan_meier.quantile": lambda a: curve(a).quantile(a["p"]),
    "kaplan_meier.survival": lambda a: curve(a).survival(a["day"]),
    "lifespan": lambda a: lifespan(a["lifespan"]),
    "lifespan.in_units": lambda a: lifespan(a["lifespan"]).in_units(a["unit"]),
    "lifespan.of": lambda a: rg.Lifespan.of(a["period"]),
    "log_rank": lambda a: rg.log_rank(a["groups"]),
    "margin_value": lambda a: simple(a).with_margin(a["margin"]),
    "money.from_float": lambda a: rg.Money.from_float(a["value"], **money(a)),
    "money.from_minor": lambda a: rg.Money.from_minor(a["minor"], **money(a)),
    "money.parse": lambda a: rg.Money.parse(a["text"], **money(a)),
    "money.to_f64": lambda a: float(rg.Money.parse(a["text"], **money(a))),
    "order.key": lambda a: rg.customer_key(a.get("customer"), email=a.get("email")),
    "period.before": lambda a: rg.Period.parse(a["text"]).before(),
    "period.contains": lambda a: a["date"] in rg.Period.parse(a["text"]),
    "period.days": lambda a: rg.Period.parse(a["text"]).days(),
    "period.new": lambda a: rg.Period(a["start"], a["end"]),
    "period.parse": lambda a: rg.Period.parse(a["text"]),
    "policy": lambda a: rg.OrderPolicy.preset(a["name"]),
    "policy.counting": lambda a: rg.OrderPolicy.preset(a["name"]).counting(a["status"]),
    "profit_lift": lambda a: rg.ProfitFigures(
        **keywords({name: value for name, value in a.items() if name != "change"})
    ).lift(a["change"]),
    "rate": lambda a: rg.Rate.of(**a),
    "ratio": lambda a: rg.Ratio.of(**a),
    "rfm_grid": lambda a: rg.RfmGrid.standard(a["bins"]),
    "rfm_grid.name": lambda a: rg.RfmGrid(a["rows"]).name(a["recency"], a["frequencyMonetary"]),
    "simple_value": simple,
    "simulate": simulated,
    "status": lambda a: rg.order_status(a["text"]),
    "value_to_cost": lambda a: simple(a).against(a["acquisitionCost"], a["margin"]),
    "zone.date": lambda a: zone(a).date(a["instant"]),
    "zone.name": lambda a: zone(a).name,
}


def options_as_keywords(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a call as keywords; where Python has a shorter form, in that."""
    given = keywords(options)
    after = given.get("lapse_after")
    if isinstance(after, dict):
        given["lapse_after"] = after["days"] if "days" in after else f"{after['months']} months"
    given.update(keywords(given.pop("outlook", {})))
    window = given.pop("window", None)
    if isinstance(window, dict):
        given.update(window)
    if isinstance(given.get("period"), dict):
        given["period"] = rg.Period(**given["period"])
    if "monetary_breaks" in given and given["monetary_breaks"] is not None:
        given["monetary_breaks"] = [rg.Money(**amount) for amount in given["monetary_breaks"]]
    return given


def rule_of(history: rg.OrderHistory, arguments: dict[str, Any]) -> rg.SegmentRule:
    if "rule" in arguments:
        return rg.SegmentRule.from_json(json.dumps(arguments.pop("rule")))
    return rg.SegmentRule.fit(history, **options_as_keywords(arguments.pop("options", {})))


def about_segments(history: rg.OrderHistory, name: str, arguments: dict[str, Any]) -> Any:
    rule = rule_of(history, arguments)
    if name == "segment_rule":
        return rule
    if name == "backtest":
        return rule.backtest(history, at=arguments["at"], **arguments.get("test", {}))
    if name == "stability":
        return rule.stability(history)
    call, _, then = name.partition(".")
    if call == "migration":
        before = rule.classify(history.observe_until(arguments["before"]))
        moved = rg.migration(before, rule.classify(history))
        if then == "count":
            return moved.count(arguments["from"], arguments["to"])
        return getattr(moved, then)() if then else moved
    if call == "segment_overview":
        overview = rule.overview(history, before=arguments["before"])
        return overview.migration.kappa() if then else overview
    after = rule.classify(history.observe_until(arguments["after"])) if "after" in arguments else None
    segments = rule.classify(history, after=after)
    if then == "explain":
        return segments.explain(arguments["customer"])
    if then.startswith("audience"):
        action = arguments["action"]
        audience = segments.audience(own_action(action) if isinstance(action, dict) else action)
        return dict(sorted(audience.why().items())) if then.endswith("why") else audience
    if then == "reasons":
        return dict(sorted(segments.reasons().items()))
    return getattr(segments, then)() if then else segments


def own_action(own: dict[str, Any]) -> rg.Action:
    given = {**own, "trigger": rg.Trigger(**{snake(key): value for key, value in own["trigger"].items()})}
    return rg.Action(**given)


def rfm_by_customer(rfm: rg.Rfm) -> dict[str, Any]:
    names = ["f", "frequency", "m", "monetary_minor", "r", "recency", "segment"]
    rows = {row["customer"]: {("monetaryMinor" if n == "monetary_minor" else n): row[n] for n in names} for row in rfm}
    return dict(sorted(rows.items()))


def about_history(history: rg.OrderHistory, name: str, arguments: dict[str, Any]) -> Any:
    arguments = dict(arguments)
    if name.partition(".")[0] in ("segment_rule", "segments", "backtest", "stability", "migration", "segment_overview"):
        return about_segments(history, name, arguments)
    if name == "outlook.estimate":
        asked = {key: arguments.pop(key) for key in ("purchases", "spanDays", "silenceDays")}
        return about_history(history, "outlook", arguments).estimate(**keywords(asked))
    if name == "customer_profiles.of":
        return history.customers(**keywords(arguments.get("options", {}))).of(arguments["customer"])
    if name == "customer_profiles":
        return history.customers(**keywords(arguments.get("options", {})))
    if name == "rfm.again":
        before = history.observe_until(arguments["observedUntil"]).rfm()
        return history.rfm(breaks=before.breaks)
    if name == "rfm.customers":
        return rfm_by_customer(about_history(history, "rfm", arguments))
    if name in ("cohorts.table", "cohorts.table.values"):
        reading = {key: arguments.pop(key) for key in ("reading", "measure")}
        found = about_history(history, "cohorts", arguments).table(**reading)
        return found.values() if name.endswith("values") else found
    if name == "tenure_ratio":
        return history.tenure_ratio(tuple(arguments["band"]), tuple(arguments["base"]))
    of: Any = history
    if name.startswith("during."):
        of = history.during(arguments.pop("period"))
    spelled = name.removeprefix("during.").removeprefix("history.")
    if name == "history.customers":
        spelled = "customer_facts"
    given = options_as_keywords(arguments.pop("options", {}))
    given.update(keywords(arguments))
    if "costs" in given:
        costs = given["costs"]
        given["costs"] = [rg.MarketingCost(**{**cost, "cost": rg.Money(**cost["cost"])}) for cost in costs]
    if "events" in given:
        given["events"] = [rg.Event(**event) for event in given["events"]]
    if "lifespan" in given:
        given["lifespan"] = lifespan(given["lifespan"])
    found = getattr(of, spelled)
    return found(**given) if callable(found) else found


def run(file: dict[str, Any], case: dict[str, Any]) -> Any:
    """The result of a case."""
    name: str = case["call"]
    arguments = case.get("arguments", {})
    name, columns = (name.removesuffix(".columns"), True) if name.endswith(".columns") else (name, False)
    if "options" in case:
        result = about_history(history_of(file, case), name, arguments)
    elif name.startswith("formula."):
        result = getattr(rg.formula, name.removeprefix("formula."))(**keywords(arguments))
    else:
        result = PLAIN[name](arguments)
    return columns_of(result) if columns else result


def columns_of(result: rg.Table) -> dict[str, list[Any]]:
    """A table as one list per column, dates as days since 1970."""
    epoch = datetime.date(1970, 1, 1)
    return {
        name: [(cell - epoch).days if isinstance(cell, datetime.date) else cell for cell in result[name]]
        for name in result.columns
    }
