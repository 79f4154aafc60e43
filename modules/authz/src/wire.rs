//! Authorizations as protobuf has them, an `Any` of one of three types.

use openledger_core::{Coin, Coins, Result, SdkError};
use openledger_proto::cosmos::authz::v1beta1::GenericAuthorization;
use openledger_proto::cosmos::bank::v1beta1::SendAuthorization;
use openledger_proto::cosmos::staking::v1beta1::stake_authorization::{Policy, Validators as ProtoValidators};
use openledger_proto::cosmos::staking::v1beta1::{AuthorizationType, StakeAuthorization};
use openledger_proto::{Any, Message, Name};

use crate::authorization::{Authorization, StakeKind, Validators};
use crate::error::AuthzError;

impl Authorization {
    /// Reads and checks an authorization.
    pub fn from_any(any: Option<&Any>) -> Result<Self> {
        let any = any.ok_or_else(|| SdkError::InvalidType("authorization is nil".into()))?;
        let authorization = read(any)?;
        authorization.check()?;
        Ok(authorization)
    }

    /// The protobuf form.
    pub fn to_any(&self) -> Any {
        match self {
            Self::Generic { msg } => pack(&GenericAuthorization { msg: msg.clone() }),
            Self::Send { spend_limit, allow_list } => {
                pack(&SendAuthorization { spend_limit: spend_limit.to_proto(), allow_list: allow_list.clone() })
            }
            Self::Stake { kind, validators, max_tokens } => pack(&StakeAuthorization {
                max_tokens: max_tokens.as_ref().map(Coin::to_proto),
                authorization_type: kind.to_proto().into(),
                validators: validators.to_proto(),
            }),
        }
    }
}

impl StakeKind {
    fn from_proto(kind: i32) -> Result<Self> {
        match AuthorizationType::try_from(kind) {
            Ok(AuthorizationType::Delegate) => Ok(Self::Delegate),
            Ok(AuthorizationType::Undelegate) => Ok(Self::Undelegate),
            Ok(AuthorizationType::Redelegate) => Ok(Self::Redelegate),
            Ok(AuthorizationType::CancelUnbondingDelegation) => Ok(Self::CancelUnbonding),
            Ok(AuthorizationType::Unspecified) | Err(_) => Err(AuthzError::UnknownType.into()),
        }
    }

    fn to_proto(self) -> AuthorizationType {
        match self {
            Self::Delegate => AuthorizationType::Delegate,
            Self::Undelegate => AuthorizationType::Undelegate,
            Self::Redelegate => AuthorizationType::Redelegate,
            Self::CancelUnbonding => AuthorizationType::CancelUnbondingDelegation,
        }
    }
}

impl Validators {
    fn to_proto(&self) -> Option<Policy> {
        let list = |address: &[String]| ProtoValidators { address: address.to_vec() };
        match self {
            Self::Any => None,
            Self::Allowed(addresses) => Some(Policy::AllowList(list(addresses))),
            Self::Denied(addresses) => Some(Policy::DenyList(list(addresses))),
        }
    }
}

fn read(any: &Any) -> Result<Authorization> {
    if any.type_url == GenericAuthorization::type_url() {
        Ok(Authorization::Generic { msg: decode::<GenericAuthorization>(any)?.msg })
    } else if any.type_url == SendAuthorization::type_url() {
        let SendAuthorization { spend_limit, allow_list } = decode(any)?;
        let limit = Coins::from_proto(&spend_limit)
            .map_err(|_| SdkError::InvalidCoins("spend limit must be sorted, distinct and positive".into()))?;
        Ok(Authorization::Send { spend_limit: limit, allow_list })
    } else if any.type_url == StakeAuthorization::type_url() {
        let StakeAuthorization { max_tokens, authorization_type, validators } = decode(any)?;
        let max_tokens = max_tokens.as_ref().map(Coin::from_proto).transpose();
        let max_tokens = max_tokens.map_err(|error| AuthzError::NegativeMaxTokens(error.to_string()))?;
        let validators = match validators {
            None => Validators::Any,
            Some(Policy::AllowList(list)) => Validators::Allowed(list.address),
            Some(Policy::DenyList(list)) => Validators::Denied(list.address),
        };
        Ok(Authorization::Stake { kind: StakeKind::from_proto(authorization_type)?, validators, max_tokens })
    } else {
        let text = format!("no concrete type registered for type URL {} against interface Authorization", any.type_url);
        Err(SdkError::TxDecode(text).into())
    }
}

fn decode<M: Message + Name + Default>(any: &Any) -> Result<M> {
    M::decode(any.value.as_slice()).map_err(|error| SdkError::TxDecode(format!("{}: {error}", M::NAME)).into())
}

fn pack<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}
