//! Random messages of authz, feegrant and vesting.

use serde_json::{json, Value};

use super::compare::View;
use super::random::Random;
use super::steps::{any_validator, coin, message};
use super::{key, ACCOUNTS};

/// What is granted by name.
const TYPES: [&str; 6] = [
    "/cosmos.bank.v1beta1.MsgSend",
    "/cosmos.staking.v1beta1.MsgDelegate",
    "/cosmos.staking.v1beta1.MsgEditValidator",
    "/cosmos.gov.v1.MsgVote",
    "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward",
    "/cosmos.nowhere.v1.MsgNothing",
];

fn somebody(random: &mut Random) -> String {
    key(random.below(ACCOUNTS)).address().to_string()
}

/// A time that is some minutes ahead, or none; the chain's time is not known here, so the past is drawn too.
fn expiration(random: &mut Random, now: i64) -> Value {
    match random.below(3) {
        0 => Value::Null,
        1 => json!(shown(now - 10 + random.below(60) as i64)),
        _ => json!(shown(now + 100 + random.below(4_000) as i64)),
    }
}

fn shown(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

/// The date of a day since 1970 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A grant, its end, or messages of another that are executed.
pub(super) fn authz(random: &mut Random, signer: usize, me: &str, view: &View) -> Value {
    match random.below(8) {
        0..=3 => json!({
            "@type": "/cosmos.authz.v1beta1.MsgGrant", "granter": me, "grantee": somebody(random),
            "grant": { "authorization": authorization(random, view), "expiration": expiration(random, view.time) },
        }),
        4 => json!({
            "@type": "/cosmos.authz.v1beta1.MsgRevoke", "granter": me, "grantee": somebody(random),
            "msg_type_url": *random.pick(&TYPES),
        }),
        _ => {
            // What another would send: most often one who granted something.
            let granters = &view.granters[signer];
            let whose = match granters.is_empty() || random.once_in(5) {
                true => random.below(ACCOUNTS),
                false => *random.pick(granters),
            };
            let count = 1 + random.below(2);
            let msgs: Vec<Value> = (0..count).map(|_| allowed(random, whose, view)).collect();
            json!({ "@type": "/cosmos.authz.v1beta1.MsgExec", "grantee": me, "msgs": msgs })
        }
    }
}

/// Sends and delegations, which grants are for most often, or anything.
fn allowed(random: &mut Random, whose: usize, view: &View) -> Value {
    let from = key(whose).address().to_string();
    match random.below(4) {
        0..=1 => json!({
            "@type": "/cosmos.bank.v1beta1.MsgSend", "from_address": from, "to_address": somebody(random),
            "amount": [coin(random, 20)],
        }),
        2 => json!({
            "@type": "/cosmos.staking.v1beta1.MsgDelegate", "delegator_address": from,
            "validator_address": any_validator(random, view), "amount": coin(random, 20),
        }),
        _ => loop {
            let drawn = message(random, whose, view);
            // One within another is another test's (`modules/authz/tests`): here it would grow without end.
            if drawn["@type"] != "/cosmos.authz.v1beta1.MsgExec" {
                break drawn;
            }
        },
    }
}

fn authorization(random: &mut Random, view: &View) -> Value {
    match random.below(4) {
        0..=1 => json!({ "@type": "/cosmos.authz.v1beta1.GenericAuthorization", "msg": *random.pick(&TYPES) }),
        2 => {
            let allow_list: Vec<String> = (0..random.below(3)).map(|_| somebody(random)).collect();
            json!({
                "@type": "/cosmos.bank.v1beta1.SendAuthorization", "spend_limit": [coin(random, 21)], "allow_list": allow_list,
            })
        }
        _ => {
            let kinds =
                ["AUTHORIZATION_TYPE_DELEGATE", "AUTHORIZATION_TYPE_UNDELEGATE", "AUTHORIZATION_TYPE_REDELEGATE"];
            let validators: Vec<Value> = (0..=random.below(2)).map(|_| any_validator(random, view)).collect();
            let list = if random.once_in(2) { "allow_list" } else { "deny_list" };
            let most = if random.once_in(2) { coin(random, 21) } else { Value::Null };
            json!({
                "@type": "/cosmos.staking.v1beta1.StakeAuthorization", "max_tokens": most, list: { "address": validators },
                "authorization_type": *random.pick(&kinds),
            })
        }
    }
}

/// An allowance, or its end.
pub(super) fn feegrant(random: &mut Random, me: &str, now: i64) -> Value {
    match random.below(6) {
        0 => json!({
            "@type": "/cosmos.feegrant.v1beta1.MsgRevokeAllowance", "granter": me, "grantee": somebody(random),
        }),
        1 => json!({ "@type": "/cosmos.feegrant.v1beta1.MsgPruneAllowances", "pruner": me }),
        _ => {
            let basic = json!({
                "@type": "/cosmos.feegrant.v1beta1.BasicAllowance",
                "spend_limit": if random.once_in(3) { json!([]) } else { json!([coin(random, 19)]) },
                "expiration": expiration(random, now),
            });
            let allowance = match random.below(4) {
                0 => json!({
                    "@type": "/cosmos.feegrant.v1beta1.AllowedMsgAllowance", "allowance": basic,
                    "allowed_messages": [random.pick(&TYPES), random.pick(&TYPES)],
                }),
                1 => json!({
                    "@type": "/cosmos.feegrant.v1beta1.PeriodicAllowance",
                    "basic": { "spend_limit": basic["spend_limit"], "expiration": basic["expiration"] },
                    "period": format!("{}s", 5 + random.below(100)), "period_spend_limit": [coin(random, 18)],
                    "period_can_spend": [coin(random, 18)], "period_reset": shown(now + random.below(100) as i64),
                }),
                _ => basic,
            };
            json!({
                "@type": "/cosmos.feegrant.v1beta1.MsgGrantAllowance", "granter": me, "grantee": somebody(random),
                "allowance": allowance,
            })
        }
    }
}

/// An account that vests, most often one that is not there yet.
pub(super) fn vesting(random: &mut Random, me: &str, now: i64) -> Value {
    let to = key(super::FUNDED + random.below(ACCOUNTS - super::FUNDED)).address().to_string();
    let to = if random.once_in(8) { somebody(random) } else { to };
    match random.below(3) {
        0 => json!({
            "@type": "/cosmos.vesting.v1beta1.MsgCreateVestingAccount", "from_address": me, "to_address": to,
            "amount": [coin(random, 21)], "end_time": (now + random.below(2_000) as i64).to_string(), "delayed": random.once_in(2),
        }),
        1 => json!({
            "@type": "/cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount", "from_address": me, "to_address": to,
            "amount": [coin(random, 21)],
        }),
        _ => {
            let periods: Vec<Value> = (0..1 + random.below(4))
                .map(|_| json!({ "length": (1 + random.below(500)).to_string(), "amount": [coin(random, 20)] }))
                .collect();
            json!({
                "@type": "/cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount", "from_address": me, "to_address": to,
                "start_time": (now - 100 + random.below(300) as i64).to_string(), "vesting_periods": periods,
            })
        }
    }
}
