//! Checks that a value stands in the chain's state: two ICS-23 proofs, from a store's key to its root and from there to the app hash.
//!
//! The app hash of the state after block h stands in the header of block h + 1; whoever checks must have that header from a source that
//! they trust, a light client say.

use ics23::{CommitmentProof, HostFunctionsManager};
use prost::Message as _;

use crate::Error;

/// A key of a store with its value and the proof that `abci_query` gives with `prove = true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateProof {
    /// The store.
    pub store: String,
    /// The key's bytes.
    pub key: Vec<u8>,
    /// The value's bytes.
    pub value: Vec<u8>,
    /// The data of the two steps, `ics23:iavl` and `ics23:simple`: `CommitmentProof`s.
    pub steps: [Vec<u8>; 2],
}

impl StateProof {
    /// Checks value and store against an app hash.
    pub fn verify(&self, app_hash: &[u8]) -> Result<(), Error> {
        let refuse = |what: &str| Error::Proof(format!("{} {}: {what}", self.store, hex::encode(&self.key)));
        let [in_store, in_state] = &self.steps;
        let decode =
            |data: &Vec<u8>| CommitmentProof::decode(data.as_slice()).map_err(|_| refuse("is no ICS-23 proof"));
        let (in_store, in_state) = (decode(in_store)?, decode(in_state)?);
        // The store's root is the value of the second step; only then is it worth comparing the first one with it.
        let root = match &in_state.proof {
            Some(ics23::commitment_proof::Proof::Exist(exist)) => exist.value.clone(),
            _ => return Err(refuse("the second step proves no store's root")),
        };
        let name = self.store.as_bytes();
        let (simple, iavl) = (ics23::tendermint_spec(), ics23::iavl_spec());
        let app_hash = app_hash.to_vec();
        if !ics23::verify_membership::<HostFunctionsManager>(&in_state, &simple, &app_hash, name, &root) {
            return Err(refuse("the store's root is not under the app hash"));
        }
        if !ics23::verify_membership::<HostFunctionsManager>(&in_store, &iavl, &root, &self.key, &self.value) {
            return Err(refuse("the value is not under the store's root"));
        }
        Ok(())
    }
}
