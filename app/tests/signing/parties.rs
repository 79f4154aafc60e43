//! Keys of every sort, and transactions that they sign in every mode.

use bytes::Bytes;
use openledger_auth::PublicKey;
use openledger_core::{Address, Context, GasMeter};
use openledger_proto::amino;
use openledger_proto::cosmos::crypto::multisig::v1beta1::{CompactBitArray, MultiSignature};
use openledger_proto::cosmos::crypto::{ed25519, multisig, secp256k1, secp256r1};
use openledger_proto::cosmos::tx::v1beta1::mode_info::{Multi, Single, Sum};
use openledger_proto::cosmos::tx::v1beta1::{
    AuthInfo, Fee, ModeInfo, SignDoc, SignDocDirectAux, SignerInfo, TxBody, TxRaw,
};
use openledger_proto::{Any, Message};
use p256::ecdsa::signature::Signer as _;

use crate::common::*;

pub const DIRECT: i32 = 1;
pub const TEXTUAL: i32 = 2;
pub const DIRECT_AUX: i32 = 3;
pub const AMINO: i32 = 127;

/// A key that signs.
#[derive(Clone)]
pub enum Key {
    K1(Person),
    R1(p256::ecdsa::SigningKey),
    /// A key whose signatures nobody takes.
    Ed,
    Many {
        threshold: u32,
        keys: Vec<Key>,
        /// Which of them sign.
        signing: Vec<usize>,
    },
}

pub fn k1(index: usize) -> Key {
    Key::K1(person(index))
}

pub fn r1(byte: u8) -> Key {
    Key::R1(p256::ecdsa::SigningKey::from_slice(&[byte; 32]).unwrap())
}

pub fn many(threshold: u32, keys: Vec<Key>, signing: &[usize]) -> Key {
    Key::Many { threshold, keys, signing: signing.to_vec() }
}

impl Key {
    pub fn any(&self) -> Any {
        match self {
            Self::K1(person) => pack(&secp256k1::PubKey { key: person.public_key() }),
            Self::R1(key) => {
                pack(&secp256r1::PubKey { key: key.verifying_key().to_encoded_point(true).as_bytes().to_vec() })
            }
            Self::Ed => pack(&ed25519::PubKey { key: vec![7; 32] }),
            Self::Many { threshold, keys, .. } => pack(&multisig::LegacyAminoPubKey {
                threshold: *threshold,
                public_keys: keys.iter().map(Self::any).collect(),
            }),
        }
    }

    pub fn address(&self) -> Address {
        PublicKey::from_any(&self.any()).unwrap().address()
    }

    pub fn mode(&self, mode: i32) -> ModeInfo {
        let sum = match self {
            Self::Many { keys, signing, .. } => Sum::Multi(Multi {
                bitarray: Some(bits(keys.len(), signing)),
                mode_infos: signing.iter().map(|index| keys[*index].mode(mode)).collect(),
            }),
            _ => Sum::Single(Single { mode }),
        };
        ModeInfo { sum: Some(sum) }
    }

    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::K1(person) => person.sign(bytes),
            Self::R1(key) => {
                let signature: p256::ecdsa::Signature = key.sign(bytes);
                signature.normalize_s().unwrap_or(signature).to_bytes().to_vec()
            }
            Self::Ed => vec![7; 64],
            Self::Many { keys, signing, .. } => {
                let signatures = signing.iter().map(|index| keys[*index].sign(bytes)).collect();
                MultiSignature { signatures }.encode_to_vec()
            }
        }
    }

    pub fn send(&self, to: &Address, amount: u128) -> Any {
        let message = openledger_proto::cosmos::bank::v1beta1::MsgSend {
            from_address: self.address().to_string(),
            to_address: to.to_string(),
            amount: vec![coin(amount)],
        };
        pack(&message)
    }
}

pub fn bits(size: usize, set: &[usize]) -> CompactBitArray {
    let mut elems = vec![0u8; size.div_ceil(8)];
    for index in set {
        elems[index / 8] |= 0x80 >> (index % 8);
    }
    CompactBitArray { extra_bits_stored: u32::try_from(size % 8).unwrap(), elems }
}

/// A signer of a transaction; fields are what the tests bend.
#[derive(Clone)]
pub struct Party {
    pub key: Key,
    pub number: u64,
    pub sequence: u64,
    pub mode: i32,
    pub mode_info: ModeInfo,
    pub public_key: Option<Any>,
}

/// Somebody who signs in a mode, with the account number that the chain has.
pub fn party(net: &Net, key: &Key, sequence: u64, mode: i32) -> Party {
    let (state, block) = net.app.state_at(0).unwrap();
    let ctx = Context::query(&state, &block, GasMeter::infinite());
    let number = net.app.runtime().auth.account(&ctx, &key.address()).unwrap().unwrap().number;
    Party { key: key.clone(), number, sequence, mode, mode_info: key.mode(mode), public_key: Some(key.any()) }
}

/// A transaction in the making.
#[derive(Clone)]
pub struct Paper {
    pub body: TxBody,
    pub body_bytes: Option<Vec<u8>>,
    pub auth_info: AuthInfo,
    pub parties: Vec<Party>,
    pub chain_id: String,
}

#[allow(deprecated)]
pub fn paper(messages: Vec<Any>, parties: Vec<Party>) -> Paper {
    let info = |party: &Party| SignerInfo {
        public_key: party.public_key.clone(),
        mode_info: Some(party.mode_info.clone()),
        sequence: party.sequence,
    };
    let fee = Fee { gas_limit: 300_000, amount: vec![coin(5)], ..Fee::default() };
    Paper {
        body: TxBody { messages, ..TxBody::default() },
        body_bytes: None,
        auth_info: AuthInfo { signer_infos: parties.iter().map(info).collect(), fee: Some(fee), tip: None },
        parties,
        chain_id: CHAIN_ID.into(),
    }
}

impl Paper {
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn raw(&self) -> TxRaw {
        let body_bytes = self.body_bytes.clone().unwrap_or_else(|| self.body.encode_to_vec());
        let auth_info_bytes = self.auth_info.encode_to_vec();
        let sign = |party: &Party| party.key.sign(&self.bytes(party, &body_bytes, &auth_info_bytes));
        let signatures = self.parties.iter().map(sign).collect();
        TxRaw { body_bytes, auth_info_bytes, signatures }
    }

    pub fn sign(&self) -> Bytes {
        self.raw().encode_to_vec().into()
    }

    /// What a party signs; for modes that do not exist, the same as in SIGN_MODE_DIRECT.
    fn bytes(&self, party: &Party, body_bytes: &[u8], auth_info_bytes: &[u8]) -> Vec<u8> {
        let (chain_id, account_number, sequence) = (self.chain_id.clone(), party.number, party.sequence);
        #[allow(deprecated)]
        match party.mode {
            AMINO => {
                let signer = amino::Signer { chain_id: &chain_id, account_number, sequence };
                let signed = amino::sign_bytes(signer, body_bytes, self.auth_info.fee.as_ref().unwrap());
                // What has no document is refused before its signature is looked at.
                signed.unwrap_or_default()
            }
            DIRECT_AUX => SignDocDirectAux {
                body_bytes: body_bytes.to_vec(),
                public_key: Some(party.key.any()),
                chain_id,
                account_number,
                sequence,
                tip: None,
            }
            .encode_to_vec(),
            _ => SignDoc {
                body_bytes: body_bytes.to_vec(),
                auth_info_bytes: auth_info_bytes.to_vec(),
                chain_id,
                account_number,
            }
            .encode_to_vec(),
        }
    }
}

/// A chain on which these keys have accounts with `START` each, from the first person's pocket in the transaction before.
pub fn net_for(keys: &[&Key]) -> Net {
    let net = net();
    fund(&net, keys);
    net
}

pub fn fund(net: &Net, keys: &[&Key]) {
    let giver = person(7);
    let messages: Vec<Any> = keys.iter().map(|key| giver.send_to(&key.address(), START / 20)).collect();
    if !messages.is_empty() {
        let result = net.deliver(draft(messages, &[(&giver, 0)]).gas(2_000_000).sign());
        assert_eq!(result.code, 0, "{}", result.log);
    }
}
