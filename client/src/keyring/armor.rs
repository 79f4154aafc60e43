//! Secret keys in ASCII armour, encrypted under a passphrase: what `keys export` writes and `keys import` reads.
//!
//! The armour is OpenPGP's (RFC 4880 section 6: base64 in lines of 64 with a CRC-24), the content the amino form of the key. Written as
//! SDK v0.50 does: Argon2id (1 pass, 64 MiB, 4 lanes) and ChaCha20-Poly1305 with a zero nonce, each key being used once. Read as
//! well: what SDKs before v0.50 wrote, bcrypt (cost 12) and NaCl's secretbox. Source: SDK `crypto/armor.go`.

use std::collections::BTreeMap;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::ChaCha20Poly1305;
use crypto_secretbox::XSalsa20Poly1305;
use rand::RngCore;
use sha2::{Digest, Sha256};

use crate::{Error, Key, Result};

const BLOCK: &str = "TENDERMINT PRIVATE KEY";
/// Amino's prefix of `tendermint/PrivKeySecp256k1`, and the length that follows.
const AMINO_PRIVATE: [u8; 5] = [0xE1, 0xB0, 0xF7, 0x9B, 32];
const BCRYPT_COST: u32 = 12;

/// A key in armour.
pub fn export(key: &Key, passphrase: &str) -> Result<String> {
    let mut salt = [0u8; 16];
    rand::rngs::OsRng.fill_bytes(&mut salt);
    let content = [&AMINO_PRIVATE[..], key.secret()].concat();
    let cipher = ChaCha20Poly1305::new(&argon2_key(passphrase, &salt)?.into());
    let sealed = cipher.encrypt(&Default::default(), content.as_slice()).map_err(|error| wrong(error.to_string()))?;
    let salt = hex::encode_upper(salt);
    Ok(encode(BLOCK, &[("kdf", "argon2"), ("salt", &salt), ("type", "secp256k1")], &sealed))
}

/// Reads a key in armour.
pub fn import(text: &str, passphrase: &str) -> Result<Key> {
    let (block, headers, sealed) = decode(text)?;
    if block != BLOCK {
        return Err(wrong(format!("it holds a {block:?}, not a {BLOCK:?}")));
    }
    let header = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
    let algorithm = header("type");
    if !matches!(algorithm, "" | "secp256k1") {
        return Err(wrong(format!("the key's type is {algorithm:?}; only secp256k1 is supported")));
    }
    let salt = hex::decode(header("salt")).map_err(|error| wrong(format!("salt: {error}")))?;
    let salt: [u8; 16] =
        salt.try_into().map_err(|salt: Vec<u8>| wrong(format!("the salt has {} bytes, not 16", salt.len())))?;
    let opened = match header("kdf") {
        "argon2" => ChaCha20Poly1305::new(&argon2_key(passphrase, &salt)?.into())
            .decrypt(&Default::default(), sealed.as_slice())
            .ok(),
        "bcrypt" => open_secretbox(&sealed, &bcrypt_key(passphrase, salt)?),
        other => return Err(wrong(format!("kdf is {other:?}: argon2 and bcrypt are known"))),
    };
    let opened = opened.ok_or_else(|| wrong("the passphrase is wrong, or the content is damaged".into()))?;
    let secret = opened.strip_prefix(&AMINO_PRIVATE[..]);
    Key::from_secret(secret.ok_or_else(|| wrong("its content is no secp256k1 key".into()))?)
}

fn argon2_key(passphrase: &str, salt: &[u8]) -> Result<[u8; 32]> {
    let mut key = [0u8; 32];
    let params = Params::new(64 * 1024, 1, 4, Some(key.len())).map_err(|error| wrong(error.to_string()))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(passphrase.as_bytes(), salt, &mut key).map_err(|error| wrong(error.to_string()))?;
    Ok(key)
}

fn bcrypt_key(passphrase: &str, salt: [u8; 16]) -> Result<[u8; 32]> {
    let hash = bcrypt::hash_with_salt(passphrase, BCRYPT_COST, salt).map_err(|error| wrong(error.to_string()))?;
    Ok(Sha256::digest(hash.format_for_version(bcrypt::Version::TwoA)).into())
}

/// NaCl's secretbox behind its nonce of 24 bytes.
fn open_secretbox(sealed: &[u8], key: &[u8; 32]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(24)?;
    let nonce: [u8; 24] = nonce.try_into().ok()?;
    XSalsa20Poly1305::new(&(*key).into()).decrypt(&nonce.into(), sealed).ok()
}

fn encode(block: &str, headers: &[(&str, &str)], content: &[u8]) -> String {
    let mut text = format!("-----BEGIN {block}-----\n");
    headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\n")));
    let body = BASE64.encode(content);
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(&format!("\n{line}"));
        rest = after;
    }
    let sum = crc24(content).to_be_bytes();
    text.push_str(&format!("\n={}\n-----END {block}-----", BASE64.encode(&sum[1..])));
    text
}

type Armour = (String, BTreeMap<String, String>, Vec<u8>);

fn decode(text: &str) -> Result<Armour> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with("-----BEGIN "));
    let first = lines.next().ok_or_else(|| wrong("no line begins with -----BEGIN".into()))?;
    let block = first.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"));
    let block = block.ok_or_else(|| wrong(format!("{first:?} is no first line")))?.to_string();
    let mut headers = BTreeMap::new();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").ok_or_else(|| wrong(format!("{line:?} is no header")))?;
        headers.insert(name.to_string(), value.to_string());
    }
    let end = format!("-----END {block}-----");
    let (mut body, mut sum, mut ended) = (String::new(), None, false);
    for line in lines {
        if line == end {
            ended = true;
            break;
        }
        match line.strip_prefix('=') {
            Some(text) => sum = Some(text.to_string()),
            None => body.push_str(line),
        }
    }
    if !ended {
        return Err(wrong(format!("the last line, {end}, is missing")));
    }
    let content = BASE64.decode(body).map_err(|error| wrong(error.to_string()))?;
    let right = BASE64.encode(&crc24(&content).to_be_bytes()[1..]);
    match sum {
        Some(sum) if sum == right => Ok((block, headers, content)),
        Some(sum) => Err(wrong(format!("the checksum is {sum} and should be {right}: a part was changed or lost"))),
        None => Err(wrong("the checksum is missing".into())),
    }
}

/// RFC 4880 section 6.1.
fn crc24(content: &[u8]) -> u32 {
    let mut sum: u32 = 0x00B7_04CE;
    for byte in content {
        sum ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            sum <<= 1;
            if sum & 0x0100_0000 != 0 {
                sum ^= 0x0186_4CFB;
            }
        }
    }
    sum & 0x00FF_FFFF
}

fn wrong(what: String) -> Error {
    Error::Key(format!("the armoured key cannot be read: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_armour_with_its_passphrase_alone() {
        let key = Key::generate().unwrap().0;
        let text = export(&key, "correct horse").unwrap();
        assert_eq!(import(&text, "correct horse").unwrap().secret(), key.secret());
        let error = import(&text, "wrong horse").unwrap_err().to_string();
        assert!(error.contains("passphrase is wrong"), "{error}");
    }

    #[test]
    fn damaged_armour_is_refused_with_what_is_wrong() {
        let text = export(&Key::generate().unwrap().0, "pass").unwrap();
        let cases = [
            (text.replace("-----END", "----END"), "last line"),
            (text.replace("kdf: argon2", "kdf: scrypt"), "scrypt"),
            (text.replace("type: secp256k1", "type: ed25519"), "ed25519"),
            (text.replace("salt: ", "salt: 0"), "salt"),
            (text.replace("PRIVATE", "PUBLIC"), "PUBLIC"),
            (
                text.lines()
                    .map(|line| if line.starts_with('=') { "=AAAA\n" } else { line })
                    .collect::<Vec<_>>()
                    .join("\n"),
                "checksum",
            ),
            ("nothing".into(), "BEGIN"),
        ];
        for (text, part) in cases {
            let error = import(&text, "pass").unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let body = text.lines().nth(5).unwrap().to_string();
        let flipped = format!("{}{}", if body.starts_with('A') { 'B' } else { 'A' }, &body[1..]);
        assert!(import(&text.replace(&body, &flipped), "pass").unwrap_err().to_string().contains("checksum"));
    }

    #[test]
    fn the_checksum_is_openpgp_s() {
        // The check value of CRC-24/OPENPGP.
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
    }
}
