//! 256-bit amounts of base units, with the few checked operations that a split needs.
//!
//! They travel as 32 big-endian bytes, as in receipts and vouchers, so any other 256-bit type converts through those.

use bnum::types::U256;

/// An amount of base units, `0 .. 2^256`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(U256);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(U256::ZERO);
    /// `2^256 − 1`.
    pub const MAX: Self = Self(U256::MAX);

    /// From 32 big-endian bytes.
    pub fn from_be_bytes(bytes: [u8; 32]) -> Self {
        let mut digits = [0u64; 4];
        for (digit, part) in digits.iter_mut().rev().zip(bytes.chunks_exact(8)) {
            *digit = part.iter().fold(0, |high, low| high << 8 | u64::from(*low));
        }
        Self(U256::from_digits(digits))
    }

    /// As 32 big-endian bytes.
    pub fn to_be_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (part, digit) in bytes.chunks_exact_mut(8).zip(self.0.digits().iter().rev()) {
            part.copy_from_slice(&digit.to_be_bytes());
        }
        bytes
    }

    /// Whether this is nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Sum, unless it passes the range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Difference, unless it is negative.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// `floor(self · weight / total)` and the remainder of that division, for `weight ≤ total`, `total > 0`; else nothing.
    ///
    /// With `self = q · total + r` the quotient is `q · weight + floor(r · weight / total)`: it never passes `self`,
    /// and `r · weight` fits 128 bits, so no wider number is needed.
    pub fn share(self, weight: u64, total: u64) -> Option<(Self, u64)> {
        if weight > total || total == 0 {
            return None;
        }
        let by = U256::from(total);
        let (q, r) = (self.0.checked_div(by)?, self.0.checked_rem(by)?);
        let r = u64::try_from(r).ok()?;
        let scaled = u128::from(r).checked_mul(u128::from(weight))?;
        let (extra, left) = (scaled.checked_div(u128::from(total))?, scaled.checked_rem(u128::from(total))?);
        let quotient = q.checked_mul(U256::from(weight))?.checked_add(U256::from(extra))?;
        Some((Self(quotient), u64::try_from(left).ok()?))
    }
}

impl From<u128> for Amount {
    fn from(value: u128) -> Self {
        Self(U256::from(value))
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bnum::types::U512;
    use proptest::prelude::*;

    fn wide(amount: Amount) -> U512 {
        let mut digits = [0; 8];
        digits[..4].copy_from_slice(amount.0.digits());
        U512::from_digits(digits)
    }

    #[test]
    fn one_is_the_last_of_32_bytes() {
        let mut bytes = [0; 32];
        bytes[31] = 1;
        assert_eq!(Amount::from(1).to_be_bytes(), bytes);
        assert_eq!(Amount::from(1 << 64).to_be_bytes()[23], 1);
        assert_eq!(Amount::MAX.to_be_bytes(), [0xff; 32]);
    }

    proptest! {
        #[test]
        fn bytes_round_trip(bytes: [u8; 32]) {
            prop_assert_eq!(Amount::from_be_bytes(bytes).to_be_bytes(), bytes);
        }

        #[test]
        fn a_share_is_that_of_512_bit_arithmetic(bytes: [u8; 32], a: u64, b: u64) {
            let (weight, total) = (a.min(b), a.max(b).max(1));
            let amount = Amount::from_be_bytes(bytes);
            let (quotient, rest) = amount.share(weight, total).unwrap();
            let product = wide(amount) * U512::from(weight);
            prop_assert_eq!(wide(quotient), product / U512::from(total));
            prop_assert_eq!(U512::from(rest), product % U512::from(total));
        }
    }

    #[test]
    fn more_than_all_and_a_part_of_nothing_are_no_shares() {
        assert_eq!(Amount::MAX.share(2, 1), None);
        assert_eq!(Amount::MAX.share(0, 0), None);
        assert_eq!(Amount::MAX.share(1, 1), Some((Amount::MAX, 0)));
    }
}
