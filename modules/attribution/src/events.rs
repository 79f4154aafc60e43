//! The kinds of events that this module emits; their attributes stand where they are emitted.

/// A session was opened: session, payer, deployment, agent, parent, deposit, base_price, byte_price, expires_at.
pub const SESSION_OPENED: &str = "attribution_session_opened";
/// A deposit grew: session, payer, amount, deposit.
pub const SESSION_TOPPED_UP: &str = "attribution_session_topped_up";
/// A payer gave notice: session, payer, closes_at.
pub const NOTICE_GIVEN: &str = "attribution_notice_given";
/// A session was closed: session, payer, sender, refund.
pub const SESSION_CLOSED: &str = "attribution_session_closed";
/// A session that nobody touched ended: session, payer, refund.
pub const SESSION_EXPIRED: &str = "attribution_session_expired";
/// A payer presented a credit note: session, payer, receipt, amount.
pub const CREDIT_PRESENTED: &str = "attribution_credit_presented";
/// Receipts were settled: settlement, session, deployment, server, payer, receipts, fees, credited, burnt, pool, check.
pub const SETTLED: &str = "attribution_settled";
/// An agent's receipts were settled: session, agent, operator, payer, receipts, own, parts, credited, burnt.
pub const AGENT_SETTLED: &str = "attribution_agent_settled";
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
/// Held pay moved: contribution, amount, author (who may claim it; none: the baseline has it).
pub const HELD_RELEASED: &str = "attribution_held_released";
/// A settlement's pool was paid: settlement, session, contributions, baseline, treasury, unmatched.
pub const SETTLEMENT_PAID: &str = "attribution_settlement_paid";
/// No claim stood: settlement, session, unmatched.
pub const SETTLEMENT_BASELINED: &str = "attribution_settlement_baselined";
/// Somebody was paid out: claimant, recipient, amount.
pub const CLAIMED: &str = "attribution_claimed";
/// The parameters have a new version: version.
pub const PARAMS_UPDATED: &str = "attribution_params_updated";
/// Something is to be opened: demand, settlement, kind, receipt, challenger, deadline, and of an opening segment and byte.
pub const DEMANDED: &str = "attribution_demanded";
/// A demand was answered: demand, settlement, receipt, maker, deposit.
pub const DEMAND_ANSWERED: &str = "attribution_demand_answered";
/// A transcript was published, in this transaction: demand, settlement, receipt, maker, deposit, transcript_len, sha256.
pub const TRANSCRIPT_PUBLISHED: &str = "attribution_transcript_published";
/// A demand had no answer: demand, settlement, receipt, challenger, finding.
pub const DEMAND_LAPSED: &str = "attribution_demand_lapsed";
/// A demand ended with its round: demand, settlement.
pub const DEMAND_VOID: &str = "attribution_demand_void";
/// Receipts were drawn: settlement, epoch, samples.
pub const SAMPLES_DRAWN: &str = "attribution_samples_drawn";
/// Three epochs had no reveals: settlement, epoch.
pub const UNSAMPLED: &str = "attribution_unsampled";
/// An epoch is over: epoch, and its seed where it had reveals.
pub const EPOCH_ENDED: &str = "attribution_epoch_ended";
/// An auditor put a bond down: auditor, epoch, bond.
pub const AUDITOR_BONDED: &str = "attribution_auditor_bonded";
/// An auditor has its bond back: auditor, epoch, bond.
pub const AUDITOR_UNBONDED: &str = "attribution_auditor_unbonded";
/// An auditor did not reveal, and lost its bond: auditor, epoch, bond.
pub const AUDITOR_MISSED: &str = "attribution_auditor_missed";
/// An auditor committed: auditor, epoch.
pub const SEED_COMMITTED: &str = "attribution_seed_committed";
/// An auditor revealed: auditor, epoch, value.
pub const SEED_REVEALED: &str = "attribution_seed_revealed";
/// A replacement was committed to: settlement, number, maker, bond, deadline.
pub const REPLACEMENT_COMMITTED: &str = "attribution_replacement_committed";
/// A commit to a replacement was not revealed: settlement, number, maker, burnt.
pub const REPLACEMENT_EXPIRED: &str = "attribution_replacement_expired";
/// An undeclared source was shown: settlement, receipt, start, count, contribution, amount, claimant.
pub const UNDECLARED_SHOWN: &str = "attribution_undeclared_shown";
/// An undeclared source was paid: settlement, receipt, contribution, amount.
pub const UNDECLARED_PAID: &str = "attribution_undeclared_paid";
