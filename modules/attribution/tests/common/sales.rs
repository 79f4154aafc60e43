//! Works of every kind, models over all of them, and what is sold of them.

use super::*;

/// How a content is brought in.
#[derive(Clone)]
pub struct Brought {
    pub datanet: u64,
    pub rights: datanet::RightsKind,
    pub points_at: Option<datanet::Pointer>,
}

impl Brought {
    pub fn to(datanet: u64) -> Self {
        Self { datanet, rights: datanet::RightsKind::Own, points_at: None }
    }
}

impl World {
    /// From now on what is accepted in datanet 1 shares 30 % of its pay with its corrections.
    pub fn share_with_corrections(&mut self) {
        let pointers = datanet::PointerPolicy { corrections_bps: 3_000, ..Default::default() };
        let policy = datanet::Policy {
            admission: datanet::Admission::Open.into(),
            deposit: coin(OPEN),
            max_length: 100_000,
            length_cap: 10_000,
            pointers: Some(pointers),
            ..datanet::Policy::default()
        };
        self.ok(&datanet::MsgUpdateDatanet {
            owner: text(OWNER),
            datanet_id: 1,
            title: "Prose".into(),
            policy: Some(policy),
            ..Default::default()
        });
    }

    /// Commits and, a block later, reveals; the seq of what is pending then.
    pub fn bring(&mut self, author: u8, document: &[u8], how: &Brought) -> Result<u64, Error> {
        let (commitment, who, datanet_id) = (Commitment::of(document), address(author), how.datanet);
        let commit = ContributionCommit {
            chain_id: CHAIN_ID,
            datanet: datanet_id,
            author: who.as_bytes(),
            commitment,
            salt: SALT,
        };
        let commit = commit.hash().unwrap().to_vec();
        let msg = datanet::MsgCommitContribution { author: text(author), datanet_id, commit };
        let seq = self.answer::<_, datanet::MsgCommitContributionResponse>(&msg)?.seq;
        self.next_block();
        let mut rights = datanet::Rights { kind: how.rights.into(), ..Default::default() };
        if how.rights == datanet::RightsKind::Custodial {
            rights.on_behalf_of = text(40);
        }
        self.execute(&datanet::MsgRevealContribution {
            author: text(author),
            seq,
            root: commitment.root.to_vec(),
            length: commitment.length,
            salt: SALT.to_vec(),
            rights: Some(rights),
            location: "https://example.org/document".into(),
            media_type: "text/plain".into(),
            points_at: how.points_at,
            ..datanet::MsgRevealContribution::default()
        })?;
        self.documents.insert(seq, document.to_vec());
        Ok(seq)
    }

    /// A correction of `target` in datanet 1, accepted.
    pub fn correct(&mut self, author: u8, target: u64, document: &[u8]) -> u64 {
        let pointer = datanet::Pointer { kind: datanet::PointerKind::Correction.into(), seq: target };
        let seq = self.bring(author, document, &Brought { points_at: Some(pointer), ..Brought::to(1) }).unwrap();
        let reviewer = text(OWNER);
        self.ok(&datanet::MsgReviewContribution { reviewer, seq, accept: true, score: 10_000, commons: false });
        seq
    }

    /// A model version over all that datanet 1 has accepted now, a deployment of it that attested it, and a session.
    pub fn model_of_now(&mut self) -> u64 {
        let frozen = datanet::MsgFreezeVersion { owner: text(OWNER), datanet_id: 1 };
        let number = self.answer::<_, datanet::MsgFreezeVersionResponse>(&frozen).unwrap().version;
        let version = self.register_version(number, &[], 0);
        let deploy = model::MsgDeploy {
            server: text(SERVER),
            model_version: version,
            endpoint: String::new(),
            base_price: OPEN.to_string(),
            byte_price: (OPEN / 100).to_string(),
            bond: coin(10_000 * OPEN),
            modes: vec![model::Mode::Public.into()],
        };
        self.deployment = self.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
        let corpus = Some(model::DatanetVersion { datanet: 1, version: number });
        self.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment: self.deployment, corpus });
        self.session = self.open_session(1_000 * OPEN);
        self.answers.clear();
        self.next_block();
        version
    }

    /// What settles an answer with this output.
    pub fn sale(&mut self, version: u64, output: &[u8]) -> proto::MsgSettle {
        let mut answer = self.say(b"?", output);
        answer.receipt.model_version = version;
        *self.answers.last_mut().unwrap() = answer.clone();
        self.next_block();
        let claim = self.honest(&answer);
        self.settle_msg(self.answers.len() - 1, &[claim], proto::Check::Existence)
    }

    /// Sells and waits until it is paid; the settlement.
    pub fn sell(&mut self, version: u64, output: &[u8]) -> u64 {
        let msg = self.sale(version, output);
        let id = self.answer::<_, proto::MsgSettleResponse>(&msg).unwrap().settlement;
        self.blocks(WINDOW + REVEAL + 1);
        assert_eq!(self.status(id), proto::SettlementStatus::Paid);
        id
    }

    /// What waits for whose a contribution is.
    pub fn held(&self, contribution: u64) -> Uint256 {
        let answer: proto::QueryEarningsResponse =
            self.ask("Earnings", &proto::QueryEarningsRequest { contribution }).unwrap();
        answer.earnings.map_or(Uint256::zero(), |earnings| earnings.held.parse().unwrap())
    }
}
