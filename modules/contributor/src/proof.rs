//! Proofs of a handle by a domain or a repository: where they stand, and what stands there.
//!
//! The chain cannot look up a name or fetch a file, since every node would have to see the same. So it keeps what is claimed, and
//! derives the one line of text that ties chain, account and handle together; anyone can look whether it stands there. It says that
//! whoever controls the place controls the account, at the time when it is looked at, and no more.

use openledger_core::{Address, Result};
use openledger_proto::openledger::contributor::v1::ProofKind;

use crate::error::ContributorError;
use crate::handle::Handle;

/// Most bytes of a domain's name (RFC 1035, section 2.3.4) and of a repository's address.
const MOST_BYTES: usize = 253;

/// A checked place, of one spelling only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    kind: ProofKind,
    location: String,
}

impl Place {
    /// Reads a kind and a location.
    pub fn new(kind: i32, location: &str) -> Result<Self, ContributorError> {
        let wrong = |text: &str| {
            // A long text is cut: it comes back in the log of every node.
            let cut: String = location.chars().take(64).collect();
            Err(ContributorError::InvalidProof(format!("location {cut:?}: {text}")))
        };
        let kind = match ProofKind::try_from(kind) {
            Ok(ProofKind::Domain) if is_domain(location) => ProofKind::Domain,
            Ok(ProofKind::Domain) => return wrong("use a domain name in small ASCII letters, e.g. example.org"),
            Ok(ProofKind::Repository) if is_repository(location) => ProofKind::Repository,
            Ok(ProofKind::Repository) => {
                return wrong("use https://, a domain and a path, without a slash or .git at its end, e.g. https://example.org/ada/engine");
            }
            _ => return wrong(&format!("{kind} is no kind of proof: use 1 for a domain, 2 for a repository")),
        };
        Ok(Self { kind, location: location.into() })
    }

    /// The kind's number, as it stands in keys.
    pub fn kind(&self) -> u8 {
        match self.kind {
            ProofKind::Domain => 1,
            ProofKind::Repository => 2,
            ProofKind::Unspecified => 0,
        }
    }

    /// The domain or the repository.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Where the text is to stand.
    pub fn place(&self) -> String {
        match self.kind {
            ProofKind::Repository => format!("{}: file .openledger-handle", self.location),
            _ => format!("_openledger.{}: TXT record", self.location),
        }
    }
}

/// The one line of text that ties an account to a handle on a chain.
pub fn text(chain_id: &str, account: &Address, handle: &Handle) -> String {
    format!("openledger-handle chain={chain_id} account={account} handle={handle}")
}

/// Two labels at least, of a-z, 0-9 and inner hyphens, the last not a number: so no address of a machine.
fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let named = labels.last().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()));
    text.len() <= MOST_BYTES && labels.len() >= 2 && labels.iter().all(label) && named
}

/// `https://`, a domain, and a path of one part at least.
fn is_repository(text: &str) -> bool {
    let Some((domain, path)) = text.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let part = |part: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        !part.is_empty() && part != "." && part != ".." && part.bytes().all(known)
    };
    text.len() <= MOST_BYTES && is_domain(domain) && path.split('/').all(part) && !path.ends_with(".git")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_one_spelling() {
        for good in ["example.org", "a.b-c.example.org", "xn--bcher-kva.example", "3.example"] {
            let place = Place::new(1, good).unwrap();
            assert_eq!(place.place(), format!("_openledger.{good}: TXT record"));
        }
        for good in ["https://example.org/ada/engine", "https://example.org/~ada", "https://git.example.org/A/b_c.d-e"]
        {
            let place = Place::new(2, good).unwrap();
            assert_eq!(place.place(), format!("{good}: file .openledger-handle"));
        }
        let long = format!("{}.org", "a".repeat(64));
        for bad in [
            "",
            "localhost",
            "Example.org",
            "example.org.",
            ".org",
            "a..b",
            "-a.org",
            "a-.org",
            "127.0.0.1",
            "b\u{fc}.org",
            &long,
        ] {
            assert!(Place::new(1, bad).is_err(), "{bad}");
            assert!(Place::new(2, &format!("https://{bad}/ada/engine")).is_err(), "{bad}");
        }
        for bad in [
            "https://example.org",
            "https://example.org/",
            "https://example.org/ada/",
            "https://example.org//ada",
            "https://example.org/ada/../eve",
            "https://example.org/ada?x=1",
            "https://example.org/ada#x",
            "https://eve@example.org/ada",
            "https://example.org:443/ada",
            "https://example.org/ada.git",
            "http://example.org/ada",
        ] {
            assert!(Place::new(2, bad).is_err(), "{bad}");
        }
        for kind in [-1, 0, 3] {
            assert!(Place::new(kind, "example.org").is_err());
        }
    }

    #[test]
    fn the_text_fits_into_a_txt_record() {
        let handle = Handle::new("a2345678901234567890123456789012").unwrap();
        let account = Address::new([255; 32]).unwrap();
        let text = text(&"c".repeat(50), &account, &handle);
        assert!(text.len() <= 255 && text.is_ascii(), "{}", text.len());
    }
}
