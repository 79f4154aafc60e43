//! SPDX licence expressions: their grammar, so that a licence is machine-readable.
//!
//! Source: SPDX specification 2.3, annex D. Identifiers are checked for their form, not against the licence list, which grows and
//! must not make nodes of different ages disagree. Linear in the text, no recursion.

/// The longest expression, in bytes.
pub const MAX_EXPRESSION_BYTES: usize = 256;

/// Whether this is a licence expression.
pub fn is_expression(text: &str) -> bool {
    if text.len() > MAX_EXPRESSION_BYTES {
        return false;
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut expected = Expected::Operand;
    let mut depth = 0usize;
    for token in spaced.split(' ').filter(|token| !token.is_empty()) {
        expected = match (expected, token) {
            (Expected::Operand, "(") => {
                depth = depth.saturating_add(1);
                Expected::Operand
            }
            (Expected::Operand, licence) if is_licence(licence) => Expected::WithOrOperator,
            (Expected::WithOrOperator, "WITH") => Expected::Exception,
            (Expected::Exception, exception) if is_id(exception) => Expected::Operator,
            (Expected::WithOrOperator | Expected::Operator, "AND" | "OR") => Expected::Operand,
            (Expected::WithOrOperator | Expected::Operator, ")") => match depth.checked_sub(1) {
                Some(less) => {
                    depth = less;
                    Expected::Operator
                }
                None => return false,
            },
            _ => return false,
        };
    }
    depth == 0 && matches!(expected, Expected::WithOrOperator | Expected::Operator)
}

/// What may come next.
#[derive(Clone, Copy)]
enum Expected {
    Operand,
    WithOrOperator,
    Operator,
    Exception,
}

/// A licence's identifier, `+` for later versions, or a reference into an SPDX document.
fn is_licence(token: &str) -> bool {
    if let Some(reference) = token.strip_prefix("DocumentRef-") {
        let parts = reference.split_once(":LicenseRef-");
        return parts.is_some_and(|(document, licence)| is_id(document) && is_id(licence));
    }
    is_id(token.strip_suffix('+').unwrap_or(token))
}

fn is_id(token: &str) -> bool {
    let operator = matches!(token, "AND" | "OR" | "WITH");
    !operator
        && !token.is_empty()
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_follow_the_grammar() {
        for good in [
            "MIT",
            "MIT OR Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "GPL-2.0+ WITH Classpath-exception-2.0",
            "((MIT))",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            "LicenseRef-own",
            "DocumentRef-a:LicenseRef-b",
        ] {
            assert!(is_expression(good), "{good}");
        }
        for bad in [
            "",
            " ",
            "MIT/Apache-2.0",
            "MIT Apache-2.0",
            "MIT OR",
            "OR MIT",
            "(MIT",
            "MIT)",
            "()",
            "(MIT) WITH x",
            "MIT WITH",
            "MIT WITH WITH",
            "MIT\tOR ISC",
            "mit or ∞",
            "+",
            "DocumentRef-a",
        ] {
            assert!(!is_expression(bad), "{bad}");
        }
        assert!(!is_expression(&"A".repeat(MAX_EXPRESSION_BYTES + 1)));
        assert!(is_expression(&"A".repeat(MAX_EXPRESSION_BYTES)));
    }
}
