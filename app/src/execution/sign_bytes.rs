//! What a signer signs, by the mode of signing.
//!
//! | mode | what is signed |
//! | --- | --- |
//! | SIGN_MODE_DIRECT | the bytes of body and authentication info, chain and account number |
//! | SIGN_MODE_DIRECT_AUX | the bytes of the body, key, chain, account number and sequence; not for who pays the fee |
//! | SIGN_MODE_LEGACY_AMINO_JSON | amino JSON of what messages, memo, timeout and fee say, with chain, account number and sequence |
//! | any other | refused |
//!
//! Source: Cosmos SDK v0.50 `x/auth/tx/config.go` (`DefaultSignModes`), `cosmossdk.io/x/tx` `signing/{direct,directaux,aminojson}`.
//! SIGN_MODE_TEXTUAL is no default mode there either. Stricter than the SDK with amino JSON, whose signature is not over bytes: body and
//! authentication info must be canonical (ADR-027), so that nobody can give a signed transaction another hash by saying the same in
//! other bytes, or by adding a tip (docs/decisions/0009 names what stays open).

use std::collections::BTreeMap;

use openledger_auth::PublicKey;
use openledger_proto::amino::{self, Signer};
use openledger_proto::cosmos::tx::signing::v1beta1::SignMode;
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, SignDoc, SignDocDirectAux, TxBody};
use openledger_proto::{walker, Message as _, Name as _};
use sha2::{Digest, Sha256};

use super::tx::Tx;

/// The digests that one signer of a transaction signs.
pub struct Digests<'a> {
    tx: &'a Tx,
    signer: Signer<'a>,
    /// Whether it is the signer who pays the fee.
    pays: bool,
    key: &'a PublicKey,
    known: BTreeMap<i32, Result<[u8; 32], String>>,
}

impl<'a> Digests<'a> {
    /// For the signer `index` of `tx`, whose account has this key.
    pub fn new(tx: &'a Tx, index: usize, key: &'a PublicKey, signer: Signer<'a>) -> Self {
        let pays = tx.signers.get(index) == Some(&tx.fee_payer);
        Self { tx, signer, pays, key, known: BTreeMap::new() }
    }

    /// SHA-256 of the bytes to sign in a mode, or why there are none.
    pub fn digest(&self, mode: i32) -> Result<[u8; 32], String> {
        self.bytes(mode).map(|bytes| Sha256::digest(bytes).into())
    }

    /// The same, computed once: for a multisig, whose parts sign alike.
    pub fn known(&mut self, mode: i32) -> Result<[u8; 32], String> {
        if let Some(known) = self.known.get(&mode) {
            return known.clone();
        }
        let digest = self.digest(mode);
        self.known.insert(mode, digest.clone());
        digest
    }

    fn bytes(&self, mode: i32) -> Result<Vec<u8>, String> {
        match SignMode::try_from(mode) {
            Ok(SignMode::Direct) => Ok(self.direct()),
            Ok(SignMode::DirectAux) => self.direct_aux(),
            Ok(SignMode::LegacyAminoJson) => self.amino_json(),
            other => {
                let name = other.map_or_else(|_| mode.to_string(), |mode| mode.as_str_name().to_string());
                Err(format!(
                    "unsupported sign mode {name}; SIGN_MODE_DIRECT, SIGN_MODE_DIRECT_AUX and SIGN_MODE_LEGACY_AMINO_JSON are supported"
                ))
            }
        }
    }

    fn direct(&self) -> Vec<u8> {
        let document = SignDoc {
            body_bytes: self.tx.body_bytes.to_vec(),
            auth_info_bytes: self.tx.auth_info_bytes.to_vec(),
            chain_id: self.signer.chain_id.into(),
            account_number: self.signer.account_number,
        };
        document.encode_to_vec()
    }

    fn direct_aux(&self) -> Result<Vec<u8>, String> {
        if self.pays {
            // What the fee is stands in the authentication info, which this mode leaves unsigned.
            let payer = &self.tx.fee_payer;
            return Err(format!("fee payer {payer} cannot sign with SIGN_MODE_DIRECT_AUX: unauthorized"));
        }
        #[allow(deprecated)]
        let document = SignDocDirectAux {
            body_bytes: self.tx.body_bytes.to_vec(),
            public_key: Some(self.key.to_any()),
            chain_id: self.signer.chain_id.into(),
            account_number: self.signer.account_number,
            sequence: self.signer.sequence,
            tip: None,
        };
        Ok(document.encode_to_vec())
    }

    fn amino_json(&self) -> Result<Vec<u8>, String> {
        match self.tx.amino.get_or_init(|| amino_json(self.tx)) {
            Ok(shared) => Ok(shared.bytes(self.signer)),
            Err(why) => Err(why.clone()),
        }
    }
}

/// What all signers in SIGN_MODE_LEGACY_AMINO_JSON sign alike; a pure function of the transaction.
fn amino_json(tx: &Tx) -> Result<amino::Shared, String> {
    let none = Fee::default();
    let fee = tx.auth_info.fee.as_ref().unwrap_or(&none);
    let shared = amino::Shared::new(&tx.body_bytes, fee).map_err(|error| error.to_string())?;
    #[allow(deprecated)]
    if tx.auth_info.tip.is_some() {
        return Err("SIGN_MODE_LEGACY_AMINO_JSON does not sign tips; leave the tip out".into());
    }
    let canonical = walker::check_canonical(&TxBody::full_name(), &tx.body_bytes)
        .and_then(|()| walker::check_canonical(&AuthInfo::full_name(), &tx.auth_info_bytes));
    canonical.map_err(|error| format!("SIGN_MODE_LEGACY_AMINO_JSON signs no bytes: {error}"))?;
    Ok(shared)
}
