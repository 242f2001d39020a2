//! Exact money: integer minor units with a currency.

#![deny(clippy::arithmetic_side_effects)]

use core::fmt;
use core::num::IntErrorKind;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};

/// A currency and the number of decimals that its amounts are kept with.
///
/// The number of decimals is that of ISO 4217 (two for USD, none for JPY, three for KWD) unless
/// [`with_decimals`](Currency::with_decimals) says otherwise, as for a shop that prices in tenths of a cent.
///
/// ```
/// use regulars::Currency;
///
/// let yen: Currency = "JPY".parse()?;
/// assert_eq!((yen.code(), yen.decimals()), ("JPY", 0));
/// assert_eq!(Currency::USD.with_decimals(3)?.decimals(), 3);
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

/// The active codes of ISO 4217 (list one, 2025) by number of decimals, metals and funds left out, and HRK, which
/// shops used until the end of 2022.
const BY_DECIMALS: [(u8, &str); 4] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
         CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG \
         HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR \
         MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK \
         SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG \
         YER ZAR ZMW ZWG",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// Ten to the power 12 minor units per unit still leaves nine million units in 64 bits.
const MOST_DECIMALS: u8 = 12;

impl Currency {
    /// US dollar.
    pub const USD: Currency = Currency { code: *b"USD", decimals: 2 };
    /// Euro.
    pub const EUR: Currency = Currency { code: *b"EUR", decimals: 2 };
    /// Pound sterling.
    pub const GBP: Currency = Currency { code: *b"GBP", decimals: 2 };
    /// Japanese yen.
    pub const JPY: Currency = Currency { code: *b"JPY", decimals: 0 };

    /// The currency of a code of ISO 4217, in upper or lower case.
    ///
    /// # Errors
    /// [`Error::UnknownCurrency`] where ISO 4217 has no such code.
    ///
    /// ```
    /// assert_eq!(regulars::Currency::new("kwd")?.decimals(), 3);
    /// assert!(regulars::Currency::new("$").is_err());
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn new(code: &str) -> Result<Currency> {
        let unknown = || Error::UnknownCurrency { code: code.to_owned() };
        let mut bytes: [u8; 3] = code.trim().as_bytes().try_into().map_err(|_| unknown())?;
        bytes.make_ascii_uppercase();
        Currency::all().find(|c| c.code == bytes).ok_or_else(unknown)
    }

    /// Every currency that [`Currency::new`] knows.
    ///
    /// ```
    /// assert!(regulars::Currency::all().any(|currency| currency.code() == "EUR"));
    /// ```
    pub fn all() -> impl Iterator<Item = Currency> {
        BY_DECIMALS.into_iter().flat_map(|(decimals, codes)| {
            codes
                .split_ascii_whitespace()
                .filter_map(move |code| Some(Currency { code: code.as_bytes().try_into().ok()?, decimals }))
        })
    }

    /// The same currency kept with another number of decimals, for amounts finer than its minor unit.
    ///
    /// # Errors
    /// [`Error::TooManyDecimals`] beyond 12.
    ///
    /// ```
    /// use regulars::{Currency, Money};
    ///
    /// let fuel = Money::parse("1.239", Currency::EUR.with_decimals(3)?)?;
    /// assert_eq!(fuel.minor(), 1239);
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn with_decimals(self, decimals: u8) -> Result<Currency> {
        if decimals > MOST_DECIMALS {
            return Err(Error::TooManyDecimals { decimals, most: MOST_DECIMALS });
        }
        Ok(Currency { decimals, ..self })
    }

    /// The three letters of ISO 4217.
    pub fn code(&self) -> &str {
        // The letters come from the table above, so they are ASCII.
        core::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// How many decimals an amount is kept with.
    pub fn decimals(&self) -> u8 {
        self.decimals
    }

    /// Minor units per unit: 100 for USD.
    pub(crate) fn minor_per_unit(self) -> i64 {
        10_i64.pow(u32::from(self.decimals))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.code(), self.decimals)
    }
}

/// A code of ISO 4217, or with decimals of its own `USD:3`: what [`Currency`] is in JSON.
///
/// ```
/// use regulars::Currency;
///
/// assert_eq!("USD:3".parse::<Currency>()?, Currency::USD.with_decimals(3)?);
/// # Ok::<(), regulars::Error>(())
/// ```
impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Currency> {
        let Some((code, decimals)) = text.split_once(':') else { return Currency::new(text) };
        let decimals = decimals.parse().map_err(|_| Error::UnknownCurrency { code: text.to_owned() })?;
        Currency::new(code)?.with_decimals(decimals)
    }
}

/// As the code where the decimals are those of ISO 4217, else as `"USD:3"`.
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if Currency::new(self.code()).is_ok_and(|iso| iso == *self) {
            serializer.serialize_str(self.code())
        } else {
            serializer.collect_str(&format_args!("{}:{}", self.code(), self.decimals))
        }
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// An exact amount: a whole number of minor units of a currency.
///
/// In JSON it is `{"amount": "35.20", "currency": "USD"}`, the amount as decimal text, because a number of JSON loses
/// digits in readers that take it for a binary float.
///
/// ```
/// use regulars::{Currency, Money};
///
/// let price = Money::parse("35.2", Currency::USD)?;
/// assert_eq!(price, Money::from_minor(3520, Currency::USD));
/// assert_eq!(price.to_string(), "35.20 USD");
/// # Ok::<(), regulars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units (cents) of a currency.
    ///
    /// ```
    /// use regulars::{Currency, Money};
    /// assert_eq!(Money::from_minor(-5, Currency::EUR).to_string(), "-0.05 EUR");
    /// ```
    pub fn from_minor(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    /// Reads decimal text such as `1234.5`, `-3`, `+.75` or `1e3`.
    ///
    /// The noise of binary floats that exports are full of (`14.299999999999999`) is the amount next to it: a distance
    /// of at most 10⁻⁶ minor units, or of 4 units in the last place of a 64-bit float where that is more. Anything
    /// else finer than the minor unit is refused, since nothing is rounded silently.
    ///
    /// # Errors
    /// [`Error::InvalidAmount`] where the text is no number (thousands separators and currency signs included),
    /// [`Error::AmountTooFine`], [`Error::AmountOutOfRange`].
    ///
    /// ```
    /// use regulars::{Currency, Money};
    ///
    /// assert_eq!(Money::parse("14.299999999999999", Currency::USD)?.minor(), 1430);
    /// assert_eq!(Money::parse("14.295", Currency::USD).unwrap_err().code(), "amount_too_fine");
    /// assert_eq!(Money::parse("1,234.50", Currency::USD).unwrap_err().code(), "invalid_amount");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn parse(text: &str, currency: Currency) -> Result<Money> {
        Ok(Money { minor: minor_from_text(text, currency)?, currency })
    }

    /// Takes a float for the decimal amount that it stands for, under the rule of [`Money::parse`].
    ///
    /// # Errors
    /// [`Error::InvalidAmount`] for NaN and infinities, [`Error::AmountTooFine`], [`Error::AmountOutOfRange`].
    ///
    /// ```
    /// use regulars::{Currency, Money};
    ///
    /// assert_eq!(Money::from_float(0.1 + 0.2, Currency::USD)?.minor(), 30);
    /// assert_eq!(Money::from_float(f64::NAN, Currency::USD).unwrap_err().code(), "invalid_amount");
    /// # Ok::<(), regulars::Error>(())
    /// ```
    pub fn from_float(value: f64, currency: Currency) -> Result<Money> {
        Ok(Money { minor: minor_from_float(value, currency)?, currency })
    }

    /// The amount in minor units: 3520 for 35.20 USD.
    pub fn minor(&self) -> i64 {
        self.minor
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The minor units of the same amount kept with another number of decimals.
    pub(crate) fn minor_with(&self, decimals: u8) -> Result<i64> {
        minor_from_decimal(i128::from(self.minor), i16::from(self.currency.decimals), decimals)
    }

    /// The amount in units of the currency as the nearest float, for charts and averages.
    ///
    /// ```
    /// use regulars::{Currency, Money};
    /// assert_eq!(Money::from_minor(3520, Currency::USD).to_f64(), 35.2);
    /// ```
    pub fn to_f64(&self) -> f64 {
        self.minor as f64 / self.currency.minor_per_unit() as f64
    }

    /// The amount as decimal text without the currency: `35.20`.
    ///
    /// ```
    /// use regulars::{Currency, Money};
    /// assert_eq!(Money::from_minor(3520, Currency::JPY).decimal(), "3520");
    /// ```
    pub fn decimal(&self) -> String {
        decimal_text(i128::from(self.minor), i16::from(self.currency.decimals))
    }
}

/// `value` × 10^−`scale` as text.
fn decimal_text(value: i128, scale: i16) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = usize::from(scale.max(0).unsigned_abs());
    let all = format!("{:0>width$}", value.unsigned_abs(), width = digits.saturating_add(1));
    match all.split_at_checked(all.len().saturating_sub(digits)) {
        Some((units, decimals)) if digits > 0 => format!("{sign}{units}.{decimals}"),
        _ => format!("{sign}{all}{:0>width$}", "", width = usize::from(scale.min(0).unsigned_abs())),
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.decimal(), self.currency))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyJson {
    amount: String,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        MoneyJson { amount: self.decimal(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let MoneyJson { amount, currency } = MoneyJson::deserialize(deserializer)?;
        Money::parse(&amount, currency).map_err(de::Error::custom)
    }
}

/// The minor units of `value` × 10^−`scale`, exactly.
pub(crate) fn minor_from_decimal(value: i128, scale: i16, decimals: u8) -> Result<i64> {
    let finer = scale.saturating_sub(i16::from(decimals));
    // No number but 0 is a multiple of a power that leaves 128 bits, and none but 0 can be multiplied by it.
    let by = 10_i128.checked_pow(u32::from(finer.unsigned_abs()));
    let minor = if value == 0 {
        Some(0)
    } else if finer <= 0 {
        by.and_then(|by| value.checked_mul(by))
    } else if by.and_then(|by| value.checked_rem(by)) == Some(0) {
        by.and_then(|by| value.checked_div(by))
    } else {
        return Err(Error::AmountTooFine { value: decimal_text(value, scale), decimals });
    };
    minor
        .and_then(|minor| i64::try_from(minor).ok())
        .ok_or_else(|| Error::AmountOutOfRange { value: decimal_text(value, scale) })
}

/// How far, in minor units, a number may lie from a whole one and still be it.
fn noise(minor: f64) -> f64 {
    const FOUR_ULP: f64 = 4.0 * f64::EPSILON;
    (minor.abs() * FOUR_ULP).clamp(1e-6, 0.01)
}

pub(crate) fn minor_from_float(value: f64, currency: Currency) -> Result<i64> {
    if !value.is_finite() {
        return Err(Error::InvalidAmount { value: value.to_string() });
    }
    let scaled = value * currency.minor_per_unit() as f64;
    // Beyond 2⁵³ a float no longer tells one minor unit from the next.
    if scaled.abs() > 9_007_199_254_740_992.0 {
        return Err(Error::AmountOutOfRange { value: value.to_string() });
    }
    let whole = scaled.round();
    if (scaled - whole).abs() > noise(whole) {
        return Err(Error::AmountTooFine { value: value.to_string(), decimals: currency.decimals });
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within ±2⁵³")]
    Ok(whole as i64)
}

pub(crate) fn minor_from_text(text: &str, currency: Currency) -> Result<i64> {
    let trimmed = text.trim();
    let invalid = || Error::InvalidAmount { value: text.to_owned() };
    let out_of_range = || Error::AmountOutOfRange { value: text.to_owned() };

    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, trimmed.get(1..).unwrap_or("")),
        Some(b'+') => (false, trimmed.get(1..).unwrap_or("")),
        _ => (false, trimmed),
    };
    let (digits, exponent) = match digits.split_once('e').or_else(|| digits.split_once('E')) {
        Some((digits, exponent)) => match exponent.parse::<i32>() {
            Ok(exponent) => (digits, exponent),
            Err(error) if *error.kind() == IntErrorKind::PosOverflow => (digits, i32::MAX),
            Err(error) if *error.kind() == IntErrorKind::NegOverflow => (digits, i32::MIN),
            Err(_) => return Err(invalid()),
        },
        None => (digits, 0),
    };
    let (units, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = || units.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|b| b.is_ascii_digit()) {
        return Err(invalid());
    }
    let digits = || digits().map(|b| b.wrapping_sub(b'0')).chain(core::iter::repeat(0));

    // So many digits reach down to the minor unit. With 40 zeros behind the last one no number but 0 fits in 128 bits.
    let (units, given) = (units.len(), units.len().saturating_add(fraction.len()));
    let reach =
        i64::from(exponent).saturating_add(currency.decimals.into()).saturating_add_unsigned(units as u64);
    let before = usize::try_from(reach).unwrap_or(0).min(given.saturating_add(40));
    let mut significant = digits().take(before).skip_while(|&digit| digit == 0);
    // So many digits do not overflow.
    let append = |whole: u64, digit| whole.wrapping_mul(10).wrapping_add(u64::from(digit));
    let first = significant.by_ref().take(18).fold(0, append);
    // Wider than the result, which reaches one further below 0 than above it.
    let mut whole = i128::from(first);
    for digit in significant {
        whole = whole.checked_mul(10).and_then(|w| w.checked_add(digit.into())).ok_or_else(out_of_range)?;
    }
    if before < given {
        // What is left, as a share of a minor unit: as many digits as a float tells apart.
        let leading = usize::try_from(reach.saturating_neg()).unwrap_or(0).min(15);
        let rest = core::iter::repeat_n(0, leading).chain(digits().skip(before)).take(15);
        let (rest, tolerance) = (rest.fold(0, append) as f64 / 1e15, noise(whole as f64));
        if rest >= 1.0 - tolerance {
            whole = whole.checked_add(1).ok_or_else(out_of_range)?;
        } else if rest > tolerance {
            return Err(Error::AmountTooFine { value: text.to_owned(), decimals: currency.decimals });
        }
    }
    let whole = if negative { whole.checked_neg().ok_or_else(out_of_range)? } else { whole };
    i64::try_from(whole).map_err(|_| out_of_range())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, minor: i64) {
        assert_eq!(minor_from_text(text, Currency::USD), Ok(minor), "{text}");
    }

    #[track_caller]
    fn refuses(text: &str, code: &str) {
        assert_eq!(minor_from_text(text, Currency::USD).map_err(|e| e.code()), Err(code), "{text}");
    }

    #[test]
    fn decimal_text_is_exact() {
        reads("0", 0);
        reads("29.33", 2933);
        reads(" -3 ", -300);
        reads("+.75", 75);
        reads("5.", 500);
        reads("1e3", 100_000);
        reads("1.25E-0", 125);
        reads("150e-3", 15);
        reads("-.2933e+2", -2933);
        reads("9.2e16", 9_200_000_000_000_000_000);
        reads("0e400", 0);
        reads("3e-400", 0);
        reads("3e-99999999999", 0);
        reads("0e99999999999", 0);
        reads("92233720368547758.07", i64::MAX);
        reads("350.40000000000003", 35_040);
        reads("14.299999999999999", 1430);
        reads("-14.299999999999999", -1430);
        reads("0.00999999999", 1);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "abc",
            "1,5",
            "1.234,50",
            "$5",
            "nan",
            "inf",
            "-infinity",
            "1_000",
            "0x1F",
            "e5",
            "1e",
            "1e5.0",
            "1e5e5",
            "1.2.3",
        ] {
            refuses(text, "invalid_amount");
        }
        refuses("12.345", "amount_too_fine");
        refuses("0.001", "amount_too_fine");
        refuses("1e-3", "amount_too_fine");
        refuses("92233720368547758.08", "amount_out_of_range");
        refuses("99999999999999999999999", "amount_out_of_range");
        refuses("1e300", "amount_out_of_range");
        refuses("1e2000000000", "amount_out_of_range");
        refuses("1e3000000000", "amount_out_of_range");
        refuses("12345e-5", "amount_too_fine");
    }

    #[test]
    fn large_floats_keep_their_cents() {
        // The float next to 1234567890.12 lies more than 10⁻⁶ cents away from it.
        assert_eq!(minor_from_float(1_234_567_890.12, Currency::USD), Ok(123_456_789_012));
        assert_eq!(minor_from_float(-0.29, Currency::USD), Ok(-29));
        assert_eq!(minor_from_float(1.005, Currency::USD).map_err(|e| e.code()), Err("amount_too_fine"));
    }

    #[test]
    fn money_survives_json() {
        for (minor, decimals) in [(0, 2), (-1, 2), (i64::MAX, 0), (i64::MIN, 2), (5, 12), (-123_456, 3)] {
            let money = Money::from_minor(minor, Currency::USD.with_decimals(decimals).unwrap());
            let json = serde_json::to_string(&money).unwrap();
            assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money, "{json}");
        }
    }
}
