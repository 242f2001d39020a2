use core::fmt;

use regulars::{
    Action, Assessment, Audience, CohortTable, Cohorts, Column, Columns, CustomerKey, CustomerProfiles,
    Figure, KaplanMeier, Migration, Outlook, Report, Rfm, SegmentOverview, Segments, Values,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::arguments::Arguments;
use crate::error::CallError;

/// The result of a call, kept as the core made it: its JSON and its table are made when they are asked for.
pub struct Outcome(Box<dyn Kept>);

/// What a result can do beside being JSON.
pub(crate) trait Kept: Send + Sync {
    fn json(&self) -> serde_json::Result<String>;

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
struct Plain<T>(T);

/// A result that is a table too.
struct Tabular<T>(T);

impl Outcome {
    pub(crate) fn plain<T: Serialize + Send + Sync + 'static>(result: T) -> Outcome {
        Outcome(Box::new(Plain(result)))
    }

    pub(crate) fn tabular<T: Serialize + Columns + Send + Sync + 'static>(result: T) -> Outcome {
        Outcome(Box::new(Tabular(result)))
    }

    pub(crate) fn kept(result: impl Kept + 'static) -> Outcome {
        Outcome(Box::new(result))
    }

    /// Its JSON, the same bytes in every language.
    pub fn to_json(&self) -> String {
        // Keys are text and floats finite in every result, so that there is nothing that JSON cannot say.
        self.0.json().unwrap_or_default()
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

/// A table as one JSON list per column: dates as days since 1970-01-01, `null` for what is missing.
pub fn table_json(table: &dyn Columns) -> String {
    let columns = table.columns().into_iter().flat_map(Column::plain).map(|column| {
        fn cells<T: Serialize>(cells: &[T]) -> Vec<Value> {
            cells.iter().map(|cell| json!(cell)).collect()
        }
        let mut cells = match &column.values {
            Values::F64(values) => cells(values),
            Values::I64(values) => cells(values),
            Values::U32(values) => cells(values),
            Values::Bool(values) => cells(values),
            Values::Date(values) => cells(values),
            Values::Text(values) => cells(values),
            _ => Vec::new(),
        };
        for (cell, there) in cells.iter_mut().zip(column.validity.iter().flatten()) {
            if !there {
                *cell = Value::Null;
            }
        }
        // A list of such values has a text whatever they are.
        let cells = serde_json::to_string(&cells).unwrap_or_default();
        format!("\"{}\":{cells}", column.name)
    });
    format!("{{{}}}", columns.collect::<Vec<_>>().join(","))
}

impl<T: Serialize + Send + Sync> Kept for Plain<T> {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0)
    }
}

impl<T: Serialize + Columns + Send + Sync> Kept for Tabular<T> {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0)
    }

    fn table(&self) -> Option<&dyn Columns> {
        Some(&self.0)
    }
}

/// The JSON and the table of a result with calls of its own are those of the result itself.
macro_rules! itself_as_json_and_table {
    () => {
        fn json(&self) -> serde_json::Result<String> {
            serde_json::to_string(self)
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
            _ => None,
        })
    }
}

impl Kept for Rfm {
    itself_as_json_and_table!();

    fn then(&self, call: &str, _: &mut Arguments) -> Result<Option<Outcome>, CallError> {
        Ok(match call {
            // All but the customers.
            "groups" | "head" => Some(Outcome::plain(self.groups.clone())),
            // Each customer's figures by name: rows stand in the order of a history, which is that of hashes.
            "customers" => {
                let customers = &self.customers;
                let figures = (0..customers.len()).zip(customers.recency.iter().zip(&customers.frequency));
                let scores = customers.r.iter().zip(&customers.f).zip(&customers.m);
                let rows = figures.zip(customers.monetary_minor.iter().zip(scores)).filter_map(
                    |((row, (recency, frequency)), (monetary_minor, ((r, f), m)))| {
                        let segment = self.segment_of(row)?.name.as_str();
                        let figures = json!({
                            "recency": recency, "frequency": frequency, "monetaryMinor": monetary_minor,
                            "segment": segment, "r": r, "f": f, "m": m,
                        });
                        Some((customers.key(row)?.to_string(), figures))
                    },
                );
                Some(Outcome::plain(rows.collect::<Map<String, Value>>()))
            }
            _ => None,
        })
    }
}

impl Kept for Report {
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
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
            "head" => Outcome::plain(json!({"asOf": self.as_of, "rule": self.rule})),
            "prospects" => Outcome::plain(self.prospects()),
            // Each customer's segment, reason and flags by name.
            "reasons" => {
                let row = |row| {
                    let assessment = self.assessment(row)?;
                    let Assessment { customer, segment, reason, flags, .. } = assessment;
                    Some((customer.to_string(), json!([segment, reason, flags])))
                };
                Outcome::plain((0..self.len()).filter_map(row).collect::<Map<String, Value>>())
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
                let (action, currency) = (&self.action, self.currency);
                Some(Outcome::plain(json!({"action": action, "asOf": self.as_of, "currency": currency})))
            }
            // Why it is for each of them, by name.
            "why" => {
                let row = |row| Some((self.key(row)?.to_string(), Value::from(self.why(row)?)));
                Some(Outcome::plain((0..self.len()).filter_map(row).collect::<Map<String, Value>>()))
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
    fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
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
            "head" => Some(Outcome::plain(json!({
                "asOf": self.as_of, "currency": self.currency, "horizonDays": self.horizon_days,
            }))),
            _ => None,
        })
    }
}
