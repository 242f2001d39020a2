use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use regulars::{
    AmountColumn, Currency, Error, EventColumns, KeyColumn, KindColumn, Moment, OrderColumns, Result,
    Strings, TimeColumn, TimeUnit,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Orders or events as columns, in the module's memory. JavaScript fills in one column after the other.
#[wasm_bindgen]
#[derive(Default)]
pub struct Columns {
    /// How many rows the chunks before this one have.
    before: u32,
    placed_at: Option<Times>,
    refunded_on: Option<Times>,
    happened_at: Option<Times>,
    amount: Option<Amounts>,
    refunded: Option<Amounts>,
    cost: Option<Amounts>,
    discount: Option<Amounts>,
    customer: Option<Keys>,
    email: Option<Keys>,
    order_id: Option<Keys>,
    campaign: Option<Keys>,
    status: Option<Texts>,
    currency: Option<Texts>,
    channel: Option<Texts>,
    kind: Option<Texts>,
    /// Of events: NaN where there is none.
    value: Option<Vec<f64>>,
}

enum Times {
    Instants(Vec<i64>, TimeUnit),
    Days(Vec<i32>),
    Moments(Vec<Option<Moment>>),
    /// The first cell that is no date, by its row.
    Wrong(u64, Error),
}

enum Amounts {
    Minor(Vec<i64>),
    NullableMinor(Vec<Option<i64>>),
    /// With the decimals that they mean, by default those of the history's currency.
    Floats(Vec<f64>, Option<u8>),
    Texts(Texts),
}

enum Keys {
    Numbers(Vec<i64>),
    NullableNumbers(Vec<i64>, Vec<bool>),
    Texts(Texts),
}

/// A column of text: for each row the place of its text among the distinct ones; `u32::MAX` is none.
struct Texts {
    codes: Vec<u32>,
    values: Values,
}

/// Texts one behind the other.
struct Values {
    text: String,
    /// From where to where each reaches, in bytes.
    places: Vec<(usize, usize)>,
}

impl Values {
    /// Texts with a line end between them, and their lengths in units of UTF-16.
    fn new(text: String, lengths: &[u32]) -> Values {
        let mut places = Vec::with_capacity(lengths.len());
        let mut rest = text.as_str();
        for &length in lengths {
            let mut bytes = length as usize;
            if !text.is_ascii() {
                let mut units = 0;
                let reaches = |(at, c): (usize, char)| {
                    let here = units >= length as usize;
                    units += c.len_utf16();
                    here.then_some(at)
                };
                bytes = rest.char_indices().find_map(reaches).unwrap_or(rest.len());
            }
            let start = text.len() - rest.len();
            places.push((start, start + bytes));
            rest = rest.get(bytes + 1..).unwrap_or_default();
        }
        Values { text, places }
    }
}

impl Strings for Values {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn get(&self, row: usize) -> Option<&str> {
        let &(start, end) = self.places.get(row)?;
        self.text.get(start..end)
    }
}

impl Strings for Texts {
    fn len(&self) -> usize {
        self.codes.len()
    }

    fn get(&self, row: usize) -> Option<&str> {
        self.values.get(usize::try_from(*self.codes.get(row)?).ok()?)
    }
}

#[wasm_bindgen]
impl Columns {
    #[wasm_bindgen(constructor)]
    pub fn new(before: u32) -> Columns {
        Columns { before, ..Columns::default() }
    }

    /// Days since 1970-01-01.
    pub fn days(&mut self, name: &str, days: Vec<i32>) -> Result<(), JsValue> {
        *self.times(name)? = Some(Times::Days(days));
        Ok(())
    }

    /// Instants as counts since 1970-01-01T00:00:00Z.
    pub fn instants(&mut self, name: &str, counts: Vec<i64>, unit: &str) -> Result<(), JsValue> {
        let unit = match unit {
            "s" => TimeUnit::Second,
            "ms" => TimeUnit::Millisecond,
            "us" => TimeUnit::Microsecond,
            "ns" => TimeUnit::Nanosecond,
            _ => return Err(JsValue::from_str("a unit of time is s, ms, us or ns")),
        };
        *self.times(name)? = Some(Times::Instants(counts, unit));
        Ok(())
    }

    /// Instants as milliseconds, NaN where there is none.
    pub fn milliseconds(&mut self, name: &str, counts: &[f64]) -> Result<(), JsValue> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it saturates, and is out of range of every calendar"
        )]
        let whole = |count: f64| count.floor() as i64;
        let times = if counts.iter().any(|count| count.is_nan()) {
            let moment = |&count: &f64| {
                let instant = || Utc.timestamp_millis_opt(whole(count)).single();
                (!count.is_nan()).then(instant).flatten().map(Moment::Instant)
            };
            Times::Moments(counts.iter().map(moment).collect())
        } else {
            Times::Instants(counts.iter().map(|&count| whole(count)).collect(), TimeUnit::Millisecond)
        };
        *self.times(name)? = Some(times);
        Ok(())
    }

    /// Whole numbers: amounts in minor units, or ids; with `present`, missing where it is 0.
    pub fn whole(&mut self, name: &str, numbers: Vec<i64>, present: Option<Vec<u8>>) -> Result<(), JsValue> {
        let present: Option<Vec<bool>> =
            present.map(|present| present.into_iter().map(|there| there != 0).collect());
        if let Some(keys) = self.keys(name) {
            *keys = Some(match present {
                Some(present) => Keys::NullableNumbers(numbers, present),
                None => Keys::Numbers(numbers),
            });
            return Ok(());
        }
        *self.amounts(name)? = Some(match present {
            Some(present) => {
                let cell = |(number, there): (i64, bool)| there.then_some(number);
                Amounts::NullableMinor(numbers.into_iter().zip(present).map(cell).collect())
            }
            None => Amounts::Minor(numbers),
        });
        Ok(())
    }

    /// The values of events, NaN where there is none.
    pub fn values(&mut self, values: Vec<f64>) {
        self.value = Some(values);
    }

    /// Amounts as floats, NaN where there is none.
    pub fn floats(&mut self, name: &str, values: Vec<f64>, decimals: Option<u8>) -> Result<(), JsValue> {
        *self.amounts(name)? = Some(Amounts::Floats(values, decimals));
        Ok(())
    }

    /// Text by the place of each row's among distinct texts, which come as one, with line ends between them, and
    /// their lengths.
    pub fn texts(
        &mut self,
        name: &str,
        codes: Vec<u32>,
        text: String,
        lengths: &[u32],
    ) -> Result<(), JsValue> {
        let texts = Texts { codes, values: Values::new(text, lengths) };
        match name {
            "status" => self.status = Some(texts),
            "currency" => self.currency = Some(texts),
            "channel" => self.channel = Some(texts),
            "kind" => self.kind = Some(texts),
            "placedAt" | "refundedOn" | "happenedAt" => *self.times(name)? = Some(moments(&texts)),
            _ => {
                if let Some(keys) = self.keys(name) {
                    *keys = Some(Keys::Texts(texts));
                } else {
                    *self.amounts(name)? = Some(Amounts::Texts(texts));
                }
            }
        }
        Ok(())
    }
}

impl Columns {
    fn times(&mut self, name: &str) -> Result<&mut Option<Times>, JsValue> {
        match name {
            "placedAt" => Ok(&mut self.placed_at),
            "refundedOn" => Ok(&mut self.refunded_on),
            "happenedAt" => Ok(&mut self.happened_at),
            _ => Err(JsValue::from_str(&format!("`{name}` is no column of moments"))),
        }
    }

    fn keys(&mut self, name: &str) -> Option<&mut Option<Keys>> {
        match name {
            "customer" => Some(&mut self.customer),
            "email" => Some(&mut self.email),
            "orderId" => Some(&mut self.order_id),
            "campaign" => Some(&mut self.campaign),
            _ => None,
        }
    }

    fn amounts(&mut self, name: &str) -> Result<&mut Option<Amounts>, JsValue> {
        match name {
            "amount" => Ok(&mut self.amount),
            "refunded" => Ok(&mut self.refunded),
            "cost" => Ok(&mut self.cost),
            "discount" => Ok(&mut self.discount),
            _ => Err(JsValue::from_str(&format!("`{name}` is no column of amounts"))),
        }
    }

    /// The columns as the core takes them.
    pub(crate) fn orders(&self, currency: Currency) -> Result<OrderColumns<'_>> {
        let amounts = |amounts| amount_column(amounts, currency);
        let placed_at =
            self.time_column("placed_at", self.placed_at.as_ref())?.unwrap_or(TimeColumn::Days(&[]));
        let amount = self.amount.as_ref().map_or(AmountColumn::Minor(&[]), amounts);
        let mut orders = OrderColumns::new(placed_at, amount);
        orders.customers = self.customer.as_ref().map(key_column);
        orders.emails = self.email.as_ref().map(key_column);
        orders.ids = self.order_id.as_ref().map(key_column);
        orders.statuses = self.status.as_ref().map(|texts| texts as &dyn Strings);
        orders.currencies = self.currency.as_ref().map(|texts| texts as &dyn Strings);
        orders.channels = self.channel.as_ref().map(|texts| texts as &dyn Strings);
        orders.refunded = self.refunded.as_ref().map(amounts);
        orders.refunded_on = self.time_column("refunded_on", self.refunded_on.as_ref())?;
        orders.costs = self.cost.as_ref().map(amounts);
        orders.discounts = self.discount.as_ref().map(amounts);
        Ok(orders)
    }
}

impl Columns {
    /// The columns of events as the core takes them.
    pub(crate) fn events(&self) -> Result<EventColumns<'_>> {
        let happened_at = self.time_column("happened_at", self.happened_at.as_ref())?;
        let kinds = self.kind.as_ref().map_or(KindColumn::Kinds(&[]), |texts| KindColumn::Codes {
            codes: &texts.codes,
            values: &texts.values,
        });
        let mut events = EventColumns::new(happened_at.unwrap_or(TimeColumn::Days(&[])), kinds);
        events.customers = self.customer.as_ref().map(key_column);
        events.emails = self.email.as_ref().map(key_column);
        events.campaigns = self.campaign.as_ref().map(key_column);
        events.values = self.value.as_deref();
        Ok(events)
    }

    fn time_column<'a>(
        &self,
        column: &'static str,
        times: Option<&'a Times>,
    ) -> Result<Option<TimeColumn<'a>>> {
        Ok(match times {
            None => None,
            Some(Times::Wrong(row, error)) => {
                return Err(error.clone().at(u64::from(self.before) + row, column));
            }
            Some(Times::Instants(values, unit)) => Some(TimeColumn::Instants { values, unit: *unit }),
            Some(Times::Days(days)) => Some(TimeColumn::Days(days)),
            Some(Times::Moments(moments)) => Some(TimeColumn::Moments(moments)),
        })
    }
}

fn amount_column(amounts: &Amounts, currency: Currency) -> AmountColumn<'_> {
    match amounts {
        Amounts::Minor(minor) => AmountColumn::Minor(minor),
        Amounts::NullableMinor(minor) => AmountColumn::NullableMinor(minor),
        Amounts::Floats(values, decimals) => {
            AmountColumn::Floats { values, decimals: decimals.unwrap_or(currency.decimals()) }
        }
        Amounts::Texts(texts) => AmountColumn::Texts(texts),
    }
}

fn key_column(keys: &Keys) -> KeyColumn<'_> {
    match keys {
        Keys::Numbers(numbers) => KeyColumn::Numbers(numbers),
        Keys::NullableNumbers(numbers, present) => KeyColumn::NullableNumbers { numbers, present },
        Keys::Texts(Texts { codes, values }) => KeyColumn::Codes { codes, values },
    }
}

/// The moments that texts stand for, each distinct one read once.
fn moments(texts: &Texts) -> Times {
    let distinct: Vec<Result<Option<Moment>>> =
        (0..texts.values.len()).map(|place| texts.values.get(place).map_or(Ok(None), moment)).collect();
    let mut moments = Vec::with_capacity(texts.codes.len());
    for (row, &code) in (0..).zip(&texts.codes) {
        match usize::try_from(code).ok().and_then(|code| distinct.get(code)) {
            None => moments.push(None),
            Some(Ok(moment)) => moments.push(*moment),
            Some(Err(error)) => return Times::Wrong(row, error.clone()),
        }
    }
    Times::Moments(moments)
}

/// A date; a time with an offset from UTC; or a time without one, which is the shop's own.
fn moment(text: &str) -> Result<Option<Moment>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() <= 10 {
        return date(text).map(|date| Some(Moment::Day(date)));
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(Some(Moment::Instant(instant.to_utc())));
    }
    // The shop's own clock: the day is the day, whatever the offset.
    let with_seconds = if text.len() == 16 { ":00Z" } else { "Z" };
    match DateTime::parse_from_rfc3339(&format!("{text}{with_seconds}")) {
        Ok(time) => Ok(Some(Moment::Day(time.date_naive()))),
        Err(_) => Err(Error::InvalidDate { value: text.to_owned() }),
    }
}

pub(crate) fn date(text: &str) -> Result<NaiveDate> {
    text.parse().map_err(|_| Error::InvalidDate { value: text.to_owned() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn moments_are_days_or_instants() {
        let day = |text| Some(Moment::Day(date(text).unwrap()));
        assert_eq!(moment("2024-05-17").unwrap(), day("2024-05-17"));
        for text in ["2024-05-17 23:59:59", "2024-05-17T23:59", "2024-05-17T23:59:59.5"] {
            assert_eq!(moment(text).unwrap(), day("2024-05-17"), "{text}");
        }
        let instant: DateTime<Utc> = "2024-05-17T22:00:00Z".parse().unwrap();
        assert_eq!(moment("2024-05-18T00:00:00+02:00").unwrap(), Some(Moment::Instant(instant)));
        assert_eq!(moment(" ").unwrap(), None);
        for text in ["17.05.2024", "2024-02-30", "2024-05-17T25:00:00", "2024-05-17Z", "x"] {
            assert_eq!(moment(text).unwrap_err().code(), "invalid_date", "{text}");
        }
    }

    #[test]
    fn texts_are_cut_where_javascript_joined_them() {
        for texts in [vec!["ann", "", "bob\nbill"], vec!["Zoë", "🛒", "", "x"], vec![]] {
            let units = |text: &&str| u32::try_from(text.encode_utf16().count()).unwrap();
            let lengths: Vec<u32> = texts.iter().map(units).collect();
            let values = Values::new(texts.join("\n"), &lengths);
            let found: Vec<&str> = (0..values.len()).map(|row| values.get(row).unwrap()).collect();
            assert_eq!(found, texts);
        }
    }
}
