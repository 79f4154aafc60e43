//! The signers' sequences are used up, so that nobody can play the transaction again (SDK `IncrementSequenceDecorator`).

use openledger_core::{Context, Result, SdkError};

use super::{Ante, Passage};

pub(super) fn increment(ante: &Ante, ctx: &mut Context, passage: &mut Passage) -> Result<()> {
    for account in &mut passage.accounts {
        let next = account.sequence.checked_add(1);
        account.sequence = next.ok_or_else(|| SdkError::Logic(format!("{} used up its sequences", account.address)))?;
        ante.auth.save(ctx, account)?;
    }
    Ok(())
}
