//! The messages, one file each: `validate` are the stateless checks, `handle` executes.

mod acknowledgement;
mod basics;
mod channel_close_confirm;
mod channel_close_init;
mod channel_open_ack;
mod channel_open_confirm;
mod channel_open_init;
mod channel_open_try;
mod connection_open_ack;
mod connection_open_confirm;
mod connection_open_init;
mod connection_open_try;
mod create_client;
mod ibc_software_upgrade;
mod recover_client;
mod recv_packet;
mod submit_misbehaviour;
mod timeout;
mod timeout_on_close;
mod update_client;
mod update_client_params;
mod update_connection_params;
mod upgrade_client;

use ibc::core::host::types::error::DecodingError;
use ibc_proto::ibc::core::channel::v1::{self as channel, ResponseResultType};
use ibc_proto::ibc::core::client::v1 as client;
use ibc_proto::ibc::core::connection::v1 as connection;
use openledger_auth::authority;
use openledger_core::{Address, Context, Error, Handle, Result, Router};

use crate::error::Kind;
use crate::faults::Fault;
use crate::keeper::Ibc;
use crate::packet::Relayed;

/// What the SDK calls the module of these messages, in the attribute `message.module`: the second part of their names.
const MODULE: &str = "core";

macro_rules! handled {
    ($($package:ident::$msg:ident => $response:ident, $file:ident;)*) => {
        $(
            impl Handle<$package::$msg> for Ibc {
                type Response = $package::$response;

                fn validate(&self, msg: &$package::$msg) -> Result<()> {
                    signer(&msg.signer)?;
                    $file::validate(msg)
                }

                fn handle(&self, ctx: &mut Context, msg: &$package::$msg) -> Result<$package::$response> {
                    $file::handle(*self, ctx, msg)
                }
            }
        )*

        /// Registers all of them.
        pub(crate) fn register(keeper: &Ibc, router: &mut Router) {
            $(router.msg::<$package::$msg, _>(MODULE, keeper);)*
        }
    };
}

handled! {
    client::MsgCreateClient => MsgCreateClientResponse, create_client;
    client::MsgUpdateClient => MsgUpdateClientResponse, update_client;
    client::MsgUpgradeClient => MsgUpgradeClientResponse, upgrade_client;
    client::MsgSubmitMisbehaviour => MsgSubmitMisbehaviourResponse, submit_misbehaviour;
    client::MsgRecoverClient => MsgRecoverClientResponse, recover_client;
    client::MsgIbcSoftwareUpgrade => MsgIbcSoftwareUpgradeResponse, ibc_software_upgrade;
    client::MsgUpdateParams => MsgUpdateParamsResponse, update_client_params;
    connection::MsgConnectionOpenInit => MsgConnectionOpenInitResponse, connection_open_init;
    connection::MsgConnectionOpenTry => MsgConnectionOpenTryResponse, connection_open_try;
    connection::MsgConnectionOpenAck => MsgConnectionOpenAckResponse, connection_open_ack;
    connection::MsgConnectionOpenConfirm => MsgConnectionOpenConfirmResponse, connection_open_confirm;
    connection::MsgUpdateParams => MsgUpdateParamsResponse, update_connection_params;
    channel::MsgChannelOpenInit => MsgChannelOpenInitResponse, channel_open_init;
    channel::MsgChannelOpenTry => MsgChannelOpenTryResponse, channel_open_try;
    channel::MsgChannelOpenAck => MsgChannelOpenAckResponse, channel_open_ack;
    channel::MsgChannelOpenConfirm => MsgChannelOpenConfirmResponse, channel_open_confirm;
    channel::MsgChannelCloseInit => MsgChannelCloseInitResponse, channel_close_init;
    channel::MsgChannelCloseConfirm => MsgChannelCloseConfirmResponse, channel_close_confirm;
    channel::MsgRecvPacket => MsgRecvPacketResponse, recv_packet;
    channel::MsgAcknowledgement => MsgAcknowledgementResponse, acknowledgement;
    channel::MsgTimeout => MsgTimeoutResponse, timeout;
    channel::MsgTimeoutOnClose => MsgTimeoutOnCloseResponse, timeout_on_close;
}

/// Whoever signs.
fn signer(text: &str) -> Result<Address> {
    let wrong = |error| Kind::InvalidAddress.with(format!("string could not be parsed as address: {error}")).into();
    text.parse().map_err(wrong)
}

/// Refuses whoever is not governance.
fn check_authority(signer: &str) -> Result<()> {
    let expected = authority().to_string();
    if signer == expected {
        return Ok(());
    }
    Err(Kind::Unauthorized.with(format!("expected {expected}, got {signer}")).into())
}

/// A message as ibc-rs knows it, its fields checked.
fn domain<Raw: Clone, T: TryFrom<Raw, Error = DecodingError>>(raw: &Raw) -> Result<T> {
    T::try_from(raw.clone()).map_err(|error| Error::from_fault(error.into()))
}

/// An error of ibc-rs where none of ours went through it.
trait FromFault {
    fn from_fault(fault: Fault) -> Self;
}

impl FromFault for Error {
    fn from_fault(fault: Fault) -> Self {
        fault.plain()
    }
}

fn result_of(relayed: Relayed) -> i32 {
    let result = match relayed {
        Relayed::Before => ResponseResultType::Noop,
        Relayed::Now => ResponseResultType::Success,
    };
    result.into()
}
