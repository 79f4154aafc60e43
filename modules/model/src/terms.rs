//! On what terms a model version may be used, and how a child must honour its parents'.
//!
//! All terms are fixed with the version. Each kind of lineage is a derivative. What is forbidden once stays forbidden down the lineage,
//! as each version is checked against its parents and theirs were before:
//!
//! - a version without `derivatives_allowed` has no children;
//! - a child of a version that is not `commercial` is not either;
//! - a child of a version that is `share_alike` is under its licence or one of its `compatible` ones, shares alike itself, lets others
//!   derive, and names no further licence as compatible.
//!
//! Terms do not contradict what a Creative Commons licence says by its name (`licence.rs`), and a version over a datanet whose licence
//! forbids use for money is not commercial. Whether other licences of datanets, or licences of single contributions, allow a model's
//! training is not judged here.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Result};
use openledger_datanet::spdx;
use openledger_proto::openledger::model::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::ModelError;
use crate::licence::Element;
use crate::lineage::WHOLE;

/// Most licences that terms name as compatible.
const MAX_COMPATIBLE: usize = 8;

/// Who may deploy a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Serving {
    /// Anybody.
    Open = 1,
    /// The owner, and whom the owner lets.
    Permitted = 2,
}

/// On what terms a model version may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// SPDX expression.
    pub licence: String,
    /// Whether versions may come from it.
    pub derivatives_allowed: bool,
    /// Whether they keep its licence.
    pub share_alike: bool,
    /// Whether it may be served for money.
    pub commercial: bool,
    /// With share_alike: what else they may be under; ascending.
    pub compatible: Vec<String>,
    /// Who may deploy it.
    pub serving: Serving,
    /// What each accepted feedback on it earns of the model share of versions that incorporate it, in basis points.
    pub feedback_bps: u32,
    /// What a feedback on it locks, in base units.
    pub feedback_deposit: Uint256,
    /// Whether a refused feedback's deposit is burnt.
    pub burn_refused: bool,
}

impl Terms {
    /// Reads and checks the protobuf form.
    pub fn from_proto(terms: Option<&proto::Terms>) -> Result<Self> {
        let terms =
            terms.ok_or_else(|| invalid("terms are missing: licence, derivatives_allowed, serving, …".into()))?;
        let serving = match proto::Serving::try_from(terms.serving) {
            Ok(proto::Serving::Open) => Serving::Open,
            Ok(proto::Serving::Permitted) => Serving::Permitted,
            _ => return Err(invalid(format!("serving is open (1) or permitted (2), not {}", terms.serving)).into()),
        };
        let read = Self {
            licence: terms.licence.clone(),
            derivatives_allowed: terms.derivatives_allowed,
            share_alike: terms.share_alike,
            commercial: terms.commercial,
            compatible: terms.compatible.clone(),
            serving,
            feedback_bps: terms.feedback_bps,
            feedback_deposit: wire::amount("terms.feedback_deposit", &terms.feedback_deposit)?,
            burn_refused: terms.burn_refused,
        };
        read.check()?;
        Ok(read)
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Terms {
        proto::Terms {
            licence: self.licence.clone(),
            derivatives_allowed: self.derivatives_allowed,
            share_alike: self.share_alike,
            commercial: self.commercial,
            compatible: self.compatible.clone(),
            serving: self.serving as i32,
            feedback_bps: self.feedback_bps,
            feedback_deposit: self.feedback_deposit.to_string(),
            burn_refused: self.burn_refused,
        }
    }

    fn check(&self) -> Result<(), ModelError> {
        let expressions = std::iter::once(&self.licence).chain(&self.compatible);
        if let Some(bad) = expressions.into_iter().find(|text| !spdx::is_expression(text)) {
            return Err(invalid(format!("{bad:?} is no SPDX licence expression, such as Apache-2.0")));
        }
        let ascending = self.compatible.iter().zip(self.compatible.iter().skip(1)).all(|(a, b)| a < b);
        if self.compatible.len() > MAX_COMPATIBLE || !ascending {
            let text = format!("compatible licences are at most {MAX_COMPATIBLE}, ascending, each once");
            return Err(invalid(text));
        }
        if self.feedback_bps > WHOLE {
            return Err(invalid(format!("feedback_bps of {} passes {WHOLE}", self.feedback_bps)));
        }
        if !self.share_alike && !self.compatible.is_empty() {
            return Err(invalid("compatible licences go with share_alike alone".into()));
        }
        if self.share_alike && !self.derivatives_allowed {
            return Err(invalid("share_alike binds derivatives, and derivatives_allowed is false".into()));
        }
        let says = |element: Element| element.binds(&self.licence);
        for (contradiction, flag) in [
            (says(Element::NonCommercial) && self.commercial, "commercial is false"),
            (says(Element::NoDerivatives) && self.derivatives_allowed, "derivatives_allowed is false"),
            (says(Element::ShareAlike) && !self.share_alike, "share_alike is true"),
        ] {
            if contradiction {
                return Err(invalid(format!("under {} {flag}", self.licence)));
            }
        }
        Ok(())
    }

    /// Refuses terms of a child that do not honour these, which are its parent's.
    pub fn check_child(&self, parent: u64, child: &Terms) -> Result<(), ModelError> {
        let refuse = |text: String| Err(ModelError::Licence(format!("model version {parent}, a parent, {text}")));
        if !self.derivatives_allowed {
            return refuse("allows no derivatives".into());
        }
        if !self.commercial && child.commercial {
            return refuse("may not be used for money: commercial is false here too".into());
        }
        if !self.share_alike {
            return Ok(());
        }
        let allowed = |licence: &String| *licence == self.licence || self.compatible.contains(licence);
        if !child.share_alike {
            return refuse("shares alike: share_alike is true here too".into());
        }
        match std::iter::once(&child.licence).chain(&child.compatible).find(|licence| !allowed(licence)) {
            None => Ok(()),
            Some(other) => {
                let Self { licence, compatible, .. } = self;
                refuse(format!("is under {licence} and shares alike (also under {compatible:?}), not under {other}"))
            }
        }
    }

    /// Refuses a datanet's licence that these terms do not honour.
    pub fn check_datanet(&self, datanet: u64, licence: &str) -> Result<(), ModelError> {
        if self.commercial && Element::NonCommercial.binds(licence) {
            let text = format!("datanet {datanet} is under {licence}: a version over it is not commercial");
            return Err(ModelError::Licence(text));
        }
        Ok(())
    }

    /// Refuses prices where nothing may be charged.
    pub fn check_prices(&self, version: u64, base: Uint256, byte: Uint256) -> Result<(), ModelError> {
        if self.commercial || (base.is_zero() && byte.is_zero()) {
            return Ok(());
        }
        let text = format!("model version {version} may not be served for money: prices are 0, not {base} and {byte}");
        Err(ModelError::Licence(text))
    }
}

fn invalid(text: String) -> ModelError {
    ModelError::Invalid(text)
}
