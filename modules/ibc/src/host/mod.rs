//! This chain as ibc-rs's handlers see it: their contexts over the store `ibc`.
//!
//! ibc-rs lends a handler the context and, beside it, the application's module; both change the same state. So the context is shared
//! through a cell, which each access borrows for itself alone: while an application runs, no access of ibc-rs's is under way.

mod client;
mod execution;
mod validation;

use std::cell::RefCell;
use std::rc::Rc;

use ibc::core::channel::types::Version;
use ibc::core::client::types::Height;
use ibc::core::host::types::error::HostError;
use openledger_core::{Context, Error, Event, Result};

use crate::faults::Fault;
use crate::keeper::Ibc;

/// The state as handler and application share it.
struct Shared<'r, 'c> {
    ctx: &'r mut Context<'c>,
    /// The last errors that went through ibc-rs, under the text that it keeps of them.
    fault: Option<Error>,
    /// An application's events that wait for those of the core, which come first in ibc-go.
    held: Vec<Event>,
    /// The version that an application gave the channel that is being opened.
    version: Option<Version>,
}

/// What ibc-rs's handlers run on.
#[derive(Clone)]
pub(crate) struct Host<'r, 'c> {
    pub(crate) keeper: Ibc,
    shared: Rc<RefCell<Shared<'r, 'c>>>,
}

impl<'r, 'c> Host<'r, 'c> {
    pub(crate) fn new(keeper: Ibc, ctx: &'r mut Context<'c>) -> Self {
        let shared = Shared { ctx, fault: None, held: Vec::new(), version: None };
        Self { keeper, shared: Rc::new(RefCell::new(shared)) }
    }

    /// Lends the context.
    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&mut Context<'c>) -> T) -> T {
        use_it(self.shared.borrow_mut().ctx)
    }

    /// Lends the context and keeps what went wrong for [`Host::recover`].
    pub(crate) fn attempt<T>(&self, use_it: impl FnOnce(&mut Context<'c>) -> Result<T>) -> Result<T, HostError> {
        self.with(use_it).map_err(|error| self.lost(error))
    }

    /// An error of ours on its way through ibc-rs.
    pub(crate) fn lost(&self, error: Error) -> HostError {
        let description = error.message.clone();
        self.shared.borrow_mut().fault = Some(error);
        HostError::Other { description }
    }

    /// What went wrong, whole.
    pub(crate) fn recover(&self, fault: Fault) -> Error {
        if let Fault::Ours(text) = &fault {
            let known = self.shared.borrow_mut().fault.take();
            if let Some(error) = known.filter(|error| error.message == *text) {
                return error;
            }
        }
        fault.plain()
    }

    /// Holds an application's events back.
    pub(crate) fn hold(&self, events: Vec<Event>) {
        self.shared.borrow_mut().held.extend(events);
    }

    /// Emits the events that were held back.
    pub(crate) fn release(&self) {
        let mut shared = self.shared.borrow_mut();
        for event in std::mem::take(&mut shared.held) {
            shared.ctx.emit(event);
        }
    }

    /// Keeps the version that an application gave a channel.
    pub(crate) fn set_version(&self, version: Version) {
        self.shared.borrow_mut().version = Some(version);
    }

    /// The version that an application gave a channel.
    fn take_version(&self) -> Option<Version> {
        self.shared.borrow_mut().version.take()
    }

    fn height(&self) -> Result<Height, HostError> {
        let height = self.with(|ctx| self.keeper.host_height(ctx));
        Height::try_from(height).map_err(HostError::invalid_state)
    }
}

/// Runs handlers of ibc-rs.
pub(crate) fn run<'r, 'c, T>(
    keeper: Ibc,
    ctx: &'r mut Context<'c>,
    handler: impl FnOnce(&mut Host<'r, 'c>) -> Result<T, Fault>,
) -> Result<T> {
    let mut host = Host::new(keeper, ctx);
    let result = handler(&mut host);
    let result = result.map_err(|fault| host.recover(fault));
    if result.is_ok() {
        host.release();
    }
    result
}
