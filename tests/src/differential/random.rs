//! Numbers that a seed decides (SplitMix64), so that a failure can be had again.

/// A source of numbers.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A source that begins at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound, which is positive.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.bits() % bound as u64) as usize
    }

    /// Whether something that happens once in `of` times happens.
    pub fn once_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// An amount of base units with up to `digits` digits, every length as likely: dust, odd amounts and whole stakes.
    pub fn amount(&mut self, digits: usize) -> String {
        let length = 1 + self.below(digits);
        let first = char::from(b'1' + self.below(9) as u8);
        let round = self.once_in(3);
        let rest = (1..length).map(|_| if round { '0' } else { char::from(b'0' + self.below(10) as u8) });
        std::iter::once(first).chain(rest).collect()
    }

    /// A decimal from 0 to 1 with 18 places.
    pub fn fraction(&mut self) -> String {
        format!("0.{:018}", self.bits() % 1_000_000_000_000_000_000)
    }
}
