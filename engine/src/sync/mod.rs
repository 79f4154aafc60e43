//! Following the chain and holding what it commits to.
//!
//! | file | what |
//! | --- | --- |
//! | [`store`] | the folder of contents, by root |
//! | [`fetch`], [`hosts`] | fetching contents from where they are said to lie; which hosts may be asked |
//! | [`follow`] | what happened in each block |
//! | [`corpora`] | the corpus of a model version at a height: membership, bytes, index |

pub mod corpora;
pub mod fetch;
pub mod follow;
pub mod hosts;
pub mod store;

pub use corpora::{Corpora, Corpus};
pub use fetch::{FetchSettings, Fetcher};
pub use store::Contents;
