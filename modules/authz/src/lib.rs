//! Grants to execute messages for another account.
