//! Stars, productive customers, question marks and problems: a segmentation that explains itself and is put to the test.
//!
//! The way of the data: `outlook` estimates how likely customers are to buy again, `buyers` finds each one's facts in a scan,
//! `rule` puts both together, and `segments` holds what comes of it.

mod assessment;
mod backtest;
mod bootstrap;
mod buyers;
mod migration;
mod outlook;
mod overview;
mod playbook;
mod profiles;
mod rule;
mod segments;
mod stability;
mod stage;

pub use assessment::{Assessment, Flag, Reason, Segment};
pub use backtest::{Backtest, BacktestOptions, BacktestScore, BacktestSegment, CalibrationBin};
pub use migration::{Migration, MigrationCell, MigrationRemark, MigrationRow};
pub use outlook::{NextPurchase, Outlook, OutlookEstimate, OutlookOptions, Rhythm};
pub use overview::SegmentOverview;
pub use playbook::{Action, Audience, Trigger};
pub use profiles::{CustomerProfile, CustomerProfiles};
pub use rule::{OutlookCut, SegmentOptions, SegmentRule, ValueBasis, ValueCut};
pub use segments::{SegmentCount, Segments};
pub use stability::{Sensitivity, Stability};
pub use stage::{ShopStage, Stage};
