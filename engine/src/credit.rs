//! Credit notes: what a server's operator gives back of an answer before it is settled.
//!
//! The operator signs a note with the account's key and lays it into the book beside the session's file ([`CreditBook`]). The running
//! server tells its payer of it and carries it in the settlement; a payer who would not rely on that presents the note on chain, and from then
//! on nothing is settled that gives back less. A note says the whole of what is given back of a receipt, so the highest one is what counts.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, Key, Rpc, Wallet};
use openledger_core::coin::parse_amount;
use openledger_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use openledger_proto::cosmos::crypto::secp256k1::PubKey;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::Message;
use openledger_provenance::amount::Amount;
use openledger_provenance::credit::CreditNote;
use openledger_provenance::voucher::verify_signature;
use serde::{Deserialize, Serialize};

use crate::chain;

/// Gas for presenting a note.
const PRESENT_GAS: u64 = 500_000;

/// A signed note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The chain.
    pub chain_id: String,
    /// The session.
    pub session: u64,
    /// Its deployment; 0 of an agent's session.
    pub deployment: u64,
    /// The receipt's place in the session, from 1.
    pub receipt: u64,
    /// What is given back of it in all, base units.
    pub amount: Uint256,
    /// By the server's account, 64 bytes.
    #[serde(with = "hex::serde")]
    pub signature: Vec<u8>,
}

impl Note {
    /// A note signed by `key`, which has to be that of the server's account.
    pub fn sign(
        key: &Key,
        chain_id: &str,
        (session, deployment): (u64, u64),
        receipt: u64,
        amount: Uint256,
    ) -> Result<Self> {
        let mut note = Self { chain_id: chain_id.into(), session, deployment, receipt, amount, signature: Vec::new() };
        note.signature = key.sign(&note.content().sign_bytes()?)?;
        Ok(note)
    }

    /// Whether the account with this public key has signed it.
    pub fn verify(&self, public_key: &[u8]) -> Result<()> {
        let digest = self.content().digest()?;
        verify_signature(public_key, &digest, &self.signature).context("the note is not signed by the server's account")
    }

    fn content(&self) -> CreditNote<'_> {
        CreditNote {
            chain_id: &self.chain_id,
            session: self.session,
            deployment: self.deployment,
            receipt: self.receipt,
            amount: Amount::from_be_bytes(self.amount.to_be_bytes()),
        }
    }
}

/// Notes by receipt, the highest of each.
pub type Notes = BTreeMap<u64, Note>;

/// The notes of a server's sessions, a file each beside the session's.
pub struct CreditBook {
    folder: PathBuf,
}

impl CreditBook {
    /// The book in a folder of sessions.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// Lays a note into the book; on disk when this returns.
    pub fn lay(&self, note: &Note) -> Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let path = self.path(note.session);
        let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        let mut file = file.with_context(|| format!("opening {}", path.display()))?;
        let mut line = serde_json::to_vec(note)?;
        line.push(b'\n');
        file.write_all(&line)?;
        Ok(file.sync_data()?)
    }

    /// The notes of a session. A line that is still being written is not there yet.
    pub fn of(&self, session: u64) -> Result<Notes> {
        let path = self.path(session);
        let file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Notes::new()),
            Err(error) => return Err(error).with_context(|| format!("opening {}", path.display())),
        };
        let (mut reader, mut line, mut notes) = (BufReader::new(file), String::new(), Notes::new());
        while reader.read_line(&mut line)? > 0 && line.ends_with('\n') {
            let note: Note = serde_json::from_str(&line).with_context(|| format!("a line of {}", path.display()))?;
            if notes.get(&note.receipt).is_none_or(|known| known.amount < note.amount) {
                notes.insert(note.receipt, note);
            }
            line.clear();
        }
        Ok(notes)
    }

    fn path(&self, session: u64) -> PathBuf {
        self.folder.join(format!("credits-{session}.jsonl"))
    }
}

/// Gives back `amount` in all of a receipt: a note under the wallet's key, laid into the book of `folder`. Refused where the chain would refuse
/// the note.
pub async fn issue(wallet: &Wallet, folder: &Path, session: u64, receipt: u64, amount: Uint256) -> Result<Note> {
    let found = chain::session(&wallet.rpc, session).await?;
    let (ours, seller) = (wallet.address(), seller(&wallet.rpc, &found).await?);
    ensure!(seller == ours, "session {session} is served by {seller}, not by {ours}");
    let settled = found.settled_count;
    ensure!(receipt > settled, "receipt {receipt} of session {session} is settled, as all up to {settled} are");
    ensure!(!amount.is_zero(), "a credit of nothing");
    let known = presented(&found)?.get(&receipt).copied().unwrap_or_default();
    ensure!(amount > known, "receipt {receipt} has a credit of {known} already");
    let note = Note::sign(&wallet.key, wallet.chain_id(), (session, found.deployment), receipt, amount)?;
    CreditBook::new(folder).lay(&note)?;
    Ok(note)
}

/// Checks a note against the chain: whose session it is of, and who signed.
pub async fn check(rpc: &Rpc, note: &Note) -> Result<()> {
    let (chain_id, _) = rpc.chain().await?;
    let session = chain::session(rpc, note.session).await?;
    ensure!(note.chain_id == chain_id, "a note of chain {}, this is {chain_id}", note.chain_id);
    let (named, real) = (note.deployment, session.deployment);
    ensure!(named == real, "a note of deployment {named}; session {} is with {real}", session.id);
    note.verify(&public_key(rpc, &seller(rpc, &session).await?).await?)
}

/// Presents a note as its session's payer, after checking it.
pub async fn present(wallet: &mut Wallet, note: &Note) -> Result<()> {
    check(&wallet.rpc, note).await?;
    let message = pb::MsgPresentCredit {
        payer: wallet.address(),
        session: note.session,
        credit: Some(pb::Credit { receipt: note.receipt, amount: note.amount.to_string() }),
        signature: note.signature.clone(),
    };
    wallet.deliver(vec![any(&message)], PRESENT_GAS).await?;
    Ok(())
}

/// What of a session's receipts was presented on chain and is not settled.
pub fn presented(session: &pb::Session) -> Result<BTreeMap<u64, Uint256>> {
    let read = |credit: &pb::Credit| Ok((credit.receipt, parse_amount(&credit.amount)?));
    session.credits.iter().map(read).collect()
}

/// Who answers in a session.
async fn seller(rpc: &Rpc, session: &pb::Session) -> Result<String> {
    if session.agent != 0 {
        return Ok(chain::agent(rpc, session.agent).await?.0.operator);
    }
    Ok(chain::deployment(rpc, session.deployment).await?.server)
}

/// The secp256k1 key of an account.
async fn public_key(rpc: &Rpc, address: &str) -> Result<Vec<u8>> {
    let request = QueryAccountRequest { address: address.into() };
    let answer: QueryAccountResponse = rpc.query("/cosmos.auth.v1beta1.Query/Account", &request).await?;
    let account = answer.account.context("the node answered without an account")?;
    let account = BaseAccount::decode(account.value.as_slice())?;
    let key = account.pub_key.with_context(|| format!("{address} has shown no key yet"))?;
    Ok(PubKey::decode(key.value.as_slice())?.key.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_holds_by_its_signers_key_and_for_what_it_names_alone() {
        let (key, _) = Key::generate().unwrap();
        let note = Note::sign(&key, "test-1", (1, 2), 3, 4u64.into()).unwrap();
        note.verify(&key.public_key()).unwrap();
        for other in [
            Note { chain_id: "test-2".into(), ..note.clone() },
            Note { session: 2, ..note.clone() },
            Note { deployment: 0, ..note.clone() },
            Note { receipt: 4, ..note.clone() },
            Note { amount: 5u64.into(), ..note.clone() },
        ] {
            assert!(other.verify(&key.public_key()).is_err(), "{other:?}");
        }
        assert!(note.verify(&Key::generate().unwrap().0.public_key()).is_err());
    }

    #[test]
    fn the_book_keeps_the_highest_note_of_each_receipt_and_waits_for_a_line_that_is_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let (book, (key, _)) = (CreditBook::new(folder.path()), Key::generate().unwrap());
        assert!(book.of(1).unwrap().is_empty());
        for (receipt, amount) in [(1, 5u64), (2, 7), (1, 9), (1, 6)] {
            book.lay(&Note::sign(&key, "test-1", (1, 2), receipt, amount.into()).unwrap()).unwrap();
        }
        let amounts = |notes: Notes| notes.into_values().map(|note| note.amount.to_string()).collect::<Vec<_>>();
        assert_eq!(amounts(book.of(1).unwrap()), ["9", "7"]);
        let mut file = std::fs::OpenOptions::new().append(true).open(book.path(1)).unwrap();
        file.write_all(b"{\"chain_id\":\"te").unwrap();
        assert_eq!(amounts(book.of(1).unwrap()), ["9", "7"]);
        assert!(book.of(2).unwrap().is_empty());
    }
}
