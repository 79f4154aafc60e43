//! Plans at whose height the next binary takes over.
