//! `keys`: keyrings of both backends, what passphrases and damaged files do, keys in and out.

use anyhow::{ensure, Context, Result};
use openledger_tests::node::Home;
use serde_json::Value;

const PASSPHRASE: &str = "correct horse";
const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const FILE: [&str; 2] = ["--keyring-backend", "file"];

fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).with_context(|| text.to_string())
}

/// A home that every `keys` command of a test works on.
fn home() -> Result<Home> {
    Home::empty()
}

#[test]
fn an_encrypted_keyring_keeps_keys_for_whoever_knows_its_passphrase() -> Result<()> {
    let home = home()?;
    let add = [&["keys", "add", "alice", "--recover", "-o", "json"], &FILE[..]].concat();
    let added = home.succeed_with(&add, &lines(&[WORDS, PASSPHRASE, PASSPHRASE]))?;
    let added = json(&added)?;
    assert_eq!((&added["name"], &added["type"]), (&"alice".into(), &"local".into()));
    assert!(added.get("mnemonic").is_none(), "recovered words are not printed: {added}");
    let file = std::fs::read_to_string(home.path().join("keyring-file/alice.info"))?;
    assert_eq!(file.split('.').count(), 5, "a compact JWE");

    let show = [&["keys", "show", "alice", "-a"], &FILE[..]].concat();
    let address = home.succeed_with(&show, &lines(&[PASSPHRASE]))?;
    assert_eq!(added["address"], address.trim());
    // Names alone are no secret.
    assert_eq!(home.succeed(&[&["keys", "list", "-n"], &FILE[..]].concat())?, "alice\n");

    let thrice = lines(&["wrong horse", "short", "wrong again"]);
    let error = home.fail_with(&show, &thrice)?;
    assert!(error.contains("incorrect passphrase") && error.contains("at least 8 characters"), "{error}");
    assert!(error.contains("too many failed passphrase attempts"), "{error}");
    let second = lines(&["wrong horse", PASSPHRASE]);
    assert_eq!(home.succeed_with(&show, &second)?, address, "the second attempt counts");
    let silent = home.fail(&show)?;
    assert!(silent.contains("standard input ended"), "{silent}");
    Ok(())
}

#[test]
fn a_first_passphrase_is_typed_twice() -> Result<()> {
    let home = home()?;
    let add = [&["keys", "add", "alice"], &FILE[..]].concat();
    let error = home.fail_with(&add, &lines(&[PASSPHRASE, "correct house"]))?;
    assert!(error.contains("passphrases do not match"), "{error}");
    assert!(!home.path().join("keyring-file/alice.info").exists());
    home.succeed_with(&add, &lines(&[PASSPHRASE, "correct house", PASSPHRASE, PASSPHRASE]))?;
    assert!(home.path().join("keyring-file/alice.info").exists());
    Ok(())
}

#[test]
fn a_damaged_file_is_named_and_hides_no_other_key() -> Result<()> {
    let home = home()?;
    home.succeed(&["keys", "add", "alice"])?;
    home.succeed(&["keys", "add", "bob"])?;
    let path = home.path().join("keyring-test/alice.info");
    let token = std::fs::read_to_string(&path)?;
    for damaged in [token.replacen('.', "", 1), token[..token.len() - 20].to_string(), String::new()] {
        std::fs::write(&path, damaged)?;
        let error = home.fail(&["keys", "show", "alice"])?;
        assert!(error.contains("alice.info") && error.contains("damaged"), "{error}");
        let listed = home.run(&["keys", "list", "-o", "json"])?;
        let names = json(&String::from_utf8(listed.stdout)?)?;
        assert_eq!(names.as_array().map(Vec::len), Some(1));
        assert_eq!(names[0]["name"], "bob");
    }
    Ok(())
}

#[test]
fn a_key_travels_in_armour_between_homes_under_its_passphrase() -> Result<()> {
    let (from, to) = (home()?, home()?);
    let added = json(&from.succeed(&["keys", "add", "alice", "-o", "json"])?)?;
    assert_eq!(added["mnemonic"].as_str().map(|words| words.split(' ').count()), Some(24));
    let armour = from.succeed_with(&["keys", "export", "alice"], &lines(&[PASSPHRASE]))?;
    assert!(armour.starts_with("-----BEGIN TENDERMINT PRIVATE KEY-----\nkdf: argon2\n"), "{armour}");
    assert!(from.fail_with(&["keys", "export", "alice"], "short\n")?.contains("at least 8"));
    let path = to.path().join("alice.asc");
    std::fs::write(&path, &armour)?;
    let path = path.to_str().context("a path")?;
    let error = to.fail_with(&["keys", "import", "alice", path], "wrong horse\n")?;
    assert!(error.contains("passphrase is wrong"), "{error}");
    to.succeed_with(&["keys", "import", "alice", path], &lines(&[PASSPHRASE]))?;
    let shown = json(&to.succeed(&["keys", "show", "alice", "-o", "json"])?)?;
    assert_eq!((&shown["address"], &shown["pubkey"]), (&added["address"], &added["pubkey"]));
    assert!(to.fail_with(&["keys", "import", "alice", path], &lines(&[PASSPHRASE]))?.contains("already"));

    let hex = from.succeed(&["keys", "export", "alice", "--unarmored-hex", "--unsafe", "--yes"])?;
    assert_eq!(hex.trim().len(), 64);
    assert!(from.fail(&["keys", "export", "alice", "--unsafe"])?.contains("must be used together"));
    let third = home()?;
    third.succeed(&["keys", "import-hex", "alice", &format!("0x{}", hex.trim())])?;
    assert_eq!(third.succeed(&["keys", "show", "alice", "-a"])?.trim(), added["address"].as_str().unwrap_or_default());
    Ok(())
}

#[test]
fn words_give_the_keys_that_every_cosmos_wallet_derives() -> Result<()> {
    let home = home()?;
    let of = |name: &str, flags: &[&str], input: &str| -> Result<String> {
        let add = [&["keys", "add", name, "-o", "json"], flags].concat();
        let added = json(&home.succeed_with(&add, input)?)?;
        let parsed = home.succeed(&["keys", "parse", added["address"].as_str().unwrap_or_default(), "-o", "json"])?;
        Ok(json(&parsed)?["bytes"].as_str().unwrap_or_default().to_string())
    };
    // The address of these words is the same bytes on every chain of coin type 118.
    assert_eq!(of("plain", &["--recover"], &lines(&[WORDS]))?, plain()?);
    let by_path = of("path", &["--recover", "--hd-path", "m/44'/118'/1'/0/7"], &lines(&[WORDS]))?;
    let error =
        home.fail_with(&["keys", "add", "parts", "--recover", "--account", "1", "--index", "7"], &lines(&[WORDS]))?;
    assert!(error.contains("under the name path"), "the same key: {error} {by_path}");
    let protected = of("protected", &["--interactive"], &lines(&[WORDS, "TREZOR", "TREZOR"]))?;
    assert_ne!(protected, by_path);
    let error = home.fail_with(&["keys", "add", "x", "--interactive"], &lines(&[WORDS, "one", "two"]))?;
    assert!(error.contains("don't match"), "{error}");
    assert!(home.fail_with(&["keys", "add", "x", "--recover"], "not a word of it\n")?.contains("mnemonic"));
    assert!(home.fail_with(&["keys", "add", "x", "--recover", "--hd-path", "m/x"], &lines(&[WORDS]))?.contains("m/x"));
    let words = home.path().join("words.txt");
    std::fs::write(&words, format!("{WORDS}\n"))?;
    let source =
        ["keys", "add", "file", "--recover", "--source", words.to_str().unwrap_or_default(), "--coin-type", "60"];
    home.succeed(&source)?;
    assert_eq!(home.succeed(&["keys", "mnemonic"])?.split_whitespace().count(), 24);
    Ok(())
}

/// The address of [`WORDS`], from the SDK's own vectors.
fn plain() -> Result<String> {
    let vectors: Value = serde_json::from_str(include_str!("../../client/vectors/keyring.json"))?;
    Ok(vectors["records"][0]["address"].as_str().context("an address")?.to_uppercase())
}

#[test]
fn public_keys_and_multisigs_are_kept_and_shown_beside_local_keys() -> Result<()> {
    let home = home()?;
    for name in ["alice", "bob", "carol"] {
        home.succeed(&["keys", "add", name, "--no-backup"])?;
    }
    let make = ["keys", "add", "board", "--multisig", "alice,bob,carol", "--multisig-threshold", "2", "-o", "json"];
    let board = json(&home.succeed(&make)?)?;
    assert_eq!(board["type"], "multi");
    let key = json(board["pubkey"].as_str().context("a key")?)?;
    assert_eq!((&key["threshold"], key["public_keys"].as_array().map(Vec::len)), (&2.into(), Some(3)));
    // In the other order, sorted by address, it is the same key; unsorted it is another.
    let other = ["keys", "add", "again", "--multisig", "carol,bob,alice", "--multisig-threshold", "2"];
    assert!(home.fail(&other)?.contains("under the name board"));
    let sorted = key["public_keys"][0]["key"].as_str().context("a key")?.to_string();
    let shown = home.succeed(&["keys", "show", "carol", "bob", "alice", "--multisig-threshold", "2", "-p"])?;
    let first = json(&shown)?["public_keys"][0]["key"].as_str().context("a key")?.to_string();
    let carol = json(&home.succeed(&["keys", "show", "carol", "-p"])?)?;
    assert_eq!(carol["key"], first, "show keeps the order; {sorted}");
    assert!(home.fail(&["keys", "add", "x", "--multisig", "alice", "--multisig-threshold", "2"])?.contains("1 < 2"));
    assert!(home.fail(&["keys", "add", "x", "--multisig", "alice,nobody"])?.contains("nobody"));

    let watcher = Home::empty()?;
    watcher.succeed(&["keys", "add", "carol", "--pubkey", &carol.to_string()])?;
    let shown = json(&watcher.succeed(&["keys", "show", "carol", "-o", "json"])?)?;
    assert_eq!(shown["type"], "offline");
    assert_eq!(shown["address"], home.succeed(&["keys", "show", "carol", "-a"])?.trim());
    assert!(watcher.fail(&["keys", "add", "x", "--pubkey", "{}"])?.contains("@type"));
    assert!(watcher
        .fail(&["keys", "export", "carol", "--unsafe", "--unarmored-hex", "-y"])?
        .contains("public key only"));
    Ok(())
}

#[test]
fn keys_are_renamed_overridden_and_deleted_after_a_question() -> Result<()> {
    let home = home()?;
    let first = json(&home.succeed(&["keys", "add", "alice", "-o", "json"])?)?;
    assert!(home.fail_with(&["keys", "add", "alice"], "n\n")?.contains("aborted"));
    assert!(home.fail(&["keys", "add", "alice"])?.contains("already"));
    let second = json(&home.succeed_with(&["keys", "add", "alice", "-o", "json"], "y\n")?)?;
    assert_ne!(first["address"], second["address"]);
    home.succeed_with(&["keys", "rename", "alice", "treasury"], "n\n")?;
    assert_eq!(home.succeed(&["keys", "list", "-n"])?, "alice\n");
    home.succeed(&["keys", "rename", "alice", "treasury", "--yes"])?;
    let address = second["address"].as_str().context("an address")?;
    let shown = home.succeed(&["keys", "show", address])?;
    assert!(shown.starts_with("- address: ") && shown.contains("name: treasury"), "found by its address: {shown}");
    home.succeed_with(&["keys", "delete", "treasury"], "n\n")?;
    home.succeed(&["keys", "delete", "treasury", "-y"])?;
    assert!(home.fail(&["keys", "delete", "treasury", "-y"])?.contains("treasury: key not found"));
    assert_eq!(home.succeed(&["keys", "list", "-o", "json"])?, "[]\n");
    let dry = json(&home.succeed(&["keys", "add", "ghost", "--dry-run", "-o", "json"])?)?;
    ensure!(dry["mnemonic"].is_string() && home.succeed(&["keys", "list", "-n"])?.is_empty());
    Ok(())
}

#[test]
fn what_is_not_supported_says_so_and_what_would_be_right() -> Result<()> {
    let home = home()?;
    for (line, part) in [
        (&["keys", "list", "--keyring-backend", "os"][..], "use file"),
        (&["keys", "list", "--keyring-backend", "disk"], "choose file, test or memory"),
        (&["keys", "add", "x", "--ledger"], "Ledger"),
        (&["keys", "show", "nobody"], "nobody is not a valid name or address"),
        (&["keys", "show", "nobody", "-a", "-o", "json"], "cannot use --output"),
        (&["keys", "parse", "zzz"], "zzz"),
    ] {
        let error = home.fail(line)?;
        assert!(error.contains(part), "{line:?}: {error}");
    }
    Ok(())
}
