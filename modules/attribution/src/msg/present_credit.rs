//! `MsgPresentCredit`: a payer shows what its server signed to give back of a receipt, before the receipt is settled.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{self as proto, MsgPresentCredit, MsgPresentCreditResponse};
use openledger_provenance::amount::Amount;
use openledger_provenance::credit::CreditNote;
use openledger_provenance::voucher::verify_signature;

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::types::Credit;

/// Gas for a note's signature, as the SDK charges a transaction's.
const NOTE_GAS: u64 = 1_000;

impl Handle<MsgPresentCredit> for Attribution {
    type Response = MsgPresentCreditResponse;

    fn validate(&self, msg: &MsgPresentCredit) -> Result<()> {
        wire::address("payer", &msg.payer)?;
        let credit = Credit::from_proto(credit_of(msg)?)?;
        if credit.receipt == 0 || credit.amount.is_zero() || msg.signature.len() != 64 {
            let text = "a note gives more than nothing of a receipt numbered from 1, under 64 bytes of signature";
            return Err(AttributionError::Credit(text.into()).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgPresentCredit) -> Result<Self::Response> {
        let mut session = self.known_session(ctx, msg.session)?;
        session.check_payer(&msg.payer)?;
        session.check_not_closed()?;
        session.check_not_expired(ctx)?;
        let credit = Credit::from_proto(credit_of(msg)?)?;
        let signer = self.seller(ctx, &session)?;
        ctx.gas().consume(NOTE_GAS, "credit note");
        let refuse = |text: String| openledger_core::Error::from(AttributionError::Credit(text));
        let digest = CreditNote {
            chain_id: &ctx.block().chain_id,
            session: session.id,
            deployment: session.deployment,
            receipt: credit.receipt,
            amount: Amount::from_be_bytes(credit.amount.to_be_bytes()),
        }
        .digest()
        .map_err(|error| refuse(error.to_string()))?;
        let key = self.secp256k1_key(ctx, &signer)?;
        verify_signature(&key, &digest, &msg.signature)
            .map_err(|error| refuse(format!("not signed by {signer} as it stands here: {error}")))?;
        session.present(credit)?;
        self.save_session(ctx, &session)?;
        ctx.emit(
            Event::new(events::CREDIT_PRESENTED)
                .attr("session", session.id)
                .attr("payer", &msg.payer)
                .attr("receipt", credit.receipt)
                .attr("amount", credit.amount),
        );
        Ok(MsgPresentCreditResponse {})
    }
}

fn credit_of(msg: &MsgPresentCredit) -> Result<&proto::Credit> {
    Ok(msg.credit.as_ref().ok_or_else(|| AttributionError::Credit("the credit is missing".into()))?)
}
