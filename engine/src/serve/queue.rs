//! A bounded queue of questions, and its end.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use crate::serve::refusal::Refusal;

/// How many questions may wait or be answered.
pub struct Queue {
    most: usize,
    waiting: AtomicUsize,
    stopping: AtomicBool,
}

impl Queue {
    /// A queue for this many.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, waiting: AtomicUsize::new(0), stopping: AtomicBool::new(false) })
    }

    /// Takes a place, until it is dropped.
    pub fn take(self: &Arc<Self>) -> Result<Place, Refusal> {
        if self.stopping.load(Ordering::SeqCst) {
            return Err(Refusal::unavailable("the server stops; ask again when it is back"));
        }
        let more = |waiting| (waiting < self.most).then_some(waiting + 1);
        let taken = self.waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
        taken.map(|_| Place(self.clone())).map_err(|_| Refusal::busy())
    }

    /// Takes no more, and waits until all places are free.
    pub async fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        while self.waiting.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A place in the queue.
pub struct Place(Arc<Queue>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_no_place_is_told_and_the_end_waits_for_who_has_one() {
        let queue = Queue::new(2);
        let (one, two) = (queue.take().unwrap(), queue.take().unwrap());
        assert_eq!(queue.take().err().unwrap().status.as_u16(), 429);
        drop(one);
        let three = queue.take().unwrap();
        let end = tokio::spawn({
            let queue = queue.clone();
            async move { queue.stop().await }
        });
        while !queue.stopping.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        assert_eq!(queue.take().err().unwrap().status.as_u16(), 503);
        assert!(!end.is_finished());
        drop((two, three));
        end.await.unwrap();
    }
}
