//! Public keys as people write them: the SDK's JSON, and multisigs made from others. What a key is, and its address, is
//! [`PublicKey`]'s.

pub use openledger_auth::PublicKey;
use openledger_proto::{walker, Any};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// What a key's JSON looks like.
const LIKE: &str = r#"write {"@type":"/cosmos.crypto.secp256k1.PubKey","key":"BASE64"}"#;

/// Reads a key from its packed form, and refuses secp256k1 keys that are no point of the curve.
pub fn from_any(any: &Any) -> Result<PublicKey> {
    let key = PublicKey::from_any(any).map_err(|error| Error::Key(format!("the public key: {error}")))?;
    check(&key)?;
    Ok(key)
}

/// A key of which `threshold` of `keys` must sign; signatures are in this order.
pub fn new_multisig(threshold: u32, keys: Vec<PublicKey>) -> Result<PublicKey> {
    if threshold == 0 {
        return Err(Error::Key("threshold must be a positive integer".into()));
    }
    if u64::from(threshold) > keys.len() as u64 {
        return Err(Error::Key(format!("threshold k of n multisignature: {} < {threshold}", keys.len())));
    }
    from_any(&PublicKey::Multisig { threshold, keys }.to_any())
}

/// The SDK's JSON of a key, `{"@type":…}`.
pub fn to_json(key: &PublicKey) -> Result<Value> {
    let any = key.to_any();
    let value = walker::to_json(&any.type_url, &any.value).map_err(|error| Error::Key(error.to_string()))?;
    let mut object = Map::new();
    object.insert("@type".into(), any.type_url.into());
    object.extend(value.as_object().cloned().unwrap_or_default());
    Ok(Value::Object(object))
}

/// Reads the SDK's JSON of a key.
pub fn from_json(text: &str) -> Result<PublicKey> {
    let wrong = |what: String| Error::Key(format!("the public key {text:?}: {what}: {LIKE}"));
    let mut value: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let url = value.as_object_mut().and_then(|object| object.remove("@type"));
    let url = url.as_ref().and_then(Value::as_str).ok_or_else(|| wrong("it has no @type".into()))?;
    let bytes = walker::from_json(url, &value).map_err(|error| wrong(error.to_string()))?;
    from_any(&Any { type_url: url.into(), value: bytes })
}

fn check(key: &PublicKey) -> Result<()> {
    match key {
        PublicKey::Secp256k1(bytes) => match cosmrs::tendermint::PublicKey::from_raw_secp256k1(bytes) {
            Some(_) => Ok(()),
            None => Err(Error::Key(format!("{} is no point of secp256k1", hex::encode(bytes)))),
        },
        PublicKey::Secp256r1(_) | PublicKey::Ed25519(_) => Ok(()),
        PublicKey::Multisig { keys, .. } => keys.iter().try_for_each(check),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    #[test]
    fn a_key_s_json_is_read_back_and_what_is_none_is_refused() {
        let key = Key::generate().unwrap().0.public();
        let multi = new_multisig(1, vec![key.clone(), key.clone()]).unwrap();
        for key in [key, multi] {
            assert_eq!(from_json(&to_json(&key).unwrap().to_string()).unwrap(), key);
        }
        let zero = format!("{{\"@type\":\"/cosmos.crypto.secp256k1.PubKey\",\"key\":\"{}\"}}", "A".repeat(44));
        for wrong in ["", "{}", r#"{"@type":"/cosmos.bank.v1beta1.MsgSend"}"#, &zero] {
            assert!(from_json(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_threshold_is_at_least_one_and_at_most_the_number_of_keys() {
        let key = Key::generate().unwrap().0.public();
        assert!(new_multisig(0, vec![key.clone()]).is_err());
        assert!(new_multisig(2, vec![key.clone()]).is_err());
        assert!(new_multisig(1, vec![key]).is_ok());
    }
}
