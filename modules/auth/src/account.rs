//! What an account is, and its protobuf forms: `BaseAccount`, `ModuleAccount` and the vesting accounts (`vesting/wire.rs`).
//!
//! Source: SDK v0.50 `x/auth/types/account.go`.

use crate::error::AuthError;
use crate::key::{pack, PublicKey};
use crate::permissions;
use crate::vesting::Vesting;
use openledger_core::{Address, Result, SdkError};
use openledger_proto::cosmos::auth::v1beta1::{BaseAccount, ModuleAccount};
use openledger_proto::{Any, Message, Name};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its address.
    pub address: Address,
    /// Its number: unique, given in order of creation, part of what is signed.
    pub number: u64,
    /// How many transactions it has signed.
    pub sequence: u64,
    /// Its key, known since its first transaction.
    pub key: Option<PublicKey>,
    /// What sort it is.
    pub kind: Kind,
}

/// Sorts of account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Kind {
    /// Someone's, who signs with a key.
    #[default]
    Base,
    /// A module's; nobody signs for it.
    Module {
        /// The name that its address is derived from.
        name: String,
        /// What it may do beside holding money.
        permissions: Vec<String>,
    },
    /// Someone's, of whose coins some are locked for a time.
    Vesting(Box<Vesting>),
}

impl Account {
    /// The `BaseAccount` in it.
    pub fn to_base(&self) -> BaseAccount {
        BaseAccount {
            address: self.address.to_string(),
            pub_key: self.key.as_ref().map(PublicKey::to_any),
            account_number: self.number,
            sequence: self.sequence,
        }
    }

    /// The protobuf form that queries and genesis have.
    pub fn to_any(&self) -> Any {
        let base = self.to_base();
        match &self.kind {
            Kind::Base => pack(&base),
            Kind::Module { name, permissions } => {
                pack(&ModuleAccount { base_account: Some(base), name: name.clone(), permissions: permissions.clone() })
            }
            Kind::Vesting(vesting) => vesting.to_any(base),
        }
    }

    /// Reads an account of a genesis and checks that key, name and address belong together.
    pub fn from_any(any: &Any) -> Result<Self> {
        let unreadable = |error: prost::DecodeError| AuthError::InvalidGenesis(format!("{}: {error}", any.type_url));
        let (base, kind) = if any.type_url == BaseAccount::type_url() {
            (BaseAccount::decode(any.value.as_slice()).map_err(unreadable)?, Kind::Base)
        } else if any.type_url == ModuleAccount::type_url() {
            let module = ModuleAccount::decode(any.value.as_slice()).map_err(unreadable)?;
            let base = module.base_account.ok_or_else(|| {
                AuthError::InvalidGenesis(format!("module account {:?} has no base account", module.name))
            })?;
            (base, Kind::Module { name: module.name, permissions: module.permissions })
        } else if let Some((base, vesting)) = Vesting::from_any(any)? {
            (base, Kind::Vesting(Box::new(vesting)))
        } else {
            let text = format!(
                "account of type {:?}; BaseAccount, ModuleAccount and the accounts of cosmos.vesting.v1beta1 are known",
                any.type_url
            );
            return Err(AuthError::InvalidGenesis(text).into());
        };
        let account = Self {
            address: base.address.parse::<Address>()?,
            number: base.account_number,
            sequence: base.sequence,
            key: base.pub_key.as_ref().map(PublicKey::from_any).transpose()?,
            kind,
        };
        account.check()?;
        Ok(account)
    }

    fn check(&self) -> Result<()> {
        if let Kind::Module { name, permissions } = &self.kind {
            if name.trim().is_empty() {
                return Err(AuthError::InvalidGenesis("module account name cannot be blank".into()).into());
            }
            if self.address != Address::module(name) {
                let text = format!("address {} cannot be derived from the module name '{name}'", self.address);
                return Err(AuthError::InvalidGenesis(text).into());
            }
            if permissions.iter().any(|permission| permission.trim().is_empty()) || self.key.is_some() {
                let text = format!("module account {name} has an empty permission or a key");
                return Err(AuthError::InvalidGenesis(text).into());
            }
        }
        if matches!(self.kind, Kind::Vesting(_)) && permissions::by_address(&self.address).is_some() {
            let text = format!("{} is a module's account; coins of modules do not vest", self.address);
            return Err(AuthError::InvalidGenesis(text).into());
        }
        match &self.key {
            Some(key) if key.address() != self.address => {
                let text = format!("account address and pubkey address do not match: {}", self.address);
                Err(SdkError::InvalidPubKey(text).into())
            }
            _ => Ok(()),
        }
    }
}
