//! Amino JSON against the Cosmos SDK's own results (`proto/vectors/{amino,sign_docs}.json`, made by `go run ./amino` in
//! `tests/vectors-go`), CosmJS's document of ADR-036, and what is demanded of this chain's own messages.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::table::{FieldEncoding, TABLE};
use super::*;
use crate::cosmos::tx::v1beta1::Fee;
use crate::test_vectors::{string, unhex, vectors};
use crate::walker::schema::{Kind, Label, Shape};
use crate::walker::{WalkError, SCHEMA};
use crate::Message as _;

fn amino_vectors() -> Vec<Value> {
    vectors(include_str!("../../vectors/amino.json"))
}

#[test]
fn every_message_has_the_amino_json_that_the_sdk_signs() {
    for vector in amino_vectors() {
        let note = format!("{} {}", vector["type"], vector["note"]);
        let result = json(string(&vector, "type"), &unhex(string(&vector, "hex")));
        match string(&vector, "refused") {
            "" => assert_eq!(text(&result.expect(&note)), string(&vector, "amino"), "{note}"),
            why => assert!(result.is_err(), "{note}: the SDK refuses it ({why})"),
        }
    }
}

#[test]
fn documents_are_those_that_the_sdk_signs_or_refuses() {
    for vector in vectors(include_str!("../../vectors/sign_docs.json")) {
        let number = |key| string(&vector, key).parse().unwrap();
        let signer = Signer {
            chain_id: string(&vector, "chain_id"),
            account_number: number("account_number"),
            sequence: number("sequence"),
        };
        let fee = Fee::decode(unhex(string(&vector, "fee")).as_slice()).unwrap();
        let signed = sign_bytes(signer, &unhex(string(&vector, "body")), &fee);
        match string(&vector, "refused") {
            "" => {
                assert_eq!(String::from_utf8(signed.unwrap()).unwrap(), string(&vector, "signed"), "{}", vector["note"])
            }
            why => assert!(signed.is_err(), "{}: the SDK refuses it ({why})", vector["note"]),
        }
    }
}

#[test]
fn extension_options_are_refused_in_the_sdk_s_words() {
    let error = AminoError::ExtensionOptions.to_string();
    let vectors = vectors(include_str!("../../vectors/sign_docs.json"));
    assert_eq!(vectors.iter().filter(|vector| string(vector, "refused") == error).count(), 2);
}

/// Made by CosmJS's `serializeSignDoc` (`node adr036.mjs` in `tests/cosmjs`), which is what Keplr's `signArbitrary` signs.
#[test]
fn the_document_of_adr_036_is_cosmjs_s() {
    for vector in vectors(include_str!("../../vectors/adr036.json")) {
        let bytes = adr036_sign_bytes(string(&vector, "signer"), &unhex(string(&vector, "data")));
        assert_eq!(String::from_utf8(bytes).unwrap(), string(&vector, "signed"));
    }
}

/// What a message of ours is made of, itself first.
fn reachable(index: usize, seen: &mut BTreeSet<usize>) {
    if seen.insert(index) && SCHEMA.messages[index].shape != Shape::Any {
        for field in &SCHEMA.messages[index].fields {
            if let Kind::Message(inner) = field.kind {
                reachable(inner, seen);
            }
        }
    }
}

#[test]
fn all_of_our_messages_can_be_signed_on_a_ledger() {
    let mut names = BTreeMap::new();
    let services = SCHEMA.services.iter().filter(|service| service.full_name.ends_with(".Msg"));
    for method in services.flat_map(|service| &service.methods) {
        let index = SCHEMA.message(&method.input).unwrap();
        // No two messages of one name: whoever signs one would have signed the other. IBC's have none and go by their URLs.
        if let Some(name) = &TABLE[index].name {
            assert_eq!(names.insert(name.clone(), &method.input), None, "{name}");
        }
        if !method.input.starts_with("openledger.") {
            continue;
        }
        let name = TABLE[index].name.as_deref().unwrap_or_else(|| panic!("{} has no amino.name", method.input));
        assert!(name.len() <= 39, "{name} is longer than a Ledger takes");
        let mut parts = BTreeSet::new();
        reachable(index, &mut parts);
        for part in parts {
            let message = &SCHEMA.messages[part];
            for (field, options) in message.fields.iter().zip(&TABLE[part].fields) {
                let what = format!("{}.{}", message.full_name, field.name);
                assert_ne!(field.label, Label::Map, "{what}");
                assert!(!matches!(field.kind, Kind::Float | Kind::Double), "{what}");
                assert!(options.oneof.as_ref().is_none_or(|oneof| oneof.name.is_some()), "{what}");
                assert_ne!(options.encoding, FieldEncoding::InlineJson, "{what}");
                // What a Go client always writes must be kept, or an empty one would read as absent.
                let always = field.non_null && field.label == Label::Single && matches!(field.kind, Kind::Message(_));
                assert!(!always || options.keep_empty, "{what} is never absent, so it needs amino.dont_omitempty");
            }
        }
    }
    assert!(names.keys().any(|name| name == "openledger/MsgSettle"));
}

#[test]
fn nothing_that_this_chain_knows_has_inline_json() {
    let fields = TABLE.iter().flat_map(|message| &message.fields);
    assert!(fields.clone().all(|field| field.encoding != FieldEncoding::InlineJson));
    assert!(fields.clone().any(|field| field.encoding == FieldEncoding::LegacyCoins));
    assert!(fields.clone().any(|field| field.encoding == FieldEncoding::Dec));
}

#[test]
fn nesting_ends_at_the_limit() {
    let mut any = crate::Any { type_url: "/cosmos.bank.v1beta1.MsgSend".into(), value: Vec::new() };
    let mut depth = 0;
    let refused = loop {
        let exec = crate::cosmos::authz::v1beta1::MsgExec { grantee: String::new(), msgs: vec![any] };
        any = crate::Any { type_url: "/cosmos.authz.v1beta1.MsgExec".into(), value: exec.encode_to_vec() };
        depth += 1;
        if let Err(error) = any_json(&any.type_url, &any.value) {
            break error;
        }
    };
    assert_eq!(refused, WalkError::Depth);
    assert!(depth > 20, "{depth}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_amino_json_or_are_refused(pick in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = json(&SCHEMA.messages[pick.index(SCHEMA.messages.len())].full_name, &bytes);
        let signer = Signer { chain_id: "", account_number: 0, sequence: 0 };
        let _ = sign_bytes(signer, &bytes, &Fee::default());
        let _ = crate::walker::check_canonical("cosmos.tx.v1beta1.TxBody", &bytes);
    }

    #[test]
    fn damaged_messages_have_amino_json_or_are_refused(
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let vectors = amino_vectors();
        let vector = &vectors[pick.index(vectors.len())];
        let mut bytes = unhex(string(vector, "hex"));
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = json(string(vector, "type"), &bytes);
    }

    #[test]
    fn text_is_read_back_by_every_json_reader(letters: String) {
        let written = super::text(&Value::String(letters.clone()));
        let escaped = ['<', '>', '&', '\n', '\u{2028}', '\u{2029}'];
        prop_assert!(!written.contains(escaped));
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), letters);
    }

    /// Of what was changed in a canonical message and is canonical still, the amino JSON differs: nobody can say the same twice.
    #[test]
    fn canonical_bytes_that_differ_say_something_else(
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        insert in any::<bool>(),
    ) {
        let vectors = amino_vectors();
        let vector = &vectors[pick.index(vectors.len())];
        let (name, bytes) = (string(vector, "type"), unhex(string(vector, "hex")));
        let mut changed = bytes.clone();
        let at = at.index(bytes.len() + 1);
        if insert || at == bytes.len() {
            changed.insert(at, byte);
        } else {
            changed[at] = byte;
        }
        // A module's account is printed without its key; nobody signs one.
        prop_assume!(!name.ends_with("ModuleAccount"));
        let canonical = |bytes: &[u8]| crate::walker::check_canonical(name, bytes).is_ok();
        if let (Ok(one), Ok(other)) = (json(name, &bytes), json(name, &changed)) {
            if bytes != changed && canonical(&bytes) && canonical(&changed) {
                prop_assert_ne!(one, other, "{}", name);
            }
        }
    }
}
