//! A chain of auth, bank, contributor and datanet in memory: messages go through the router, as transactions do, and are undone if
//! they fail. After each message and each block every invariant is checked.

use std::sync::Arc;

use cosmwasm_std::Uint256;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_contributor::Contributors;
use openledger_core::{
    Address, BlockInfo, Coin, Coins, Context, Error, GasMeter, Handle, Mode, Module, Result, Router, Status, BASE_DENOM,
};
use openledger_datanet::governance::BondKind;
use openledger_datanet::{Contribution, Datanets};
use openledger_proto::openledger::contributor::v1::{IncomeKind, QueryStatementsRequest, QueryStatementsResponse};
use openledger_proto::openledger::datanet::v1::*;
use openledger_proto::{Message, Name};
use openledger_provenance::commit::{ContributionCommit, ReviewCommit};
use openledger_provenance::content::Commitment;
use openledger_store::{BlockState, MemSnapshot};

/// Chain id of the tests.
pub const CHAIN_ID: &str = "openledger-test";
/// One OPEN.
pub const OPEN: u128 = 1_000_000_000_000_000_000;
/// What each of the accounts 1 to 9 has at first.
pub const PURSE: u128 = 1_000 * OPEN;
/// The module that pays in, in place of attribution, which has a purse at first too.
pub const PAYER: &str = "attribution";
/// Blocks within which a commit may be revealed.
pub const WINDOW: u64 = 10;
/// The score of what is accepted: a power of two, so that shares of contents whose lengths sum to one divide without rest.
pub const SCORE: u32 = 8_192;
/// Seconds of header time for which bonds stand behind scores, and unbond: ten blocks.
pub const PERIOD: u64 = 50;
/// Seconds of header time of a council's vote: four blocks.
pub const VOTING: u64 = 20;
/// Seconds of the treasury's timelock.
pub const TIMELOCK: u64 = 80;

pub struct Chain {
    committed: MemSnapshot,
    state: BlockState,
    pub block: BlockInfo,
    pub router: Router,
    pub keeper: Datanets,
    /// Whether invariants are checked.
    pub checks: bool,
}

impl Chain {
    /// A chain with short times and money in the accounts 1 to 9.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same with other parameters.
    pub fn with(change: impl FnOnce(&mut Params)) -> Self {
        let keeper = Datanets::default();
        let mut genesis = GenesisState::decode(keeper.default_genesis().as_slice()).unwrap();
        let params = genesis.params.as_mut().unwrap();
        params.reveal_window_blocks = WINDOW;
        params.treasury_timelock_seconds = TIMELOCK;
        params.max_expiries_per_block = 3;
        params.max_due_per_block = 3;
        params.curator_bond_period_seconds = PERIOD;
        params.min_voting_seconds = VOTING;
        params.proposal_deposit = Some(Coin::base(OPEN).to_proto());
        change(params);
        let purses: Vec<_> = (1..10).map(account).chain([Address::module(PAYER)]).collect();
        Self::of(&genesis.encode_to_vec(), |ctx| {
            for purse in &purses {
                Bank::default().credit_genesis(ctx, purse, &coins(PURSE)).unwrap();
            }
        })
        .unwrap()
    }

    /// A chain with this genesis of datanet, and of bank what `fund` pays out.
    pub fn of(genesis: &[u8], fund: impl FnOnce(&mut Context)) -> Result<Self> {
        let keeper = Datanets::default();
        let mut router = Router::default();
        keeper.register(&mut router);
        keeper.contributors.register(&mut router);
        let committed = MemSnapshot::default();
        let state = BlockState::new(Arc::new(committed.clone()));
        let block = BlockInfo { chain_id: CHAIN_ID.into(), height: 1, time_seconds: 1_000, ..BlockInfo::default() };
        let mut chain = Self { committed, state, block, router, keeper, checks: true };
        let mut ctx = chain.ctx();
        Auth.init_genesis(&mut ctx, &Auth.default_genesis())?;
        Bank::default().init_genesis(&mut ctx, &Bank::default().default_genesis())?;
        Contributors::default().init_genesis(&mut ctx, &Contributors::default().default_genesis())?;
        fund(&mut ctx);
        keeper.init_genesis(&mut ctx, genesis)?;
        chain.check();
        Ok(chain)
    }

    pub fn ctx(&mut self) -> Context<'_> {
        Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite())
    }

    /// Checks the invariants of every module.
    pub fn check(&mut self) {
        if !self.checks {
            return;
        }
        let keeper = self.keeper;
        let ctx = self.ctx();
        for module in [&Auth as &dyn Module, &keeper.bank, &keeper.contributors, &keeper] {
            module.check_invariants(&ctx).unwrap();
        }
    }

    /// Delivers a message as a transaction of its own.
    pub fn deliver<M>(&mut self, msg: &M) -> Result<<Datanets as Handle<M>>::Response>
    where
        M: Message + Name + Default,
        Datanets: Handle<M>,
        <Datanets as Handle<M>>::Response: Default,
    {
        let checkpoint = self.state.checkpoint();
        let ctx = Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite());
        let mut ctx = ctx.with_router(&self.router);
        let route = self.router.msg_route(&M::type_url()).unwrap();
        let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
        if result.is_err() {
            self.state.revert(checkpoint);
        }
        self.check();
        result.map(|bytes| Message::decode(bytes.as_slice()).unwrap())
    }

    /// Ends the block, commits it and begins the next, five seconds later.
    pub fn next_block(&mut self) {
        let keeper = self.keeper;
        keeper.end_block(&mut self.ctx()).unwrap();
        self.check();
        self.committed.apply(self.state.changes());
        self.state = BlockState::new(Arc::new(self.committed.clone()));
        self.block.height += 1;
        self.block.time_seconds += 5;
    }

    pub fn query<Req: Message, Resp: Message + Default>(&self, method: &str, request: &Req) -> Result<Resp, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = format!("/openledger.datanet.v1.Query/{method}");
        let answer = self.router.answer(&ctx, &path, &request.encode_to_vec())?;
        Ok(Resp::decode(answer.as_slice()).unwrap())
    }

    /// An account's statement: kinds and amounts.
    pub fn statement(&self, who: u8) -> Vec<(IncomeKind, String)> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let request = QueryStatementsRequest { address: name(who), pagination: None }.encode_to_vec();
        let answer = self.router.answer(&ctx, "/openledger.contributor.v1.Query/Statements", &request).unwrap();
        let lines = QueryStatementsResponse::decode(answer.as_slice()).unwrap().lines;
        lines.iter().map(|line| (line.kind(), line.amount.clone())).collect()
    }

    pub fn balance(&mut self, address: &Address) -> Uint256 {
        Bank::default().balance(&self.ctx(), address, BASE_DENOM).unwrap()
    }

    /// A balance as a number to calculate with.
    pub fn purse(&mut self, who: u8) -> u128 {
        self.balance(&account(who)).to_string().parse().unwrap()
    }

    pub fn contribution(&mut self, seq: u64) -> Contribution {
        let keeper = self.keeper;
        keeper.contribution(&self.ctx(), seq).unwrap().unwrap()
    }

    /// A datanet that account 1 owns and decides in.
    pub fn datanet(&mut self) -> u64 {
        self.deliver(&create(policy())).unwrap().datanet_id
    }

    pub fn commit(&mut self, datanet: u64, author: u8, content: &[u8]) -> u64 {
        self.deliver(&commit(datanet, author, content)).unwrap().seq
    }

    /// Commits in this block and reveals in the next.
    pub fn pending(&mut self, datanet: u64, author: u8, content: &[u8]) -> u64 {
        let seq = self.commit(datanet, author, content);
        self.next_block();
        self.deliver(&reveal(seq, author, content)).unwrap();
        seq
    }

    /// Commits, reveals, and lets account 1 accept with [`SCORE`].
    pub fn accepted(&mut self, datanet: u64, author: u8, content: &[u8]) -> u64 {
        let seq = self.pending(datanet, author, content);
        self.deliver(&review(seq, 1, Some(SCORE))).unwrap();
        seq
    }

    pub fn freeze(&mut self, datanet: u64) -> u32 {
        self.deliver(&MsgFreezeVersion { owner: name(1), datanet_id: datanet }).unwrap().version
    }

    /// Credits the baseline as attribution does.
    pub fn credit_baseline(&mut self, versions: &[(u64, u32)], amount: u128) -> Result<()> {
        let (keeper, amount) = (self.keeper, Uint256::from(amount));
        keeper.credit_baseline(&mut self.ctx(), &Address::module(PAYER), versions, amount)?;
        self.check();
        Ok(())
    }

    /// Credits the treasuries as attribution does.
    pub fn credit_treasury(&mut self, versions: &[(u64, u32)], amount: u128) -> Result<()> {
        let (keeper, amount) = (self.keeper, Uint256::from(amount));
        keeper.credit_treasury(&mut self.ctx(), &Address::module(PAYER), versions, amount)?;
        self.check();
        Ok(())
    }

    /// Credits the curators' pots as attribution does.
    pub fn credit_curation(&mut self, versions: &[(u64, u32)], amount: u128) -> Result<()> {
        let (keeper, amount) = (self.keeper, Uint256::from(amount));
        keeper.credit_curation(&mut self.ctx(), &Address::module(PAYER), versions, amount)?;
        self.check();
        Ok(())
    }

    /// What curators' pots owe to a curator.
    pub fn curation_owed(&mut self, datanet: u64, curator: u8) -> u128 {
        let keeper = self.keeper;
        let owed = keeper.curation_owed(&self.ctx(), datanet, &account(curator)).unwrap();
        owed.to_string().parse().unwrap()
    }

    /// What an account has bonded in a datanet: what counts, and what of it is locked.
    pub fn bonded(&mut self, datanet: u64, kind: BondKind, who: u8) -> (u128, u128) {
        let keeper = self.keeper;
        let bond = keeper.bond(&self.ctx(), datanet, kind, &account(who)).unwrap();
        (bond.amount.to_string().parse().unwrap(), bond.locked.to_string().parse().unwrap())
    }

    /// Bonds as a curator.
    pub fn bond_curator(&mut self, datanet: u64, curator: u8, amount: u128) {
        let amount = Some(Coin::base(amount).to_proto());
        self.deliver(&MsgBondCurator { curator: name(curator), datanet_id: datanet, amount }).unwrap();
    }

    /// Ends this many blocks.
    pub fn blocks(&mut self, count: u64) {
        for _ in 0..count {
            self.next_block();
        }
    }

    pub fn owed(&self, seq: u64) -> String {
        let owed: QueryBaselineOwedResponse = self.query("BaselineOwed", &QueryBaselineOwedRequest { seq }).unwrap();
        owed.owed.unwrap().amount
    }

    /// What an author did and what came of it, by the history.
    pub fn outcomes(&mut self, who: u8) -> Vec<u8> {
        let (keeper, address) = (self.keeper, account(who));
        let ctx = self.ctx();
        let length = keeper.contributors.history_length(&ctx, &address).unwrap();
        (0..length).map(|n| keeper.contributors.entry(&ctx, &address, n).unwrap().unwrap().outcome).collect()
    }
}

/// The code of an error of this module.
pub fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> u32 {
    let error = result.unwrap_err();
    assert_eq!(error.codespace, "datanet", "{error}");
    error.code
}

/// Codespace and code of an error of another module.
pub fn coded<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, u32) {
    let error = result.unwrap_err();
    (error.codespace, error.code)
}

pub fn account(n: u8) -> Address {
    Address::new([n; 20]).unwrap()
}

/// The bech32 form of an account.
pub fn name(n: u8) -> String {
    account(n).to_string()
}

pub fn coins(amount: u128) -> Coins {
    Coins::from(Coin::base(amount))
}

pub fn policy() -> Policy {
    Policy {
        admission: Admission::Open.into(),
        curators: Vec::new(),
        quorum: 0,
        deposit: Some(Coin::base(OPEN).to_proto()),
        burn_rejected: false,
        max_length: 100_000,
        length_cap: 1_000,
        contributor_bond: "0".into(),
        curator_bond: "0".into(),
        ..Policy::default()
    }
}

pub fn create(policy: Policy) -> MsgCreateDatanet {
    MsgCreateDatanet {
        owner: name(1),
        title: "Rust crate documentation".into(),
        description: "README files".into(),
        modality: Modality::Text.into(),
        licence: "MIT OR Apache-2.0".into(),
        schema: "markdown".into(),
        policy: Some(policy),
        draft: false,
    }
}

pub fn salt(author: u8) -> [u8; 32] {
    [author ^ 0xa5; 32]
}

pub fn commit(datanet: u64, author: u8, content: &[u8]) -> MsgCommitContribution {
    let address = account(author);
    let commit = ContributionCommit {
        chain_id: CHAIN_ID,
        datanet,
        author: address.as_bytes(),
        commitment: Commitment::of(content),
        salt: salt(author),
    };
    MsgCommitContribution { author: name(author), datanet_id: datanet, commit: commit.hash().unwrap().to_vec() }
}

pub fn reveal(seq: u64, author: u8, content: &[u8]) -> MsgRevealContribution {
    let commitment = Commitment::of(content);
    MsgRevealContribution {
        author: name(author),
        seq,
        root: commitment.root.to_vec(),
        length: commitment.length,
        salt: salt(author).to_vec(),
        rights: Some(Rights { kind: RightsKind::Licensed.into(), licence: "MIT".into(), ..Default::default() }),
        location: "ipfs://bafy".into(),
        metadata: "{\"crate\":\"serde\"}".into(),
        media_type: "text/markdown".into(),
        ..MsgRevealContribution::default()
    }
}

/// A policy with curators 3, 4, 5 and 6, two of whom must accept, who bond at least one OPEN.
pub fn bonded_curators() -> Policy {
    let curators = (3..7).map(name).collect();
    Policy { curators, quorum: 2, curator_bond: OPEN.to_string(), review_window_blocks: 3, ..policy() }
}

/// The same with hidden reviews: three blocks to commit, two to reveal.
pub fn hidden() -> Policy {
    Policy { hidden_reviews: true, review_reveal_blocks: 2, ..bonded_curators() }
}

/// A hidden review's commit: a score to accept, none to reject.
pub fn commit_review(seq: u64, reviewer: u8, score: Option<u32>) -> MsgCommitReview {
    let address = account(reviewer);
    let commit = ReviewCommit {
        chain_id: CHAIN_ID,
        seq,
        reviewer: address.as_bytes(),
        accept: score.is_some(),
        score: score.unwrap_or_default(),
        commons: false,
        salt: salt(reviewer),
    };
    MsgCommitReview { reviewer: name(reviewer), seq, commit: commit.hash().unwrap().to_vec() }
}

/// Its reveal.
pub fn reveal_review(seq: u64, reviewer: u8, score: Option<u32>) -> MsgRevealReview {
    let (accept, score) = (score.is_some(), score.unwrap_or_default());
    let salt = salt(reviewer).to_vec();
    MsgRevealReview { reviewer: name(reviewer), seq, accept, score, commons: false, salt }
}

/// A review: a score to accept, none to reject.
pub fn review(seq: u64, reviewer: u8, score: Option<u32>) -> MsgReviewContribution {
    let (accept, score) = (score.is_some(), score.unwrap_or_default());
    MsgReviewContribution { reviewer: name(reviewer), seq, accept, score, commons: false }
}
