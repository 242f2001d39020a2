//! Know your regulars: a shop's orders in, customer-retention metrics out, each with its definition, its sample and its
//! uncertainty.
//!
//! # Quick start
//!
//! ```
//! use chrono::NaiveDate;
//! use regulars::{Currency, Grain, HistoryOptions, Money, Order, OrderHistory, ReportOptions};
//!
//! let date = |month, day| NaiveDate::from_ymd_opt(2024, month, day).unwrap();
//! let usd = |text| Money::parse(text, Currency::USD);
//! let orders = [
//!     Order::new(date(1, 9), usd("35.20")?).id("#1001").email("Ann@example.com"),
//!     Order::new(date(1, 30), usd("12.00")?).id("#1002").email("bob@example.com"),
//!     Order::new(date(3, 2), usd("48.00")?).id("#1003").email("ann@example.com").refunded(usd("8.00")?),
//! ];
//! let history = OrderHistory::from_orders(orders, HistoryOptions::new(Currency::USD))?;
//!
//! let rate = history.during("2024-Q1")?.repeat_customer_rate();
//! assert_eq!((rate.numerator, rate.denominator, rate.value), (1, 2, Some(0.5)));
//!
//! let months = history.timeline(Grain::Month)?;
//! assert_eq!(months.periods.len(), 3);
//! println!("{}", history.report(&ReportOptions::default())?);
//! # Ok::<(), regulars::Error>(())
//! ```
//!
//! # The way of the data
//!
//! [`Order`]s, or [`OrderColumns`] where they are columns already, become an [`OrderHistory`] under [`HistoryOptions`]:
//! there the [`OrderPolicy`] decides what counts, the [`Zone`] on which day, and the [`CustomerKey`] for whom. Everything
//! else is computed from the history: [`OrderHistory::during`] looks at one period, [`OrderHistory::timeline`] at all of
//! them, [`OrderHistory::report`] takes everything together. Results are plain values: [`Rate`], [`Average`], and tables
//! that export their [`Columns`]. All of them serialise.
//!
//! What every number means, and why so, stands in the [`guide`]: [orders](guide::orders), [buying](guide::buying),
//! [retention](guide::retention), [concentration](guide::concentration), [tenure](guide::tenure),
//! [timing](guide::timing), [cohorts](guide::cohorts), [value](guide::value), [whatif](guide::whatif),
//! [rfm](guide::rfm), [returns](guide::returns), [report](guide::report), [acquisition](guide::acquisition), [engagement](guide::engagement),
//! [benchmarks](guide::benchmarks), [outlook](guide::outlook), [segments](guide::segments).
//!
//! # Elsewhere you call it
//!
//! | here | pandas | SQL | lifetimes | Shopify |
//! |---|---|---|---|---|
//! | [`OrderHistory`] | a frame sorted by customer and date | the orders table | transaction data | Orders |
//! | purchase | `drop_duplicates(["customer", "date"])` | `count(DISTINCT date)` | a period with a transaction | – |
//! | [`repeat_customer_rate`](Window::repeat_customer_rate) | `(g.date.nunique() > 1).mean()` | `avg(n > 1)` over a `GROUP BY` | – | – |
//! | [`returning_customer_rate`](Window::returning_customer_rate) | – | – | – | Returning customer rate |
//! | [`average_order_value`](Window::average_order_value) | `amount.sum() / len(df)` | `sum(amount) / count(*)` | – | Average order value |
//! | [`retention_rate`](CustomerFlow::retention_rate), of [`customer_flow`](Window::customer_flow) | – | `lag` over a table of months and customers | – | – |
//! | [`repurchase_retention`](Window::repurchase_retention) | `len(before & now) / len(before)` of two sets | a self-join on `month + 1` | – | – |
//! | [`net_revenue_retention`](RevenueMovements::net_revenue_retention) | – | `sum(now) / sum(before)` of who bought before; NRR, NDR | – | – |
//! | [`observed_until`](HistoryOptions::observed_until) | – | `WHERE date < …` | `observation_period_end` | the end of the date range |
//! | [`time_between_purchases`](OrderHistory::time_between_purchases) | `groupby("customer").date.diff()` | `date - lag(date) OVER (PARTITION BY customer …)` | – | – |
//! | [`KaplanMeier`] | `KaplanMeierFitter` of lifelines | – | – | – |
//! | [`cohorts`](OrderHistory::cohorts) | a pivot of `first_month` against `month − first_month`, divided by its first column | the same with a self-join | – | Customer cohort analysis |
//! | [`rfm`](OrderHistory::rfm) | `qcut` of three columns, without its torn ties | `ntile(5)`, likewise | – | RFM customer segments |
//! | [`concentration`](OrderHistory::concentration) | `n.nlargest(k).sum() / n.sum()` | `ntile(100) OVER (ORDER BY revenue DESC)` | – | – |
//! | [`spend_by_tenure`](OrderHistory::spend_by_tenure) | `groupby(months_since_first)` | `datediff('month', first, day)` | – | – |
//! | [`historic_value`](OrderHistory::historic_value) | `groupby("customer").amount.sum().mean()` | `avg(revenue)` over a `GROUP BY` | – | Amount spent |
//! | [`returns`](OrderHistory::returns) | – | – | – | Returns |
//! | [`acquisition`](Window::acquisition) | – | `sum(cost) / count(new)` over a join on channel and month | – | – |
//! | [`engagement`](Window::engagement) | `drop_duplicates(["customer", "campaign"])`, then `mean()` | `count(DISTINCT (customer, campaign))` by kind | – | – |
//! | [`timeline`](OrderHistory::timeline) | `groupby(pd.Grouper(freq="MS"))` | `GROUP BY date_trunc('month', …)` | – | Sales over time |
//!
//! # Features
//!
//! - `iana` (default): time zones by name, from the IANA database compiled in.
//! - `parallel`: histories are built and scanned on all cores, with the same result to the last byte.
//!
//! There is no I/O in this crate and no clock; files are read by `regulars-import`.

#![forbid(unsafe_code)]

mod calendar;
mod cohort;
mod error;
mod events;
pub mod formula;
pub mod guide;
mod measure;
mod metrics;
mod money;
mod numeric;
mod orders;
mod parallel;
mod report;
mod rfm;
mod segment;
mod simulate;
mod sort;
mod survival;
mod table;
mod text_form;
mod value;
mod words;

pub use calendar::{Clock, Grain, Period, TimeUnit, Zone};
pub use cohort::{
    Cohort, CohortCell, CohortGrain, CohortMeasure, CohortOptions, CohortReading, CohortRow, CohortTable,
    Cohorts,
};
pub use error::{Error, Result};
pub use events::{
    Event, EventColumns, EventKind, EventLog, EventOptions, KindColumn, UnknownKind, UnknownKinds,
};
pub use measure::{Average, Figure, Interval, Rate, RateDifference, Ratio, Total};
pub use metrics::{
    Acquisition, Activity, Benchmark, Buying, ChannelAcquisition, Concentration, ConcentrationOptions,
    CustomerFlow, Definition, EmailEngagement, Engagement, FlowOptions, FlowTimeline, FunnelStep, GapBin,
    KindActivity, LapseAfter, LorenzPoint, MarketingAim, MarketingCost, MovementTimeline, PurchaseFunnel,
    PurchaseFunnelOptions, ReferralOptions, Referrals, RepurchaseRetention, ReturnedBy, Returns,
    RevenueMovements, RevenuePart, RevenueSplit, SpendByTenure, TenureBand, TenureOptions, TenureRatio,
    TimeBetweenPurchases, TimeBetweenPurchasesOptions, TimeToSecondPurchase, TimeToSecondPurchaseOptions,
    Timeline, TopCustomers, Window,
};
pub use money::{Currency, Money};
pub use orders::{
    AmountColumn, Customer, CustomerKey, HistoryBuilder, HistoryOptions, Inference, KeyColumn, LeftOut,
    LeftOutCount, LeftOutOrder, Moment, Order, OrderColumns, OrderHistory, OrderId, OrderPolicy, OrderStatus,
    OtherCurrencies, RecordedOrder, RefundDate, RepeatedIds, Strings, Summary, TimeColumn,
};
pub use report::{Headline, Headlines, Remark, Report, ReportDefinitions, ReportOptions};
pub use rfm::{Rfm, RfmBreaks, RfmCell, RfmCustomers, RfmGrid, RfmGroups, RfmOptions, RfmSegment, RfmWindow};
pub use segment::{
    Action, Assessment, Audience, Backtest, BacktestOptions, BacktestScore, BacktestSegment, CalibrationBin,
    CustomerProfile, CustomerProfiles, Flag, Migration, MigrationCell, MigrationRemark, MigrationRow,
    NextPurchase, Outlook, OutlookCut, OutlookEstimate, OutlookOptions, Reason, Rhythm, Segment,
    SegmentCount, SegmentOptions, SegmentOverview, SegmentRule, Segments, Sensitivity, ShopStage, Stability,
    Stage, Trigger, ValueBasis, ValueCut,
};
pub use simulate::{Comparison, ProfitFigures, ProfitLift, Scenario, SimulatedPeriod, Simulation};
pub use survival::{KaplanMeier, LogRank, LogRankGroup, SurvivalStep};
pub use table::{Column, Columns, Values};
pub use value::{
    DiscountOptions, DiscountedValue, Frequency, HistoricValue, Lifespan, MarginValue, ObservedPayback,
    Payback, SimpleValue, ValueToCost,
};
