//! Nobody gets OPEN more: not by genesis, not by the authority; and explorers read so.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use openledger_auth::{authority, Auth};
use openledger_bank::Bank;
use openledger_core::{Address, BlockInfo, Context, Error, GasMeter, Mode, Module, Router};
use openledger_mint::Mint;
use openledger_proto::cosmos::mint::v1beta1::*;
use openledger_proto::{walker, Message, Name};
use openledger_store::{BlockState, MemSnapshot};

const BANK: Bank = Bank { auth: Auth };
const MINT: Mint = Mint { auth: Auth, bank: BANK };

struct Chain {
    state: BlockState,
    block: BlockInfo,
    router: Router,
}

impl Chain {
    fn new() -> Self {
        let mut router = Router::default();
        MINT.register(&mut router);
        let state = BlockState::new(Arc::new(MemSnapshot::default()));
        let mut chain = Self { state, block: BlockInfo { height: 1, ..BlockInfo::default() }, router };
        chain.with(|ctx| {
            Auth.init_genesis(ctx, &Auth.default_genesis()).unwrap();
            BANK.init_genesis(ctx, &BANK.default_genesis()).unwrap();
            BANK.credit_genesis(ctx, &Address::new([7; 20]).unwrap(), &"1000aopen".parse().unwrap()).unwrap();
            MINT.init_genesis(ctx, &MINT.default_genesis()).unwrap();
        });
        chain
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        act(&mut Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite()))
    }

    fn update(&mut self, authority: &str, params: Params) -> Result<(), Error> {
        let msg = MsgUpdateParams { authority: authority.into(), params: Some(params) };
        let Self { state, block, router } = self;
        let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite());
        let route = router.msg_route(&MsgUpdateParams::type_url()).unwrap();
        route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg)).map(|_| ())
    }

    fn ask(&self, method: &str) -> serde_json::Value {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let answer = self.router.answer(&ctx, &format!("/cosmos.mint.v1beta1.Query/{method}"), &[]).unwrap();
        walker::to_json(&format!("cosmos.mint.v1beta1.Query{method}Response"), &answer).unwrap()
    }
}

fn shown() -> Params {
    openledger_mint::Params::default().to_proto()
}

#[test]
fn explorers_read_that_there_is_no_inflation() {
    let chain = Chain::new();
    let params = serde_json::json!({
        "mint_denom": "aopen",
        "inflation_rate_change": "0.000000000000000000",
        "inflation_max": "0.000000000000000000",
        "inflation_min": "0.000000000000000000",
        "goal_bonded": "0.670000000000000000",
        "blocks_per_year": "6311520",
    });
    assert_eq!(chain.ask("Params"), serde_json::json!({ "params": params }));
    assert_eq!(chain.ask("Inflation"), serde_json::json!({ "inflation": "0.000000000000000000" }));
    assert_eq!(chain.ask("AnnualProvisions"), serde_json::json!({ "annual_provisions": "0.000000000000000000" }));
}

#[test]
fn not_even_the_authority_can_set_a_rate() {
    let mut chain = Chain::new();
    let gov = authority().to_string();
    let rate = "1".to_string();
    for (field, params) in [
        ("inflation_rate_change", Params { inflation_rate_change: rate.clone(), ..shown() }),
        ("inflation_max", Params { inflation_max: rate.clone(), ..shown() }),
        ("inflation_min", Params { inflation_min: rate, ..shown() }),
    ] {
        let error = chain.update(&gov, params).unwrap_err();
        assert_eq!((error.codespace, error.code), ("mint", 102));
        let text = format!("the supply of OPEN is fixed: {field} is 0 and cannot be 0.000000000000000001");
        assert_eq!(error.message, text);
    }
    let other = chain.update(&gov, Params { mint_denom: "stake".into(), ..shown() }).unwrap_err();
    assert_eq!((other.codespace, other.code), ("mint", 101));
    assert_eq!(chain.with(|ctx| MINT.params(ctx).unwrap()), openledger_mint::Params::default());
}

#[test]
fn the_authority_alone_changes_what_is_shown() {
    let mut chain = Chain::new();
    let params = Params { blocks_per_year: 31_557_600, ..shown() };
    let nobody = chain.update(&Address::new([7; 20]).unwrap().to_string(), params.clone()).unwrap_err();
    assert_eq!((nobody.codespace, nobody.code), ("gov", 13));
    chain.update(&authority().to_string(), params).unwrap();
    assert_eq!(chain.ask("Params")["params"]["blocks_per_year"], "31557600");
    for bad in [
        Params { blocks_per_year: 0, ..shown() },
        Params { goal_bonded: "0".into(), ..shown() },
        Params { goal_bonded: "1000000000000000001".into(), ..shown() },
    ] {
        assert_eq!(chain.update(&authority().to_string(), bad).unwrap_err().code, 101);
    }
    assert_eq!(chain.ask("Params")["params"]["blocks_per_year"], "31557600", "what is refused changes nothing");
}

#[test]
fn blocks_leave_the_supply_as_it_is() {
    let mut chain = Chain::new();
    chain.with(|ctx| {
        for _ in 0..100 {
            MINT.begin_block(ctx).unwrap();
            assert!(MINT.end_block(ctx).unwrap().is_empty());
        }
        assert_eq!(BANK.supply(ctx, "aopen").unwrap().to_string(), "1000");
        assert!(ctx.take_events().is_empty());
        MINT.check_invariants(ctx).unwrap();
        assert!(BANK.mint(ctx, "mint", &"1aopen".parse().unwrap()).is_err(), "its account has no permission to");
    });
}

#[test]
fn a_genesis_with_inflation_is_refused_and_an_export_comes_back() {
    let mut genesis = GenesisState::decode(MINT.default_genesis().as_slice()).unwrap();
    MINT.validate_genesis(&genesis.encode_to_vec()).unwrap();
    let mut inflating = genesis.clone();
    inflating.minter = Some(Minter { inflation: "130000000000000000".into(), annual_provisions: "0".into() });
    assert_eq!(MINT.validate_genesis(&inflating.encode_to_vec()).unwrap_err().code, 102);
    let mut capped = genesis.clone();
    capped.params = Some(Params { inflation_max: "200000000000000000".into(), ..shown() });
    assert_eq!(MINT.validate_genesis(&capped.encode_to_vec()).unwrap_err().code, 102);
    genesis.params = Some(Params { blocks_per_year: 99, ..shown() });
    let mut chain = Chain::new();
    let exported = chain.with(|ctx| {
        MINT.init_genesis(ctx, &genesis.encode_to_vec()).unwrap();
        MINT.export_genesis(ctx).unwrap()
    });
    assert_eq!(GenesisState::decode(exported.as_slice()).unwrap(), genesis);
}
