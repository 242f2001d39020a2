use core::fmt;

use chrono::NaiveDate;
use regulars::{
    Action, Assessment, Audience, CohortTable, Cohorts, Column, Columns, Currency, CustomerKey,
    CustomerProfiles, Figure, KaplanMeier, Migration, Outlook, Report, Rfm, SegmentOverview, SegmentRule,
    Segments, Values,
};
use serde::Serialize;

use crate::arguments::Arguments;
use crate::error::CallError;

/// The result of a call. One that is more than its JSON is kept as the core made it: its JSON and its table are made when they
/// are asked for.
pub struct Outcome(Box<dyn Kept>);

/// What a result can do beside being JSON.
pub(crate) trait Kept: Send + Sync {
    fn json(&self) -> String;

    fn table(&self) -> Option<&dyn Columns> {
        None
    }

    /// The segments of customers, where it is them.
    fn segments(&self) -> Option<&Segments> {
        None
    }

    /// A call on the result itself; `None` where it has none of that name.
    fn then(&self, _call: &str, _arguments: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(None)
    }
}

/// A result that is its JSON and nothing else.
struct Plain(String);

/// A result that is a table too.
struct Tabular<T>(T);

impl Outcome {
    pub(crate) fn plain<T: Serialize>(result: T) -> Outcome {
        Outcome(Box::new(Plain(json(&result))))
    }

    /// Something about each customer, by their names: rows stand in the order of a history, which is that of hashes.
    fn by_name<T: Serialize>(rows: impl Iterator<Item = (CustomerKey, T)>) -> Outcome {
        let mut rows: Vec<(String, String)> =
            rows.map(|(customer, facts)| (customer.to_string(), json(&facts))).collect();
        rows.sort_unstable();
        let entries: Vec<String> =
            rows.iter().map(|(customer, facts)| format!("{}:{facts}", json(customer))).collect();
        Outcome(Box::new(Plain(format!("{{{}}}", entries.join(",")))))
    }

    pub(crate) fn tabular<T: Serialize + Columns + Send + Sync + 'static>(result: T) -> Outcome {
        Outcome(Box::new(Tabular(result)))
    }

    pub(crate) fn kept(result: impl Kept + 'static) -> Outcome {
        Outcome(Box::new(result))
    }

    /// Its JSON, the same bytes in every language.
    pub fn to_json(&self) -> String {
        self.0.json()
    }

    /// Its table, where it is one.
    pub fn table(&self) -> Option<&dyn Columns> {
        self.0.table()
    }

    /// A call on the result, such as `table` on cohorts.
    ///
    /// ```
    /// let curve = regulars_calls::call(None, "kaplan_meier", r#"{"durations": [[5, true], [8, false]]}"#)?;
    /// assert_eq!(curve.call("survival", r#"{"day": 6}"#)?.to_json(), "0.5");
    /// # Ok::<(), regulars_calls::CallError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`call`](crate::call).
    pub fn call(&self, name: &str, arguments: &str) -> Result<Outcome, CallError> {
        let mut arguments = Arguments::parse(arguments)?;
        let outcome = self.then(name, &mut arguments)?;
        arguments.finish()?;
        Ok(outcome)
    }

    pub(crate) fn segments(&self) -> Option<&Segments> {
        self.0.segments()
    }

    pub(crate) fn then(&self, name: &str, arguments: &mut Arguments) -> Result<Outcome, CallError> {
        self.0.then(name, arguments)?.ok_or_else(|| CallError::UnknownCall { name: name.to_owned() })
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outcome").field(&self.to_json()).finish()
    }
}

/// Keys are text and floats finite in every result, so that there is nothing that JSON cannot say.
pub(crate) fn json<T: Serialize + ?Sized>(result: &T) -> String {
    serde_json::to_string(result).unwrap_or_default()
}

/// A list of cells, `null` where there is none.
fn cells<T: Serialize>(cells: &[T], there: impl Fn(usize) -> bool) -> String {
    let cells = cells.iter().enumerate().map(|(row, cell)| there(row).then_some(cell));
    json(&cells.collect::<Vec<_>>())
}

/// A table as one JSON list per column: dates as days since 1970-01-01, `null` for what is missing.
pub fn table_json(table: &dyn Columns) -> String {
    let columns = table.columns().into_iter().flat_map(Column::plain).map(|column| {
        let there = |row: usize| column.validity.as_ref().is_none_or(|v| v.get(row) == Some(&true));
        let cells = match &column.values {
            Values::F64(values) => cells(values, there),
            Values::I64(values) => cells(values, there),
            Values::U32(values) => cells(values, there),
            Values::Bool(values) => cells(values, there),
            Values::Date(values) => cells(values, there),
            Values::Text(values) => cells(values, there),
            _ => "[]".to_owned(),
        };
        format!("\"{}\":{cells}", column.name)
    });
    format!("{{{}}}", columns.collect::<Vec<_>>().join(","))
}

impl Kept for Plain {
    fn json(&self) -> String {
        self.0.clone()
    }
}

impl<T: Serialize + Columns + Send + Sync> Kept for Tabular<T> {
    fn json(&self) -> String {
        json(&self.0)
    }

    fn table(&self) -> Option<&dyn Columns> {
        Some(&self.0)
    }
}

/// The JSON and the table of a result with calls of its own are those of the result itself.
macro_rules! itself_as_json_and_table {
    () => {
        fn json(&self) -> String {
            json(self)
        }

        fn table(&self) -> Option<&dyn Columns> {
            Some(self)
        }
    };
}

impl Kept for Cohorts {
    itself_as_json_and_table!();

    fn then(&self, call: &str, arguments: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(match call {
            "table" => {
                let (reading, measure) = (arguments.parsed("reading")?, arguments.parsed("measure")?);
                Some(Outcome::kept(Cohorts::table(self, reading, measure)?))
            }
            _ => None,
        })
    }
}

impl Kept for CohortTable {
    itself_as_json_and_table!();

    fn then(&self, call: &str, _: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(match call {
            // The cells as numbers, row by row.
            "values" => {
                let number = |cell: &Option<Figure>| cell.and_then(Figure::to_f64);
                let rows = self.rows.iter().map(|row| row.cells.iter().map(number).collect());
                Some(Outcome::plain(rows.collect::<Vec<Vec<Option<f64>>>>()))
            }
            // What it prints on a terminal.
            "text" => Some(Outcome::plain(self.to_string())),
            _ => None,
        })
    }
}

impl Kept for Rfm {
    itself_as_json_and_table!();

    fn then(&self, call: &str, _: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(match call {
            // All but the customers.
            "groups" | "head" => Some(Outcome::plain(&self.groups)),
            "customers" => {
                #[derive(Serialize)]
                #[serde(rename_all = "camelCase")]
                struct Figures<'a> {
                    f: u8,
                    frequency: u32,
                    m: u8,
                    monetary_minor: i64,
                    r: u8,
                    recency: u32,
                    segment: &'a str,
                }
                let customers = &self.customers;
                let figures = (0..customers.len()).zip(customers.recency.iter().zip(&customers.frequency));
                let scores = customers.r.iter().zip(&customers.f).zip(&customers.m);
                let rows = figures.zip(customers.monetary_minor.iter().zip(scores)).filter_map(
                    |((row, (&recency, &frequency)), (&monetary_minor, ((&r, &f), &m)))| {
                        let segment = self.segment_of(row)?.name.as_str();
                        let figures = Figures { f, frequency, m, monetary_minor, r, recency, segment };
                        Some((customers.key(row)?, figures))
                    },
                );
                Some(Outcome::by_name(rows))
            }
            _ => None,
        })
    }
}

impl Kept for Report {
    fn json(&self) -> String {
        json(self)
    }

    fn then(&self, call: &str, _: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(Some(match call {
            // What it prints on a terminal.
            "text" => Outcome::plain(self.to_string()),
            // What it holds that is a table.
            "timeline" => Outcome::tabular(self.timeline.clone()),
            "flow_timeline" => Outcome::tabular(self.flow_timeline.clone()),
            "movement_timeline" => Outcome::tabular(self.movement_timeline.clone()),
            "second_purchase" => Outcome::tabular(self.second_purchase.clone()),
            "gaps" => Outcome::tabular(self.gaps.clone()),
            "funnel" => Outcome::tabular(self.funnel.clone()),
            "cohorts" => Outcome::kept(self.cohorts.clone()),
            "cohort_values" => Outcome::kept(self.cohort_values.clone()),
            "concentration" => Outcome::tabular(self.concentration.clone()),
            _ => return Ok(None),
        }))
    }
}

impl Kept for KaplanMeier {
    itself_as_json_and_table!();

    fn then(&self, call: &str, arguments: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(Some(match call {
            "survival" => Outcome::plain(self.survival(arguments.take("day")?)),
            "interval" => Outcome::plain(self.interval(arguments.take("day")?)),
            "at_risk" => Outcome::plain(self.at_risk(arguments.take("day")?)),
            "quantile" => Outcome::plain(self.quantile(arguments.take("p")?)),
            "median" => Outcome::plain(self.median()),
            _ => return Ok(None),
        }))
    }
}

/// An assessment, and the sentence that it displays as.
#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    assessment: Assessment,
    sentence: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SegmentsHead<'a> {
    as_of: NaiveDate,
    rule: &'a SegmentRule,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AudienceHead<'a> {
    action: &'a Action,
    as_of: NaiveDate,
    currency: Currency,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProfilesHead {
    as_of: NaiveDate,
    currency: Currency,
    horizon_days: u32,
}

impl Kept for Segments {
    itself_as_json_and_table!();

    fn segments(&self) -> Option<&Segments> {
        Some(self)
    }

    fn then(&self, call: &str, arguments: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(Some(match call {
            "explain" => {
                let customer = CustomerKey::new(&arguments.take::<String>("customer")?);
                let explained = customer.and_then(|key| self.explain(&key));
                Outcome::plain(explained.map(|assessment| {
                    let sentence = assessment.to_string();
                    Explained { assessment, sentence }
                }))
            }
            "counts" => Outcome::plain(self.counts()),
            // All but the customers.
            "head" => Outcome::plain(SegmentsHead { as_of: self.as_of, rule: &self.rule }),
            "prospects" => Outcome::plain(self.prospects()),
            // Each customer's segment, reason and flags by name.
            "reasons" => {
                let row = |row| {
                    let assessment = self.assessment(row)?;
                    let Assessment { customer, segment, reason, flags, .. } = assessment;
                    Some((customer, (segment, reason, flags)))
                };
                Outcome::by_name((0..self.len()).filter_map(row))
            }
            // By its id in the playbook, or one of the shop's own.
            "audience" if arguments.is_text("action") => {
                Outcome::kept(self.audience(&arguments.take::<String>("action")?)?)
            }
            "audience" => Outcome::kept(self.audience_of(&arguments.take::<Action>("action")?)),
            _ => return Ok(None),
        }))
    }
}

impl Kept for Audience {
    itself_as_json_and_table!();

    fn then(&self, call: &str, _: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(match call {
            // All but the customers.
            "head" => {
                let (action, as_of, currency) = (&self.action, self.as_of, self.currency);
                Some(Outcome::plain(AudienceHead { action, as_of, currency }))
            }
            // Why it is for each of them, by name.
            "why" => {
                let row = |row| Some((self.key(row)?, self.why(row)?));
                Some(Outcome::by_name((0..self.len()).filter_map(row)))
            }
            _ => None,
        })
    }
}

impl Kept for Migration {
    itself_as_json_and_table!();

    fn then(&self, call: &str, arguments: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(Some(match call {
            "count" => {
                let (from, to): (String, String) = (arguments.take("from")?, arguments.take("to")?);
                Outcome::plain(self.count(&from, &to))
            }
            "unchanged" => Outcome::plain(self.unchanged()),
            "kappa" => Outcome::plain(self.kappa()),
            _ => return Ok(None),
        }))
    }
}

impl Kept for SegmentOverview {
    itself_as_json_and_table!();

    fn then(&self, call: &str, _: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(match call {
            // What it holds that is a table.
            "migration" => self.migration.clone().map(Outcome::kept),
            _ => None,
        })
    }
}

impl Kept for Outlook {
    fn json(&self) -> String {
        json(self)
    }

    fn then(&self, call: &str, arguments: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(match call {
            "estimate" => {
                let (purchases, span) = (arguments.take("purchases")?, arguments.take("spanDays")?);
                Some(Outcome::plain(self.estimate(purchases, span, arguments.take("silenceDays")?)))
            }
            _ => None,
        })
    }
}

impl Kept for CustomerProfiles {
    itself_as_json_and_table!();

    fn then(&self, call: &str, arguments: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(match call {
            "of" => {
                let customer = CustomerKey::new(&arguments.take::<String>("customer")?);
                Some(Outcome::plain(customer.and_then(|key| self.of(&key).copied())))
            }
            // All but the customers.
            "head" => {
                let (as_of, currency, horizon_days) = (self.as_of, self.currency, self.horizon_days);
                Some(Outcome::plain(ProfilesHead { as_of, currency, horizon_days }))
            }
            _ => None,
        })
    }
}
