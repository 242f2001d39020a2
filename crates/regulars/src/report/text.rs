//! The report as text for a terminal, and its sections as the text of the results that they are about.

use core::fmt::{self, Display, Formatter};

use super::Report;
use crate::calendar::Period;
use crate::measure::{Average, Figure, Rate};
use crate::metrics::{
    Buying, Concentration, CustomerFlow, Definition, FlowTimeline, LapseAfter, RevenueMovements, Timeline,
};
use crate::money::Money;
use crate::orders::Summary;
use crate::rfm::{Rfm, RfmGroups, RfmSegment};
use crate::words::{CUSTOMERS, ORDERS, counted, grouped, set_apart, units, write_wrapped};

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.summary)?;
        write_headlines(f, self)?;
        write_split(f, &self.current)?;
        write!(f, "\n{}\n{}", self.timeline, self.flow)?;
        write_rate(f, "repurchase_retention", self.repurchase.rate)?;
        write!(f, "\n{}", self.movements)?;
        write_coming_back(f, self)?;
        write_cohorts(f, self)?;
        write!(f, "\n{}\n{}", self.concentration, self.rfm)?;
        write_returns(f, self)?;
        write_definitions(f, self)
    }
}

/// What [`Report`] begins with.
impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_summary(f, self)
    }
}

/// The chart of [`Report`], a line for each period.
impl Display for Timeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_timeline(f, self)
    }
}

/// As in [`Report`].
impl Display for CustomerFlow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_flow(f, self)
    }
}

/// A line for each period, whose counts are those of [`CustomerFlow`].
impl Display for FlowTimeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_flows(f, self)
    }
}

/// As in [`Report`].
impl Display for RevenueMovements {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_movements(f, self)
    }
}

/// As in [`Report`].
impl Display for Concentration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_concentration(f, self)
    }
}

/// The segments, as in [`Report`].
impl Display for RfmGroups {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_rfm(f, &self.segments)
    }
}

/// The segments, as in [`Report`].
impl Display for Rfm {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.groups.fmt(f)
    }
}

fn write_summary(f: &mut Formatter<'_>, summary: &Summary) -> fmt::Result {
    let zone = summary.zone.as_deref().map_or(String::new(), |zone| format!(", {zone}"));
    writeln!(
        f,
        "ORDERS    {}, {}{zone}, policy `{}`\n",
        days(summary.span),
        summary.currency,
        summary.policy
    )?;
    if let Some(warm_up) = summary.warm_up {
        let (starts, ends) = (warm_up.start(), warm_up.end());
        write_note(f, &format!("The books begin on {starts}; first purchases are believed from {ends} on."))?;
    }
    let mut line = |count: u64, text: &str| writeln!(f, "{:>14}  {text}", grouped(count.into()));
    let word = |count, one: &'static str, many| if count == 1 { one } else { many };
    line(summary.given, word(summary.given, "order given", "orders given"))?;
    for left_out in &summary.left_out {
        line(left_out.orders, &format!("left out: {}", left_out.reason))?;
    }
    if summary.repeated > 0 {
        line(summary.repeated, "given twice with the same id, counted once")?;
    }
    if summary.superseded > 0 {
        line(summary.superseded, "superseded by a later one with the same id")?;
    }
    if summary.credit_notes > 0 {
        let word = word(summary.credit_notes, "credit note", "credit notes");
        line(summary.credit_notes, &format!("{word}: money back, no purchase"))?;
    }
    line(summary.orders, word(summary.orders, "order counts", "orders count"))?;
    if summary.unidentified.numerator > 0 {
        line(
            summary.unidentified.numerator,
            &format!("of them by nobody we know ({})", summary.unidentified.percent()),
        )?;
    }
    let word_of_purchases = word(summary.purchases, "purchase", "purchases");
    line(summary.purchases, &format!("{word_of_purchases} (a customer's orders of one day are one)"))?;
    line(summary.customers, word(summary.customers, "customer", "customers"))?;
    if summary.prospects > 0 {
        line(
            summary.prospects,
            &format!("{} without a purchase", word(summary.prospects, "prospect", "prospects")),
        )?;
    }
    writeln!(f, "{:>14}  {} net revenue", units(summary.revenue), summary.currency)?;
    if !summary.inferences.is_empty() {
        writeln!(f)?;
    }
    for inference in &summary.inferences {
        write_note(f, &inference.to_string())?;
    }
    Ok(())
}

/// The figure as text, and its sample.
fn shown(name: &str, figure: Figure) -> (String, String) {
    let mean = |value: Option<f64>, count, things: [&str; 2]| {
        let of = value.map_or(String::new(), |_| format!("of {}", counted(count, things)));
        (value.map_or("–".to_owned(), decimals), of)
    };
    match figure {
        Figure::Count(count) => (grouped(count.into()), String::new()),
        Figure::Unknown => ("–".to_owned(), String::new()),
        Figure::Money(money) => (units(money), String::new()),
        Figure::Rate(rate) => (rate.percent(), sample(rate)),
        Figure::MeanCount(average) => mean(average.value, average.count, CUSTOMERS),
        Figure::MeanMoney(average) => {
            let things = if name == "average_order_value" { ORDERS } else { CUSTOMERS };
            mean(average.value, average.count, things)
        }
    }
}

/// The interval of a rate and what it is a sample of.
fn sample(rate: Rate) -> String {
    let Some(interval) = rate.interval else { return String::new() };
    let small = if rate.small_n { ", few" } else { "" };
    let (low, high) = (100.0 * interval.low, 100.0 * interval.high);
    format!("{low:.1}–{high:.1} %, n = {}{small}", grouped(rate.denominator.into()))
}

fn write_headlines(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let headlines = &report.headlines;
    let partial = if headlines.complete { "" } else { ", incomplete" };
    writeln!(f, "\nHEADLINES {}{partial}", days(headlines.period))?;
    if let Some(previous) = headlines.previous {
        writeln!(f, "          beside {}", days(previous))?;
    }
    for remark in &report.remarks {
        write_note(f, &remark.to_string())?;
    }
    writeln!(
        f,
        "\n  {:<24}{:>14}  {:<27}{:>14}{:>14}",
        "", "now", "95 % interval, sample", "before", "change"
    )?;
    for headline in &headlines.figures {
        let (now, of) = shown(headline.name, headline.now);
        let before = headline.before.map_or("–".to_owned(), |before| shown(headline.name, before).0);
        let unit = if matches!(headline.now, Figure::Rate(_)) { "points" } else { "%" };
        let change = headline.change.map_or("–".to_owned(), |change| format!("{} {unit}", signed(change)));
        writeln!(f, "  {:<24}{now:>14}  {of:<27}{before:>14}{change:>14}", title(headline.name))?;
    }
    Ok(())
}

/// A sentence to mind.
fn write_note(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    write_wrapped(f, "  ! ", text)
}

fn write_split(f: &mut Formatter<'_>, buying: &Buying) -> fmt::Result {
    let split = buying.revenue_split;
    writeln!(f, "\nREVENUE   where it came from, {}\n", days(buying.period))?;
    for (name, part) in [
        ("first purchases", split.first),
        ("first or not, warm-up", split.warm_up),
        ("later purchases", split.later),
        ("nobody we know", split.unidentified),
        ("credits", split.credits),
        ("all", split.total),
    ] {
        if part.orders == 0 && part.revenue.minor() == 0 {
            continue;
        }
        let share = part.share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        let orders = if part.orders > 0 { counted(part.orders, ORDERS) } else { String::new() };
        let bar = bar(part.share.unwrap_or(0.0), 24);
        writeln!(f, "  {name:<24}{:>14}  {share:>8}{orders:>18}  {bar}", units(part.revenue))?;
    }
    Ok(())
}

fn write_timeline(f: &mut Formatter<'_>, timeline: &Timeline) -> fmt::Result {
    let title = timeline.grain.to_string().to_ascii_uppercase();
    writeln!(f, "BY {title}\n")?;
    writeln!(
        f,
        "  {:<12}{:>10}{:>8}{:>9}{:>11}{:>10}{:>14}",
        "", "customers", "new", "repeat", "returning", "order", "revenue"
    )?;
    let most = timeline.periods.iter().map(|p| p.revenue.minor()).max().unwrap_or(0).max(1);
    let is_silent = |period: &Buying| period.orders == 0 && period.revenue.minor() == 0;
    for run in timeline.periods.chunk_by(|a, b| is_silent(a) && is_silent(b)) {
        if run.len() > MANY_SILENT {
            writeln!(f, "  … {} {}s without an order", grouped(run.len() as u128), timeline.grain)?;
            continue;
        }
        for period in run {
            let order = period.average_order_value.value.map_or("–".to_owned(), decimals);
            let label = timeline.grain.label(period.period.start());
            let bar = bar(period.revenue.minor() as f64 / most as f64, 15);
            let open = if period.complete { "" } else { " (open)" };
            writeln!(
                f,
                "  {label:<12}{:>10}{:>8}{:>9}{:>11}{order:>10}{:>14}  {bar}{open}",
                grouped(period.customers.into()),
                period.new_customers.map_or("–".to_owned(), |new| grouped(new.into())),
                period.repeat_customer_rate.percent(),
                period.returning_customer_rate.percent(),
                units(period.revenue),
            )?;
        }
    }
    Ok(())
}

/// More periods in a row without an order than these are one line.
const MANY_SILENT: usize = 3;

/// A rate beside its title.
fn write_rate(f: &mut Formatter<'_>, name: &str, rate: Rate) -> fmt::Result {
    writeln!(f, "  {:<24}{:>14}  {}", title(name), rate.percent(), sample(rate))
}

fn write_flow(f: &mut Formatter<'_>, flow: &CustomerFlow) -> fmt::Result {
    writeln!(f, "KEEPING   {}, active for {} after a purchase", days(flow.period), lapse(flow.lapse_after))?;
    if !flow.reaches_back {
        writeln!(f, "          ! The books do not reach back as far as that before the period.")?;
    }
    writeln!(f)?;
    for (name, count) in [
        ("active at the start", flow.at_start),
        ("+ new", flow.new),
        ("+ new or not, warm-up", flow.reactivated_in_warm_up),
        ("+ reactivated", flow.reactivated - flow.reactivated_in_warm_up),
        ("− churned", flow.churned),
        ("= active at the end", flow.at_end),
    ] {
        // Where nothing is warming up there is no such line.
        if name.ends_with("warm-up") && count == 0 {
            continue;
        }
        writeln!(f, "  {name:<24}{:>14}", grouped(count.into()))?;
    }
    writeln!(f)?;
    write_rate(f, "retention_rate", flow.retention_rate)?;
    write_rate(f, "churn_rate", flow.churn_rate)?;
    write_rate(f, "reactivation_rate", flow.reactivation_rate)
}

fn write_flows(f: &mut Formatter<'_>, timeline: &FlowTimeline) -> fmt::Result {
    let active = timeline
        .periods
        .first()
        .map_or(String::new(), |flow| format!(", active for {} after a purchase", lapse(flow.lapse_after)));
    writeln!(f, "KEEPING   by {}{active}\n", timeline.grain)?;
    writeln!(
        f,
        "  {:<12}{:>10}{:>10}{:>14}{:>10}{:>10}{:>11}{:>9}",
        "", "at start", "new", "reactivated", "churned", "at end", "retention", "churn"
    )?;
    for flow in &timeline.periods {
        writeln!(
            f,
            "  {:<12}{:>10}{:>10}{:>14}{:>10}{:>10}{:>11}{:>9}{}",
            timeline.grain.label(flow.period.start()),
            grouped(flow.at_start.into()),
            grouped(flow.new.into()),
            grouped(flow.reactivated.into()),
            grouped(flow.churned.into()),
            grouped(flow.at_end.into()),
            flow.retention_rate.percent(),
            flow.churn_rate.percent(),
            if flow.complete { "" } else { " (open)" },
        )?;
    }
    Ok(())
}

fn write_movements(f: &mut Formatter<'_>, movements: &RevenueMovements) -> fmt::Result {
    writeln!(
        f,
        "MOVEMENT  of customers' revenue, {} against {}",
        days(movements.period),
        days(movements.previous)
    )?;
    if !movements.reaches_back {
        writeln!(f, "          ! The books do not reach back to the start of the period before.")?;
    }
    writeln!(f)?;
    for (name, amount) in [
        ("before", movements.before),
        ("+ new", movements.new),
        ("+ expansion", movements.expansion),
        ("+ reactivated", movements.reactivated),
        ("− contraction", movements.contraction),
        ("− churned", movements.churned),
        ("= now", movements.now),
    ] {
        writeln!(f, "  {name:<24}{:>14}", units(amount))?;
    }
    writeln!(f)?;
    for (name, share) in [
        ("gross_revenue_retention", movements.gross_revenue_retention),
        ("net_revenue_retention", movements.net_revenue_retention),
        ("revenue_churn_rate", movements.revenue_churn_rate),
    ] {
        let text = share.value.map_or("–".to_owned(), |value| format!("{:.1} %", 100.0 * value));
        let base = share.value.map_or(String::new(), |_| format!("  of {}", units(share.denominator)));
        writeln!(f, "  {:<24}{text:>14}{base}", title(name))?;
    }
    let quick = movements.quick_ratio.value.map_or("–".to_owned(), decimals);
    writeln!(f, "  {:<24}{quick:>14}", title("quick_ratio"))
}

fn write_coming_back(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let (second, gaps) = (&report.second_purchase, &report.gaps);
    writeln!(
        f,
        "\nBACK      for a second purchase, those still waiting taken into account (Kaplan–Meier)\n"
    )?;
    for by in &second.returned_by {
        let share = by.share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        let interval =
            by.interval.map_or(String::new(), |i| format!("{:.1}–{:.1} %", 100.0 * i.low, 100.0 * i.high));
        let name = format!("within {} days", by.days);
        writeln!(f, "  {name:<24}{share:>14}  {interval:<27}  {}", bar(by.share.unwrap_or(0.0), 24))?;
    }
    let day = |day: Option<u32>| day.map_or("not reached".to_owned(), |day| format!("{day} days"));
    writeln!(f, "\n  {:<24}{:>14}  {:>14}  {:>14}", "from purchase to next", "half", "80 %", "90 %")?;
    for (name, [half, most, nearly_all]) in [
        ("of gaps that have ended", [gaps.median, gaps.p80, gaps.p90]),
        ("with those waiting", [gaps.corrected_median, gaps.corrected_p80, gaps.corrected_p90]),
    ] {
        writeln!(f, "  {name:<24}{:>14}  {:>14}  {:>14}", day(half), day(most), day(nearly_all))?;
    }
    let within = format!("within {} days", report.funnel.within_days);
    writeln!(f, "\n  {:<24}{:>14}  {:>14}  of those observed so long", "purchases", "made another", within)?;
    for step in &report.funnel.steps {
        let name = step.purchases.to_string();
        let rate = step.next_within;
        let bar = bar(rate.value.unwrap_or(0.0), 24);
        writeln!(f, "  {name:<24}{:>14}  {:>14}  {bar}", step.next.percent(), rate.percent())?;
    }
    Ok(())
}

fn write_concentration(f: &mut Formatter<'_>, concentration: &Concentration) -> fmt::Result {
    writeln!(f, "TOP       customers and their share of the revenue of all time\n")?;
    for top in &concentration.top {
        let share = top.revenue_share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        let name = format!("top {} %", 100.0 * top.asked);
        let of = counted(top.customers, CUSTOMERS);
        writeln!(f, "  {name:<24}{share:>14}  {of:<27}  {}", bar(top.revenue_share.unwrap_or(0.0), 24))?;
    }
    if let Some(fewest) = &concentration.fewest {
        let share = fewest.customer_share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        let revenue = 100.0 * fewest.asked;
        writeln!(f, "  {revenue} % of the revenue comes from {share} of the customers.")?;
    }
    let gini = concentration.gini.map_or("–".to_owned(), |gini| format!("{gini:.3}"));
    writeln!(f, "  Gini {gini}, where 0 is all alike and 1 is all from one.")
}

fn write_cohorts(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    writeln!(
        f,
        "\nCOHORTS   customers by when they first bought: the share of them that bought in period k"
    )?;
    for (lead, table) in [
        ("", &report.cohorts),
        (
            "\n          and what each of them, gone ones included, had brought by the end of it\n",
            &report.cohort_values,
        ),
    ] {
        writeln!(f, "{lead}")?;
        // What is read and measured has just been said.
        for line in table.to_string().lines().skip(1) {
            writeln!(f, "  {line}")?;
        }
    }
    Ok(())
}

fn write_returns(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let (returns, value) = (&report.returns, &report.value);
    let back = returns.by_orders.numerator > 0 || returns.credit_notes > 0;
    writeln!(f, "\nVALUE     what customers have been worth so far, and what came back\n")?;
    let per = |average: Average<Money>| average.value.map_or("–".to_owned(), decimals);
    let of = counted(value.revenue.count, CUSTOMERS);
    writeln!(f, "  {:<24}{:>14}  of {of}", "revenue per customer", per(value.revenue))?;
    if let Some(margin) = value.margin {
        writeln!(f, "  {:<24}{:>14}", "margin per customer", per(margin))?;
    }
    if !back {
        return writeln!(f, "  No order was paid back, and there is no credit note.");
    }
    writeln!(
        f,
        "  {:<24}{:>14}  {}",
        "refunded, of orders",
        returns.by_orders.percent(),
        sample(returns.by_orders)
    )?;
    for (name, share) in
        [("refunded, of value", returns.by_value), ("with credit notes", returns.by_value_with_credit_notes)]
    {
        let text = share.value.map_or("–".to_owned(), |value| format!("{:.1} %", 100.0 * value));
        writeln!(f, "  {name:<24}{text:>14}")?;
    }
    for (name, rate) in [
        ("bought again after one", returns.bought_again_after_return),
        ("and without a return", returns.bought_again_without_return),
    ] {
        writeln!(f, "  {name:<24}{:>14}  {}", rate.percent(), sample(rate))?;
    }
    Ok(())
}

fn write_rfm(f: &mut Formatter<'_>, segments: &[RfmSegment]) -> fmt::Result {
    writeln!(f, "RFM       customers by how recently, how often and for how much they bought\n")?;
    for segment in segments {
        let customers = counted(segment.share.numerator, CUSTOMERS);
        let share = bar(segment.share.value.unwrap_or(0.0), 24);
        writeln!(f, "  {:<24}{:>14}  {customers:>18}  {share}", segment.name, units(segment.revenue))?;
    }
    Ok(())
}

fn lapse(lapse_after: LapseAfter) -> String {
    match lapse_after {
        LapseAfter::Days(days) => format!("{days} days"),
        LapseAfter::Months(months) => format!("{months} months"),
        LapseAfter::FromRhythm => "the shop's rhythm".to_owned(),
    }
}

fn title(name: &str) -> &str {
    Definition::of(name).map_or(name, |definition| definition.title)
}

fn write_definitions(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    writeln!(f, "\nDEFINITIONS\n")?;
    let others = [
        "revenue_split",
        "churn_rate",
        "reactivation_rate",
        "gross_revenue_retention",
        "net_revenue_retention",
        "revenue_churn_rate",
        "quick_ratio",
        "time_to_second_purchase",
        "purchase_funnel",
        "returned_in",
        "revenue_per_customer",
        "concentration",
        "rfm",
        "historic_value",
        "returns",
    ];
    let names = report.headlines.figures.iter().map(|headline| headline.name).chain(others);
    for definition in names.filter_map(Definition::of) {
        write_wrapped(f, &format!("  {:<29} ", definition.title), definition.formula)?;
    }
    Ok(())
}

/// A period by its first and last day.
fn days(period: Period) -> String {
    let last = period.end().pred_opt().unwrap_or(period.end());
    format!("{} to {last}", period.start())
}

/// A change in percent with its sign, which a change of 0.0 has not.
fn signed(change: f64) -> String {
    let text = format!("{:+.1}", 100.0 * change);
    if matches!(text.as_str(), "+0.0" | "-0.0") { "0.0".to_owned() } else { text }
}

/// A mean with two decimals.
fn decimals(value: f64) -> String {
    set_apart(&format!("{value:.2}"))
}

/// A bar of at most `width` columns, drawn to the eighth of one.
fn bar(share: f64, width: u32) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 8 × width")]
    let eighths = (share.clamp(0.0, 1.0) * 8.0 * f64::from(width)).round() as usize;
    let end = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    "█".repeat(eighths / 8) + end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    #[test]
    fn numbers_are_set_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(units(Money::from_minor(-123_456, Currency::USD)), "-1,234.56");
        assert_eq!(units(Money::from_minor(1_000, Currency::JPY)), "1,000");
        assert_eq!(signed(0.257), "+25.7");
        assert_eq!(signed(-0.101), "-10.1");
        assert_eq!(signed(-0.000_4), "0.0");
        assert_eq!(signed(0.0), "0.0");
        assert_eq!(bar(0.5, 3), "█▌");
        assert_eq!(bar(-1.0, 3), "");
    }
}
