//! What the HTTP door asks of whoever answers behind it: a deployment's server, or an agent.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use tokio::sync::Mutex;

use crate::metrics::Metrics;
use crate::serve::answer::{Listener, Question, Told};
use crate::serve::card::Card;
use crate::serve::queue::Queue;
use crate::serve::refusal::Refusal;
use crate::serve::sessions::{Session, Sessions};
use crate::serve::settings::ServeSettings;
use crate::wire::Hello;

/// A session behind a door, shared by those who ask in it.
pub type HeldBy<F> = Arc<Mutex<<F as Front>::Held>>;
/// An answer of the protocol's own call.
pub type SaidBy<F> = <<F as Front>::Held as Session>::Said;

/// What answers behind the door.
pub trait Front: Send + Sync + Sized + 'static {
    /// A session as it is held.
    type Held: Session;

    /// What is told of the model.
    fn card(&self) -> &Card;

    /// How it answers.
    fn settings(&self) -> &ServeSettings;

    /// Its sessions.
    fn sessions(&self) -> &Sessions<Self::Held>;

    /// The folder of their files.
    fn folder(&self) -> &Path;

    /// Where questions wait.
    fn queue(&self) -> &Queue;

    /// What it counts.
    fn metrics(&self) -> &Metrics;

    /// Takes up a session that is open on chain and that nobody was greeted for yet.
    fn greet(&self, hello: &Hello) -> impl Future<Output = Result<Self::Held>> + Send;

    /// Answers as OpenAI's API tells it; pieces of the output go to `listener` as they come.
    fn tell(
        self: Arc<Self>,
        held: HeldBy<Self>,
        question: Question,
        listener: Listener,
    ) -> impl Future<Output = Result<Told, Refusal>> + Send;

    /// Answers as the protocol's own call says it.
    fn say(
        self: Arc<Self>,
        held: HeldBy<Self>,
        question: Question,
    ) -> impl Future<Output = Result<SaidBy<Self>, Refusal>> + Send;
}
