//! Decimals: signed, 18 places, at most 315 bits; the SDK's `LegacyDec`, whose rounding decides who is paid the last unit.
//!
//! Source: `cosmossdk.io/math` v1.3 `dec.go`. Where the SDK panics (more than 315 bits, division by zero), an error is returned.
//! `mul` and `quo` round half to even, `_truncate` towards zero, `_round_up` away from zero where positive.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use bnum::BInt;
use cosmwasm_std::Uint256;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::SdkError;

/// 384 bits, of which 315 and the sign are used.
type Raw = BInt<6>;
/// Holds the product of two, and a dividend with 36 more places.
type Wide = BInt<12>;

/// Places behind the point.
pub const PRECISION: usize = 18;
const ONE: u64 = 1_000_000_000_000_000_000;
const MAX_BITS: u32 = 315;

/// A decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dec(Raw);

#[derive(Clone, Copy)]
enum Rounding {
    HalfToEven,
    Truncate,
    Up,
}

// The operators of std cannot fail; these can.
#[allow(clippy::should_implement_trait)]
impl Dec {
    /// 0.
    pub const ZERO: Self = Self(Raw::ZERO);
    /// 10^-18.
    pub const SMALLEST: Self = Self(Raw::ONE);

    /// 1.
    pub fn one() -> Self {
        Self(Raw::from(ONE))
    }

    /// A whole number; always fits.
    pub fn from_int(int: Uint256) -> Self {
        let raw = raw_of(int).checked_mul(Raw::from(ONE));
        // 256 bits and 60 more are within 384.
        Self(raw.unwrap_or(Raw::MAX))
    }

    /// A whole number.
    pub fn from_u64(int: u64) -> Self {
        Self::from_int(Uint256::from(int))
    }

    /// `units` of the 18th place: `from_units(5 * 10^17)` is 0.5.
    pub fn from_units(units: i64) -> Self {
        Self(Raw::from(units))
    }

    /// Reads protobuf's form: the units of the 18th place as decimal text; the empty text is zero, as the SDK reads it.
    pub fn from_proto(text: &str) -> Result<Self, SdkError> {
        if text.is_empty() {
            return Ok(Self::ZERO);
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        let magnitude = digits_of(digits).ok_or_else(|| invalid(text, "is not a whole number of units"))?;
        signed(magnitude, text.starts_with('-')).fit(text)
    }

    /// Protobuf's form.
    pub fn to_proto(&self) -> String {
        self.0.to_string()
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is less than 0.
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// Whether it is more than 0.
    pub fn is_positive(&self) -> bool {
        self.0.is_positive()
    }

    /// Whether nothing stands behind the point.
    pub fn is_integer(&self) -> bool {
        self.0.checked_rem(Raw::from(ONE)).is_some_and(|rest| rest.is_zero())
    }

    /// The number with the other sign.
    pub fn neg(self) -> Self {
        // 315 bits leave room for either sign.
        Self(self.0.wrapping_neg())
    }

    /// The number without its sign.
    pub fn abs(self) -> Self {
        Self(self.0.wrapping_abs())
    }

    /// Sum.
    pub fn add(self, other: Self) -> Result<Self, SdkError> {
        self.0.checked_add(other.0).map(Self).ok_or_else(overflow)?.fit_result()
    }

    /// Difference.
    pub fn sub(self, other: Self) -> Result<Self, SdkError> {
        self.0.checked_sub(other.0).map(Self).ok_or_else(overflow)?.fit_result()
    }

    /// Product, rounded half to even.
    pub fn mul(self, other: Self) -> Result<Self, SdkError> {
        self.product(other, Rounding::HalfToEven)
    }

    /// Product, truncated.
    pub fn mul_truncate(self, other: Self) -> Result<Self, SdkError> {
        self.product(other, Rounding::Truncate)
    }

    /// Product, rounded up.
    pub fn mul_round_up(self, other: Self) -> Result<Self, SdkError> {
        self.product(other, Rounding::Up)
    }

    /// Product with a whole number; exact.
    pub fn mul_int(self, int: Uint256) -> Result<Self, SdkError> {
        narrow(wide(self.0).checked_mul(wide(raw_of(int))).ok_or_else(overflow)?)
    }

    /// Quotient, rounded half to even.
    pub fn quo(self, other: Self) -> Result<Self, SdkError> {
        self.quotient(other, Rounding::HalfToEven)
    }

    /// Quotient, truncated.
    pub fn quo_truncate(self, other: Self) -> Result<Self, SdkError> {
        self.quotient(other, Rounding::Truncate)
    }

    /// Quotient, rounded up.
    pub fn quo_round_up(self, other: Self) -> Result<Self, SdkError> {
        self.quotient(other, Rounding::Up)
    }

    /// Quotient by a whole number, truncated.
    pub fn quo_int(self, int: Uint256) -> Result<Self, SdkError> {
        self.0.checked_div(raw_of(int)).map(Self).ok_or_else(by_zero)
    }

    /// The whole number towards zero; an error where it is negative.
    pub fn truncate_int(self) -> Result<Uint256, SdkError> {
        self.whole(Rounding::Truncate)
    }

    /// The nearest whole number, half to even; an error where it is negative.
    pub fn round_int(self) -> Result<Uint256, SdkError> {
        self.whole(Rounding::HalfToEven)
    }

    /// The least whole number that is not less.
    pub fn ceil(self) -> Result<Self, SdkError> {
        let whole = chop(wide(self.0), Rounding::Up)?;
        narrow(whole.checked_mul(wide(Raw::from(ONE))).ok_or_else(overflow)?)
    }

    /// The number without what stands behind the point.
    pub fn truncate(self) -> Self {
        let rest = self.0.checked_rem(Raw::from(ONE)).unwrap_or(Raw::ZERO);
        Self(self.0.wrapping_sub(rest))
    }

    /// `self` to a power, rounding each product half to even, in the SDK's order of multiplications.
    pub fn power(self, power: u64) -> Result<Self, SdkError> {
        let (mut base, mut rest, mut odd) = (self, power, Self::one());
        if power == 0 {
            return Ok(odd);
        }
        while rest > 1 {
            if rest % 2 == 1 {
                odd = odd.mul(base)?;
            }
            rest /= 2;
            base = base.mul(base)?;
        }
        base.mul(odd)
    }

    fn product(self, other: Self, rounding: Rounding) -> Result<Self, SdkError> {
        let product = wide(self.0).checked_mul(wide(other.0)).ok_or_else(overflow)?;
        narrow(chop(product, rounding)?)
    }

    /// The SDK divides with 36 more places, truncates, and then rounds 18 of them away: rounding sees no more than those.
    fn quotient(self, other: Self, rounding: Rounding) -> Result<Self, SdkError> {
        let one = Wide::from(ONE);
        let dividend = wide(self.0).checked_mul(one).and_then(|once| once.checked_mul(one)).ok_or_else(overflow)?;
        let quotient = dividend.checked_div(wide(other.0)).ok_or_else(by_zero)?;
        narrow(chop(quotient, rounding)?)
    }

    fn whole(self, rounding: Rounding) -> Result<Uint256, SdkError> {
        let whole = chop(wide(self.0), rounding)?;
        if whole.is_negative() {
            return Err(SdkError::Logic(format!("{self} is no amount: it is negative")));
        }
        let mut bytes = [0u8; 32];
        for (digit, place) in whole.to_bits().digits().iter().zip(bytes.chunks_exact_mut(8)) {
            place.copy_from_slice(&digit.to_le_bytes());
        }
        if whole.bits() > 256 {
            return Err(overflow());
        }
        Ok(Uint256::from_le_bytes(bytes))
    }

    fn fit_result(self) -> Result<Self, SdkError> {
        if self.0.unsigned_abs().bits() > MAX_BITS {
            return Err(overflow());
        }
        Ok(self)
    }

    fn fit(self, text: &str) -> Result<Self, SdkError> {
        self.fit_result().map_err(|_| invalid(text, "has more than 315 bits"))
    }

    /// The lesser.
    pub fn min(self, other: Self) -> Self {
        Ord::min(self, other)
    }

    /// The greater.
    pub fn max(self, other: Self) -> Self {
        Ord::max(self, other)
    }
}

/// Divides by 10^18.
fn chop(value: Wide, rounding: Rounding) -> Result<Wide, SdkError> {
    let one = Wide::from(ONE);
    let (quotient, rest) = value.checked_div(one).zip(value.checked_rem(one)).ok_or_else(by_zero)?;
    if rest.is_zero() {
        return Ok(quotient);
    }
    let away = match rounding {
        Rounding::Truncate => false,
        Rounding::Up => !value.is_negative(),
        Rounding::HalfToEven => match rest.unsigned_abs().cmp(&(Wide::from(ONE / 2)).unsigned_abs()) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => quotient.to_bits().bit(0),
        },
    };
    let step = match (away, value.is_negative()) {
        (false, _) => return Ok(quotient),
        (true, true) => Wide::NEG_ONE,
        (true, false) => Wide::ONE,
    };
    quotient.checked_add(step).ok_or_else(overflow)
}

fn raw_of(int: Uint256) -> Raw {
    let mut digits = [0u64; 6];
    for (digit, bytes) in digits.iter_mut().zip(int.to_le_bytes().chunks_exact(8)) {
        *digit = bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    }
    Raw::from_bits(bnum::BUint::from_digits(digits))
}

fn wide(raw: Raw) -> Wide {
    let magnitude = raw.unsigned_abs();
    let mut digits = [0u64; 12];
    for (to, from) in digits.iter_mut().zip(magnitude.digits()) {
        *to = *from;
    }
    let magnitude = Wide::from_bits(bnum::BUint::from_digits(digits));
    if raw.is_negative() {
        magnitude.wrapping_neg()
    } else {
        magnitude
    }
}

fn narrow(value: Wide) -> Result<Dec, SdkError> {
    let magnitude = value.unsigned_abs();
    if magnitude.bits() > MAX_BITS {
        return Err(overflow());
    }
    let mut digits = [0u64; 6];
    for (to, from) in digits.iter_mut().zip(magnitude.digits()) {
        *to = *from;
    }
    Ok(signed(Raw::from_bits(bnum::BUint::from_digits(digits)), value.is_negative()))
}

fn signed(magnitude: Raw, negative: bool) -> Dec {
    Dec(if negative { magnitude.wrapping_neg() } else { magnitude })
}

/// Digits alone, of at most 384 bits with the sign.
fn digits_of(text: &str) -> Option<Raw> {
    if text.is_empty() || text.len() > 115 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn overflow() -> SdkError {
    SdkError::Logic("a decimal has more than 315 bits".into())
}

fn by_zero() -> SdkError {
    SdkError::Logic("division by zero".into())
}

fn invalid(text: &str, why: &str) -> SdkError {
    let text: String = text.chars().take(120).collect();
    SdkError::InvalidRequest(format!("decimal {text:?} {why}"))
}

impl FromStr for Dec {
    type Err = SdkError;

    /// Reads `-123.456`: digits, and at most 18 behind a point.
    fn from_str(text: &str) -> Result<Self, SdkError> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(invalid(text, "ends with its point")),
            None => (unsigned, ""),
        };
        if whole.is_empty() {
            return Err(invalid(text, "has no digit before the point"));
        }
        if fraction.len() > PRECISION {
            return Err(invalid(text, "has more than 18 places"));
        }
        let magnitude = digits_of(&format!("{whole}{fraction:0<PRECISION$}"));
        let magnitude = magnitude.ok_or_else(|| invalid(text, "is not digits, or has more than 315 bits"))?;
        signed(magnitude, text.starts_with('-')).fit(text)
    }
}

impl fmt::Display for Dec {
    /// All 18 places, as the SDK prints it: `0.500000000000000000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>19}", self.0.unsigned_abs().to_string());
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(PRECISION));
        write!(f, "{}{whole}.{fraction}", if self.is_negative() { "-" } else { "" })
    }
}

impl Serialize for Dec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
