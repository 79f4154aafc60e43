use openledger_contributor::Params;
use openledger_core::Address;
use openledger_proto::openledger::contributor::v1::*;

use crate::chain::{account, code, Chain};

fn update(params: Option<openledger_proto::openledger::contributor::v1::Params>) -> MsgUpdateParams {
    MsgUpdateParams { authority: Address::module("gov").to_string(), params }
}

#[test]
fn governance_alone_changes_parameters() {
    let mut chain = Chain::new();
    let mut params = Params::default().to_proto();
    params.handle_rest_seconds = 0;
    chain.deliver(&update(Some(params.clone()))).unwrap();
    let found: QueryParamsResponse = chain.query("Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(found.params.as_ref(), Some(&params));
    let stranger = MsgUpdateParams { authority: account(1).to_string(), params: Some(params.clone()) };
    let error = chain.deliver(&stranger).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
}

#[test]
fn parameters_outside_their_ranges_are_refused() {
    let mut chain = Chain::new();
    let good = Params::default().to_proto();
    assert_eq!(code(chain.deliver(&update(None))), 3);
    let mut bad: [_; 18] = std::array::from_fn(|_| good.clone());
    bad[0].handle_rest_seconds = 10 * 365 * 86_400 + 1;
    bad[1].max_name_bytes = 0;
    bad[2].max_about_bytes = 10_001;
    bad[3].max_website_bytes = u32::MAX;
    bad[4].max_name_bytes = 257;
    bad[5].reputation_epoch_seconds = 3_599;
    bad[6].reputation_epoch_seconds = 10 * 365 * 86_400 + 1;
    bad[7].usage_price = "0".into();
    bad[8].usage_price = "1000000000000000000000001".into();
    bad[9].handle_rent = "-1".into();
    bad[10].handle_rent = "1000000000000000000000001".into();
    bad[11].handle_max_years = 0;
    bad[12].handle_max_years = 101;
    bad[13].handle_wait_blocks = 0;
    bad[14].handle_wait_blocks = 101;
    bad[15].handle_claim_blocks = 0;
    bad[16].handle_claim_blocks = 100_001;
    bad[17].max_proofs = 101;
    for params in bad {
        assert_eq!(code(chain.deliver(&update(Some(params.clone())))), 3, "{params:?}");
    }
}
