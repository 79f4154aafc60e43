//! Fungible tokens over IBC (ICS-20).
