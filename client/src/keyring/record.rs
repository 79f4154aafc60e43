//! A key of the keyring as the SDK writes it: `cosmos.crypto.keyring.v1.Record` (SDK v0.50 `crypto/keyring/record.go`).

use openledger_core::Address;
use openledger_proto::{Any, Message};

use crate::public_key::{self, PublicKey};
use crate::{Error, Key, Result};

const SECP256K1_PRIVATE: &str = "/cosmos.crypto.secp256k1.PrivKey";

/// A named key.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// Its public key.
    pub public_key: PublicKey,
    /// What else is kept of it.
    pub kind: Kind,
}

/// What is kept of a key beside its public half.
#[derive(Debug, Clone)]
pub enum Kind {
    /// The secret: it can sign.
    Local(Box<Key>),
    /// A device's derivation path; devices are not supported here, so it cannot sign.
    Ledger(Vec<u8>),
    /// A multisig of other keys.
    Multi,
    /// Nothing: somebody else's key.
    Offline,
}

impl Record {
    /// The record of a secret key.
    pub fn local(name: &str, key: &Key) -> Self {
        Self { name: name.into(), public_key: key.public(), kind: Kind::Local(Box::new(key.clone())) }
    }

    /// The account's address.
    pub fn address(&self) -> Address {
        self.public_key.address()
    }

    /// The secret key; an error says why there is none.
    pub fn key(&self) -> Result<&Key> {
        let name = &self.name;
        match &self.kind {
            Kind::Local(key) => Ok(key),
            Kind::Ledger(_) => Err(Error::Key(format!("{name} is on a Ledger device, which is not supported here"))),
            Kind::Multi => Err(Error::Key(format!(
                "{name} is a multisig: let its members sign with --multisig {name} and combine with tx multisign"
            ))),
            Kind::Offline => Err(Error::Key(format!("{name} has no secret key here: it is a public key only"))),
        }
    }

    /// The SDK's word for its kind.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Local(_) => "local",
            Kind::Ledger(_) => "ledger",
            Kind::Multi => "multi",
            Kind::Offline => "offline",
        }
    }

    /// The protobuf bytes.
    pub fn encode(&self) -> Vec<u8> {
        let item = match &self.kind {
            Kind::Local(key) => {
                let value = PrivateKey { key: key.secret().to_vec() }.encode_to_vec();
                Item::Local(Local { priv_key: Some(Any { type_url: SECP256K1_PRIVATE.into(), value }) })
            }
            Kind::Ledger(path) => Item::Ledger(path.clone()),
            Kind::Multi => Item::Multi(Vec::new()),
            Kind::Offline => Item::Offline(Vec::new()),
        };
        Wire { name: self.name.clone(), pub_key: Some(self.public_key.to_any()), item: Some(item) }.encode_to_vec()
    }

    /// Reads the protobuf bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let wrong = |what: String| Error::Key(format!("the record is damaged: {what}"));
        let wire = Wire::decode(bytes).map_err(|error| {
            wrong(format!("{error}; a key that an SDK before 0.46 wrote is to be migrated there: keys migrate"))
        })?;
        let public_key = public_key::from_any(&wire.pub_key.ok_or_else(|| wrong("it has no public key".into()))?)?;
        let kind = match wire.item.ok_or_else(|| wrong("it does not say what it holds".into()))? {
            Item::Local(Local { priv_key }) => {
                let private = priv_key.ok_or_else(|| wrong("it has no private key".into()))?;
                if private.type_url != SECP256K1_PRIVATE {
                    return Err(wrong(format!("{} is not supported; keys are {SECP256K1_PRIVATE}", private.type_url)));
                }
                let private = PrivateKey::decode(private.value.as_slice()).map_err(|error| wrong(error.to_string()))?;
                let key = Key::from_secret(&private.key)?;
                if key.public() != public_key {
                    return Err(wrong("its public key does not belong to the private one".into()));
                }
                Kind::Local(Box::new(key))
            }
            Item::Ledger(path) => Kind::Ledger(path),
            Item::Multi(_) => Kind::Multi,
            Item::Offline(_) => Kind::Offline,
        };
        Ok(Self { name: wire.name, public_key, kind })
    }
}

/// `cosmos.crypto.keyring.v1.Record`; messages without fields of interest are kept as bytes.
#[derive(Clone, PartialEq, prost::Message)]
struct Wire {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    pub_key: Option<Any>,
    #[prost(oneof = "Item", tags = "3, 4, 5, 6")]
    item: Option<Item>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Item {
    #[prost(message, tag = "3")]
    Local(Local),
    #[prost(bytes = "vec", tag = "4")]
    Ledger(Vec<u8>),
    #[prost(bytes = "vec", tag = "5")]
    Multi(Vec<u8>),
    #[prost(bytes = "vec", tag = "6")]
    Offline(Vec<u8>),
}

#[derive(Clone, PartialEq, prost::Message)]
struct Local {
    #[prost(message, optional, tag = "1")]
    priv_key: Option<Any>,
}

/// `cosmos.crypto.secp256k1.PrivKey`.
#[derive(Clone, PartialEq, prost::Message)]
struct PrivateKey {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_every_kind_are_read_back() {
        let key = Key::generate().unwrap().0;
        let local = Record::local("alice", &key);
        let read = Record::decode(&local.encode()).unwrap();
        assert_eq!((read.name.as_str(), read.type_name()), ("alice", "local"));
        assert_eq!(read.key().unwrap().secret(), key.secret());
        for (kind, name) in [(Kind::Offline, "offline"), (Kind::Multi, "multi"), (Kind::Ledger(vec![8, 1]), "ledger")] {
            let record = Record { kind, ..local.clone() };
            let read = Record::decode(&record.encode()).unwrap();
            assert_eq!((read.type_name(), read.address()), (name, key.address()));
            assert!(read.key().unwrap_err().to_string().contains("alice"));
        }
    }

    #[test]
    fn a_record_whose_halves_do_not_belong_together_is_refused() {
        let mut record = Record::local("alice", &Key::generate().unwrap().0);
        record.public_key = Key::generate().unwrap().0.public();
        assert!(Record::decode(&record.encode()).unwrap_err().to_string().contains("does not belong"));
        assert!(Record::decode(b"\xff").is_err());
        assert!(Record::decode(b"").is_err());
    }
}
