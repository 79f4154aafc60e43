//! Off chain: what serves a model, attributes its outputs, settles them, and watches what others settle.
//!
//! | folder or file | what |
//! | --- | --- |
//! | [`sync`] | follows the chain, fetches contents, keeps them, makes corpora of them |
//! | [`index`] | suffix arrays over a corpus, the owner of each window |
//! | [`model`] | the trait of models; a byte-level infini-gram language model over the index |
//! | [`agency`] | an agent over deployments: OpenAI's API, answers made of its parts' answers, and its payer's side |
//! | [`attributor`] | the canonical attribution of an output over the index |
//! | [`serve`] | the server's side: OpenAI's API, sessions, journals, vouchers |
//! | [`settle`] | from answers to a settlement's message |
//! | [`watch`] | from settlements to disputes |
//! | [`payer`], [`line`] | the payer's side; its calls, of an agent too |
//! | [`credit`] | what an operator gives back of an answer |
//! | [`payout`] | from a settlement to what proves a payment by it |
//! | [`tally`], [`wire`], [`forms`] | what payer and server both compute; what they say to each other; what messages carry |
//! | [`chain`] | what is asked of the chain |
//! | [`config`], [`metrics`], [`progress`] | settings, figures, progress bars |

// Off chain, so clocks, hash maps, floats and the environment may be used.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod agency;
pub mod attributor;
pub mod chain;
pub mod config;
pub mod credit;
pub mod forms;
pub mod index;
pub mod line;
pub mod metrics;
pub mod model;
pub mod payer;
pub mod payout;
pub mod progress;
pub mod serve;
pub mod settle;
pub mod sync;
pub mod tally;
pub mod watch;
pub mod wire;
