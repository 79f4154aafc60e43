//! Consensus parameters as the event `update_consensus_params` shows them: protobuf's compact text form, in which fields that are
//! zero are left out. Checked against the SDK's own output (`tests/vectors/params.json`).

use openledger_proto::tendermint::types::ConsensusParams;

/// The text of an update; the version group, which the SDK always adds, is shown empty.
pub(crate) fn of_update(update: &ConsensusParams) -> String {
    let mut text = String::new();
    if let Some(block) = &update.block {
        let fields = [number("max_bytes", block.max_bytes), number("max_gas", block.max_gas)];
        group(&mut text, "block", &fields.concat());
    }
    if let Some(evidence) = &update.evidence {
        let mut fields = number("max_age_num_blocks", evidence.max_age_num_blocks);
        let age = evidence.max_age_duration.unwrap_or_default();
        let parts = [number("seconds", age.seconds), number("nanos", age.nanos.into())];
        group(&mut fields, "max_age_duration", &parts.concat());
        fields.push_str(&number("max_bytes", evidence.max_bytes));
        group(&mut text, "evidence", &fields);
    }
    if let Some(validator) = &update.validator {
        let names: Vec<String> =
            validator.pub_key_types.iter().map(|name| format!("pub_key_types:{name:?} ")).collect();
        group(&mut text, "validator", &names.concat());
    }
    group(&mut text, "version", "");
    if let Some(abci) = &update.abci {
        group(&mut text, "abci", &number("vote_extensions_enable_height", abci.vote_extensions_enable_height));
    }
    text
}

fn number(name: &str, value: i64) -> String {
    if value == 0 {
        String::new()
    } else {
        format!("{name}:{value} ")
    }
}

fn group(text: &mut String, name: &str, fields: &str) {
    text.push_str(&format!("{name}:<{fields}> "));
}
