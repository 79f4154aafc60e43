//! What explains a payment, from its receipts to a balance: the settlement and its rules with the keys that prove them, and the reading of
//! what a proof shows.
//!
//! The state keeps no receipts, only roots. So an explanation has three sources: values of this module's keys with their state proofs (the
//! settlement, its parameters, what the contribution earned, what its payees are owed and hold); the receipts with their claims and
//! credits, from an engine or from the transaction that settled them; and `openledger_provenance::payout::explain`, which computes the
//! one from the other. [`Proven`] reads the values; `openledger-client` checks the proofs.

use openledger_core::{Context, Result, Status, BASE_DENOM};
use openledger_datanet::Payee;
use openledger_proto::openledger::attribution::v1::{QueryPayoutProofRequest, QueryPayoutProofResponse, StateKey};
use openledger_provenance::amount::Amount;
use openledger_provenance::payout::Facts;

use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::{EARNINGS, OWED, PARAMS, ROWS, SETTLEMENTS, STORE};
use crate::types::{assurance, Earnings, Settlement, SettlementStatus};

/// The key of a settlement in the store `attribution`.
pub fn settlement_key(id: u64) -> Vec<u8> {
    SETTLEMENTS.key(id).to_vec()
}

/// The key of a version of the parameters in the store `attribution`.
pub fn params_key(version: u64) -> Vec<u8> {
    PARAMS.key(version).to_vec()
}

/// The key of what a contribution earned in the store `attribution`.
pub fn earnings_key(contribution: u64) -> Vec<u8> {
    EARNINGS.key(contribution).to_vec()
}

/// What proven values say.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The settlement.
    pub settlement: Settlement,
    /// The parameters that hold for it.
    pub params: Params,
}

impl Proven {
    /// Reads the values under [`settlement_key`] and [`params_key`].
    pub fn read(settlement: &[u8], params: &[u8]) -> Result<Self> {
        Ok(Self { settlement: cosmwasm_std::from_json(settlement)?, params: cosmwasm_std::from_json(params)? })
    }

    /// Reads the value under [`earnings_key`].
    pub fn read_earnings(earnings: &[u8]) -> Result<Earnings> {
        Ok(cosmwasm_std::from_json(earnings)?)
    }

    /// What [`openledger_provenance::payout::explain`] checks receipts against.
    pub fn facts(&self) -> Result<Facts> {
        let Self { settlement, params } = self;
        let present = settlement.present()?;
        let hash = openledger_core::wire::stored_hash;
        let amount = |amount: cosmwasm_std::Uint256| Amount::from_be_bytes(amount.to_be_bytes());
        Ok(Facts {
            first_receipt: settlement.first_receipt,
            receipts: settlement.receipts,
            receipts_root: hash(&settlement.receipts_root)?,
            root: hash(&present.root)?,
            credits_root: hash(&settlement.credits_root)?,
            rows_root: hash(&present.rows_root)?,
            fees: amount(settlement.fees),
            burnt: amount(settlement.burnt),
            pool: amount(settlement.pool),
            baseline: amount(present.baseline),
            split: params.split.rule(),
            baseline_cap: params.baseline_cap,
        })
    }
}

impl Attribution {
    /// Answers `PayoutProof`.
    pub(crate) fn payout_proof(
        &self,
        ctx: &Context,
        request: &QueryPayoutProofRequest,
    ) -> std::result::Result<QueryPayoutProofResponse, Status> {
        let QueryPayoutProofRequest { settlement: id, contribution, receipt } = *request;
        let missing = || Status::not_found(AttributionError::NotFound { what: "settlement", id }.to_string());
        let settlement = self.settlement(ctx, id)?.ok_or_else(missing)?;
        let params = self.kept_params(ctx, settlement.params_version)?;
        let (mut keys, mut needs) =
            (vec![settlement_state(&settlement), params_state(&settlement)], needs(&settlement));
        let mut row = String::new();
        match (contribution, receipt) {
            (seq @ 1.., 0) => {
                keys.extend(self.pay_keys(ctx, seq)?);
                let kept = ROWS.may_load(&*ctx.kv(STORE), (id, settlement.round(), seq))?;
                row = kept.map(|row| row.to_string()).unwrap_or_default();
            }
            (0, index @ 1..) => {
                let place = index.checked_sub(settlement.first_receipt);
                if place.is_none_or(|place| place >= u64::from(settlement.receipts)) {
                    let text = format!("settlement {id} has no receipt {index}");
                    return Err(Status::not_found(text));
                }
                needs.push(format!("or of receipt {index} alone: it, its claim and its path to the round's root"));
            }
            _ => return Err(Status::invalid_argument("give a contribution or a receipt, and not both")),
        }
        Ok(QueryPayoutProofResponse {
            assurance: assurance(settlement.mode).into(),
            settlement: Some(settlement.to_proto()),
            params: Some(params.to_proto()),
            row,
            height: ctx.height(),
            keys,
            needs,
        })
    }

    /// What shows that a contribution's payees were paid.
    fn pay_keys(&self, ctx: &Context, seq: u64) -> Result<Vec<StateKey>> {
        let what = format!("what contribution {seq} earned in all, and of it held");
        let mut keys = vec![StateKey { store: STORE.into(), key: earnings_key(seq), what }];
        for (payee, bps) in self.datanets.payees(ctx, seq)? {
            let Payee::Account(account) = payee else { continue };
            let what = format!("what {account}, paid {bps} basis points, may claim");
            keys.push(StateKey { store: STORE.into(), key: OWED.key(account.as_bytes()).to_vec(), what });
            let key = openledger_bank::state::balance_key(&account, BASE_DENOM);
            let what = format!("the balance of {account}");
            keys.push(StateKey { store: openledger_bank::state::STORE.into(), key, what });
        }
        Ok(keys)
    }
}

fn settlement_state(settlement: &Settlement) -> StateKey {
    let what = format!("settlement {}: roots, amounts, status", settlement.id);
    StateKey { store: STORE.into(), key: settlement_key(settlement.id), what }
}

fn params_state(settlement: &Settlement) -> StateKey {
    let version = settlement.params_version;
    StateKey { store: STORE.into(), key: params_key(version), what: format!("version {version} of the parameters") }
}

/// What an engine must add.
fn needs(settlement: &Settlement) -> Vec<String> {
    let (first, receipts, round) = (settlement.first_receipt, settlement.receipts, settlement.round());
    let mut needs =
        vec![format!("receipts {first} and following, {receipts} in all, with the claims of round {round}, in order")];
    if !settlement.credited.is_zero() {
        needs.push(format!("the credits of these receipts, {} in all, by receipt", settlement.credited));
    }
    needs.push(
        "the sources among these that were not paid when they arrived: both kinds of commons, and what was taken back"
            .into(),
    );
    if settlement.status != SettlementStatus::Paid {
        needs.push(format!("patience: the settlement is {:?}, its rows are not all credited", settlement.status));
    }
    needs
}
