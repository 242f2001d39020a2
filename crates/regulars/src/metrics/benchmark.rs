//! What others have published, beside a figure as context.

use serde::Serialize;

/// A published figure of other shops: context, never a verdict.
///
/// Shops differ by what they sell more than by how well they are run, and sources differ in what they count. Each
/// benchmark therefore says what its source counts, and in which way that is not the figure that it stands beside.
///
/// ```
/// use regulars::Benchmark;
///
/// let found = Benchmark::of("repeat_customer_rate");
/// assert_eq!((found[0].low, found[0].typical, found[0].high), (Some(0.21), Some(0.28), Some(0.36)));
/// assert!(found[0].source.starts_with("Metrilo"));
/// assert!(Benchmark::of("gini").is_empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Benchmark {
    /// The [`Definition`](crate::Definition) that it stands beside.
    pub figure: &'static str,
    /// The lower end of the published range, where there is one.
    pub low: Option<f64>,
    /// The published average or median, where there is one.
    pub typical: Option<f64>,
    /// The upper end of the published range, where there is one.
    pub high: Option<f64>,
    /// What was counted, and what the ends of the range are.
    pub counted: &'static str,
    /// In which way that is not what is computed here.
    pub differs: &'static str,
    /// Who published it, and where.
    pub source: &'static str,
    /// When; `None` where the source does not say.
    pub year: Option<u16>,
    /// Where it can be read.
    pub url: &'static str,
}

impl Benchmark {
    /// All of them, in the order of the definitions.
    pub const ALL: &[Benchmark] = &[
        Benchmark {
            figure: "repeat_customer_rate",
            low: Some(0.21),
            typical: Some(0.28),
            high: Some(0.36),
            counted: "customers with more than one order ÷ customers, by niche: tea the lowest, CBD the highest",
            differs: "over all that each shop has sold, and orders of one day count apart",
            source: "Metrilo, glossary, from a survey of its own; called retention rate there",
            year: None,
            url: "https://metrilo.com/glossary/retention-rate",
        },
        Benchmark {
            figure: "revenue_split",
            low: None,
            typical: Some(0.40),
            high: None,
            counted: "revenue from visitors who had bought before ÷ revenue, of 180 online shops in the USA and Europe, 2011–2012",
            differs: "people are browsers that were recognised, so that who comes with another one is new",
            source: "Adobe Digital Index, The ROI from Marketing to Existing Online Customers",
            year: Some(2012),
            url: "https://blogs.adobe.com/uk/tag/digital-index-report/",
        },
        Benchmark {
            figure: "retention_rate",
            low: None,
            typical: Some(0.30),
            high: None,
            counted: "customers whom a shop retains over a period that is not named",
            differs: "neither the period nor the way to count is given, so that it is a rule of thumb with a name",
            source: "Omniconvert, on optimising the retention rate",
            year: None,
            url: "https://www.omniconvert.com/blog/category/customer-value-optimization/retention-rate-optimization/",
        },
        Benchmark {
            figure: "retention_rate",
            low: Some(0.35),
            typical: None,
            high: None,
            counted: "users of a shop's site or app who use it in the eighth week after their first: from 35 % on the report speaks of elite",
            differs: "to use is not to buy, and eight weeks are not your period",
            source: "Mixpanel, Product Benchmarks Report, as quoted by Stats for Startups",
            year: Some(2017),
            url: "https://statsforstartups.com/kpis/Retention-Rate/",
        },
        Benchmark {
            figure: "time_to_second_purchase",
            low: None,
            typical: Some(0.32),
            high: None,
            counted: "customers with a second order within a year of the first ÷ customers, of 176 shops with 18 million customers",
            differs: "orders of one day count apart, and the best and worst hundredth of the customers are left out",
            source: "RJMetrics, Ecommerce Buyer Behavior Benchmark",
            year: Some(2015),
            url: "https://www.prnewswire.com/news-releases/new-ecommerce-data-ecommerce-customer-loyalty-is-rare-300090535.html",
        },
        Benchmark {
            figure: "returns",
            low: None,
            typical: Some(0.176),
            high: None,
            counted: "merchandise bought online that was returned ÷ online sales, by value, USA",
            differs: "an estimate for all retail, large and small, of goods that came back; here it is money that went back",
            source: "National Retail Federation and Appriss Retail, Consumer Returns in the Retail Industry",
            year: Some(2023),
            url: "https://apprissretail.com/news/nrf-and-appriss-retail-report-743-billion-in-merchandise-returned-in-2023",
        },
        Benchmark {
            figure: "referral_share",
            low: None,
            typical: Some(0.023),
            high: None,
            counted: "referred purchases ÷ purchases, of shops six months into a referral programme",
            differs: "a share of purchases, not of new customers",
            source: "ReferralCandy, as quoted by Stats for Startups",
            year: Some(2021),
            url: "https://statsforstartups.com/kpis/Referral-Rate",
        },
        Benchmark {
            figure: "email_open_rate",
            low: None,
            typical: Some(0.2271),
            high: None,
            counted: "unique opens ÷ e-mails delivered, of accounts that name no industry",
            differs: "before mail programs opened e-mails by themselves (Apple, 2021), and recipients need not be customers",
            source: "Mailchimp, Email Marketing Statistics and Benchmarks",
            year: Some(2019),
            url: "https://mailchimp.com/resources/email-marketing-benchmarks/",
        },
        Benchmark {
            figure: "email_open_rate",
            low: None,
            typical: Some(0.5204),
            high: Some(0.6808),
            counted: "recipients who opened an automated e-mail ÷ recipients; the upper end is that of the best tenth of shops",
            differs: "automated e-mails alone, which are opened more than campaigns, and after mail programs began to open e-mails by themselves",
            source: "Klaviyo, 2024 Benchmark Report",
            year: Some(2024),
            url: "https://resources.klaviyo.com/2024-benchmark-report/p/4",
        },
        Benchmark {
            figure: "email_click_rate",
            low: None,
            typical: Some(0.0291),
            high: None,
            counted: "unique clicks ÷ e-mails delivered, of accounts that name no industry",
            differs: "recipients need not be customers",
            source: "Mailchimp, Email Marketing Statistics and Benchmarks",
            year: Some(2019),
            url: "https://mailchimp.com/resources/email-marketing-benchmarks/",
        },
        Benchmark {
            figure: "email_click_rate",
            low: None,
            typical: Some(0.0531),
            high: Some(0.1298),
            counted: "recipients who clicked in an automated e-mail ÷ recipients; the upper end is that of the best tenth of shops",
            differs: "automated e-mails alone, which are clicked more than campaigns",
            source: "Klaviyo, 2024 Benchmark Report",
            year: Some(2024),
            url: "https://resources.klaviyo.com/2024-benchmark-report/p/4",
        },
    ];

    /// The benchmarks beside a figure, by the name of its [`Definition`](crate::Definition); none where nothing that can be
    /// named has been published.
    pub fn of(figure: &str) -> Vec<&'static Benchmark> {
        Benchmark::ALL.iter().filter(|benchmark| benchmark.figure == figure).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Definition;

    #[test]
    fn benchmarks_stand_beside_figures_in_their_order() {
        let places: Vec<usize> = Benchmark::ALL
            .iter()
            .map(|b| Definition::ALL.iter().position(|d| d.name == b.figure).expect(b.figure))
            .collect();
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn every_benchmark_says_something_and_where_from() {
        for b in Benchmark::ALL {
            let range: Vec<f64> = [b.low, b.typical, b.high].into_iter().flatten().collect();
            assert!(!range.is_empty() && range.is_sorted(), "{}", b.figure);
            assert!(range.iter().all(|share| (0.0..=1.0).contains(share)), "{}", b.figure);
            assert!(b.url.starts_with("https://") && !b.source.is_empty() && !b.differs.is_empty());
        }
    }
}
