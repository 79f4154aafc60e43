//! Plans: who schedules them, what they do to the binary that is there, and what is left of them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    deprecated,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use cosmwasm_std::Storage;
use openledger_core::{Address, BlockInfo, Context, Error, GasMeter, Mode, Module, Result, Router, SdkError, Status};
use openledger_proto::cosmos::upgrade::v1beta1::*;
use openledger_proto::{Message, Name, Timestamp};
use openledger_store::{BlockState, MemSnapshot, StoreName};
use openledger_upgrade::{state, Handler, Migrations, Upgrade, NEEDED};

const ZERO_TIME: Timestamp = Timestamp { seconds: -62_135_596_800, nanos: 0 };
const OTHER: StoreName = "other";

/// A module whose state says which versions it went through.
struct Other {
    name: &'static str,
    version: u64,
}

impl Module for Other {
    fn name(&self) -> &'static str {
        self.name
    }

    fn register(&self, _: &mut Router) {}

    fn genesis_type(&self) -> &'static str {
        "google.protobuf.Empty"
    }

    fn default_genesis(&self) -> Vec<u8> {
        Vec::new()
    }

    fn validate_genesis(&self, _: &[u8]) -> Result<()> {
        Ok(())
    }

    fn init_genesis(&self, ctx: &mut Context, _: &[u8]) -> Result<()> {
        ctx.kv_mut(OTHER).set(self.name.as_bytes(), format!("new {}", self.version).as_bytes());
        Ok(())
    }

    fn export_genesis(&self, _: &Context) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn migrate(&self, ctx: &mut Context, from: u64) -> Result<()> {
        let before = ctx.kv(OTHER).get(self.name.as_bytes()).unwrap_or_default();
        ctx.kv_mut(OTHER).set(self.name.as_bytes(), format!("{} {from}", String::from_utf8_lossy(&before)).as_bytes());
        Ok(())
    }
}

struct Chain {
    state: BlockState,
    block: BlockInfo,
}

impl Chain {
    fn new(upgrade: &Upgrade) -> Self {
        let mut chain = Self {
            state: BlockState::new(Arc::new(MemSnapshot::default())),
            block: BlockInfo { height: 5, ..Default::default() },
        };
        chain.with(|ctx| upgrade.init_genesis(ctx, &upgrade.default_genesis())).unwrap();
        chain
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        act(&mut Context::new(&mut self.state, &self.block, Mode::Deliver, GasMeter::infinite()))
    }

    fn execute<M: Message + Name>(&mut self, upgrade: &Upgrade, msg: &M) -> Result<(), Error> {
        let mut router = Router::default();
        upgrade.register(&mut router);
        let route = router.msg_route(&M::type_url()).unwrap();
        let msg = route.decode(&msg.encode_to_vec())?;
        self.with(|ctx| route.handle(ctx, &msg))?;
        self.with(|ctx| upgrade.check_invariants(ctx)).unwrap();
        Ok(())
    }

    fn begin(&mut self, upgrade: &Upgrade, height: u64) -> Result<(), Error> {
        self.block.height = height;
        let begun = self.with(|ctx| {
            let point = ctx.checkpoint();
            let begun = upgrade.begin_block(ctx);
            if begun.is_err() {
                ctx.revert(point);
            }
            begun
        });
        self.with(|ctx| upgrade.check_invariants(ctx)).unwrap();
        begun
    }

    fn ask<Resp: Message + Default>(
        &self,
        upgrade: &Upgrade,
        method: &str,
        request: &impl Message,
    ) -> Result<Resp, Status> {
        let mut router = Router::default();
        upgrade.register(&mut router);
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let answer = router.answer(&ctx, &format!("/cosmos.upgrade.v1beta1.Query/{method}"), &request.encode_to_vec());
        answer.map(|bytes| Resp::decode(bytes.as_slice()).unwrap())
    }

    fn raw(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.with(|ctx| ctx.kv(state::STORE).get(key))
    }
}

fn modules(versions: &[(&'static str, u64)]) -> Migrations {
    let module =
        |(name, version): &(&'static str, u64)| -> Arc<dyn Module> { Arc::new(Other { name, version: *version }) };
    Migrations::over(versions.iter().map(module).collect())
}

fn first_release() -> Upgrade {
    Upgrade { migrations: modules(&[("old", 1), ("steady", 4)]), ..Default::default() }
}

fn next_release() -> Upgrade {
    let handlers = vec![Handler { name: "v2", run: |migrations, ctx, _, from| migrations.run(ctx, &from) }];
    let migrations = modules(&[("old", 3), ("steady", 4), ("young", 2)]);
    Upgrade { migrations, handlers: Arc::new(handlers), ..Default::default() }
}

fn plan(height: i64) -> Plan {
    Plan { name: "v2".into(), height, info: "https://example.org/v2".into(), ..Default::default() }
}

fn authority() -> String {
    Address::module("gov").to_string()
}

fn schedule(height: i64) -> MsgSoftwareUpgrade {
    MsgSoftwareUpgrade { authority: authority(), plan: Some(plan(height)) }
}

#[test]
fn only_the_authority_schedules_and_only_what_is_a_plan_of_the_future() {
    let (upgrade, mut chain) = (first_release(), Chain::new(&first_release()));
    let stranger = MsgSoftwareUpgrade { authority: Address::module("bank").to_string(), ..schedule(9) };
    let error = chain.execute(&upgrade, &stranger).unwrap_err();
    assert_eq!((error.codespace, error.code), ("upgrade", 6));
    let cancel = MsgCancelUpgrade { authority: Address::module("bank").to_string() };
    assert_eq!(chain.execute(&upgrade, &cancel).unwrap_err().code, 6);
    for (plan, text) in [
        (plan(0), "height must be greater than 0"),
        (plan(-1), "height must be greater than 0"),
        (Plan { name: String::new(), ..plan(9) }, "name cannot be empty"),
        (Plan { time: Some(Timestamp::default()), ..plan(9) }, "time-based upgrades have been deprecated in the SDK"),
        (plan(4), "upgrade cannot be scheduled in the past"),
        (Plan { name: "n".repeat(256), ..plan(9) }, "name cannot have more than 255 bytes"),
    ] {
        let error = chain.execute(&upgrade, &MsgSoftwareUpgrade { plan: Some(plan), ..schedule(9) }).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 18));
        assert!(error.message.starts_with(text), "{error}");
    }
    let longest = Plan { name: "n".repeat(255), ..plan(9) };
    chain.execute(&upgrade, &MsgSoftwareUpgrade { plan: Some(longest), ..schedule(9) }).unwrap();
    let zero = Plan { time: Some(ZERO_TIME), ..plan(5) };
    chain.execute(&upgrade, &MsgSoftwareUpgrade { plan: Some(zero), ..schedule(9) }).unwrap();
    let current: QueryCurrentPlanResponse = chain.ask(&upgrade, "CurrentPlan", &QueryCurrentPlanRequest {}).unwrap();
    assert_eq!(current.plan.unwrap().height, 5);
}

#[test]
fn a_plan_lies_in_state_as_the_sdk_lays_it() {
    let (upgrade, mut chain) = (first_release(), Chain::new(&first_release()));
    chain.execute(&upgrade, &schedule(300)).unwrap();
    // Tag 1 name, 2 Go's zero time, 3 height, 4 info: as gogoproto marshals it.
    let mut bytes = b"\x0a\x02v2\x12\x0b\x08\x80\x92\xb8\xc3\x98\xfe\xff\xff\xff\x01\x18\xac\x02\x22\x16".to_vec();
    bytes.extend_from_slice(b"https://example.org/v2");
    assert_eq!(chain.raw(&[0]).unwrap(), bytes);
    assert_eq!(chain.raw(b"\x02steady").unwrap(), 4u64.to_be_bytes());
    let (client, consensus) = (b"upgradedIBCState/300/upgradedClient", b"upgradedIBCState/300/upgradedConsState");
    chain.with(|ctx| {
        upgrade.set_upgraded_client(ctx, 300, b"client");
        upgrade.set_upgraded_consensus_state(ctx, 300, b"state");
    });
    assert_eq!((chain.raw(client).unwrap(), chain.raw(consensus).unwrap()), (b"client".to_vec(), b"state".to_vec()));
    #[allow(deprecated)]
    let asked: QueryUpgradedConsensusStateResponse = chain
        .ask(&upgrade, "UpgradedConsensusState", &QueryUpgradedConsensusStateRequest { last_height: 300 })
        .unwrap();
    assert_eq!(asked.upgraded_consensus_state, b"state");
    // Another plan in its place, and a plan that is dropped, take the clients with them.
    chain.execute(&upgrade, &schedule(400)).unwrap();
    assert_eq!((chain.raw(client), chain.raw(consensus)), (None, None));
    chain.execute(&upgrade, &MsgCancelUpgrade { authority: authority() }).unwrap();
    chain.execute(&upgrade, &MsgCancelUpgrade { authority: authority() }).unwrap();
    assert_eq!(chain.raw(&[0]), None);
}

#[test]
fn the_old_binary_ends_at_the_plan_s_height_and_the_new_one_goes_on_from_there() {
    let (old, new, mut chain) = (first_release(), next_release(), Chain::new(&first_release()));
    chain.with(|ctx| ctx.kv_mut(OTHER).set(b"old", b"began"));
    chain.execute(&old, &schedule(10)).unwrap();
    chain.begin(&old, 9).unwrap();
    let early = chain.begin(&new, 9).unwrap_err();
    assert_eq!(
        early.message,
        "BINARY UPDATED BEFORE TRIGGER! UPGRADE \"v2\" - in binary but not executed on chain. Downgrade your binary"
    );
    for _ in 0..2 {
        let needed = chain.begin(&old, 10).unwrap_err();
        assert_eq!((needed.codespace, needed.code), ("upgrade", NEEDED));
        assert_eq!(needed.message, "UPGRADE \"v2\" NEEDED at height: 10: https://example.org/v2");
    }
    chain.begin(&new, 10).unwrap();
    let other = |chain: &mut Chain, key: &[u8]| {
        chain.with(|ctx| ctx.kv(OTHER).get(key)).map(|value| String::from_utf8(value).unwrap())
    };
    assert_eq!(other(&mut chain, b"old").unwrap(), "began 1 2", "from 1 to 2, from 2 to 3");
    assert_eq!(other(&mut chain, b"young").unwrap(), "new 2", "a new module begins with its genesis");
    assert_eq!(other(&mut chain, b"steady"), None, "nothing is to be done for it");
    assert_eq!(chain.raw(b"\x01\0\0\0\0\0\0\0\x0av2").unwrap(), [1]);
    assert_eq!(chain.raw(&[3]).unwrap(), 1u64.to_be_bytes());
    assert_eq!(chain.raw(&[0]), None);
    let applied: QueryAppliedPlanResponse =
        chain.ask(&new, "AppliedPlan", &QueryAppliedPlanRequest { name: "v2".into() }).unwrap();
    assert_eq!(applied.height, 10);
    let versions: QueryModuleVersionsResponse =
        chain.ask(&new, "ModuleVersions", &QueryModuleVersionsRequest::default()).unwrap();
    let versions: Vec<_> =
        versions.module_versions.iter().map(|module| (module.name.as_str(), module.version)).collect();
    assert_eq!(versions, [("old", 3), ("steady", 4), ("upgrade", 1), ("young", 2)]);
    chain.begin(&new, 11).unwrap();
    assert_eq!(other(&mut chain, b"old").unwrap(), "began 1 2", "once");
    let error = chain.begin(&old, 11).unwrap_err();
    assert_eq!(error.message, "wrong app version 1, upgrade handler is missing for v2 upgrade plan");
    let again = chain.execute(&new, &schedule(20)).unwrap_err();
    assert_eq!(again.message, "upgrade with name v2 has already been completed: invalid request");
}

#[test]
fn a_node_that_is_told_to_skip_a_height_drops_the_plan_there() {
    let old = first_release();
    let skipping = Upgrade { skip: Arc::new(BTreeSet::from([10])), ..first_release() };
    let mut chain = Chain::new(&old);
    chain.execute(&old, &schedule(10)).unwrap();
    chain.begin(&skipping, 10).unwrap();
    chain.begin(&old, 11).unwrap();
    assert_eq!(chain.raw(&[0]), None);
}

#[test]
fn a_module_without_the_migration_that_it_needs_stops_the_upgrade() {
    struct Careless;
    impl Module for Careless {
        fn name(&self) -> &'static str {
            "careless"
        }
        fn register(&self, _: &mut Router) {}
        fn genesis_type(&self) -> &'static str {
            "google.protobuf.Empty"
        }
        fn default_genesis(&self) -> Vec<u8> {
            Vec::new()
        }
        fn validate_genesis(&self, _: &[u8]) -> Result<()> {
            Err(SdkError::Logic("unused".into()).into())
        }
        fn init_genesis(&self, _: &mut Context, _: &[u8]) -> Result<()> {
            Ok(())
        }
        fn export_genesis(&self, _: &Context) -> Result<Vec<u8>> {
            Ok(Vec::new())
        }
        fn version(&self) -> u64 {
            2
        }
    }
    let mut chain = Chain::new(&first_release());
    let migrations = Migrations::over(vec![Arc::new(Careless)]);
    let from = [("careless".to_string(), 1)].into();
    let error = chain.with(|ctx| migrations.run(ctx, &from)).unwrap_err();
    assert!(
        error.message.starts_with("no migrations found for module careless from version 1 to version 2"),
        "{error}"
    );
}

#[test]
fn a_query_for_the_version_of_no_module_says_so() {
    let (upgrade, chain) = (first_release(), Chain::new(&first_release()));
    let request = QueryModuleVersionsRequest { module_name: "nobody".into() };
    let error = chain.ask::<QueryModuleVersionsResponse>(&upgrade, "ModuleVersions", &request).unwrap_err();
    assert_eq!(error.message, "x/upgrade: QueryModuleVersions module nobody not found: module version not found");
    let authority_answer: QueryAuthorityResponse = chain.ask(&upgrade, "Authority", &QueryAuthorityRequest {}).unwrap();
    assert_eq!(authority_answer.address, authority());
}
