//! Sub-sessions are closed once the session that they were opened for is: notice first, so that the part's server settles what it has vouchers
//! for, then the rest of the deposit comes back. What is to be done is read off the chain, so a restart forgets nothing.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use openledger_client::any;
use openledger_proto::openledger::attribution::v1::{MsgCloseSession, MsgNoticeClose, Session, SessionStatus};

use crate::agency::held::HeldAgent;
use crate::agency::Agency;
use crate::chain;

/// Between looks at a session's end; a notice lasts longer.
const PAUSE: Duration = Duration::from_secs(60);
/// Gas of a notice and of a closing.
const CLOSE_GAS: u64 = 500_000;

/// What is to be done about a sub-session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Its server is told.
    Notice,
    /// The notice lasts.
    Wait,
    /// What is left comes back.
    Close,
    /// It has.
    Done,
}

impl Agency {
    /// Takes the sub-sessions of ended sessions a step towards their end.
    pub async fn close_due(&self) {
        for session in self.sessions.all().await {
            let Ok(mut held) = session.try_lock() else { continue };
            if held.ended || held.looked_for_end.is_some_and(|looked| looked.elapsed() < PAUSE) {
                continue;
            }
            held.looked_for_end = Some(Instant::now());
            match self.close_parts(&mut held).await {
                Ok(ended) => held.ended = ended,
                Err(error) => {
                    let id = held.tally.terms.session;
                    tracing::warn!(session = id, "closing its sub-sessions: {error:#}; it is tried again");
                }
            }
        }
    }

    /// Whether nothing is left to be closed.
    async fn close_parts(&self, held: &mut HeldAgent) -> Result<bool> {
        let parent = chain::session(&self.rpc, held.tally.terms.session).await?;
        if parent.status != SessionStatus::Closed as i32 {
            return Ok(false);
        }
        let mut ended = true;
        for found in self.bought(held).await? {
            let step = next(&found, now());
            ended &= step == Step::Done;
            let mut wallet = self.wallet.lock().await;
            let (sender, session) = (wallet.address(), found.id);
            let message = match step {
                Step::Notice => any(&MsgNoticeClose { payer: sender, session }),
                Step::Close => any(&MsgCloseSession { sender, session }),
                Step::Wait | Step::Done => continue,
            };
            wallet.deliver(vec![message], CLOSE_GAS).await?;
            tracing::info!(session = parent.id, sub_session = session, ?step, "a sub-session ends");
        }
        Ok(ended)
    }

    /// The sub-sessions as the chain has them, those too whose number was lost with a former process.
    async fn bought(&self, held: &HeldAgent) -> Result<Vec<Session>> {
        let (mut found, mut lost) = (Vec::new(), Vec::new());
        for part in held.parts.values() {
            match part.session {
                Some(session) => found.push(chain::session(&self.rpc, session).await?),
                None => lost.push(part.keys.commitment()),
            }
        }
        if !lost.is_empty() {
            let address = self.wallet.lock().await.address();
            let ours = chain::sessions(&self.rpc, &address).await?;
            found.extend(ours.into_iter().filter(|session| lost.contains(&session.secret_commitment)));
        }
        Ok(found)
    }
}

fn next(session: &Session, now: i64) -> Step {
    match SessionStatus::try_from(session.status) {
        Ok(SessionStatus::Open) => Step::Notice,
        Ok(SessionStatus::Closing) if now < session.closes_at => Step::Wait,
        Ok(SessionStatus::Closing) => Step::Close,
        _ => Step::Done,
    }
}

/// This machine's time. Where it is ahead of the chain's, the chain refuses and is asked again.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_session_is_noticed_then_closed_when_the_notice_is_over_and_then_left_alone() {
        let at = |status: SessionStatus, closes_at| Session { status: status.into(), closes_at, ..Session::default() };
        assert_eq!(next(&at(SessionStatus::Open, 0), 100), Step::Notice);
        assert_eq!(next(&at(SessionStatus::Closing, 101), 100), Step::Wait);
        assert_eq!(next(&at(SessionStatus::Closing, 100), 100), Step::Close);
        assert_eq!(next(&at(SessionStatus::Closed, 100), 100), Step::Done);
    }
}
