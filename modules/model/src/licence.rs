//! What a licence's own name says of the terms: the elements of the Creative Commons licences.
//!
//! An SPDX identifier is a name, and most names say nothing that a chain can check. Creative Commons' do: `CC-BY-NC-4.0` forbids use for
//! money (NC), `CC-BY-ND-4.0` changed versions (ND), `CC-BY-SA-4.0` asks for the same licence (SA). Where an expression names them, terms
//! that contradict it are refused. With `AND` every licence binds, with `OR` the user picks one, so an element binds where it binds in
//! every choice. What other licences say is for people to read.

use openledger_datanet::spdx;

/// An element of a Creative Commons licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// Not for money.
    NonCommercial,
    /// No changed versions.
    NoDerivatives,
    /// Changed versions under the same licence.
    ShareAlike,
}

impl Element {
    fn mark(self) -> &'static str {
        match self {
            Self::NonCommercial => "NC",
            Self::NoDerivatives => "ND",
            Self::ShareAlike => "SA",
        }
    }

    /// Whether an expression binds whoever uses the work to this element. Text that is no expression binds nobody.
    pub fn binds(self, expression: &str) -> bool {
        if !spdx::is_expression(expression) {
            return false;
        }
        let spaced = expression.replace('(', " ( ").replace(')', " ) ");
        // An open parenthesis puts the level that it stands in aside; `OR` divides a level into choices, `AND` into parts of one.
        let (mut level, mut outer) = (Level::default(), Vec::new());
        let mut exception = false;
        for token in spaced.split(' ').filter(|token| !token.is_empty()) {
            match token {
                "(" => outer.push(std::mem::take(&mut level)),
                ")" => {
                    let inner = level.binds();
                    level = outer.pop().unwrap_or_default();
                    level.add(inner);
                }
                "AND" => {}
                "OR" => level.choose(),
                "WITH" => exception = true,
                _ if exception => exception = false,
                licence => level.add(self.names(licence)),
            }
        }
        level.binds()
    }

    fn names(self, licence: &str) -> bool {
        licence.starts_with("CC-BY-") && licence.split('-').any(|part| part == self.mark())
    }
}

/// One level of parentheses while it is read.
#[derive(Default)]
struct Level {
    /// Whether every choice before the last `OR` binds; nothing before the first.
    choices: Option<bool>,
    /// Whether a part of the present choice binds.
    present: bool,
}

impl Level {
    fn add(&mut self, binds: bool) {
        self.present |= binds;
    }

    fn choose(&mut self) {
        self.choices = Some(self.binds());
        self.present = false;
    }

    fn binds(&self) -> bool {
        self.choices.unwrap_or(true) && self.present
    }
}

#[cfg(test)]
mod tests {
    use super::Element::*;

    #[test]
    fn an_element_binds_where_it_binds_in_every_choice() {
        for (expression, non_commercial) in [
            ("CC-BY-NC-4.0", true),
            ("CC-BY-NC-SA-4.0 AND MIT", true),
            ("CC-BY-NC-4.0 OR MIT", false),
            ("MIT OR CC-BY-NC-4.0", false),
            ("CC-BY-NC-4.0 OR CC-BY-NC-SA-4.0", true),
            ("(CC-BY-NC-4.0 OR MIT) AND Apache-2.0", false),
            ("(MIT OR ISC) AND (CC-BY-NC-4.0)", true),
            ("MIT AND CC-BY-NC-4.0 OR ISC", false),
            ("CC-BY-4.0", false),
            ("Apache-2.0", false),
            ("NC", false),
            ("not an expression", false),
        ] {
            assert_eq!(NonCommercial.binds(expression), non_commercial, "{expression}");
        }
        assert!(NoDerivatives.binds("CC-BY-NC-ND-4.0"));
        assert!(ShareAlike.binds("CC-BY-SA-4.0"));
        assert!(!ShareAlike.binds("MIT WITH CC-BY-SA-4.0"), "an exception is no licence");
    }
}
