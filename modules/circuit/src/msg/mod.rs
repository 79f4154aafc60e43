//! One file a message.

mod authorize;
mod reset;
mod trip;

use openledger_core::{Result, SdkError};

/// Type URLs are far shorter, and they become keys.
const MAX_TYPE_URL_BYTES: usize = 255;

/// Refuses a switch of nothing, which would be told as one, and names that no message has.
fn check_type_urls(type_urls: &[String]) -> Result<()> {
    if type_urls.is_empty() {
        return Err(SdkError::InvalidRequest("no type of message is named".into()).into());
    }
    check_lengths(type_urls)
}

/// Refuses names that no message has.
pub(crate) fn check_lengths(type_urls: &[String]) -> Result<()> {
    if type_urls.iter().any(|url| url.len() > MAX_TYPE_URL_BYTES) {
        let text = format!("a type URL has at most {MAX_TYPE_URL_BYTES} bytes");
        return Err(SdkError::InvalidRequest(text).into());
    }
    Ok(())
}
