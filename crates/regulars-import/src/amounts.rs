use regulars::{Currency, Error, Money, OtherCurrencies};

use crate::error::{Flaw, Remedy, shown};
use crate::options::ImportOptions;

/// Reads currencies and amounts.
#[derive(Debug)]
pub(crate) struct Amounts {
    named: Option<Currency>,
    decimals: Option<u8>,
    decimal_comma: Option<bool>,
    /// Whether the columns are separated by semicolons, as they are where the comma stands before decimals.
    semicolons: bool,
    commas: u64,
    /// The last code that was read, since most orders have the one of their neighbour.
    last: Option<(String, Currency)>,
}

impl Amounts {
    pub(crate) fn new(options: &ImportOptions, delimiter: u8) -> Amounts {
        Amounts {
            named: options.currency,
            decimals: options.decimals,
            decimal_comma: options.decimal_comma,
            semicolons: delimiter == b';',
            commas: 0,
            last: None,
        }
    }

    /// How many amounts had a comma before their decimals.
    pub(crate) fn commas(&self) -> u64 {
        self.commas
    }

    /// A currency with the decimals that its amounts are kept with.
    pub(crate) fn kept(&self, currency: Currency) -> Result<Currency, Error> {
        let currency = self.named.filter(|named| named.code() == currency.code()).unwrap_or(currency);
        self.decimals.map_or(Ok(currency), |decimals| currency.with_decimals(decimals))
    }

    pub(crate) fn currency(&mut self, code: &str) -> Result<Currency, Flaw> {
        if let Some((last, currency)) = &self.last {
            if last == code {
                return Ok(*currency);
            }
        }
        let unknown = |_| Error::UnknownCurrency { code: shown(code) };
        let currency = self.kept(Currency::new(code).map_err(unknown)?)?;
        self.last = Some((code.to_owned(), currency));
        Ok(currency)
    }

    pub(crate) fn amount(&mut self, text: &str, currency: Currency) -> Result<Money, Flaw> {
        let named = |error| match error {
            Error::AmountTooFine { decimals, .. } => Error::AmountTooFine { value: shown(text), decimals },
            Error::InvalidAmount { .. } => Error::InvalidAmount { value: shown(text) },
            other => clipped(other),
        };
        if let Some(plain) = self.ungrouped(text) {
            self.commas += u64::from(self.decimal_comma == Some(true) && text.contains(','));
            return Ok(Money::parse(&plain, currency).map_err(named)?);
        }
        let Some((units, decimals)) = text.split_once(',') else {
            return Ok(Money::parse(text, currency).map_err(clipped)?);
        };
        let one_comma = !text.contains('.') && !decimals.contains(',');
        let is_decimal = self.decimal_comma.unwrap_or(self.semicolons && decimals.len() != 3);
        if is_decimal && one_comma {
            self.commas += 1;
            return Ok(Money::parse(&format!("{units}.{decimals}"), currency).map_err(named)?);
        }
        let comma_last = text.rfind(',') > text.rfind('.');
        let remedy = (self.decimal_comma.is_none() && comma_last).then_some(Remedy::DecimalComma);
        Err(Flaw { source: Error::InvalidAmount { value: shown(text) }, remedy })
    }

    /// An amount whose thousands are set apart, without the marks between them: `1.234,50` or `1,234.50`. Only where it was
    /// said which mark stands before the decimals; without that `1,234` is anyone's guess.
    fn ungrouped(&self, text: &str) -> Option<String> {
        let (point, mark) = if self.decimal_comma? { (',', '.') } else { ('.', ',') };
        let (units, decimals) = text.split_once(point).unwrap_or((text, "0"));
        let (first, groups) = units.split_once(mark)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned = first.strip_prefix('-').unwrap_or(first);
        let in_groups = (1..=3).contains(&unsigned.len())
            && digits(unsigned)
            && groups.split(mark).all(|group| group.len() == 3 && digits(group));
        in_groups.then(|| format!("{first}{}.{decimals}", groups.replace(mark, "")))
    }

    /// An amount that has a meaning only where it is not negative; a blank one is none.
    pub(crate) fn positive(&mut self, text: &str, currency: Currency) -> Result<Option<Money>, Flaw> {
        if text.is_empty() {
            return Ok(None);
        }
        let amount = self.amount(text, currency)?;
        if amount.minor() < 0 {
            return Err(Error::NegativeAmount { value: shown(text) }.into());
        }
        Ok(Some(amount))
    }
}

/// The same error with a value that fits a line.
fn clipped(error: Error) -> Error {
    match error {
        Error::InvalidAmount { value } => Error::InvalidAmount { value: shown(&value) },
        Error::AmountTooFine { value, decimals } => Error::AmountTooFine { value: shown(&value), decimals },
        Error::AmountOutOfRange { value } => Error::AmountOutOfRange { value: shown(&value) },
        other => other,
    }
}

/// The one currency of a history: the option's, else the first order's.
#[derive(Debug)]
pub(crate) struct OneCurrency {
    named: bool,
    expected: Option<Currency>,
    others: OtherCurrencies,
}

impl OneCurrency {
    pub(crate) fn new(options: &ImportOptions, amounts: &Amounts) -> Result<OneCurrency, Error> {
        // Refused here and not with the first cell, which is not to blame.
        amounts.kept(options.currency.unwrap_or(Currency::USD))?;
        let expected = options.currency.map(|currency| amounts.kept(currency)).transpose()?;
        Ok(OneCurrency { named: expected.is_some(), expected, others: options.other_currencies })
    }

    pub(crate) fn get(&self) -> Option<Currency> {
        self.expected
    }

    /// The currency, where the file and not the options said it.
    pub(crate) fn told_by_file(&self) -> Option<Currency> {
        self.expected.filter(|_| !self.named)
    }

    /// Takes the currency of an order, unless it is another and others are refused.
    pub(crate) fn admit(&mut self, found: Currency) -> Result<(), Error> {
        let expected = *self.expected.get_or_insert(found);
        if expected.code() != found.code() && self.others == OtherCurrencies::Refuse {
            return Err(Error::MixedCurrencies { expected, found });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(
        decimal_comma: Option<bool>,
        delimiter: u8,
        text: &str,
    ) -> Result<i64, (&'static str, Option<Remedy>)> {
        let options = ImportOptions { decimal_comma, ..ImportOptions::default() };
        let amount = Amounts::new(&options, delimiter).amount(text, Currency::EUR);
        amount.map(|money| money.minor()).map_err(|flaw| (flaw.source.code(), flaw.remedy))
    }

    #[test]
    fn a_comma_is_read_only_where_it_can_mean_one_thing() {
        let unclear = Err(("invalid_amount", Some(Remedy::DecimalComma)));
        assert_eq!(read(None, b',', "12,50"), unclear);
        assert_eq!(read(None, b';', "12,50"), Ok(1250));
        assert_eq!(read(None, b';', "-0,5"), Ok(-50));
        assert_eq!(read(None, b';', "12.50"), Ok(1250));
        assert_eq!(read(None, b';', "1,250"), unclear);
        assert_eq!(read(None, b';', "1.250,00"), unclear);
        assert_eq!(read(None, b';', "1,250.00"), Err(("invalid_amount", None)));
        assert_eq!(read(Some(true), b',', "1,250"), Ok(125));
        assert_eq!(read(Some(true), b',', "1,255"), Err(("amount_too_fine", None)));
        assert_eq!(read(Some(true), b',', "1,2,5"), Err(("invalid_amount", None)));
        assert_eq!(read(Some(true), b',', "12.50"), Ok(1250));
        assert_eq!(read(Some(false), b';', "12,50"), Err(("invalid_amount", None)));
    }

    #[test]
    fn thousands_are_set_apart_only_where_the_decimals_were_named() {
        for (comma, text, minor) in [
            (true, "1.250,00", 125_000),
            (true, "-1.234.567,8", -123_456_780),
            (true, "1.250", 125_000),
            (false, "1,250.00", 125_000),
            (false, "12,345,678", 1_234_567_800),
            (false, "-1,250", -125_000),
        ] {
            assert_eq!(read(Some(comma), b';', text), Ok(minor), "{text}");
        }
        for (comma, text) in [
            (true, "1.25,00"),
            (true, "1234.567,00"),
            (true, ".250,00"),
            (true, "1.250.00"),
            (true, "1.250,0,0"),
            (true, "1,250.00"),
            (false, "1,25.00"),
            (false, "1.250,00"),
            (false, "+1,250"),
            (false, "1,,250"),
        ] {
            assert_eq!(
                read(Some(comma), b';', text).map_err(|(code, _)| code),
                Err("invalid_amount"),
                "{text}"
            );
        }
        assert_eq!(read(Some(true), b';', "1.250,001"), Err(("amount_too_fine", None)));
    }
}
