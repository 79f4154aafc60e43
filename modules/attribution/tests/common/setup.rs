//! What has to be there before anybody pays: a datanet, contributions, a model, a deployment, a session.

use super::*;

impl World {
    /// A datanet of the owner's, open to all.
    pub fn create_datanet(&mut self) -> u64 {
        let policy = datanet::Policy {
            admission: datanet::Admission::Open.into(),
            deposit: coin(OPEN),
            max_length: 100_000,
            length_cap: 10_000,
            ..datanet::Policy::default()
        };
        let create = datanet::MsgCreateDatanet {
            owner: text(OWNER),
            title: "Prose".into(),
            description: "Texts of a test".into(),
            modality: datanet::Modality::Text.into(),
            licence: "Apache-2.0".into(),
            schema: String::new(),
            policy: Some(policy),
            draft: false,
        };
        self.answer::<_, datanet::MsgCreateDatanetResponse>(&create).unwrap().datanet_id
    }

    pub fn make_model(&mut self, documents: &[Vec<u8>]) {
        self.create_datanet();
        for (document, author) in documents.iter().zip(FIRST_AUTHOR..) {
            self.contribute(author, document, datanet::RightsKind::Own, false);
        }
        self.ok(&datanet::MsgFreezeVersion { owner: text(OWNER), datanet_id: 1 });
        self.ok(&model::MsgRegisterModel {
            owner: text(MODEL_OWNER),
            name: "Parrot".into(),
            description: String::new(),
        });
        self.register_version(1, &[], 0);
        self.deployment = self.deploy(1);
        self.session = self.open_session(1_000 * OPEN);
        self.next_block();
    }

    pub fn register_version(&mut self, version: u32, parents: &[u64], royalty_bps: u32) -> u64 {
        self.register_version_of(MODEL_OWNER, 1, version, parents, royalty_bps)
    }

    pub fn register_version_of(
        &mut self,
        owner: u8,
        model: u64,
        version: u32,
        parents: &[u64],
        royalty_bps: u32,
    ) -> u64 {
        let msg = self.version_msg(owner, model, version, parents, royalty_bps);
        self.answer::<_, model::MsgRegisterModelVersionResponse>(&msg).unwrap().model_version
    }

    /// What registers a version over a version of datanet 1.
    pub fn version_msg(
        &self,
        owner: u8,
        model: u64,
        version: u32,
        parents: &[u64],
        royalty_bps: u32,
    ) -> model::MsgRegisterModelVersion {
        let kind = if parents.len() > 1 { model::LineageKind::Merge } else { model::LineageKind::Base }.into();
        model::MsgRegisterModelVersion {
            owner: text(owner),
            model,
            // Other weights than any parent's.
            weights_hash: [[1; 24].as_slice(), &parents.last().copied().unwrap_or(0).to_be_bytes()].concat(),
            recipe: "byte-level infini-gram".into(),
            datanets: vec![model::DatanetVersion { datanet: 1, version }],
            parents: parents.iter().map(|version| model::Parent { version: *version, kind }).collect(),
            royalty_bps,
            terms: Some(model::Terms {
                licence: "Apache-2.0".into(),
                derivatives_allowed: true,
                commercial: true,
                serving: model::Serving::Open.into(),
                feedback_deposit: "0".into(),
                ..model::Terms::default()
            }),
            ..model::MsgRegisterModelVersion::default()
        }
    }

    pub fn deploy(&mut self, model_version: u64) -> u64 {
        let deploy = model::MsgDeploy {
            server: text(SERVER),
            model_version,
            endpoint: "http://localhost".into(),
            base_price: OPEN.to_string(),
            byte_price: (OPEN / 100).to_string(),
            bond: coin(1_000 * OPEN),
            modes: vec![model::Mode::Public.into()],
        };
        let deployment = self.answer::<_, model::MsgDeployResponse>(&deploy).unwrap().deployment;
        let corpus = Some(model::DatanetVersion { datanet: 1, version: 1 });
        self.ok(&model::MsgAttestCorpus { server: text(SERVER), deployment, corpus });
        deployment
    }

    /// A contribution, committed, revealed and accepted; its seq.
    pub fn contribute(&mut self, author: u8, document: &[u8], rights: datanet::RightsKind, commons: bool) -> u64 {
        self.contribute_to(1, author, document, rights, commons)
    }

    pub fn contribute_to(
        &mut self,
        datanet_id: u64,
        author: u8,
        document: &[u8],
        rights: datanet::RightsKind,
        commons: bool,
    ) -> u64 {
        let commitment = Commitment::of(document);
        let who = address(author);
        let commit = ContributionCommit {
            chain_id: CHAIN_ID,
            datanet: datanet_id,
            author: who.as_bytes(),
            commitment,
            salt: SALT,
        };
        let msg = datanet::MsgCommitContribution {
            author: text(author),
            datanet_id,
            commit: commit.hash().unwrap().to_vec(),
        };
        let seq = self.answer::<_, datanet::MsgCommitContributionResponse>(&msg).unwrap().seq;
        self.next_block();
        let mut granted = datanet::Rights { kind: rights.into(), ..datanet::Rights::default() };
        if rights == datanet::RightsKind::Custodial {
            granted.on_behalf_of = text(40);
        }
        self.ok(&datanet::MsgRevealContribution {
            author: text(author),
            seq,
            root: commitment.root.to_vec(),
            length: commitment.length,
            salt: SALT.to_vec(),
            rights: Some(granted),
            location: "https://example.org/document".into(),
            metadata: String::new(),
            media_type: "text/plain".into(),
            commons,
            ..datanet::MsgRevealContribution::default()
        });
        self.ok(&datanet::MsgReviewContribution { reviewer: text(OWNER), seq, accept: true, score: 10_000, commons });
        self.documents.insert(seq, document.to_vec());
        seq
    }

    pub fn open_session_msg(&self, deposit: u128) -> proto::MsgOpenSession {
        proto::MsgOpenSession {
            payer: text(PAYER),
            deployment: self.deployment,
            deposit: coin(deposit),
            voucher_key: self.voucher_key.verifying_key().to_sec1_bytes().to_vec(),
            max_base_price: OPEN.to_string(),
            max_byte_price: (OPEN / 100).to_string(),
            secret_commitment: Vec::new(),
            mode: model::Mode::Public.into(),
            ..proto::MsgOpenSession::default()
        }
    }

    pub fn open_session(&mut self, deposit: u128) -> u64 {
        let msg = self.open_session_msg(deposit);
        self.answer::<_, proto::MsgOpenSessionResponse>(&msg).unwrap().session
    }

    /// Asks datanet's queries.
    pub fn ask_datanet<R: Message + Default>(&self, method: &str, request: &impl Message) -> R {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let path = format!("/openledger.datanet.v1.Query/{method}");
        R::decode(self.router.answer(&ctx, &path, &request.encode_to_vec()).unwrap().as_slice()).unwrap()
    }

    /// Names `later` a copy of `source` and shows it, by their documents.
    pub fn rule_copy(&mut self, disputant: u8, later: u64, source: u64) {
        let commit = datanet::MsgCommitDuplicate { disputant: text(disputant), seq: later };
        let dispute_id = self.answer::<_, datanet::MsgCommitDuplicateResponse>(&commit).unwrap().dispute_id;
        self.blocks(2);
        let request = datanet::QueryDuplicateRequest { dispute_id };
        let seed = self.ask_datanet::<datanet::QueryDuplicateResponse>("Duplicate", &request).seed;
        let earlier = [(source, self.documents[&source].as_slice())];
        let seed = seed.as_slice().try_into().unwrap();
        let proof = openledger_provenance::duplicate::prove(&self.documents[&later], &seed, &earlier).unwrap().unwrap();
        let proof = proof.encode();
        let reveal = datanet::MsgRevealDuplicate { disputant: text(disputant), dispute_id, proof };
        assert!(self.answer::<_, datanet::MsgRevealDuplicateResponse>(&reveal).unwrap().ruled);
    }

    fn stored(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.with(|ctx| ctx.kv("attribution").range(None, None, cosmwasm_std::Order::Ascending).collect())
    }

    /// Exports the till, empties its store and takes the genesis over: the store must be the same, key by key, and so must what
    /// is exported.
    pub fn reborn(&mut self) -> proto::GenesisState {
        let (keeper, before) = (self.keeper, self.stored());
        let genesis = self.with(|ctx| keeper.export_genesis(ctx).unwrap());
        keeper.validate_genesis(&genesis).unwrap();
        self.with(|ctx| {
            for (key, _) in &before {
                cosmwasm_std::Storage::remove(&mut ctx.kv_mut("attribution"), key);
            }
            keeper.init_genesis(ctx, &genesis).unwrap();
        });
        let after = self.stored();
        let text = |entry: &(Vec<u8>, Vec<u8>)| {
            (String::from_utf8_lossy(&entry.0).into_owned(), String::from_utf8_lossy(&entry.1).into_owned())
        };
        if let Some(lost) = before.iter().find(|entry| !after.contains(entry)) {
            panic!("lost or changed: {:?}", text(lost));
        }
        if let Some(new) = after.iter().find(|entry| !before.contains(entry)) {
            panic!("not there before: {:?}", text(new));
        }
        assert_eq!(self.with(|ctx| keeper.export_genesis(ctx).unwrap()), genesis);
        proto::GenesisState::decode(genesis.as_slice()).unwrap()
    }
}
