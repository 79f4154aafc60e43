//! Events: what a transaction or block did, as indexers and relayers read it.

/// A kind and its attributes in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The kind, e.g. `"transfer"`.
    pub kind: String,
    /// Keys and values.
    pub attributes: Vec<(String, String)>,
}

impl Event {
    /// An event without attributes.
    pub fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), attributes: Vec::new() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attr(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.attributes.push((key.into(), value.to_string()));
        self
    }
}
