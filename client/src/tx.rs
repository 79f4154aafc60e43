//! Transactions: messages into a signed `TxRaw`, SIGN_MODE_DIRECT.

use openledger_core::Coins;
use openledger_proto::cosmos::tx::signing::v1beta1::SignMode;
use openledger_proto::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw};
use openledger_proto::{Any, Message, Name};
use sha2::{Digest, Sha256};

use crate::{Key, Result};

/// A message as transactions carry it.
pub fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// The hash by which a transaction is found, in upper-case hexadecimal.
pub fn hash(tx: &[u8]) -> String {
    hex::encode_upper(Sha256::digest(tx))
}

/// What a transaction says, before it is signed.
#[derive(Debug, Clone, Default)]
pub struct TxBuilder {
    /// The messages, in order.
    pub messages: Vec<Any>,
    /// A note, at most 256 characters.
    pub memo: String,
    /// The last height whose block may hold it; 0 for no limit.
    pub timeout_height: u64,
    /// The gas it may use.
    pub gas_limit: u64,
    /// The fee, paid by the first signer where nobody else grants it.
    pub fee: Coins,
    /// The address of the account that granted the first signer its fees, or empty.
    pub fee_granter: String,
}

impl TxBuilder {
    /// The transaction with its signers' infos and no signatures, as `Simulate` takes it.
    pub fn unsigned(&self, signers: &[(Any, u64)]) -> TxRaw {
        let body = TxBody {
            messages: self.messages.clone(),
            memo: self.memo.clone(),
            timeout_height: self.timeout_height,
            ..Default::default()
        };
        let signer_infos = signers.iter().map(|(key, sequence)| SignerInfo {
            public_key: Some(key.clone()),
            mode_info: Some(ModeInfo { sum: Some(Sum::Single(Single { mode: SignMode::Direct as i32 })) }),
            sequence: *sequence,
        });
        let granter = self.fee_granter.clone();
        let fee = Fee { amount: self.fee.to_proto(), gas_limit: self.gas_limit, granter, ..Default::default() };
        let auth_info = AuthInfo { signer_infos: signer_infos.collect(), fee: Some(fee), ..Default::default() };
        TxRaw {
            body_bytes: body.encode_to_vec(),
            auth_info_bytes: auth_info.encode_to_vec(),
            signatures: vec![Vec::new(); signers.len()],
        }
    }

    /// The transaction, signed by each of `signers` (key, account number, sequence) in the order in which its messages name them.
    pub fn sign(&self, chain_id: &str, signers: &[(&Key, u64, u64)]) -> Result<Vec<u8>> {
        let infos: Vec<_> = signers.iter().map(|(key, _, sequence)| (key.public_key_any(), *sequence)).collect();
        let mut raw = self.unsigned(&infos);
        raw.signatures.clear();
        for (key, account_number, _) in signers {
            let doc = SignDoc {
                body_bytes: raw.body_bytes.clone(),
                auth_info_bytes: raw.auth_info_bytes.clone(),
                chain_id: chain_id.into(),
                account_number: *account_number,
            };
            raw.signatures.push(key.sign(&doc.encode_to_vec())?);
        }
        Ok(raw.encode_to_vec())
    }
}
