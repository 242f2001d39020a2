"""What results can do: attributes, equality, pickling, JSON, HTML, pictures; and the package among threads and signals."""

from __future__ import annotations

import copy
import datetime
import html
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import regulars as rg
from conftest import CDNOW


def results(history: rg.OrderHistory) -> list[rg.Result]:
    year = history.during("1998-01-01", "1998-07-01")
    rule = rg.SegmentRule.fit(history)
    segments = rule.classify(history)
    return [
        history.summary,
        year.repeat_customer_rate(),
        year.average_order_value(),
        year.customer_flow(lapse_after="from_rhythm"),
        year.revenue_movements(),
        year.buying(),
        history.timeline(),
        history.cohorts(),
        history.cohorts().table("active_every", "rate_of_previous"),
        history.rfm(),
        history.customers(),
        history.time_between_purchases(),
        history.time_to_second_purchase(),
        history.purchase_funnel(),
        history.concentration(),
        history.spend_by_tenure(),
        history.payback(acquisition_cost=20, margin=0.4),
        rule,
        segments,
        segments.audience("win_back"),
        rg.migration(rule.classify(history.observe_until("1998-01-01")), segments),
        rg.simulate(customers=100, spend=10, retention_rate=0.5),
        history.report(),
    ]


def test_results_survive_pickling(history: rg.OrderHistory) -> None:
    for result in results(history):
        again = pickle.loads(pickle.dumps(result))
        assert again == result and type(again) is type(result)
        assert again.to_json() == result.to_json()
        assert json.loads(result.to_json()) == result.to_dict()
        if isinstance(result, rg.Table):
            assert again.to_rows() == result.to_rows()
            assert repr(again) == repr(result)
    assert str(pickle.loads(pickle.dumps(history.report()))) == str(history.report())
    assert copy.deepcopy(history.summary) == history.summary


def test_results_do_not_change(history: rg.OrderHistory) -> None:
    with pytest.raises(AttributeError):
        history.summary.orders = 0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        history.timeline().grain = "day"  # type: ignore[misc]


def test_attributes_of_the_api(history: rg.OrderHistory) -> None:
    assert (history.summary.customers, history.summary.orders) == (2349, 6911)
    half = history.during("1998-01-01", "1998-07-01")
    assert half.period == rg.Period.parse("1998-01-01/1998-07-01")
    rate = half.repeat_customer_rate()
    assert float(rate) == rate.value == rate.numerator / rate.denominator
    assert rate.low is not None and rate.high is not None and rate.low < float(rate) < rate.high and not rate.small_n
    flow = half.customer_flow(lapse_after=90)
    for again in (flow.lapse_after, datetime.timedelta(days=90), "90 days"):
        assert half.customer_flow(lapse_after=again) == flow
    assert flow.at_start - flow.churned + flow.new + flow.reactivated == flow.at_end
    assert flow.retention_rate.numerator == flow.at_start - flow.churned
    movements = half.revenue_movements()
    assert movements.net_revenue_retention.value and movements.quick_ratio.value
    assert history.during("1998-Q1").buying() == history.timeline("quarter").periods[-2]
    assert history.during(datetime.date(1998, 1, 1), datetime.datetime(1998, 4, 1)).period.days() == 90
    assert history.during(1998).period == history.during("1998").period
    quarter: Any = pytest.importorskip("pandas").Period("1998Q1")
    assert history.during(quarter).period == history.during("1998-Q1").period
    assert float(rg.formula.retention_rate(at_start=10_000, at_end=13_000, new=5_500)) == 0.75
    shares = history.cohorts().table(reading="returned_in", measure="rate").values()
    assert shares[0][0] == 1.0
    rule = rg.SegmentRule.fit(history)
    assert rg.SegmentRule.from_json(rule.to_json()) == rule
    assert rg.SegmentRule.fit(history, outlook_cut="repurchaseRate") == rule
    named = rg.SegmentRule.fit(history, value_cut={"absolute": 100}, outlook_cut={"absolute": 0.5})
    assert (str(named.value_cut), named.outlook_cut) == ("100.00 USD", 0.5)
    assert float(rg.SegmentRule.fit(history, value_cut={"revenue_share": 0.8}).value_cut) > 0
    segments = rule.classify(history)
    assert sum(count.share.numerator for count in segments.counts()) == len(segments) == 2349
    explained = segments.explain(segments["customer"][0])
    assert explained is not None and str(explained).startswith(rg.segment_title(explained.segment))
    assert rule.backtest(history, at="1998-01-01", resamples=10).segments[0].segment == "star"
    assert len(segments.audience("win_back")) == len(segments.audience("win_back").why())


def test_results_print_themselves(history: rg.OrderHistory) -> None:
    orders = {"customer": ["ann", "bob", "ann"], "date": ["2024-01-09", "2024-01-30", "2024-03-02"], "amount": [35.2, 0, 48]}
    pretty = pytest.importorskip("IPython.lib.pretty")
    small = rg.OrderHistory.from_table(orders, currency="USD")
    assert str(small.summary) == textwrap.dedent(
        """\
        Summary
          currency      USD
          policy        strict
          zone          –
          span          2024-01-09/2024-03-03
          warm_up       –
          given         3
          orders        2
          purchases     2
          customers     1
          prospects     1
          credit_notes  0
          repeated      0
          superseded    0
          left_out
            reason zero_amount, orders 1
          unidentified  0.0 % (0 of 2, 95 % interval 0.0–65.8 %)
          revenue       83.20 USD
          inferences
            No end of observation was named: it ends before 2024-03-03, the day after the last order."""
    )
    split = str(small.during("2024-Q1").buying()).partition("revenue_split\n")[2]
    assert split.startswith("    first\n      revenue  35.20 USD\n      orders   1\n")
    # Whatever it is, it fits a page, and a notebook shows the same.
    for result in results(history):
        text = str(result)
        if not isinstance(result, rg.Report):
            assert len(text.splitlines()) <= 60 and len(text) < 6000, text
            assert " object at 0x" not in text and "(" + type(result).__name__ not in text
        assert pretty.pretty(result) == text


def test_shares_are_rounded_from_their_counts() -> None:
    # 36.25 % and 63.75 %, exactly: a half goes to the even tenth, so that they add up, and the report says the same.
    assert str(rg.Rate.of(145, 400)).startswith("36.2 % (145 of 400, ")
    assert str(rg.Rate.of(255, 400)).startswith("63.8 % (255 of 400, ")


def test_customers_are_found_under_any_number(history: rg.OrderHistory) -> None:
    segments = rg.SegmentRule.fit(history).classify(history)
    for customer in (15878, 15878.0, "15878", pytest.importorskip("numpy").float64(15878)):
        assert len(history.orders_of(customer)) == len(history.orders_of("15878")) > 0
        assert history.historic_value_of(customer) == history.historic_value_of("15878") is not None
        assert segments.explain(customer) == segments.explain("15878") is not None
        assert rg.customer_key(customer) == "15878"
    assert rg.customer_key(1.5) == "1.5"


def test_defaults_are_those_of_the_core(history: rg.OrderHistory) -> None:
    """Every option that Python writes out has the core's own default."""
    window = history.during("1998-Q1")
    for spelled, name, arguments in [
        (history.flow_timeline(), "flow_timeline", {"grain": "month"}),
        (history.time_between_purchases(), "time_between_purchases", {}),
        (history.purchase_funnel(), "purchase_funnel", {}),
        (history.time_to_second_purchase(), "time_to_second_purchase", {}),
        (history.concentration(), "history.concentration", {}),
        (history.spend_by_tenure(), "spend_by_tenure", {}),
        (history.cohorts(), "cohorts", {}),
        (history.rfm(), "rfm", {}),
        (history.customers(), "customer_profiles", {}),
        (history.outlook(), "outlook", {}),
        (rg.SegmentRule.fit(history), "segment_rule", {}),
        (history.report(), "history.report", {}),
        (window.customer_flow(), "during.customer_flow", {"period": "1998-Q1"}),
        (window.acquisition(), "during.acquisition", {"period": "1998-Q1"}),
        (window.referrals(), "during.referrals", {"period": "1998-Q1"}),
        (window.engagement([]), "during.engagement", {"period": "1998-Q1", "events": []}),
    ]:
        assert spelled.to_json() == history._history.call(name, json.dumps(arguments)).json(), name
    rule = rg.SegmentRule.fit(history)
    test = history._history.call("backtest", json.dumps({"at": "1998-01-01"}))
    assert rule.backtest(history, at="1998-01-01").to_json() == test.json()
    overview = rule.overview(history, before="1998-01-01")
    assert overview.to_json() == history._history.call("segment_overview", json.dumps({"before": "1998-01-01"})).json()
    # What it holds that is a result of its own answers for itself.
    moved = rg.migration(rule.classify(history.observe_until("1998-01-01")), rule.classify(history))
    assert overview.migration == moved and overview.migration.kappa() == moved.kappa()
    assert overview.migration["customers"] == moved["customers"]
    assert moved.count("star", "star") and moved.count("stars", "star") is None
    plain = {"margin": 100, "retentionRate": 0.8, "every": "year"}
    assert rg.discounted_value(margin=100, retention_rate=0.8, every="year").to_json() == (
        rg._regulars.call("discounted_value", json.dumps(plain)).json()
    )
    totals = {"totals": [1, 2, 3], "currency": "EUR"}
    spelled = rg.concentration([1, 2, 3], currency="EUR")
    assert spelled.to_json() == rg._regulars.call("concentration", json.dumps(totals)).json()
    orders = {"customer": ["ann"], "date": ["2024-01-01"], "amount": ["1"]}
    assert rg.OrderHistory.from_table(orders, currency="EUR").options == {
        "currency": "EUR",
        "zone": None,
        "policy": rg.OrderPolicy.preset("strict").to_dict(),
        "observedUntil": None,
        "historyStarts": None,
        "warmUpDays": 365,
        "otherCurrencies": "refuse",
        "repeatedIds": "refuse",
    }
    assert rg.OrderPolicy() == rg.OrderPolicy.preset("strict")


# --- HTML and pictures ---


class Checked(HTMLParser):
    """Tags that are closed in order, and nothing that is fetched from elsewhere."""

    VOID = {"meta", "br", "line", "rect", "polyline", "hr", "path", "circle"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag not in ("script", "link", "img", "iframe")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def check(page: str) -> None:
    parser = Checked()
    parser.feed(page)
    assert parser.open == []
    assert not re.search(r"https?://|@import|url\(", page)
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()


def test_fragments_and_page(history: rg.OrderHistory, tmp_path: Path) -> None:
    rich = [result for result in results(history) if hasattr(result, "_repr_html_")]
    assert {type(result).__name__ for result in rich} >= {
        "Report", "Cohorts", "CohortTable", "Rfm", "CustomerFlow", "PurchaseFunnel", "Segments", "Migration",
    }  # fmt: skip
    for result in rich:
        fragment = result._repr_html_()  # type: ignore[attr-defined]
        check(fragment)
        assert "prefers-color-scheme:dark" in fragment and "data-jp-theme-light" in fragment
    report = history.report()
    page = report.to_html(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page
    check(page)
    assert page.startswith("<!doctype html>") and "@media print" in page
    for part in ("42,867.12", "48.0 %", "2,349 customers", "<b>pooled</b>", f"Gini {report.concentration.gini:.3f}"):
        assert part in page
    for figure in report.headlines.figures:
        assert html.escape(rg.definition(figure.name).formula) in page  # type: ignore[union-attr]
    titles = re.findall(r"<div class='tile'><span class='soft'>([^<]*)</span>", page)
    assert titles == [
        "Net revenue, USD", "Orders", "Average order value", "Customers", "New customers", "Purchase frequency",
        "Repeat customer rate", "Returning customer rate", "Repurchase retention", "Retention rate",
    ]  # fmt: skip


def test_text_in_pages_is_escaped() -> None:
    orders = {"customer": ["<b>ann</b>"], "date": ["2024-01-01"], "amount": ["1"]}
    history = rg.OrderHistory.from_table(orders, currency="EUR")
    assert "<b>ann</b>" not in history.customers()._repr_html_()
    check(history.report().to_html())


def test_an_empty_or_odd_shop_has_a_page() -> None:
    for amounts in (["1"], ["0"], ["-5"]):
        orders = {"customer": ["ann"], "date": ["2024-01-01"], "amount": amounts}
        history = rg.OrderHistory.from_table(orders, currency="JPY")
        check(history.report().to_html())
        check(history.cohorts()._repr_html_())
        check(history.rfm()._repr_html_())


def test_pictures(history: rg.OrderHistory) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    drawn = [result for result in results(history) if hasattr(result, "plot")]
    assert len(drawn) >= 13
    for result in drawn:
        ax = result.plot()  # type: ignore[attr-defined]
        assert ax.get_title(loc="left") and ax.has_data()
        ax.figure.canvas.draw()
        pyplot.close(ax.figure)
    figure, given = pyplot.subplots()
    assert history.timeline().plot(ax=given) is given
    pyplot.close(figure)


# --- threads and signals ---


def late_books() -> rg.OrderHistory:
    """Books that begin in 2023: ann buys before July and after, bob and cat first in July and in September."""
    orders = {
        "customer": ["ann", "ann", "bob", "cat", "ann"],
        "date": ["2023-02-01", "2023-07-20", "2023-07-10", "2023-09-05", "2023-12-20"],
        "amount": ["10", "20", "40", "80", "5"],
    }
    return rg.OrderHistory.from_table(orders, currency="EUR", history_starts="2023-01-01", observed_until="2024-01-01")


def test_pictures_tell_the_warm_up_from_what_is_known() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    history = late_books()

    def bars(result: Any) -> dict[str, list[float]]:
        return {drawn.get_label(): [bar.get_height() for bar in drawn] for drawn in result.plot().containers}

    unknown = "new or not: not known"
    drawn = bars(history.timeline(grain="quarter"))
    assert drawn == {"existing customers": [0, 0, 1, 1], "new customers": [0, 0, 0, 0], unknown: [1, 0, 2, 0]}
    drawn = bars(history.flow_timeline(grain="quarter", lapse_after=90))
    # Ann lapses in May and comes back in July, which lasts until after October 1st; so do bob and cat.
    assert drawn["new"] == [0, 0, 0, 0] and drawn["came back"] == [0, 0, 1, 0] and drawn[unknown] == [1, 0, 2, 0]
    ax = history.during("2023-Q3").customer_flow(lapse_after=90).plot()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["at start", "new", "came back", unknown, "lapsed", "at end"]
    assert [drawn[0].get_height() for drawn in ax.containers] == [0, 0, 1, 2, 0, 3]


def test_pages_tell_the_warm_up_from_nothing() -> None:
    page = late_books().report(period="2023-Q3").to_html()
    tiles = re.findall(r"<div class='tile'>.*?</div>", page)
    for title in ("New customers", "Returning customer rate"):
        (tile,) = (tile for tile in tiles if f">{title}<" in tile)
        assert "not known: the books begin too late" in tile and "<b>–</b>" in tile
        assert "of nobody" not in tile and "no earlier period" not in tile
    (repeat,) = (tile for tile in tiles if ">Repeat customer rate<" in tile)
    assert "n = 3, few" in repeat
    # Revenue of 10, 40 and 80 is from first purchases in the books.
    grey = re.findall(r"<rect class='unknown'[^>]*><title>([^<]*)</title>", page)
    assert [title.split(": ", 1)[1].partition(",")[0] for title in grey] == ["10.00 EUR", "40.00 EUR", "80.00 EUR"]
    assert all("aria-label=" in picture for picture in re.findall(r"<svg[^>]*>", page))


def test_remarks_on_a_migration_are_shown() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    history = late_books()
    overview = rg.SegmentRule.fit(history).overview(history, before="2023-10-01")
    moved = overview.migration
    assert moved is not None
    (remark,) = moved.remarks
    assert remark.kind == "short_books"
    for shown in (str(moved), str(overview), overview._repr_html_(), moved._repr_html_(), moved.plot().get_xlabel()):
        assert remark.sentence in shown.replace("\n", " ")


def test_numbers_of_numpy_and_pandas_are_taken() -> None:
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    history = late_books()
    assert rg.Money(np.float64(3.5), "EUR") == rg.Money(3.5, "EUR")  # type: ignore[arg-type]
    rule = rg.SegmentRule.fit(history, value_cut={"absolute": pd.Series([30.0, 40.0]).mean()})
    assert str(rule.value_cut) == "35.00 EUR"
    breaks = {"recency_breaks": [40, 30, 20, 10], "frequency_breaks": [2, 3, 4, 5], "monetary_breaks": [1.5, 2.5, 3.5, 4.5]}
    assert history.rfm(**{name: np.array(of) for name, of in breaks.items()}) == history.rfm(**breaks)  # type: ignore[arg-type]
    facts = pd.DataFrame({"key": ["ann", "bob", "cat"], "complaints": [1, np.nan, 0]})
    facts["acquisition_cost"] = [3.5, np.nan, 1]
    assert history.with_customers(facts).summary.customers == 3
    for key in (1.5, 1e17):
        with pytest.raises(rg.RegularsError, match=r"customers\[0\]\.key.* is no whole number: cast the column") as wrong:
            history.with_customers([{"key": key}])
        assert wrong.value.code == "unsupported_type"


def test_threads_give_the_same(history: rg.OrderHistory) -> None:
    expected = history.report().to_json()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: history.report().to_json(), range(16)))
    assert set(found) == {expected}


def large(orders: int) -> Any:
    pyarrow = pytest.importorskip("pyarrow")
    numpy = pytest.importorskip("numpy")
    random = numpy.random.default_rng(1)
    return pyarrow.table(
        {
            "customer": random.integers(0, orders // 3, orders),
            "day": pyarrow.array(random.integers(15_000, 16_500, orders, dtype="int32")).cast(pyarrow.date32()),
            "cents": random.integers(100, 20_000, orders),
        }
    )


def test_other_threads_run_while_a_history_is_built() -> None:
    table = large(3_000_000)
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    began = time.monotonic()
    rg.OrderHistory.from_table(table, placed_at="day", amount="cents", amount_unit="minor", currency="EUR")
    ended = time.monotonic()
    done.set()
    thread.join()
    assert sum(began < tick < ended for tick in ticks) > 5


def test_progress_is_told() -> None:
    table = large(1000)
    told: list[int] = []
    request = json.dumps({"columns": {"placedAt": "day", "amount": "cents"}, "amountUnit": "minor"})
    history, _ = rg._regulars.History.from_stream(table.__arrow_c_stream__(), request, '{"currency": "EUR"}', told.append)
    assert told[-1] == 1000


def test_a_bar_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    from regulars import _progress

    monkeypatch.setattr(_progress, "_PATIENCE", -1.0)
    rg.OrderHistory.from_csv(CDNOW, currency="USD", progress=True)
    assert "B/s" in capsys.readouterr().err
    rg.OrderHistory.from_csv(CDNOW, currency="USD")
    assert capsys.readouterr().err == ""


def test_ctrl_c_stops_reading(tmp_path: Path) -> None:
    """A pipe that never ends is read until Ctrl-C, and no longer."""
    pipe = tmp_path / "orders.csv"
    os.mkfifo(pipe)
    script = textwrap.dedent(f"""
        import regulars as rg
        try:
            rg.OrderHistory.from_csv({str(pipe)!r}, currency="USD")
        except KeyboardInterrupt:
            print("stopped")
    """)
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with open(pipe, "w") as writer:
        writer.write("customer,date,amount\n")
        writer.write("ann,2024-01-01,1.00\n" * 1000)
        writer.flush()
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=20)
    assert output == "stopped\n"


def test_ctrl_c_leaves_what_is_being_built() -> None:
    """Ctrl-C does not wait for the history that is being built: its thread goes on when Python has its exception."""
    pytest.importorskip("pyarrow")
    script = textwrap.dedent("""
        from pathlib import Path
        import pyarrow as pa
        import regulars as rg
        threads = Path("/proc/self/task")  # Linux only
        part = pa.table({"customer": range(100_000), "date": ["2024-01-01"] * 100_000, "amount": [1.0] * 100_000})
        table = pa.concat_tables([part] * 300)
        told = []
        def tell(rows):
            told.append(rows)
            if len(told) == 1:
                print("begun", flush=True)
        try:
            rg._regulars.History.from_stream(table.__arrow_c_stream__(), '{"columns": {}}', '{"currency": "USD"}', tell)
        except KeyboardInterrupt:
            names = [thread.read_text() for thread in threads.glob("*/comm")]
            print("stopped", "regulars\\n" in names or not threads.exists())
    """)
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "begun\n"
    child.send_signal(signal.SIGINT)
    output, _ = child.communicate(timeout=60)
    assert output == "stopped True\n"


def test_a_trigger_and_a_grid_print_what_they_say() -> None:
    trigger = rg.Trigger(reasons=("dormant", "fading"), purchases=(1, 3), expected_within_days=14, returned=False, referred=True)
    assert str(trigger) == "purchases 1 to 3; reasons dormant, fading; expected within 14 days; not returned; referred"
    assert str(rg.Trigger()) == "all of them"
    assert str(rg.Action("letter", "A letter", trigger=rg.Trigger(purchases=(1, 1)), measure="answers")).splitlines() == [
        "Action",
        "  id        letter",
        "  title     A letter",
        "  segments  all",
        "  stages    all",
        "  trigger   purchases 1 to 1",
        "  measure   answers",
    ]
    assert str(rg.RfmGrid([["asleep", "missed"], ["new", "regular"]])).splitlines() == [
        "RfmGrid: a column for each score of frequency and money",
        "  recency  1       2",
        "  2        new     regular",
        "  1        asleep  missed",
    ]


def test_a_table_says_what_stands_beside_its_rows(history: rg.OrderHistory) -> None:
    gaps = history.time_between_purchases()
    assert f"\n  median              {gaps.median}\n" in repr(gaps)
    assert f"median <b>{gaps.median}</b>" in gaps._repr_html_()
    found = history.concentration()
    best = found.top[-1]
    assert best.asked == 0.2 and best.revenue_share is not None
    said = f"best 20 %        {best.customers:,} customers bring {100 * best.revenue_share:.1f} % of the revenue"
    assert said in repr(found)
    # One of nothing has no such share to tell.
    assert "best" not in repr(rg.concentration([0, 0], currency="USD"))
    assert repr(history.timeline("year")).startswith("Timeline: 2 rows × ")
    one = rg.OrderHistory.from_table({"customer": ["a"], "date": ["2024-01-01"], "amount": [1.5]}, currency="USD")
    assert repr(one.timeline()).startswith("Timeline: 1 row × ")


def test_what_is_printed_tells_the_groups(history: rg.OrderHistory) -> None:
    segments = rg.SegmentRule.fit(history).classify(history)
    for count in segments.counts():
        assert f"{count.share}, worth {count.value}" in str(segments)
    rfm = history.rfm()
    for segment in rfm.segments:
        assert segment.name in str(rfm) and f"{segment.share}, revenue {segment.revenue}" in str(rfm)
    table = history.cohorts().table("returned_in", "rate")
    lines = str(table).splitlines()
    assert lines[0] == "returned_in, rate, by month" and lines[1].split()[:4] == ["cohort", "customers", "0", "1"]
    assert lines[2].split()[:2] == ["1997-01", str(table.rows[0].size)]
    # What was read back has no history to ask.
    for result in (segments, rfm, table):
        assert str(pickle.loads(pickle.dumps(result))).startswith(f"{type(result).__name__}: ")


def test_a_field_takes_the_place_of_what_it_was_made_from(history: rg.OrderHistory) -> None:
    report = rg.Report.from_json(history.report().to_json())
    assert report.__dict__["_raw"] == {}
    assert report == history.report()


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "records"])
def test_facts_on_customers_come_from_a_table(library: str) -> None:
    orders = {"customer": [7, 9], "date": ["2024-01-05", "2024-02-01"], "amount": [10, 20]}
    history = rg.OrderHistory.from_table(orders, currency="USD", amount_unit="major")
    pandas = pytest.importorskip("pandas")
    days = pandas.to_datetime(["2024-01-01", None])
    facts = pandas.DataFrame({"key": [7, 9], "acquired_on": days, "acquisition_cost": [2.5, None], "channel": [None, "ads"]})
    table = {
        "pandas": lambda: facts,
        "polars": lambda: pytest.importorskip("polars").from_pandas(facts),
        "pyarrow": lambda: pytest.importorskip("pyarrow").Table.from_pandas(facts),
        "records": lambda: facts.to_dict("records"),
    }[library]()
    day = datetime.date(2024, 1, 1)
    known = {fact.key: fact for fact in history.with_customers(table).customer_facts}
    assert known["7"] == rg.Customer("7", acquired_on=day, acquisition_cost=rg.Money("2.50", "USD"))
    assert known["9"] == rg.Customer("9", channel="ads")
    spent = history.during("2024").acquisition(pandas.DataFrame({"period": ["2024-02"], "cost": [60], "channel": ["ads"]}))
    assert spent.cost == rg.Money("60.00", "USD")


def test_a_period_that_is_not_over_is_told_from_one_that_sold_less() -> None:
    orders = {"customer": ["a", "b", "a"], "date": ["2024-01-05", "2024-02-10", "2024-03-02"], "amount": ["10.125", "20", "30"]}
    history = rg.OrderHistory.from_table(orders, currency="USD", decimals=3)
    page = history.report().to_html()
    assert page.count("<g class='open'>") == 1 and "The last one is not observed to its end." in page
    assert "USD:3" not in page and "2024-01-05 to 2024-03-02" in page and "What the figures mean" in page
    full = history.observe_until("2024-04-01").report().to_html()
    assert "<g class='open'>" not in full and "not observed to its end" not in full
    pytest.importorskip("matplotlib").use("Agg")
    from matplotlib import pyplot

    for timeline in (history.timeline(), history.flow_timeline(), history.movement_timeline()):
        _, axes = pyplot.subplots()
        others = axes.bar([0], [1])
        ax = timeline.plot(ax=axes)
        assert not others[0].get_hatch()
        for bars in ax.containers[1:]:
            assert [bool(bar.get_hatch()) for bar in bars] == [False, False, True]
        assert "hatched" in ax.get_xlabel()
        pyplot.close(ax.figure)
