use core::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ImportError;

/// Something that a column can say about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Field {
    /// The customer's id.
    Customer,
    /// The customer's e-mail address, which identifies them where there is no id.
    Email,
    /// When the order was placed.
    PlacedAt,
    /// Net sales before refunds, or the total where the shop has only that.
    Amount,
    /// The shop's number of the order.
    OrderId,
    /// How much was paid back.
    Refunded,
    /// When it was paid back, or the order cancelled.
    RefundedOn,
    /// What became of the order.
    Status,
    /// The currency, as a code of ISO 4217.
    Currency,
    /// What the goods cost the shop.
    Cost,
    /// The discount that the amount already has taken off.
    Discount,
    /// Through which channel the order came.
    Channel,
}

/// The names under which shops keep each field, best first, in lower case without what is neither letter nor digit.
const SYNONYMS: [(Field, &str); 12] = [
    (
        Field::Customer,
        "customerid customeruser customerkey customernumber customerno custid clientid userid buyerid memberid \
         shopperid accountid idclient kundennummer kundennr kundenid customer cust client user buyer member kunde",
    ),
    (Field::Email, "email customeremail billingemail emailaddress useremail buyeremail contactemail mail"),
    (
        Field::PlacedAt,
        "placedat placedon orderedat orderedon orderdate orderdatetime ordertime ordertimestamp \
         orderpurchasetimestamp ordercreatedat datecreated purchasedat purchasedate transactiondate invoicedate \
         saledate createdat datecommande bestelldatum date datetime timestamp ts created time day datum",
    ),
    (
        Field::Amount,
        "netsales netamount netrevenue nettotal net amount orderamount revenue sales ordervalue value spend \
         ordertotal totalprice pricetotal totalamount grandtotal totalsales total montant betrag umsatz",
    ),
    (
        Field::OrderId,
        "orderid ordernumber orderno ordernr ordername order invoiceid invoicenumber invoiceno invoice \
         transactionid receiptid receiptnumber commande numerocommande bestellnummer",
    ),
    (
        Field::Refunded,
        "refunded refundedamount refundamount amountrefunded refundtotal totalrefunded orderrefund refund",
    ),
    (Field::RefundedOn, "refundedon refundedat refunddate daterefunded cancelledon cancelledat canceledat"),
    (Field::Status, "orderstatus status financialstatus paymentstatus"),
    (Field::Currency, "currency currencycode ordercurrency"),
    (Field::Cost, "cost costofgoods cogs totalcost"),
    (Field::Discount, "discount discountamount discounttotal totaldiscount cartdiscount"),
    (Field::Channel, "channel saleschannel orderchannel sourcename source utmsource"),
];

impl Field {
    /// Its name in a [`Mapping`] and in messages.
    ///
    /// ```
    /// assert_eq!(regulars_import::Field::PlacedAt.name(), "placed_at");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Field::Customer => "customer",
            Field::Email => "email",
            Field::PlacedAt => "placed_at",
            Field::Amount => "amount",
            Field::OrderId => "order_id",
            Field::Refunded => "refunded",
            Field::RefundedOn => "refunded_on",
            Field::Status => "status",
            Field::Currency => "currency",
            Field::Cost => "cost",
            Field::Discount => "discount",
            Field::Channel => "channel",
        }
    }

    /// The header names that are guessed to be this field, best first; case, spaces and punctuation are left aside.
    ///
    /// ```
    /// assert_eq!(regulars_import::Field::Status.synonyms().next(), Some("orderstatus"));
    /// ```
    pub fn synonyms(self) -> impl Iterator<Item = &'static str> {
        let names = SYNONYMS.iter().find(|(field, _)| *field == self).map_or("", |(_, names)| names);
        names.split_ascii_whitespace()
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which column of a CSV means what, by the names in its header. What is left open is guessed; an empty name is no
/// column at all.
///
/// ```
/// use regulars_import::{ImportOptions, Mapping, read_history};
///
/// let file = "who;when;paid\nann;2024-05-17;35,20\n";
/// let mut mapping = Mapping::default();
/// mapping.customer = Some("who".into());
/// mapping.placed_at = Some("when".into());
/// mapping.amount = Some("paid".into());
///
/// let mut options = ImportOptions::default();
/// options.currency = Some(regulars::Currency::EUR);
/// options.mapping = Some(mapping);
/// let import = read_history(file.as_bytes(), &options)?;
/// assert_eq!(import.history.summary().revenue.to_string(), "35.20 EUR");
/// # Ok::<(), regulars_import::ImportError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Mapping {
    /// The column of customer ids.
    pub customer: Option<String>,
    /// The column of e-mail addresses.
    pub email: Option<String>,
    /// The column of when orders were placed.
    pub placed_at: Option<String>,
    /// The column of amounts.
    pub amount: Option<String>,
    /// The column of the orders' numbers.
    pub order_id: Option<String>,
    /// The column of how much was paid back.
    pub refunded: Option<String>,
    /// The column of when it was paid back.
    pub refunded_on: Option<String>,
    /// The column of what became of the orders.
    pub status: Option<String>,
    /// The column of currencies.
    pub currency: Option<String>,
    /// The column of what the goods cost.
    pub cost: Option<String>,
    /// The column of discounts.
    pub discount: Option<String>,
    /// The column of channels.
    pub channel: Option<String>,
    /// The value in the customer column that means nobody: `0` in the exports of WooCommerce.
    pub guest: Option<String>,
}

impl Mapping {
    /// The columns that are guessed by the names of a header: for each field the one with its best
    /// [synonym](Field::synonyms), of equals the first.
    ///
    /// ```
    /// use regulars_import::Mapping;
    ///
    /// let guess = Mapping::guess(&["Order ID", "Customer", "Order Date", "Total", "Amount"]);
    /// assert_eq!(guess.order_id.as_deref(), Some("Order ID"));
    /// assert_eq!(guess.amount.as_deref(), Some("Amount"));
    /// assert_eq!(guess.email, None);
    /// ```
    pub fn guess<S: AsRef<str>>(header: &[S]) -> Mapping {
        let header: Vec<String> = header.iter().map(|name| name.as_ref().trim().to_owned()).collect();
        let mut mapping = Mapping::default();
        for (field, _) in SYNONYMS {
            let name = guess(field, &header, &[]).and_then(|at| header.get(at).cloned());
            *mapping.slot(field) = name;
        }
        mapping
    }

    /// The column that is named for a field.
    ///
    /// ```
    /// use regulars_import::{Field, Mapping};
    ///
    /// assert_eq!(Mapping::guess(&["Total"]).column(Field::Amount), Some("Total"));
    /// ```
    pub fn column(&self, field: Field) -> Option<&str> {
        let column = match field {
            Field::Customer => &self.customer,
            Field::Email => &self.email,
            Field::PlacedAt => &self.placed_at,
            Field::Amount => &self.amount,
            Field::OrderId => &self.order_id,
            Field::Refunded => &self.refunded,
            Field::RefundedOn => &self.refunded_on,
            Field::Status => &self.status,
            Field::Currency => &self.currency,
            Field::Cost => &self.cost,
            Field::Discount => &self.discount,
            Field::Channel => &self.channel,
        };
        column.as_deref()
    }

    fn slot(&mut self, field: Field) -> &mut Option<String> {
        match field {
            Field::Customer => &mut self.customer,
            Field::Email => &mut self.email,
            Field::PlacedAt => &mut self.placed_at,
            Field::Amount => &mut self.amount,
            Field::OrderId => &mut self.order_id,
            Field::Refunded => &mut self.refunded,
            Field::RefundedOn => &mut self.refunded_on,
            Field::Status => &mut self.status,
            Field::Currency => &mut self.currency,
            Field::Cost => &mut self.cost,
            Field::Discount => &mut self.discount,
            Field::Channel => &mut self.channel,
        }
    }
}

/// Why a column was taken for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// The mapping names it.
    Named,
    /// Its name is a synonym of the field.
    Guessed,
    /// It is so in the exports of this shop system.
    Export,
}

/// A column that is read, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReadColumn {
    /// What it says about the order.
    pub field: Field,
    /// Its name in the header.
    pub column: String,
    /// Why it was taken.
    pub why: Why,
}

/// What each column of a file was taken for. It displays as lines for people.
///
/// ```
/// use regulars_import::{ImportOptions, OrderReader};
///
/// let file = "customer_id,date,n_cds,amount\n00004,1997-01-01,2,29.33\n";
/// let reader = OrderReader::new(file.as_bytes(), &ImportOptions::default())?;
/// assert_eq!(
///     reader.columns().to_string(),
///     "customer from `customer_id` (guessed)\n\
///      placed_at from `date` (guessed)\n\
///      amount from `amount` (guessed)\n\
///      not used: `n_cds`"
/// );
/// # Ok::<(), regulars_import::ImportError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ColumnReport {
    /// The columns that are read.
    pub read: Vec<ReadColumn>,
    /// The names of the others.
    pub unused: Vec<String>,
}

impl ColumnReport {
    /// The report on columns that were taken, by their places in the header.
    pub(crate) fn new(
        header: &[String],
        taken: impl IntoIterator<Item = (Field, usize, Why)>,
    ) -> ColumnReport {
        let mut used = vec![false; header.len()];
        let mut read = Vec::new();
        for (field, at, why) in taken {
            if let (Some(used), Some(column)) = (used.get_mut(at), header.get(at)) {
                *used = true;
                read.push(ReadColumn { field, column: column.clone(), why });
            }
        }
        let unused = header.iter().zip(used).filter(|(name, used)| !used && !name.is_empty());
        ColumnReport { read, unused: unused.map(|(name, _)| name.clone()).collect() }
    }

    /// The same as a mapping, to be changed and used again; of several columns for one field the first.
    ///
    /// ```
    /// # use regulars_import::{ImportOptions, OrderReader};
    /// # let file = "customer_id,date,n_cds,amount\n00004,1997-01-01,2,29.33\n";
    /// # let reader = OrderReader::new(file.as_bytes(), &ImportOptions::default())?;
    /// assert_eq!(reader.columns().mapping().placed_at.as_deref(), Some("date"));
    /// # Ok::<(), regulars_import::ImportError>(())
    /// ```
    pub fn mapping(&self) -> Mapping {
        let mut mapping = Mapping::default();
        for ReadColumn { field, column, .. } in &self.read {
            mapping.slot(*field).get_or_insert_with(|| column.clone());
        }
        mapping
    }
}

impl fmt::Display for ColumnReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, ReadColumn { field, column, why }) in self.read.iter().enumerate() {
            let why = match why {
                Why::Named => "named",
                Why::Guessed => "guessed",
                Why::Export => "as the export has it",
            };
            let line_end = if at == 0 { "" } else { "\n" };
            write!(f, "{line_end}{field} from `{column}` ({why})")?;
        }
        for (at, column) in self.unused.iter().enumerate() {
            write!(f, "{}`{column}`", if at == 0 { "\nnot used: " } else { ", " })?;
        }
        Ok(())
    }
}

/// A header name without case, spaces and punctuation.
pub(crate) fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The place of the column that is called so, up to case and punctuation where none is called exactly so.
pub(crate) fn find(header: &[String], name: &str) -> Result<Option<usize>, ImportError> {
    let places = |is_it: &dyn Fn(&str) -> bool| -> Vec<usize> {
        header.iter().enumerate().filter(|(_, column)| is_it(column)).map(|(at, _)| at).collect()
    };
    let mut found = places(&|column| column == name);
    if found.is_empty() {
        let bare_name = bare(name);
        found = places(&|column| bare(column) == bare_name);
    }
    match found.as_slice() {
        [] => Ok(None),
        [at] => Ok(Some(*at)),
        _ => Err(ImportError::AmbiguousColumn { column: name.to_owned() }),
    }
}

/// The place of the best synonym of a field among the columns that are not named for another.
fn guess(field: Field, header: &[String], named: &[usize]) -> Option<usize> {
    let bare: Vec<String> = header.iter().map(|name| bare(name)).collect();
    let place = |synonym: &str| {
        bare.iter().enumerate().position(|(at, name)| name == synonym && !named.contains(&at))
    };
    field.synonyms().find_map(place)
}

/// The places of the columns in a header: those that are named, completed by guesses.
pub(crate) fn resolve(mapping: &Mapping, header: &[String]) -> Result<Vec<(Field, usize, Why)>, ImportError> {
    let mut named = Vec::new();
    for (field, _) in SYNONYMS {
        let Some(column) = mapping.column(field).map(str::trim).filter(|column| !column.is_empty()) else {
            continue;
        };
        let unknown =
            || ImportError::UnknownColumn { field, column: column.to_owned(), found: header.to_vec() };
        named.push((field, find(header, column)?.ok_or_else(unknown)?));
    }
    let places: Vec<usize> = named.iter().map(|&(_, at)| at).collect();
    let mut taken = Vec::new();
    for (field, _) in SYNONYMS {
        if let Some(&(_, at)) = named.iter().find(|(other, _)| *other == field) {
            taken.push((field, at, Why::Named));
        } else if mapping.column(field).is_none() {
            let Some(at) = guess(field, header, &places) else { continue };
            let name = header.get(at).map_or("", String::as_str);
            find(header, name)?;
            taken.push((field, at, Why::Guessed));
        }
    }
    Ok(taken)
}

/// The columns that are named for one field and would have been guessed to be another that is missing.
pub(crate) fn rivals(missing: &[Field], taken: &[(Field, usize, Why)], header: &[String]) -> Vec<ReadColumn> {
    let places = missing.iter().filter_map(|&field| guess(field, header, &[]));
    let others = places.flat_map(|place| taken.iter().copied().filter(move |&(_, at, _)| at == place));
    ColumnReport::new(header, others).read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn resolved(mapping: &Mapping, header: &str) -> Result<String, &'static str> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        match resolve(mapping, &header) {
            Ok(taken) => Ok(ColumnReport::new(&header, taken).to_string().replace('\n', "; ")),
            Err(error) => Err(error.code()),
        }
    }

    #[test]
    fn synonyms_stand_once_and_bare() {
        let all: Vec<&str> = SYNONYMS.iter().flat_map(|(field, _)| field.synonyms()).collect();
        for (at, synonym) in all.iter().enumerate() {
            assert_eq!(bare(synonym), *synonym);
            assert!(!all[..at].contains(synonym), "{synonym}");
        }
    }

    #[test]
    fn guesses_follow_the_ranking() {
        let none = Mapping::default();
        assert_eq!(
            resolved(&none, "customer_id,order_id,ts,amount,currency,country").unwrap(),
            "customer from `customer_id` (guessed); placed_at from `ts` (guessed); amount from `amount` (guessed); \
             order_id from `order_id` (guessed); currency from `currency` (guessed); not used: `country`"
        );
        assert!(resolved(&none, "Total,Net Sales").unwrap().starts_with("amount from `Net Sales`"));
        assert_eq!(resolved(&none, "date,amount,date"), Err("ambiguous_column"));
        assert_eq!(
            resolved(&none, "date,note,note").unwrap(),
            "placed_at from `date` (guessed); not used: `note`, `note`"
        );
    }

    #[test]
    fn what_is_named_is_not_guessed_for_another() {
        let mut mapping = Mapping { email: Some("Customer".into()), ..Mapping::default() };
        assert_eq!(
            resolved(&mapping, "customer,user").unwrap(),
            "customer from `user` (guessed); email from `customer` (named)"
        );
        mapping.customer = Some(String::new());
        assert_eq!(
            resolved(&mapping, "customer,user").unwrap(),
            "email from `customer` (named); not used: `user`"
        );
        assert_eq!(resolved(&mapping, "user"), Err("unknown_column"));
        assert_eq!(resolved(&mapping, "CUSTOMER,customer"), Err("ambiguous_column"));
    }
}
