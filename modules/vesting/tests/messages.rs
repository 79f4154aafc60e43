//! The messages: what account each makes, and what is refused.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use openledger_auth::permissions::FEE_COLLECTOR;
use openledger_auth::vesting::{Period, Schedule, Vesting};
use openledger_auth::{Auth, Kind};
use openledger_bank::Bank;
use openledger_core::{Address, BlockInfo, Coins, Context, Error, GasMeter, Mode, Module, Router};
use openledger_proto::cosmos::vesting::v1beta1::{Period as ProtoPeriod, *};
use openledger_proto::{Message, Name};
use openledger_store::{BlockState, MemSnapshot};
use openledger_vesting::VestingAccounts;

const BANK: Bank = Bank { auth: Auth };
const NOW: i64 = 1_700_000_000;

fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

fn coins(text: &str) -> Coins {
    text.parse().unwrap()
}

/// Executes a message on a new chain, at which account 1 holds 1000aopen and 2 exists, as execution would; then looks.
fn execute<M: Message + Name>(msg: &M, look: impl FnOnce(&Context)) -> Result<(), Error> {
    let mut router = Router::default();
    VestingAccounts { auth: Auth, bank: BANK }.register(&mut router);
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo { height: 1, time_seconds: NOW, ..BlockInfo::default() };
    let mut ctx = Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite());
    Auth.init_genesis(&mut ctx, &Auth.default_genesis()).unwrap();
    BANK.init_genesis(&mut ctx, &BANK.default_genesis()).unwrap();
    BANK.credit_genesis(&mut ctx, &address(1), &coins("1000aopen")).unwrap();
    Auth.ensure(&mut ctx, &address(1)).unwrap();
    Auth.ensure(&mut ctx, &address(2)).unwrap();
    let route = router.msg_route(&M::type_url()).unwrap();
    let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
    if result.is_ok() {
        Auth.check_invariants(&ctx).unwrap();
        BANK.check_invariants(&ctx).unwrap();
    }
    look(&ctx);
    result.map(|_| ())
}

fn made(ctx: &Context) -> (Vesting, String) {
    let account = Auth.account(ctx, &address(9)).unwrap().unwrap();
    let Kind::Vesting(vesting) = account.kind else { panic!("{account:?} is no vesting account") };
    (*vesting, BANK.balances(ctx, &address(9)).unwrap().to_string())
}

fn plain(to: &Address, amount: &str, end_time: i64, delayed: bool) -> MsgCreateVestingAccount {
    let amount = coins(amount).to_proto();
    MsgCreateVestingAccount {
        from_address: address(1).to_string(),
        to_address: to.to_string(),
        amount,
        end_time,
        delayed,
    }
}

fn period(length: i64, amount: &str) -> ProtoPeriod {
    ProtoPeriod { length, amount: coins(amount).to_proto() }
}

fn periodic(start_time: i64, vesting_periods: Vec<ProtoPeriod>) -> MsgCreatePeriodicVestingAccount {
    let (from_address, to_address) = (address(1).to_string(), address(9).to_string());
    MsgCreatePeriodicVestingAccount { from_address, to_address, start_time, vesting_periods }
}

#[test]
fn a_continuous_schedule_begins_with_the_block_and_a_delayed_one_has_an_end_alone() {
    execute(&plain(&address(9), "10aopen", NOW + 100, false), |ctx| {
        let schedule = Schedule::Continuous { start: NOW, end: NOW + 100 };
        assert_eq!(made(ctx), (Vesting::new(coins("10aopen"), schedule).unwrap(), "10aopen".into()));
        assert!(BANK.spendable(ctx, &address(9)).unwrap().is_empty());
        assert_eq!(BANK.balances(ctx, &address(1)).unwrap(), coins("990aopen"));
    })
    .unwrap();
    execute(&plain(&address(9), "10aopen", NOW + 100, true), |ctx| {
        assert_eq!(made(ctx).0.schedule, Schedule::Delayed { end: NOW + 100 });
    })
    .unwrap();
}

#[test]
fn an_end_that_is_past_has_vested_everything_once_time_moves_on() {
    execute(&plain(&address(9), "10aopen", 5, false), |ctx| {
        assert_eq!(made(ctx).0.vested(NOW + 1).unwrap(), coins("10aopen"));
    })
    .unwrap();
}

#[test]
fn periods_sum_to_what_is_paid() {
    let msg = periodic(NOW - 50, vec![period(50, "4aopen"), period(10, "6aopen")]);
    execute(&msg, |ctx| {
        let periods =
            vec![Period { length: 50, amount: coins("4aopen") }, Period { length: 10, amount: coins("6aopen") }];
        let schedule = Schedule::Periodic { start: NOW - 50, periods };
        assert_eq!(made(ctx), (Vesting::new(coins("10aopen"), schedule).unwrap(), "10aopen".into()));
        // The first period ends with this block.
        assert_eq!(BANK.spendable(ctx, &address(9)).unwrap(), coins("4aopen"));
    })
    .unwrap();
}

#[test]
fn permanently_locked_coins_never_vest() {
    let msg = MsgCreatePermanentLockedAccount {
        from_address: address(1).to_string(),
        to_address: address(9).to_string(),
        amount: coins("10aopen").to_proto(),
    };
    execute(&msg, |ctx| {
        assert_eq!(made(ctx).0.schedule, Schedule::PermanentLocked);
        assert_eq!(made(ctx).0.locked(i64::MAX).unwrap(), coins("10aopen"));
    })
    .unwrap();
}

#[test]
fn what_cannot_be_made_is_refused_with_the_sdk_s_codes() {
    let refused = |msg: MsgCreateVestingAccount| {
        let error = execute(&msg, |_| ()).unwrap_err();
        (error.codespace, error.code, error.message)
    };
    let end = NOW + 1;
    let (space, code, text) = refused(plain(&address(2), "1aopen", end, false));
    assert_eq!((space, code), ("sdk", 18));
    assert_eq!(text, format!("account {} already exists: invalid request", address(2)));
    assert_eq!(refused(plain(&Address::module(FEE_COLLECTOR), "1aopen", end, false)).1, 4);
    assert_eq!(refused(plain(&address(9), "1001aopen", end, false)).1, 5);
    assert_eq!(refused(plain(&address(9), "", end, false)).1, 10);
    assert_eq!(refused(plain(&address(9), "1aopen", 0, true)).1, 18);
    let bad = MsgCreateVestingAccount { to_address: "x".into(), ..plain(&address(9), "1aopen", end, true) };
    assert_eq!(refused(bad).1, 7);
    for (msg, code) in [
        (periodic(0, vec![period(5, "1aopen")]), 18),
        (periodic(5, vec![period(0, "1aopen")]), 18),
        (periodic(5, vec![period(5, "")]), 10),
        (periodic(5, vec![]), 18),
        (periodic(5, vec![period(i64::MAX, "1aopen")]), 18),
    ] {
        let error = execute(&msg, |_| ()).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", code), "{error}");
    }
}
