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
    chain.deliver(&update(Some(params))).unwrap();
    let found: QueryParamsResponse = chain.query("Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(found.params, Some(params));
    let stranger = MsgUpdateParams { authority: account(1).to_string(), params: Some(params) };
    let error = chain.deliver(&stranger).unwrap_err();
    assert_eq!((error.codespace, error.code), ("gov", 13));
}

#[test]
fn parameters_outside_their_ranges_are_refused() {
    let mut chain = Chain::new();
    let good = Params::default().to_proto();
    assert_eq!(code(chain.deliver(&update(None))), 3);
    let mut bad = [good; 5];
    bad[0].handle_rest_seconds = 10 * 365 * 86_400 + 1;
    bad[1].max_name_bytes = 0;
    bad[2].max_about_bytes = 10_001;
    bad[3].max_website_bytes = u32::MAX;
    bad[4].max_name_bytes = 257;
    for params in bad {
        assert_eq!(code(chain.deliver(&update(Some(params)))), 3, "{params:?}");
    }
}
