//! Feedback as it is stored: what somebody says of a model version, with a deposit behind it.
//!
//! ```text
//!           the owner, until the deadline                    versions may incorporate it: it earns
//!   OPEN ───────────────────────────────▶ ACCEPTED           from them and all that come from them
//!     │ └───────────────────────────────▶ REFUSED
//!     └─ the author, after the deadline ▶ UNDECIDED          nothing is owed either way
//! ```
//!
//! The deposit goes back to the author when feedback is accepted, when it is refused (unless the version's terms said before that
//! refused ones are burnt), and when nobody decided. The owner never gets any of it, so there is nothing to farm; what an owner ignored
//! stands in the owner's history. Everybody sees all feedback, refused results included.

use cosmwasm_std::{Binary, Uint256};
use openledger_core::{wire, Address, Result};
use openledger_proto::openledger::contributor::v1::Role;
use openledger_proto::openledger::model::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::ModelError;

/// Most bytes of a free reference.
const MAX_REFERENCE_BYTES: usize = 256;
/// Most bytes of text on chain.
const MAX_TEXT_BYTES: usize = 4_096;
/// Most characters of a metric's name.
const MAX_METRIC_CHARS: usize = 64;
/// Most decimal places of a result.
const MAX_DECIMALS: u32 = 18;

/// What a feedback is; numbers as in `openledger.model.v1.FeedbackKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackKind {
    /// An output is wrong or harmful.
    Flag = 1,
    /// What an output should have been.
    Correction = 2,
    /// A measured result.
    Evaluation = 3,
    /// What makes the next version better.
    Improvement = 4,
}

/// Where a feedback stands; numbers as in `openledger.model.v1.FeedbackStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackStatus {
    /// Not decided.
    Open = 1,
    /// Versions may incorporate it.
    Accepted = 2,
    /// The owner refused it.
    Refused = 3,
    /// Nobody decided in time.
    Undecided = 4,
}

/// What a feedback is about, besides the model version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// A settlement; 0 for none.
    pub settlement: u64,
    /// The index of a receipt in it; 0 for none.
    pub receipt: u64,
    /// Anything else.
    pub reference: String,
}

/// A content that lies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// 32 bytes.
    pub root: Binary,
    /// Its bytes, from 1.
    pub length: u64,
}

/// A measured result: `value / 10^decimals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// What was measured.
    pub metric: String,
    /// The result.
    pub value: i64,
    /// Its decimal places.
    pub decimals: u32,
    /// 32 bytes: SHA-256 of what shows it.
    pub evidence: Binary,
}

/// What somebody says of a model version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// Its number, from 1.
    pub id: u64,
    /// The model version.
    pub model_version: u64,
    /// Whose it is.
    pub author: Address,
    /// What it is.
    pub kind: FeedbackKind,
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub body: Body,
    /// What it locks now, in base units.
    pub deposit: Uint256,
    /// Where it stands.
    pub status: FeedbackStatus,
    /// Last header time at which it can be decided, in seconds.
    pub deadline: i64,
    /// Why the owner decided so.
    pub reason: String,
    /// Height at which it was submitted.
    pub submitted_height: u64,
    /// Height at which it was decided or given up; 0 before.
    pub decided_height: u64,
}

/// What a feedback says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Content elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Content on chain.
    pub text: String,
    /// For evaluations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
}

impl FeedbackKind {
    /// Reads the protobuf form.
    pub fn from_proto(kind: i32) -> Result<Self> {
        match proto::FeedbackKind::try_from(kind) {
            Ok(proto::FeedbackKind::Flag) => Ok(Self::Flag),
            Ok(proto::FeedbackKind::Correction) => Ok(Self::Correction),
            Ok(proto::FeedbackKind::Evaluation) => Ok(Self::Evaluation),
            Ok(proto::FeedbackKind::Improvement) => Ok(Self::Improvement),
            _ => {
                let text = "kind is a flag (1), a correction (2), an evaluation (3) or an improvement (4)";
                Err(ModelError::Invalid(format!("{text}, not {kind}")).into())
            }
        }
    }

    /// In what capacity its author acts.
    pub fn role(self) -> Role {
        match self {
            Self::Flag | Self::Evaluation => Role::Evaluator,
            Self::Correction => Role::Corrector,
            Self::Improvement => Role::Developer,
        }
    }

    /// Its place in keys.
    pub fn key(self) -> u8 {
        self as u8
    }
}

impl Subject {
    /// Reads and checks the protobuf form; nothing is a subject that names nothing.
    pub fn from_proto(subject: Option<&proto::Subject>) -> Result<Self> {
        let Some(proto::Subject { settlement, receipt, reference }) = subject.cloned() else {
            return Ok(Self::default());
        };
        wire::text("subject.reference", &reference, MAX_REFERENCE_BYTES)?;
        if receipt > 0 && settlement == 0 {
            return Err(ModelError::Invalid(format!("receipt {receipt} of no settlement")).into());
        }
        Ok(Self { settlement, receipt, reference })
    }
}

impl Body {
    /// Reads and checks the protobuf form of a feedback of this kind.
    pub fn read(
        kind: FeedbackKind,
        content: Option<&proto::Commitment>,
        text: &str,
        evaluation: Option<&proto::Evaluation>,
    ) -> Result<Self> {
        let refuse = |text: &str| Err(ModelError::Invalid(text.into()).into());
        wire::text("text", text, MAX_TEXT_BYTES)?;
        if evaluation.is_some() != (kind == FeedbackKind::Evaluation) {
            return refuse("a result (evaluation) goes with the kind evaluation, and that kind with a result");
        }
        if content.is_none() && text.is_empty() && evaluation.is_none() {
            return refuse("feedback says something: in text, or in a content elsewhere");
        }
        let content = content.map(|content| -> Result<Content> {
            if content.length == 0 {
                return Err(ModelError::Invalid("content.length is at least 1".into()).into());
            }
            Ok(Content { root: wire::hash("content.root", &content.root)?.to_vec().into(), length: content.length })
        });
        let evaluation = evaluation.map(Evaluation::from_proto).transpose()?;
        Ok(Self { content: content.transpose()?, text: text.into(), evaluation })
    }
}

impl Evaluation {
    fn from_proto(result: &proto::Evaluation) -> Result<Self> {
        let chars = result.metric.chars().count();
        if chars == 0 || chars > MAX_METRIC_CHARS || result.metric.trim() != result.metric {
            let text = format!(
                "a metric has 1 to {MAX_METRIC_CHARS} characters without blanks around, not {:?}",
                result.metric
            );
            return Err(ModelError::Invalid(text).into());
        }
        if result.decimals > MAX_DECIMALS {
            let text = format!("a result has at most {MAX_DECIMALS} decimals, not {}", result.decimals);
            return Err(ModelError::Invalid(text).into());
        }
        let evidence = wire::hash("evaluation.evidence", &result.evidence)?.to_vec().into();
        Ok(Self { metric: result.metric.clone(), value: result.value, decimals: result.decimals, evidence })
    }
}

impl Feedback {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Feedback {
        let Subject { settlement, receipt, reference } = self.subject.clone();
        let Body { content, text, evaluation } = self.body.clone();
        proto::Feedback {
            id: self.id,
            model_version: self.model_version,
            author: self.author.to_string(),
            kind: self.kind as i32,
            subject: Some(proto::Subject { settlement, receipt, reference }),
            content: content.map(|c| proto::Commitment { root: c.root.to_vec(), length: c.length }),
            text,
            evaluation: evaluation.map(|e| proto::Evaluation {
                metric: e.metric,
                value: e.value,
                decimals: e.decimals,
                evidence: e.evidence.to_vec(),
            }),
            deposit: self.deposit.to_string(),
            status: self.status as i32,
            deadline: self.deadline,
            reason: self.reason.clone(),
            submitted_height: self.submitted_height,
            decided_height: self.decided_height,
        }
    }

    /// Reads and checks the protobuf form of a genesis.
    pub fn from_proto(feedback: &proto::Feedback) -> Result<Self> {
        let kind = FeedbackKind::from_proto(feedback.kind)?;
        let status = match proto::FeedbackStatus::try_from(feedback.status) {
            Ok(proto::FeedbackStatus::Open) => FeedbackStatus::Open,
            Ok(proto::FeedbackStatus::Accepted) => FeedbackStatus::Accepted,
            Ok(proto::FeedbackStatus::Refused) => FeedbackStatus::Refused,
            Ok(proto::FeedbackStatus::Undecided) => FeedbackStatus::Undecided,
            _ => {
                let text = format!("feedback {} has no known status ({})", feedback.id, feedback.status);
                return Err(ModelError::InvalidGenesis(text).into());
            }
        };
        let deposit = wire::amount("deposit", &feedback.deposit)?;
        if status != FeedbackStatus::Open && !deposit.is_zero() {
            let text = format!("feedback {} is decided and still locks {deposit}", feedback.id);
            return Err(ModelError::InvalidGenesis(text).into());
        }
        Ok(Self {
            id: feedback.id,
            model_version: feedback.model_version,
            author: wire::address("author", &feedback.author)?,
            kind,
            subject: Subject::from_proto(feedback.subject.as_ref())?,
            body: Body::read(kind, feedback.content.as_ref(), &feedback.text, feedback.evaluation.as_ref())?,
            deposit,
            status,
            deadline: feedback.deadline,
            reason: feedback.reason.clone(),
            submitted_height: feedback.submitted_height,
            decided_height: feedback.decided_height,
        })
    }
}
