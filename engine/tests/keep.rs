//! Keeping what is accepted, on a chain that is played.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[allow(dead_code, reason = "shared with the watcher's tests")]
mod played;

use openledger_engine::progress::Progress;
use openledger_engine::sync::{Contents, Corpora, FetchSettings, Fetcher, Keeper};
use openledger_provenance::content::Commitment;
use played::Played;

const TEXTS: [&[u8]; 3] = [b"accepted before", b"accepted later", b"whose host is down at first"];

#[tokio::test]
async fn what_is_accepted_is_fetched_as_it_comes_and_a_restart_goes_on_where_it_was() {
    let (chain, folder, host) = (Played::begin().await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mirror, kept) = (Contents::new(host.path()), Contents::new(&folder.path().join("contents")));
    for text in &TEXTS[..2] {
        mirror.put(text).unwrap();
    }
    let keeper = || {
        let mirrors = vec![host.path().display().to_string()];
        let settings = FetchSettings { mirrors, attempts: 1, ..Default::default() };
        let fetcher = Fetcher::new(kept.clone(), chain.rpc(), settings).unwrap();
        let corpora = Corpora::new(chain.rpc(), fetcher, folder.path().join("index"), Progress::none());
        Keeper::new(chain.rpc(), corpora, folder.path()).unwrap()
    };
    let holds = |text: &[u8]| kept.has(&Commitment::of(text).root);
    chain.accept(1, 5, TEXTS[0]);
    chain.reach(10);
    let mut following = keeper();
    while following.step().await.unwrap() {}
    assert!(holds(TEXTS[0]), "what was accepted before it began");
    // It stops; two works are accepted meanwhile.
    drop(following);
    chain.accept(2, 11, TEXTS[1]);
    chain.accept(3, 12, TEXTS[2]);
    chain.reach(13);
    let mut following = keeper();
    while following.step().await.unwrap() {}
    assert!(holds(TEXTS[1]) && !holds(TEXTS[2]));
    mirror.put(TEXTS[2]).unwrap();
    assert!(!following.step().await.unwrap(), "its host is not asked at once again");
    drop(following);
    chain.reach(1_000);
    let mut following = keeper();
    while following.step().await.unwrap() {}
    assert!(holds(TEXTS[2]), "when it can be had");
}
