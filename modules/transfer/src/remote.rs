//! Payments from other chains that act here by their memo: a payer without a key of this chain opens sessions, adds to them, ends them
//! and takes its money home.
//!
//! ```json
//! {"openledger": {"open_session": {"deployment": "1", "voucher_key": "…", "max_base_price": "…", "max_byte_price": "…", "mode": "…"}}}
//! {"openledger": {"top_up_session": {"session": "7"}}}
//! {"openledger": {"notice_close": {"session": "7"}}}
//! {"openledger": {"close_session": {"session": "7"}}}
//! {"openledger": {"present_credit": {"session": "7", "credit": {"receipt": "1", "amount": "…"}, "signature": "…"}}}
//! {"openledger": {"claim": {}}}
//! {"openledger": {"withdraw": {}}}
//! ```
//!
//! Who pays is the account that [`remote_account`] derives of this chain's end of the channel and of the sender on the other chain. The
//! transfer must name it as receiver: so no memo moves money that somebody else was meant to get, and where a chain does not know such
//! memos the money is where it would be. What is in the memo is then a message of that account, with the fields of its type; `payer`,
//! `sender`, `deposit` and `amount` are those of the transfer, and are not written. It goes through the router, so what is refused to
//! others (by its checks, by the circuit breaker) is refused here. If it fails, the transfer fails: its sender has its tokens again.
//!
//! Money comes back by `withdraw`: all that the account may spend of a denomination (`aopen`, or the one that `denom` names) goes through
//! the channel by which the memo came to whoever sent it, or to `receiver`, with `memo`. A payer whose transfer came through a third chain
//! must name both: there, its sender is an account of nobody's. That is also the way out for what a session gives back when it ends or
//! expires, and for a withdrawal that was not received. Reasons: `docs/decisions/0018-remote-payers.md`.

use ibc_proto::ibc::core::channel::v1::Packet;
use ibc_proto::ibc::core::client::v1::Height;
use openledger_core::coin::check_denom;
use openledger_core::{Address, Coin, Context, Result, SdkError, BASE_DENOM};
use openledger_proto::{walker, Any};
use serde_json::{json, Map, Value};

use crate::ack::Ack;
use crate::address::remote_account;
use crate::error::{IbcError, TransferError};
use crate::events;
use crate::keeper::Transfer;
use crate::packet::{read_amount, PacketData, MAX_MEMO_BYTES, MAX_RECEIVER_BYTES};
use crate::relay::{arriving, Send};
use crate::stack::{Answer, Layer};
use crate::PORT;

/// The key of a memo that is for this layer.
const KEY: &str = "openledger";
/// How long the other chain has to receive what is withdrawn: a day, in nanoseconds.
const WITHDRAWAL_NANOS: u64 = 86_400_000_000_000;

/// What a memo may ask for: its name, the message, the field for the account, the field for the coin.
const VERBS: [(&str, &str, &str, Option<&str>); 6] = [
    ("open_session", "openledger.attribution.v1.MsgOpenSession", "payer", Some("deposit")),
    ("top_up_session", "openledger.attribution.v1.MsgTopUpSession", "payer", Some("amount")),
    ("notice_close", "openledger.attribution.v1.MsgNoticeClose", "payer", None),
    ("close_session", "openledger.attribution.v1.MsgCloseSession", "sender", None),
    ("present_credit", "openledger.attribution.v1.MsgPresentCredit", "payer", None),
    ("claim", "openledger.attribution.v1.MsgClaim", "claimant", None),
];

/// The layer that lets memos act.
#[derive(Debug, Clone, Copy)]
pub struct Remote {
    /// Sends what is withdrawn.
    pub transfer: Transfer,
    /// The layer under this one.
    pub under: &'static dyn Layer,
}

impl Layer for Remote {
    fn on_recv(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Answer {
        let Some((data, asked)) = asked(packet) else { return self.under.on_recv(ctx, packet, relayer) };
        let account = remote_account(&packet.destination_channel, &data.sender);
        if data.receiver != account.to_string() {
            let text =
                format!("a memo with {KEY:?} acts for {account}, which must be the receiver, not {}", data.receiver);
            return refuse(ctx, &data, &IbcError::InvalidAddress(text).into());
        }
        let answer = self.under.on_recv(ctx, packet, relayer);
        match &answer {
            Answer::Now(ack) if ack.is_success() => match self.act(ctx, packet, &data, &account, &asked) {
                Ok(()) => answer,
                Err(error) => refuse(ctx, &data, &error),
            },
            _ => answer,
        }
    }

    fn on_ack(&self, ctx: &mut Context, packet: &Packet, acknowledgement: &[u8], relayer: &Address) -> Result<()> {
        self.under.on_ack(ctx, packet, acknowledgement, relayer)
    }

    fn on_timeout(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Result<()> {
        self.under.on_timeout(ctx, packet, relayer)
    }
}

fn refuse(ctx: &mut Context, data: &PacketData, error: &openledger_core::Error) -> Answer {
    ctx.emit(events::received(data, Some(error)));
    Answer::Now(Ack::failure(error))
}

/// What a packet's memo asks of this layer, if anything.
fn asked(packet: &Packet) -> Option<(PacketData, Value)> {
    let data = PacketData::read(&packet.data).ok()?;
    let asked = data.memo_field(KEY)?;
    Some((data, asked))
}

impl Remote {
    fn act(
        &self,
        ctx: &mut Context,
        packet: &Packet,
        data: &PacketData,
        account: &Address,
        asked: &Value,
    ) -> Result<()> {
        let one = asked.as_object().filter(|asked| asked.len() == 1).and_then(|asked| asked.iter().next());
        let Some((verb, fields)) = one else {
            return Err(not_a_verb(format!("{KEY:?} holds one of the verbs, not {asked}")));
        };
        let Some(fields) = fields.as_object() else {
            return Err(not_a_verb(format!("{verb} holds an object, not {fields}")));
        };
        if verb == "withdraw" {
            return self.withdraw(ctx, packet, data, account, fields);
        }
        let coin = Coin { denom: arriving(packet, data).denom(), amount: read_amount(&data.amount)? };
        let message = message(verb, fields, account, &coin)?;
        let router = ctx.router().ok_or_else(|| SdkError::Logic("transfer: there are no messages to act by".into()))?;
        router.execute(ctx, &message).map(|_| ())
    }

    /// Sends all that the account may spend of a denomination to whoever asks for it, or to whom he names.
    fn withdraw(
        &self,
        ctx: &mut Context,
        packet: &Packet,
        data: &PacketData,
        account: &Address,
        fields: &Map<String, Value>,
    ) -> Result<()> {
        self.transfer.check_breaker(ctx)?;
        let Withdrawal { denom, receiver, memo } = Withdrawal::read(fields, &data.sender)?;
        // Not all that there is: anybody may make this account a vesting account before it is first paid, and lock a coin of it.
        let locked = self.transfer.bank.locked(ctx, account)?.amount_of(denom);
        let amount = self.transfer.bank.balance(ctx, account, denom)?.saturating_sub(locked);
        if amount.is_zero() {
            return Err(TransferError::InvalidAmount(format!("{account} has no {denom} to spend")).into());
        }
        let nanos = u64::try_from(ctx.block().time_seconds).unwrap_or_default().saturating_mul(1_000_000_000);
        let send = Send {
            port: PORT,
            channel: &packet.destination_channel,
            token: Coin { denom: denom.into(), amount },
            sender: account.clone(),
            receiver,
            timeout_height: Height::default(),
            timeout_timestamp: nanos.saturating_add(WITHDRAWAL_NANOS),
            memo,
        };
        self.transfer.transfer(ctx, &send).map(|_| ())
    }
}

/// What a withdrawal says.
struct Withdrawal<'a> {
    denom: &'a str,
    receiver: &'a str,
    memo: &'a str,
}

impl<'a> Withdrawal<'a> {
    fn read(fields: &'a Map<String, Value>, sender: &'a str) -> Result<Self> {
        let mut read = Self { denom: BASE_DENOM, receiver: sender, memo: "" };
        for (name, value) in fields {
            let field = match name.as_str() {
                "denom" => &mut read.denom,
                "receiver" => &mut read.receiver,
                "memo" => &mut read.memo,
                _ => return Err(not_a_verb(format!("withdraw has denom, receiver and memo, not {name}"))),
            };
            *field = value.as_str().ok_or_else(|| not_a_verb(format!("withdraw: {name} is a text")))?;
        }
        check_denom(read.denom)?;
        if read.receiver.trim().is_empty() || read.receiver.len() > MAX_RECEIVER_BYTES {
            let text = format!("withdraw: receiver is blank or longer than {MAX_RECEIVER_BYTES} bytes");
            return Err(IbcError::InvalidAddress(text).into());
        }
        if read.memo.len() > MAX_MEMO_BYTES {
            return Err(not_a_verb(format!("withdraw: memo must not exceed {MAX_MEMO_BYTES} bytes")));
        }
        Ok(read)
    }
}

/// The message that a verb stands for.
fn message(verb: &str, fields: &Map<String, Value>, account: &Address, coin: &Coin) -> Result<Any> {
    let known = VERBS.iter().find(|(name, ..)| *name == verb);
    let Some((_, full_name, who, paid)) = known else {
        return Err(not_a_verb(format!("{verb:?} is no verb of {KEY:?}")));
    };
    let mut fields = fields.clone();
    let coin = json!({"denom": coin.denom, "amount": coin.amount.to_string()});
    for (name, value) in [(Some(*who), json!(account.to_string())), (*paid, coin)] {
        let Some(name) = name else { continue };
        if fields.insert(name.into(), value).is_some() {
            return Err(not_a_verb(format!("{verb}: {name} is the transfer's, and not written in its memo")));
        }
    }
    let value = walker::from_json(full_name, &Value::Object(fields));
    let value = value.map_err(|error| not_a_verb(format!("{verb}: {error}")))?;
    Ok(Any { type_url: format!("/{full_name}"), value })
}

fn not_a_verb(text: String) -> openledger_core::Error {
    TransferError::InvalidMemo(text).into()
}
