//! The fixed supply, as explorers ask for it.
