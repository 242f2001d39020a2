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
        let Some((units, decimals)) = text.split_once(',') else {
            return Ok(Money::parse(text, currency).map_err(clipped)?);
        };
        let one_comma = !text.contains('.') && !decimals.contains(',');
        let is_decimal = self.decimal_comma.unwrap_or(self.semicolons && decimals.len() != 3);
        if is_decimal && one_comma {
            self.commas += 1;
            let named = |error| match error {
                Error::AmountTooFine { decimals, .. } => {
                    Error::AmountTooFine { value: shown(text), decimals }
                }
                Error::InvalidAmount { .. } => Error::InvalidAmount { value: shown(text) },
                other => clipped(other),
            };
            return Ok(Money::parse(&format!("{units}.{decimals}"), currency).map_err(named)?);
        }
        let remedy = (self.decimal_comma.is_none() && one_comma).then_some(Remedy::DecimalComma);
        Err(Flaw { source: Error::InvalidAmount { value: shown(text) }, remedy })
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
        assert_eq!(read(None, b';', "1.250,00"), Err(("invalid_amount", None)));
        assert_eq!(read(Some(true), b',', "1,250"), Ok(125));
        assert_eq!(read(Some(true), b',', "1,255"), Err(("amount_too_fine", None)));
        assert_eq!(read(Some(true), b',', "1,2,5"), Err(("invalid_amount", None)));
        assert_eq!(read(Some(true), b',', "12.50"), Ok(1250));
        assert_eq!(read(Some(false), b';', "12,50"), Err(("invalid_amount", None)));
    }
}
