//! The kinds of events that this module emits; their attributes stand where they are emitted.

/// A session was opened: session, payer, deployment, deposit, base_price, byte_price.
pub const SESSION_OPENED: &str = "attribution_session_opened";
/// A deposit grew: session, payer, amount, deposit.
pub const SESSION_TOPPED_UP: &str = "attribution_session_topped_up";
/// A payer gave notice: session, payer, closes_at.
pub const NOTICE_GIVEN: &str = "attribution_notice_given";
/// A session was closed: session, payer, sender, refund.
pub const SESSION_CLOSED: &str = "attribution_session_closed";
/// Receipts were settled: settlement, session, deployment, server, receipts, fees, burnt, pool, check.
pub const SETTLED: &str = "attribution_settled";
/// A dispute was committed: dispute, settlement, disputant, deadline.
pub const DISPUTE_COMMITTED: &str = "attribution_dispute_committed";
/// A dispute was revealed: dispute, settlement, disputant, valid, finding.
pub const DISPUTE_REVEALED: &str = "attribution_dispute_revealed";
/// A dispute was never revealed: dispute, settlement, disputant.
pub const DISPUTE_EXPIRED: &str = "attribution_dispute_expired";
/// Claims were refuted and their bond divided: settlement, round, maker, forfeited, dispute, disputant, bounty, burnt.
pub const CLAIMS_REFUTED: &str = "attribution_claims_refuted";
/// Replacement claims arrived: settlement, round, maker, bond, check.
pub const CLAIMS_REPLACED: &str = "attribution_claims_replaced";
/// A payee of a contribution was credited: settlement, contribution, amount, held, author (whoever is paid; none while it is held).
pub const CONTRIBUTION_CREDITED: &str = "attribution_contribution_credited";
/// A settlement's pool was paid: settlement, session, contributions, baseline, treasury.
pub const SETTLEMENT_PAID: &str = "attribution_settlement_paid";
/// No claim stood: settlement, session, baseline, treasury.
pub const SETTLEMENT_BASELINED: &str = "attribution_settlement_baselined";
/// Somebody was paid out: claimant, recipient, amount.
pub const CLAIMED: &str = "attribution_claimed";
/// The parameters have a new version: version.
pub const PARAMS_UPDATED: &str = "attribution_params_updated";
