//! One file a message, the two about pairs together.

mod add;
mod pairs;
mod remove;
mod reset;
mod update;
