//! The memo is at most as long as the parameters say (SDK `ValidateMemoDecorator`; it counts bytes).

use openledger_core::{Result, SdkError};

use super::Passage;

pub(super) fn check(passage: &Passage) -> Result<()> {
    let (length, max) = (passage.tx.body.memo.len(), passage.params.max_memo_characters);
    if u64::try_from(length).map_or(true, |length| length > max) {
        let text = format!("maximum number of characters is {max} but received {length} characters");
        return Err(SdkError::MemoTooLarge(text).into());
    }
    Ok(())
}
