//! A Shopify export of an invented shop together with what is true of each order, from a seed.
//!
//! The traps are those of real exports: order cells blank on continuation lines, line feeds, quotes and commas within
//! quotes, a clock that changes both ways, orders exported twice, voided, pending, cancelled and part-refunded ones, two
//! currencies, prices with and without tax, sales at the till without an e-mail address, and addresses in mixed case.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeZone, Utc};
use chrono_tz::Europe::Berlin;

/// What is true of an order.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) currency: &'static str,
    pub(crate) net_sales: i64,
    pub(crate) taxes: i64,
    pub(crate) shipping: i64,
    pub(crate) prices_hold_tax: bool,
    pub(crate) refunded: i64,
    pub(crate) status: &'static str,
    pub(crate) cancelled: bool,
    pub(crate) lines: u64,
}

impl Truth {
    pub(crate) fn total(&self) -> i64 {
        self.net_sales + self.taxes + self.shipping
    }

    /// Goods that the customer kept.
    pub(crate) fn kept(&self) -> i64 {
        if self.refunded >= self.total() && self.refunded > 0 {
            0
        } else {
            (self.net_sales - self.refunded).max(0)
        }
    }

    pub(crate) fn local(&self) -> DateTime<FixedOffset> {
        Berlin.from_utc_datetime(&self.created.naive_utc()).fixed_offset()
    }

    pub(crate) fn day(&self) -> NaiveDate {
        self.local().date_naive()
    }
}

#[derive(Debug)]
pub(crate) struct ShopExport {
    pub(crate) csv: String,
    /// In the order of the file; an order that was exported twice is there twice.
    pub(crate) orders: Vec<Truth>,
    pub(crate) repeated: u64,
}

const HEADER: [&str; 30] = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Accepts Marketing",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem fulfillment status",
    "Billing Name",
    "Billing Phone",
    "Notes",
    "Note Attributes",
    "Cancelled at",
    "Payment Method",
    "Refunded Amount",
    "Vendor",
    "Id",
    "Source",
    "Phone",
    "Lineitem discount",
];

/// Instants around which the clock changes, and the turn of a year.
const INSTANTS: [&str; 6] = [
    "2025-03-30T00:30:00Z", // 01:30 +0100
    "2025-03-30T01:30:00Z", // 03:30 +0200
    "2024-10-27T00:30:00Z", // 02:30 +0200
    "2024-10-27T01:30:00Z", // 02:30 +0100, the same hour again
    "2024-12-31T23:30:00Z", // in Berlin the next year
    "2024-12-31T22:30:00Z",
];

struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) >> 33).unwrap() % below
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn cents(&mut self, below: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(below).unwrap())).unwrap()
    }
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn written(instant: DateTime<FixedOffset>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S %z").to_string()
}

/// An export of so many orders, with line ends of one kind.
pub(crate) fn shop_export(seed: u64, orders: usize, line_end: &str) -> ShopExport {
    let mut random = Random(seed);
    let mut header = HEADER;
    for at in (1..header.len()).rev() {
        header.swap(at, random.below(at + 1));
    }
    let mut blocks: Vec<(Truth, String)> =
        (0..orders).map(|number| order(&mut random, number, &header, line_end)).collect();
    // Exported twice: one at once, others at the end of the file.
    let at = random.below(orders);
    blocks.insert(at, blocks[at].clone());
    for _ in 0..orders / 50 {
        let at = random.below(orders);
        blocks.push(blocks[at].clone());
    }
    let mut csv = header.join(",") + line_end;
    for (_, block) in &blocks {
        csv.push_str(block);
    }
    let repeated = 1 + u64::try_from(orders / 50).unwrap();
    ShopExport { csv, orders: blocks.into_iter().map(|(truth, _)| truth).collect(), repeated }
}

fn order(random: &mut Random, number: usize, header: &[&str], line_end: &str) -> (Truth, String) {
    let created: DateTime<Utc> = match INSTANTS.get(number) {
        Some(instant) => instant.parse().unwrap(),
        None => DateTime::from_timestamp(1_672_531_200 + random.cents(86_400 * 900), 0).unwrap(),
    };
    let person = random.below(60);
    let address = format!("o'neil.{person}@example.com");
    let phone = format!("+4930{person:06}");
    let (email, phone, customer) = match random.below(10) {
        0 => (String::new(), format!("'{phone}"), Some(phone)),
        1 => (String::new(), String::new(), None),
        2 => (address.to_uppercase(), phone, Some(address)),
        3 => (format!("  O'Neil.{person}@Example.com"), String::new(), Some(address)),
        _ => (address.clone(), String::new(), Some(address)),
    };
    // One order in twenty is given away.
    let net_sales = if random.below(20) == 0 { 0 } else { 1 + random.cents(30_000) };
    let taxes = net_sales * 19 / 100;
    let shipping = if net_sales == 0 { 0 } else { random.pick(&[0, 0, 490, 1290]) };
    let total = net_sales + taxes + shipping;
    let (status, refunded, cancelled) = match random.below(20) {
        0 => ("pending", 0, false),
        1 => ("voided", 0, true),
        2 => ("authorized", 0, false),
        3 => ("partially_paid", 0, false),
        4 | 5 if total > 1 => ("partially_refunded", 1 + random.cents(total - 1), false),
        6 if total > 0 => ("refunded", total, false),
        7 if total > 0 => ("refunded", total, true),
        _ => ("paid", 0, false),
    };
    let lines = 1 + random.below(4);
    let truth = Truth {
        name: format!("#{}", 1001 + number),
        id: (random.below(8) > 0).then(|| (5_001_230_000_000 + 977 * number).to_string()),
        customer,
        created,
        currency: if random.below(10) == 0 { "CHF" } else { "EUR" },
        net_sales,
        taxes,
        shipping,
        prices_hold_tax: random.below(2) == 0,
        refunded,
        status,
        cancelled,
        lines: u64::try_from(lines).unwrap(),
    };
    let subtotal = net_sales + if truth.prices_hold_tax { taxes } else { 0 };
    let created = written(truth.local());
    let mut block = String::new();
    for line in 0..lines {
        let item = random.pick(&["Mug", "Tee, \"Classic\"", "Candle – Fig", "Gift\nCard", ""]);
        let quantity = (1 + random.below(3)).to_string();
        let price = money(random.cents(5_000));
        let mut cells = vec![
            ("Name", truth.name.clone()),
            ("Email", email.clone()),
            ("Created at", created.clone()),
            ("Lineitem quantity", quantity),
            ("Lineitem name", item.to_owned()),
            ("Lineitem price", price),
            ("Lineitem discount", "0.00".to_owned()),
            ("Vendor", "Invented".to_owned()),
        ];
        if line == 0 {
            let cancelled_at = truth.local() + chrono::TimeDelta::hours(30);
            cells.extend([
                ("Financial Status", status.to_owned()),
                ("Currency", truth.currency.to_owned()),
                ("Subtotal", money(subtotal)),
                ("Shipping", money(shipping)),
                ("Taxes", money(taxes)),
                ("Total", money(total)),
                ("Discount Amount", "0.00".to_owned()),
                ("Note Attributes", random.pick(&["", "gift: yes\nwrap: \"red\", please", "a,b"]).to_owned()),
                ("Cancelled at", if cancelled { written(cancelled_at) } else { String::new() }),
                ("Refunded Amount", money(refunded)),
                ("Id", truth.id.clone().unwrap_or_default()),
                ("Phone", phone.clone()),
                ("Source", random.pick(&["web", "pos"]).to_owned()),
            ]);
        }
        let cell = |name: &&str| {
            let cell = cells.iter().find(|(column, _)| column == name).map_or("", |(_, cell)| cell.as_str());
            quoted(cell)
        };
        block.push_str(&header.iter().map(cell).collect::<Vec<_>>().join(","));
        block.push_str(line_end);
    }
    (truth, block)
}
