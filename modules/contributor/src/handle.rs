//! Handles: short names that people choose, of one spelling only, so that none is taken for another or for an address.

use serde::{Deserialize, Serialize};

use crate::error::ContributorError;

/// The shortest and the longest handle, in bytes.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=32;
/// How every address of this chain begins; a handle that does could be taken for one.
const ADDRESS_LIKE: [&str; 3] = ["open1", "openvaloper", "openvalcons"];
/// Handles that nobody may claim, in order: the chain's own names, and those that would let somebody pass for it.
const RESERVED: [&str; 30] = [
    "abuse",
    "admin",
    "administrator",
    "anonymous",
    "attribution",
    "authority",
    "baseline",
    "commons",
    "consensus",
    "contributor",
    "council",
    "datanet",
    "everyone",
    "foundation",
    "gov",
    "governance",
    "moderator",
    "nobody",
    "none",
    "null",
    "official",
    "open",
    "openledger",
    "openledgerd",
    "root",
    "security",
    "support",
    "system",
    "treasury",
    "validator",
];

/// A checked handle: 3 to 32 of a-z, 0-9 and single inner hyphens, led by a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handle(String);

impl Handle {
    /// Reads a handle; capitals are refused, not folded, so that what is signed is what is held.
    pub fn new(text: &str) -> Result<Self, ContributorError> {
        let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let led = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let hyphens = !text.ends_with('-') && !text.contains("--");
        let address_like = ADDRESS_LIKE.iter().any(|prefix| text.starts_with(prefix));
        if letters && led && hyphens && !address_like && LENGTH.contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            // A long text is cut: it comes back in the log of every node.
            Err(ContributorError::InvalidHandle(text.chars().take(64).collect()))
        }
    }

    /// Reads a handle, the empty text being none.
    pub fn optional(text: &str) -> Result<Option<Self>, ContributorError> {
        if text.is_empty() {
            return Ok(None);
        }
        Self::new(text).map(Some)
    }

    /// Whether nobody may claim it.
    pub fn is_reserved(&self) -> bool {
        RESERVED.binary_search(&self.as_str()).is_ok()
    }

    /// The handle.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_have_one_spelling() {
        for good in ["abc", "a-b", "serde", "rust-lang-2015", "a2345678901234567890123456789012"] {
            assert_eq!(Handle::new(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "ab",
            "Abc",
            "1abc",
            "-abc",
            "abc-",
            "a--b",
            "a_b",
            "a b",
            "äbc",
            "a\u{0}b",
            "open1abc",
            "openvaloperx",
            "a23456789012345678901234567890123",
        ] {
            assert!(Handle::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Handle::optional("").unwrap(), None);
    }

    #[test]
    fn reserved_handles_stand_in_order_and_are_handles() {
        assert!(RESERVED.windows(2).all(|pair| pair[0] < pair[1]));
        for name in RESERVED {
            assert!(Handle::new(name).unwrap().is_reserved());
        }
        assert!(!Handle::new("ada").unwrap().is_reserved());
    }
}
