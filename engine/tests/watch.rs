//! A watcher on a chain that is played: what one settlement, host or dispute must not hold up.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[allow(dead_code, reason = "shared with the keeper's test")]
mod played;

use std::time::Duration;

use openledger_client::{any, Key, Wallet};
use openledger_engine::metrics::Metrics;
use openledger_engine::progress::Progress;
use openledger_engine::sync::{Contents, Corpora, FetchSettings, Fetcher};
use openledger_engine::watch::book::{Book, Case};
use openledger_engine::watch::{WatchSettings, Watcher};
use openledger_proto::cosmos::authz::v1beta1::MsgExec;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::Name;
use played::{settlement, Played};
use tempfile::TempDir;

const HELD: &[u8] =
    b"a text that the watcher holds, long enough that a window of it may be claimed by whoever is paid for it";
const LOST: &[u8] =
    b"a text that nobody has any more, long enough that a window of it may be claimed by whoever is paid for it";

struct Watching {
    chain: Played,
    folder: TempDir,
}

impl Watching {
    /// Version 1 declares a text that nobody has, version 2 one that is held. Neither settlement names an owner.
    async fn begin() -> Self {
        let chain = Played::begin().await;
        let folder = tempfile::tempdir().unwrap();
        Contents::new(&folder.path().join("contents")).put(HELD).unwrap();
        chain.declare(1, 11, LOST, "");
        chain.declare(2, 12, HELD, "");
        Self { chain, folder }
    }

    fn corpora(&self, settings: FetchSettings) -> Corpora {
        let contents = Contents::new(&self.folder.path().join("contents"));
        let fetcher = Fetcher::new(contents, self.chain.rpc(), settings).unwrap();
        Corpora::new(self.chain.rpc(), fetcher, self.folder.path().join("index"), Progress::none())
    }

    async fn watcher(&self) -> Watcher {
        let (key, _) = Key::generate().unwrap();
        let wallet = Wallet::connect(self.chain.rpc(), key).await.unwrap();
        let settings = WatchSettings { from_height: 1, ..Default::default() };
        let corpora = self.corpora(FetchSettings { attempts: 1, ..Default::default() });
        Watcher::new(wallet, corpora, &self.book_folder(), settings, Metrics::new().unwrap()).unwrap()
    }

    fn book_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("watch")
    }
}

/// Steps until something holds.
async fn until(watcher: &mut Watcher, what: &str, holds: impl Fn(&Book) -> bool) {
    for _ in 0..300 {
        watcher.step().await.unwrap();
        if holds(watcher.book()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}: not after 300 steps");
}

fn waiting(book: &Book) -> Vec<u64> {
    book.due_sights(u64::MAX).into_iter().map(|(sight, _)| sight.settlement).collect()
}

#[tokio::test]
async fn a_settlement_whose_contents_nobody_has_holds_up_no_other_and_is_looked_at_when_they_come() {
    let watching = Watching::begin().await;
    watching.chain.settle(1, 1, settlement(1, LOST));
    watching.chain.settle(2, 2, settlement(2, HELD));
    watching.chain.reach(5);
    let mut watcher = watching.watcher().await;
    until(&mut watcher, "the second is disputed", |book| book.height() == 5 && book.case(2, 0).is_some()).await;
    until(&mut watcher, "the first waits", |book| waiting(book) == [1]).await;
    assert!(watcher.book().case(1, 0).is_none());
    // It is in the book, so a restart forgets nothing; the content comes back.
    Contents::new(&watching.folder.path().join("contents")).put(LOST).unwrap();
    watching.chain.reach(500);
    let mut watcher = watching.watcher().await;
    until(&mut watcher, "the first is disputed", |book| book.case(1, 0).is_some() && waiting(book).is_empty()).await;
}

#[tokio::test]
async fn a_settlement_by_somebody_who_executes_it_for_oneself_is_looked_at_like_any_other() {
    let watching = Watching::begin().await;
    let exec = |msgs| any(&MsgExec { grantee: "open1".into(), msgs });
    let message = exec(vec![exec(vec![any(&settlement(2, HELD))])]);
    let place = [("authz_msg_index", "0"), ("authz_msg_index", "0"), ("msg_index", "0")];
    watching.chain.settle_in(1, 1, message, &place);
    watching.chain.reach(2);
    let mut watcher = watching.watcher().await;
    until(&mut watcher, "it is disputed", |book| book.case(1, 0).is_some() && waiting(book).is_empty()).await;
}

#[tokio::test]
async fn what_can_no_longer_be_disputed_is_not_looked_at_again() {
    let watching = Watching::begin().await;
    watching.chain.settle(1, 1, settlement(1, LOST));
    watching.chain.reach(2);
    let mut watcher = watching.watcher().await;
    until(&mut watcher, "it was tried", |book| book.due_sights(u64::MAX).first().is_some_and(|(_, tries)| *tries > 0))
        .await;
    watching.chain.end(1, pb::SettlementStatus::Paid);
    watching.chain.reach(500);
    until(&mut watcher, "it is given up", |book| waiting(book).is_empty()).await;
    assert!(watcher.book().case(1, 0).is_none());
}

#[tokio::test]
async fn a_dispute_that_cannot_be_paid_holds_up_neither_a_reveal_nor_the_reading_of_blocks() {
    let watching = Watching::begin().await;
    watching.chain.settle(2, 3, settlement(2, HELD));
    watching.chain.reach(3);
    let mut book = Book::open(&watching.book_folder()).unwrap();
    let case = Case { evidence: vec![1], salt: [1; 32], dispute: None, outcome: None };
    for poor in 4..7 {
        watching.chain.pend(poor);
        book.note(poor, 0, case.clone()).unwrap();
    }
    watching.chain.pend(9);
    book.note(9, 0, Case { dispute: Some(1), ..case }).unwrap();
    drop(book);
    let mut watcher = watching.watcher().await;
    // Every transaction is refused: the account has nothing.
    until(&mut watcher, "the blocks are read", |book| book.height() == 3 && book.case(2, 0).is_some()).await;
    let sent = watching.chain.sent();
    assert_eq!(sent[0], pb::MsgRevealDispute::type_url(), "what is committed comes first");
    let commits = sent.iter().filter(|url| **url == pb::MsgCommitDispute::type_url()).count();
    assert!(commits >= 3, "each is tried: {sent:?}");
}

#[tokio::test]
async fn contents_that_come_too_slowly_are_left_and_those_that_failed_not_asked_for_at_once() {
    let watching = Watching::begin().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    watching.chain.declare(
        3,
        13,
        b"a text on a host that never answers",
        &format!("http://{}/x", silent.local_addr().unwrap()),
    );
    let settings = FetchSettings { private_hosts: true, timeout_seconds: 3_600, ..Default::default() };
    let corpora = watching.corpora(settings).hasty(Duration::from_millis(300), Duration::from_secs(3_600));
    let error = format!("{:#}", corpora.load(3, 1).await.err().unwrap());
    assert!(error.contains("not all to be had within"), "{error}");
    let error = format!("{:#}", corpora.load(1, 1).await.err().unwrap());
    assert!(error.contains("nowhere to be had"), "{error}");
    let error = format!("{:#}", corpora.load(1, 1).await.err().unwrap());
    assert!(error.contains("a moment ago"), "{error}");
    assert_eq!(corpora.load(2, 1).await.unwrap().contributions.len(), 1, "others are not touched");
}
