//! Following the chain and holding what it commits to.
//!
//! | file | what |
//! | --- | --- |
//! | [`store`] | the folder of contents, by root |
//! | [`fetch`], [`hosts`] | fetching contents from where they are said to lie; which hosts may be asked |
//! | [`holder`] | showing chunks that somebody asks for |
//! | [`follow`] | what happened in each block |
//! | [`keeper`] | fetching everything that is accepted, as it comes |
//! | [`corpora`] | the corpus of a model version at a height: membership, bytes, index |

pub mod corpora;
pub mod fetch;
pub mod follow;
pub mod holder;
pub mod hosts;
pub mod keeper;
pub mod store;

pub use corpora::{Corpora, Corpus};
pub use fetch::{FetchSettings, Fetcher};
pub use holder::Holder;
pub use keeper::Keeper;
pub use store::Contents;
