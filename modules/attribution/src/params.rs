//! The module's parameters, their ranges and their versions.
//!
//! Every change makes a new version. A session keeps the version of its opening, and its settlements keep the session's, so
//! nobody's terms change under them.

use cosmwasm_std::Uint256;
use openledger_core::wire;
use openledger_core::Result;
use openledger_proto::openledger::attribution::v1::{self as proto, Assurance};
use openledger_provenance::split::{FeeSplit, BASIS_POINTS};
use serde::{Deserialize, Serialize};

pub use crate::audit::params::AuditParams;
use crate::error::AttributionError;
use crate::types::{assurance, Check};

/// Longest dispute window, in blocks.
pub const MAX_DISPUTE_WINDOW: u64 = 1_000_000;
/// Longest answer window, in blocks.
pub const MAX_ANSWER_WINDOW: u64 = 100_000;
/// Longest reveal window, in blocks; horizons are kept for so long.
pub const MAX_REVEAL_WINDOW: u64 = 1_000;
/// Longest notice, in seconds: a year.
pub const MAX_CLOSE_NOTICE: u64 = 31_536_000;
/// The largest part of a receipt's pool that the baseline may take, in basis points.
pub const MAX_BASELINE_CAP: u32 = 5_000;
/// Most rows a block.
pub const MAX_ROWS_PER_BLOCK: u32 = 10_000;
/// The least share of a fee that goes to contributors, in basis points.
pub const MIN_CONTRIBUTORS: u32 = 1_000;
/// The largest share of a fee that goes to the platform, burn included, in basis points.
pub const MAX_PLATFORM: u32 = 2_000;

/// Longest idleness of a session, in seconds: a year.
pub const MAX_SESSION_IDLE: u64 = 31_536_000;
/// The most that a block is reckoned to take, in seconds.
pub const MAX_BLOCK_SECONDS: u64 = 60;
/// Shortest period of settled prices, in seconds.
pub const MIN_PRICE_PERIOD: u64 = 10;
/// Longest period of settled prices, in seconds: thirty days.
pub const MAX_PRICE_PERIOD: u64 = 2_592_000;
/// The most that sealed sessions may cost more, in basis points: ten times the price.
pub const MAX_SEALED_PREMIUM: u32 = 100_000;

/// Parameters of the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Blocks for which a settlement can be disputed at least (W).
    pub dispute_window: u64,
    /// Blocks within which a replacement claim must come (A).
    pub answer_window: u64,
    /// Blocks within which a committed dispute must be revealed.
    pub reveal_window: u64,
    /// Seconds of header time between notice and closing.
    pub close_notice_seconds: u64,
    /// The bond of a dispute, base units.
    pub dispute_bond: Uint256,
    /// How a fee is divided.
    pub split: Split,
    /// What the baseline takes of a receipt's pool at most, in basis points.
    pub baseline_cap: u32,
    /// What the end of a block does at most about settlements' rows: payees credited, rows deleted, payments ended with the datanets they credit.
    pub rows_per_block: u32,
    /// Whether claims-only settlements and replacements are taken in public sessions.
    pub claims_only: bool,
    /// Demands, sampling and auditors.
    pub audit: AuditParams,
    /// Seconds of header time after which a session that nobody touched ends.
    pub session_idle_seconds: u64,
    /// Seconds of header time that a block is reckoned to take.
    pub block_seconds: u64,
    /// Blocks after its corpus height from which a receipt counts as late.
    pub late_receipt_blocks: u64,
    /// Seconds of header time of a period of settled prices.
    pub price_period_seconds: u64,
    /// What sealed sessions cost more, in basis points.
    pub sealed_premium: u32,
}

/// How a fee is divided, in basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The server.
    pub server: u32,
    /// The platform, burn included.
    pub platform: u32,
    /// Of the fee, what is burnt out of the platform's share.
    pub burnt: u32,
    /// The model's owner and ancestors.
    pub model: u32,
    /// Stakers.
    pub stakers: u32,
    /// The contributor pool.
    pub contributors: u32,
    /// Curators and evaluators.
    pub curators: u32,
}

impl Default for Params {
    /// Mainnet's.
    fn default() -> Self {
        Self {
            dispute_window: 14_400,
            answer_window: 1_200,
            reveal_window: 20,
            close_notice_seconds: 86_400,
            dispute_bond: Uint256::from(10_000_000_000_000_000_000u128),
            split: Split {
                server: 3_000,
                platform: 500,
                burnt: 200,
                model: 1_500,
                stakers: 500,
                contributors: 4_000,
                curators: 500,
            },
            baseline_cap: 2_000,
            rows_per_block: 500,
            claims_only: true,
            audit: AuditParams::default(),
            session_idle_seconds: 2_592_000,
            block_seconds: 6,
            late_receipt_blocks: 14_400,
            price_period_seconds: 86_400,
            sealed_premium: 2_500,
        }
    }
}

impl Split {
    /// The form in which fees are divided.
    pub fn rule(&self) -> FeeSplit {
        let Self { server, platform, burnt, model, stakers, contributors, curators } = *self;
        FeeSplit { server, platform, burnt, model, stakers, contributors, curators }
    }
}

pub(crate) fn in_range(name: &str, value: u64, least: u64, most: u64) -> Result<u64> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(AttributionError::InvalidParams(format!("{name} is {least} to {most}, not {value}")).into())
}

impl Params {
    /// Refuses claims that are looked at in a way that is not taken in this mode. A sealed session's transcripts are its payer's, so its
    /// claims stand alone; a public one's stand alone only where governance lets them.
    pub(crate) fn check_taken(&self, check: Check, mode: i32) -> Result<()> {
        let text = match (assurance(mode), check) {
            (Assurance::Sealed, Check::ClaimsOnly) => return Ok(()),
            (Assurance::Sealed, Check::Existence) => {
                "a sealed session's transcripts are opened by its payer alone; settle claims only"
            }
            (_, Check::ClaimsOnly) if !self.claims_only => {
                "claims-only settlements are not taken (parameter claims_only): settle existence-checked"
            }
            _ => return Ok(()),
        };
        Err(AttributionError::Invalid(text.into()).into())
    }

    /// Seconds that a settlement may take at most from its payer's notice to the end of its last repair, as blocks are reckoned: the
    /// notice, three windows with their reveals, two answers. A server's unbonding must outlast it.
    pub fn liability_seconds(&self) -> u64 {
        let window = self.dispute_window.saturating_add(self.reveal_window);
        let blocks = window.saturating_mul(3).saturating_add(self.answer_window.saturating_mul(2));
        self.close_notice_seconds.saturating_add(blocks.saturating_mul(self.block_seconds))
    }

    /// Refuses an unbonding time that a liability outlasts.
    pub(crate) fn check_unbonding(&self, unbonding_seconds: u64) -> Result<()> {
        let needed = self.liability_seconds();
        if unbonding_seconds >= needed {
            return Ok(());
        }
        let text = format!(
            "servers unbond in {unbonding_seconds} seconds, notice, windows and repairs may take {needed}: raise the model module's \
             unbonding_seconds or shorten these"
        );
        Err(AttributionError::InvalidParams(text).into())
    }

    /// A price with the premium of a mode, rounded down.
    pub(crate) fn price_in(&self, mode: i32, price: Uint256) -> Result<Uint256> {
        if assurance(mode) != Assurance::Sealed {
            return Ok(price);
        }
        let whole = u64::from(self.sealed_premium).saturating_add(BASIS_POINTS);
        let refuse =
            |_| AttributionError::Invalid(format!("the premium of sealed sessions on {price} exceeds 256 bits"));
        Ok(price.checked_multiply_ratio(whole, BASIS_POINTS).map_err(refuse)?)
    }

    /// Reads and checks the protobuf form.
    pub fn from_proto(params: Option<&proto::Params>) -> Result<Self> {
        let params = params.ok_or_else(|| AttributionError::InvalidParams("params are missing".into()))?;
        let split = params.split.as_ref().ok_or_else(|| AttributionError::InvalidParams("split is missing".into()))?;
        let proto::FeeSplit { server, platform, burnt, model, stakers, contributors, curators } = *split;
        let split = Split { server, platform, burnt, model, stakers, contributors, curators };
        split.rule().check().map_err(|error| AttributionError::InvalidParams(error.to_string()))?;
        in_range("split.contributors", contributors.into(), MIN_CONTRIBUTORS.into(), 10_000)?;
        in_range("split.platform", platform.into(), 0, MAX_PLATFORM.into())?;
        in_range("baseline_cap", params.baseline_cap.into(), 0, MAX_BASELINE_CAP.into())?;
        in_range("sealed_premium", params.sealed_premium.into(), 0, MAX_SEALED_PREMIUM.into())?;
        in_range("rows_per_block", params.rows_per_block.into(), 1, MAX_ROWS_PER_BLOCK.into())?;
        Ok(Self {
            dispute_window: in_range("dispute_window", params.dispute_window, 1, MAX_DISPUTE_WINDOW)?,
            answer_window: in_range("answer_window", params.answer_window, 1, MAX_ANSWER_WINDOW)?,
            reveal_window: in_range("reveal_window", params.reveal_window, 1, MAX_REVEAL_WINDOW)?,
            close_notice_seconds: in_range("close_notice_seconds", params.close_notice_seconds, 1, MAX_CLOSE_NOTICE)?,
            dispute_bond: wire::amount("dispute_bond", &params.dispute_bond)?,
            split,
            baseline_cap: params.baseline_cap,
            rows_per_block: params.rows_per_block,
            claims_only: params.claims_only,
            audit: AuditParams::from_proto(params.audit.as_ref())?,
            session_idle_seconds: in_range(
                "session_idle_seconds",
                params.session_idle_seconds,
                params.close_notice_seconds,
                MAX_SESSION_IDLE,
            )?,
            block_seconds: in_range("block_seconds", params.block_seconds, 1, MAX_BLOCK_SECONDS)?,
            late_receipt_blocks: in_range("late_receipt_blocks", params.late_receipt_blocks, 1, MAX_DISPUTE_WINDOW)?,
            price_period_seconds: in_range(
                "price_period_seconds",
                params.price_period_seconds,
                MIN_PRICE_PERIOD,
                MAX_PRICE_PERIOD,
            )?,
            sealed_premium: params.sealed_premium,
        })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Params {
        let Split { server, platform, burnt, model, stakers, contributors, curators } = self.split;
        proto::Params {
            dispute_window: self.dispute_window,
            answer_window: self.answer_window,
            reveal_window: self.reveal_window,
            close_notice_seconds: self.close_notice_seconds,
            dispute_bond: self.dispute_bond.to_string(),
            split: Some(proto::FeeSplit { server, platform, burnt, model, stakers, contributors, curators }),
            baseline_cap: self.baseline_cap,
            rows_per_block: self.rows_per_block,
            claims_only: self.claims_only,
            audit: Some(self.audit.to_proto()),
            session_idle_seconds: self.session_idle_seconds,
            block_seconds: self.block_seconds,
            late_receipt_blocks: self.late_receipt_blocks,
            price_period_seconds: self.price_period_seconds,
            sealed_premium: self.sealed_premium,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_alone_are_taken_unless_governance_says_otherwise() {
        let params = Params::default();
        assert!(params.check_taken(Check::ClaimsOnly, 1).is_ok());
        let strict = Params { claims_only: false, ..params };
        assert!(strict.check_taken(Check::Existence, 1).is_ok());
        assert!(strict.check_taken(Check::ClaimsOnly, 1).is_err());
    }

    #[test]
    fn parameters_of_the_audit_outside_their_ranges_are_refused_by_name() {
        let good = Params::default().to_proto();
        assert_eq!(Params::from_proto(Some(&good)).ok(), Some(Params::default()));
        let refused = |change: &dyn Fn(&mut proto::AuditParams)| {
            let mut bad = good.clone();
            change(bad.audit.get_or_insert_default());
            Params::from_proto(Some(&bad)).err().map(|error| error.message).unwrap_or_default()
        };
        assert!(refused(&|audit| audit.gas_price = "1000000000000001".into()).contains("audit.gas_price"));
        assert!(refused(&|audit| audit.max_open_demands = 0).contains("audit.max_open_demands"));
        assert!(refused(&|audit| audit.max_open_demands = 257).contains("257"));
        assert!(refused(&|audit| audit.samples = 65).contains("audit.samples"));
        assert!(refused(&|audit| audit.epoch_blocks = 1).contains("audit.epoch_blocks"));
        assert!(refused(&|audit| audit.max_auditors = 0).contains("audit.max_auditors"));
        assert!(refused(&|audit| audit.auditor_bond = "-1".into()).contains("audit.auditor_bond"));
    }

    #[test]
    fn the_deposit_of_openings_doubles_from_the_parameter_on_and_cannot_be_paid_without_end() -> Result<()> {
        let audit = AuditParams { gas_price: Uint256::from(10u128), max_open_demands: 3, ..AuditParams::default() };
        let cost = Uint256::from(1_500_000u128);
        for (open, times) in [(0, 1u32), (2, 1), (3, 2), (5, 2), (6, 4), (32, 1_024)] {
            assert_eq!(audit.opening_deposit(open)?, cost.saturating_mul(Uint256::from(times)), "{open} open");
        }
        let free = AuditParams { gas_price: Uint256::zero(), ..audit.clone() };
        assert_eq!(free.opening_deposit(2)?, Uint256::zero());
        assert_eq!(free.opening_deposit(3)?, Uint256::from(2u8), "where gas is free too");
        assert!(free.opening_deposit(3 * 255).is_ok() && free.opening_deposit(3 * 256).is_err());
        assert!(audit.opening_deposit(u32::MAX).is_err());
        Ok(())
    }

    #[test]
    fn a_transcript_s_deposit_grows_by_its_bytes() -> Result<()> {
        let audit = AuditParams { gas_price: Uint256::from(10u128), ..AuditParams::default() };
        assert_eq!(audit.opening_deposit(0)?, Uint256::from(1_500_000u128));
        assert_eq!(audit.transcript_deposit(0)?, Uint256::from(2_250_000u128));
        assert_eq!(audit.transcript_deposit(65_536)?, Uint256::from((150_000u128 + 16 * 65_536) * 15));
        Ok(())
    }

    #[test]
    fn a_sealed_sessions_claims_stand_alone_and_its_transcripts_are_not_published() {
        let params = Params::default();
        assert!(params.check_taken(Check::ClaimsOnly, 2).is_ok());
        assert!(params.check_taken(Check::Existence, 2).is_err());
    }

    #[test]
    fn mainnets_unbonding_outlasts_notice_windows_and_both_repairs() {
        let params = Params::default();
        assert_eq!(params.liability_seconds(), 86_400 + 6 * (3 * (14_400 + 20) + 2 * 1_200));
        assert!(params.check_unbonding(1_814_400).is_ok());
        assert!(params.check_unbonding(params.liability_seconds() - 1).is_err());
        let most = Params { block_seconds: u64::MAX, dispute_window: u64::MAX, ..params };
        assert_eq!(most.liability_seconds(), u64::MAX);
    }

    #[test]
    fn the_premium_is_on_sealed_prices_alone() {
        let params = Params::default();
        assert_eq!(params.price_in(1, Uint256::from(1_001u64)), Ok(Uint256::from(1_001u64)));
        assert_eq!(params.price_in(2, Uint256::from(1_001u64)), Ok(Uint256::from(1_251u64)));
        assert!(params.price_in(2, Uint256::MAX).is_err());
    }
}
