//! What is computed from a history, one file per family of metrics.

mod acquisition;
mod benchmark;
mod buying;
mod concentration;
mod definition;
mod engagement;
mod referrals;
mod repurchase;
mod retention;
mod returns;
mod revenue;
mod spread;
mod tenure;
mod timing;
mod window;

pub use acquisition::{Acquisition, ChannelAcquisition, MarketingAim, MarketingCost};
pub use benchmark::Benchmark;
pub(crate) use buying::BuyingPlan;
pub use buying::{Buying, RevenuePart, RevenueSplit, Timeline};
pub use concentration::{Concentration, ConcentrationOptions, LorenzPoint, TopCustomers};
pub use definition::Definition;
pub use engagement::{Activity, EmailEngagement, Engagement, KindActivity};
pub use referrals::{ReferralOptions, Referrals};
pub use repurchase::RepurchaseRetention;
pub(crate) use repurchase::{RepurchasePlan, previous_of};
pub(crate) use retention::FlowPlan;
pub use retention::{CustomerFlow, FlowOptions, FlowTimeline, LapseAfter};
pub(crate) use returns::ReturnPlan;
pub use returns::Returns;
pub(crate) use revenue::MovementPlan;
pub use revenue::{MovementTimeline, RevenueMovements};
pub(crate) use spread::{Spread, Tally};
pub use tenure::{SpendByTenure, TenureBand, TenureOptions, TenureRatio};
pub use timing::{
    FunnelStep, GapBin, PurchaseFunnel, PurchaseFunnelOptions, ReturnedBy, TimeBetweenPurchases,
    TimeBetweenPurchasesOptions, TimeToSecondPurchase, TimeToSecondPurchaseOptions,
};
pub(crate) use timing::{Gaps, Timing, rhythm};
pub use window::Window;
