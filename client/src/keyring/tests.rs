//! The keyring's behaviour, and the SDK's own files.

use super::*;
use crate::public_key;
use serde_json::Value;

fn key() -> Key {
    Key::generate().unwrap().0
}

/// Made by `tests/vectors-go/keyring`, which runs the SDK's own code.
fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/keyring.json")).unwrap()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer}"))
}

#[test]
fn keys_are_kept_by_name_and_never_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let ring = Keyring::open(home.path(), "test").unwrap();
    assert!(ring.list().unwrap().is_empty());
    let key = key();
    ring.add("alice", &key).unwrap();
    assert!(ring.add("alice", &self::key()).unwrap_err().to_string().contains("already"));
    assert!(ring.add("bob", &key).unwrap_err().to_string().contains("under the name alice"));
    assert_eq!(ring.get("alice").unwrap().address(), key.address());
    assert_eq!(ring.find(&key.address().to_string()).unwrap().name, "alice");
    assert_eq!(ring.list().unwrap(), ["alice"]);
    ring.rename("alice", "a/b %").unwrap();
    assert_eq!(ring.find(&key.address().to_string()).unwrap().name, "a/b %");
    assert!(ring.get("alice").is_err());
    ring.delete("a/b %").unwrap();
    assert!(ring.by_address(&key.address()).unwrap().is_none());
    assert!(std::fs::read_dir(home.path().join("keyring-test")).unwrap().next().is_none());
}

#[test]
fn names_cannot_leave_the_folder_and_backends_that_are_not_there_are_named() {
    let home = tempfile::tempdir().unwrap();
    let ring = Keyring::open(home.path(), "test").unwrap();
    ring.add("../x", &key()).unwrap();
    assert!(home.path().join("keyring-test/..%2Fx.info").exists());
    for name in ["", " ", "a\nb", &"x".repeat(201)] {
        assert!(ring.add(name, &key()).is_err(), "{name}");
    }
    for (backend, part) in [("os", "use file"), ("pass", "use file"), ("disk", "choose file")] {
        assert!(Keyring::open(home.path(), backend).unwrap_err().to_string().contains(part));
    }
}

#[test]
fn a_file_keyring_opens_with_its_passphrase_alone_even_where_the_hash_was_lost() {
    let home = tempfile::tempdir().unwrap();
    let open = || Keyring::open(home.path(), "file").unwrap();
    let ring = open();
    ring.unlock("correct horse").unwrap();
    let key = key();
    ring.add("alice", &key).unwrap();
    assert_eq!(open().list().unwrap(), ["alice"], "names need no passphrase");
    assert!(open().unlock("wrong horse").unwrap_err().to_string().contains("incorrect"));
    std::fs::remove_file(home.path().join("keyring-file/keyhash")).unwrap();
    assert!(open().unlock("wrong horse").unwrap_err().to_string().contains("incorrect"));
    let ring = open();
    ring.unlock("correct horse").unwrap();
    assert_eq!(ring.get("alice").unwrap().secret(), key.secret());
}

#[test]
fn a_damaged_file_is_named_and_the_others_still_open() {
    let home = tempfile::tempdir().unwrap();
    let ring = Keyring::open(home.path(), "test").unwrap();
    ring.add("alice", &key()).unwrap();
    ring.add("bob", &key()).unwrap();
    let path = home.path().join("keyring-test/alice.info");
    let mut token = std::fs::read_to_string(&path).unwrap();
    token.truncate(token.len() - 9);
    std::fs::write(&path, token).unwrap();
    let error = ring.get("alice").unwrap_err().to_string();
    assert!(error.contains("alice.info") && error.contains("damaged"), "{error}");
    ring.get("bob").unwrap();
}

#[test]
fn a_home_that_the_sdk_made_is_read() {
    let vectors = vectors();
    for (backend, passphrase) in [("test", "test"), ("file", text(&vectors, "/passphrase"))] {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(format!("keyring-{backend}"));
        std::fs::create_dir(&folder).unwrap();
        for (name, content) in vectors["homes"][backend].as_object().unwrap() {
            std::fs::write(folder.join(name), content.as_str().unwrap()).unwrap();
        }
        let ring = Keyring::open(home.path(), backend).unwrap();
        if backend == "file" {
            assert!(ring.unlock("not the passphrase").is_err());
            ring.unlock(passphrase).unwrap();
        }
        let records = vectors["records"].as_array().unwrap();
        assert_eq!(ring.list().unwrap().len(), records.len());
        for want in records {
            let record = ring.record(text(want, "/name")).unwrap();
            assert_eq!(record.type_name(), text(want, "/type"));
            assert_eq!(hex::encode(record.address().as_bytes()), text(want, "/address"));
            assert_eq!(public_key::to_json(&record.public_key).unwrap().to_string(), text(want, "/pubkey"));
            assert_eq!(hex::encode(record.encode()), text(want, "/proto"), "we write the same bytes");
        }
        assert_eq!(hex::encode(ring.get("alice").unwrap().secret()), text(&vectors, "/secret"));
    }
}

#[test]
fn keys_that_the_sdk_exported_are_imported() {
    let vectors = vectors();
    for armour in ["argon2", "bcrypt"] {
        let armoured = text(&vectors, &format!("/armor/{armour}"));
        let key = armor::import(armoured, text(&vectors, "/passphrase")).unwrap();
        assert_eq!(hex::encode(key.secret()), text(&vectors, "/secret"), "{armour}");
        assert!(armor::import(armoured, "another").unwrap_err().to_string().contains("passphrase is wrong"));
    }
}

#[test]
fn mnemonics_paths_and_passphrases_derive_the_sdk_s_keys() {
    for case in vectors()["derived"].as_array().unwrap() {
        let part = |name: &str| case[name].as_str().unwrap().to_string();
        let key =
            Key::from_mnemonic_and_passphrase(&part("mnemonic"), &part("bip39_passphrase"), &part("path")).unwrap();
        assert_eq!(hex::encode(key.secret()), part("secret"), "{case}");
    }
}
