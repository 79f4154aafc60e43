use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::datanet::v1::*;

use crate::chain::*;

fn seqs(contributions: &[Contribution]) -> Vec<u64> {
    contributions.iter().map(|contribution| contribution.seq).collect()
}

/// Two datanets; in the first four accepted contributions, of which three are in its version.
fn filled() -> Chain {
    let mut chain = Chain::new();
    let (one, two) = (chain.datanet(), chain.datanet());
    let first = chain.pending(one, 2, b"a");
    for (author, content) in [(2, b"b"), (3, b"c")] {
        chain.accepted(one, author, content);
    }
    chain.accepted(two, 2, b"d");
    chain.deliver(&review(first, 1, Some(5))).unwrap();
    chain.freeze(one);
    chain.accepted(one, 3, b"e");
    chain.pending(one, 3, b"f");
    chain
}

#[test]
fn contributions_are_listed_by_datanet_author_and_status_in_order_of_seq() {
    let chain = filled();
    let by_datanet = |status: ContributionStatus| {
        let request = QueryContributionsByDatanetRequest { datanet_id: 1, status: status.into(), pagination: None };
        let found: QueryContributionsByDatanetResponse = chain.query("ContributionsByDatanet", &request).unwrap();
        seqs(&found.contributions)
    };
    assert_eq!(by_datanet(ContributionStatus::Unspecified), [1, 2, 3, 5, 6]);
    assert_eq!(by_datanet(ContributionStatus::Pending), [6]);
    let request = QueryContributionsByAuthorRequest { author: name(2), ..Default::default() };
    let found: QueryContributionsByAuthorResponse = chain.query("ContributionsByAuthor", &request).unwrap();
    assert_eq!(seqs(&found.contributions), [1, 2, 4]);
}

#[test]
fn a_version_lists_what_it_holds_in_order_of_acceptance_and_in_pages() {
    let chain = filled();
    let mut request = QueryVersionContributionsRequest { datanet_id: 1, version: 0, pagination: None };
    let all: QueryVersionContributionsResponse = chain.query("VersionContributions", &request).unwrap();
    assert_eq!(seqs(&all.contributions), [2, 3, 1], "accepted in this order; 5 came after the version");
    request.pagination = Some(PageRequest { limit: 2, ..Default::default() });
    let page: QueryVersionContributionsResponse = chain.query("VersionContributions", &request).unwrap();
    assert_eq!(seqs(&page.contributions), [2, 3]);
    let key = page.pagination.unwrap().next_key;
    request.pagination = Some(PageRequest { limit: 2, key, ..Default::default() });
    let page: QueryVersionContributionsResponse = chain.query("VersionContributions", &request).unwrap();
    assert_eq!(seqs(&page.contributions), [1]);
    assert!(page.pagination.unwrap().next_key.is_empty());
}

#[test]
fn versions_and_datanets_are_listed() {
    let chain = filled();
    let request = QueryVersionsRequest { datanet_id: 1, pagination: None };
    let found: QueryVersionsResponse = chain.query("Versions", &request).unwrap();
    let version: QueryVersionResponse =
        chain.query("Version", &QueryVersionRequest { datanet_id: 1, version: 1 }).unwrap();
    assert_eq!(found.versions, [version.version.unwrap()]);
    let found: QueryDatanetsResponse = chain.query("Datanets", &QueryDatanetsRequest { pagination: None }).unwrap();
    assert_eq!(found.datanets.iter().map(|datanet| datanet.id).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn what_is_owed_is_what_is_held() {
    let chain = filled();
    let owed: QueryOwedResponse = chain.query("Owed", &QueryOwedRequest {}).unwrap();
    assert_eq!(owed.deposits, owed.held);
    assert_eq!(owed.deposits.unwrap().amount, OPEN.to_string(), "one contribution is pending");
}

#[test]
fn what_is_not_there_is_not_found() {
    let chain = filled();
    let missing = [
        chain.query::<_, QueryDatanetResponse>("Datanet", &QueryDatanetRequest { datanet_id: 3 }).err(),
        chain.query::<_, QueryContributionResponse>("Contribution", &QueryContributionRequest { seq: 0 }).err(),
        chain.query::<_, QueryVersionResponse>("Version", &QueryVersionRequest { datanet_id: 2, version: 0 }).err(),
        chain
            .query::<_, QueryVersionInclusionResponse>(
                "VersionInclusion",
                &QueryVersionInclusionRequest { datanet_id: 1, version: 1, seq: 4 },
            )
            .err(),
        chain.query::<_, QueryBaselineOwedResponse>("BaselineOwed", &QueryBaselineOwedRequest { seq: 9 }).err(),
    ];
    for status in missing {
        assert_eq!(status.unwrap().code, openledger_core::query::Code::NotFound);
    }
    for root_hex in ["", "zz", &"0".repeat(63), &"é".repeat(32)] {
        let request = QueryContributionsByRootRequest { root_hex: root_hex.to_string(), pagination: None };
        assert!(chain.query::<_, QueryContributionsByRootResponse>("ContributionsByRoot", &request).is_err());
    }
}
