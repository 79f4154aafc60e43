//! `MsgAnswerAvailability`: whoever has a chunk that is asked for shows it: in time for the deposit, later so that the content is
//! available again.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Address, Coin, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgAnswerAvailability, MsgAnswerAvailabilityResponse};
use openledger_provenance::content::ContentOpening;
use openledger_provenance::CHUNK_BYTES;

use crate::content::ContentError;
use crate::keeper::Datanets;

/// Most hashes beside a chunk: of the deepest tree that a contribution can have.
const MAX_PATH: usize = 15;

impl Handle<MsgAnswerAvailability> for Datanets {
    type Response = MsgAnswerAvailabilityResponse;

    fn validate(&self, msg: &MsgAnswerAvailability) -> Result<()> {
        msg.answerer.parse::<Address>()?;
        opening(msg).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgAnswerAvailability) -> Result<MsgAnswerAvailabilityResponse> {
        let answerer: Address = msg.answerer.parse()?;
        let (paid, available) = self.show_chunk(ctx, &answerer, (msg.seq, msg.chunk), &opening(msg)?)?;
        let datanet = self.known_contribution(ctx, msg.seq)?.datanet;
        let object = (ObjectKind::Contribution, msg.seq);
        self.contributors.record_in(ctx, datanet, &answerer, Role::Server, object, Outcome::Answered)?;
        Ok(MsgAnswerAvailabilityResponse { paid: Some(Coin::base(paid).to_proto()), available })
    }
}

fn opening(msg: &MsgAnswerAvailability) -> Result<ContentOpening> {
    let (seq, chunk) = (msg.seq, msg.chunk);
    if msg.bytes.len() > CHUNK_BYTES || msg.path.len() > MAX_PATH {
        let why = format!("{} bytes, {} hashes; at most {CHUNK_BYTES} and {MAX_PATH}", msg.bytes.len(), msg.path.len());
        return Err(ContentError::WrongChunk { seq, chunk, why }.into());
    }
    let path = msg.path.iter().map(|hash| wire::hash("a hash of the path", hash)).collect::<Result<_>>()?;
    Ok(ContentOpening { first_chunk: chunk, bytes: msg.bytes.clone(), path })
}
