//! Rewards: F1 shares of fees, commission, the community pool.
