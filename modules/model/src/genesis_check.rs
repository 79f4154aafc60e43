//! What must hold of a genesis before any of it is taken over: whatever the messages would have refused is refused here.

use std::collections::BTreeMap;

use openledger_core::{wire, Result};

use crate::feedback::FeedbackStatus;
use crate::genesis::{invalid, Genesis};
use crate::lineage::{self, Lineage};
use crate::msg::{check_modes, check_name, Form, MAX_ENDPOINT_BYTES};
use crate::terms::Serving;
use crate::types::{FeedbackShare, ModelVersion};

impl Genesis {
    /// Refuses what no chain of this module could have come to.
    pub(crate) fn check(&self) -> Result<()> {
        ascending("models", self.models.iter().map(|model| model.id))?;
        ascending("versions", self.versions.iter().map(|version| version.id))?;
        ascending("deployments", self.deployments.iter().map(|deployment| deployment.id))?;
        ascending("agents", self.agents.iter().map(|agent| agent.id))?;
        ascending("feedback", self.feedback.iter().map(|feedback| feedback.id))?;
        for model in &self.models {
            check_name(&model.name)?;
        }
        let mut versions = BTreeMap::new();
        for version in &self.versions {
            self.check_version(version, &versions)?;
            versions.insert(version.id, version);
        }
        self.check_deployments(&versions)?;
        self.check_agents()?;
        match self.feedback.iter().find(|feedback| !versions.contains_key(&feedback.model_version)) {
            None => Ok(()),
            Some(feedback) => {
                let text = format!("feedback {} is on unknown model version {}", feedback.id, feedback.model_version);
                Err(invalid(text).into())
            }
        }
    }

    /// A version is what its registration would have made of it, after all those before it.
    fn check_version(&self, version: &ModelVersion, before: &BTreeMap<u64, &ModelVersion>) -> Result<()> {
        let id = version.id;
        Form {
            recipe: &version.recipe,
            datanets: &version.datanets,
            parents: &version.parents,
            adapter: version.adapter.as_ref(),
            royalty_bps: version.royalty_bps,
            incorporates: &version.incorporates,
        }
        .check()?;
        if self.models.binary_search_by_key(&version.model, |model| model.id).is_err() {
            return Err(invalid(format!("version {id} is of unknown model {}", version.model)).into());
        }
        let mut parents = Vec::new();
        for parent in &version.parents {
            let unknown = || invalid(format!("parent {} of version {id} is not an earlier one", parent.version));
            let known = before.get(&parent.version).ok_or_else(unknown)?;
            known.terms.check_child(known.id, &version.terms)?;
            parents.push((*parent, (*known).clone()));
        }
        lineage::check_weights(&version.weights_hash, version.adapter.as_ref(), &parents)?;
        let parents: Vec<_> = parents.into_iter().map(|(_, known)| known).collect();
        let own = self.incorporated(version, before)?;
        let Lineage { ancestors, feedback, depth } = lineage::flatten(&parents, own)?;
        if (ancestors, feedback, depth) != (version.ancestors.clone(), version.feedback.clone(), version.depth) {
            return Err(invalid(format!("version {id} does not inherit what its parents and feedback say")).into());
        }
        Ok(())
    }

    fn incorporated(
        &self,
        version: &ModelVersion,
        before: &BTreeMap<u64, &ModelVersion>,
    ) -> Result<Vec<FeedbackShare>> {
        let mut own = Vec::new();
        for id in &version.incorporates {
            let unknown = || invalid(format!("version {} incorporates feedback {id}, not an accepted one", version.id));
            let at = self.feedback.binary_search_by_key(id, |feedback| feedback.id).map_err(|_| unknown())?;
            let feedback = self.feedback.get(at).filter(|feedback| feedback.status == FeedbackStatus::Accepted);
            let feedback = feedback.ok_or_else(unknown)?;
            let on = before.get(&feedback.model_version).ok_or_else(unknown)?;
            if on.model != version.model && !version.ancestors.iter().any(|ancestor| ancestor.version == on.id) {
                return Err(unknown().into());
            }
            own.push(FeedbackShare { feedback: *id, author: feedback.author.clone(), bps: on.terms.feedback_bps });
        }
        Ok(own)
    }

    fn check_deployments(&self, versions: &BTreeMap<u64, &ModelVersion>) -> Result<()> {
        let mut corpora = BTreeMap::new();
        for deployment in &self.deployments {
            check_modes(&deployment.modes)?;
            wire::text("endpoint", &deployment.endpoint, MAX_ENDPOINT_BYTES)?;
            let version = versions.get(&deployment.model_version).filter(|_| deployment.locked <= deployment.bond);
            let Some(version) = version else {
                let text = format!("deployment {} has no model version, or locks more than its bond", deployment.id);
                return Err(invalid(text).into());
            };
            version.terms.check_prices(version.id, deployment.base_price, deployment.byte_price)?;
            corpora.insert(deployment.id, &version.datanets);
        }
        for (deployment, corpus, _) in &self.attestations {
            if !corpora.get(deployment).is_some_and(|declared| declared.contains(corpus)) {
                return Err(invalid(format!("deployment {deployment} attests what is not declared")).into());
            }
        }
        let permitted = |id| versions.get(id).is_some_and(|version| version.terms.serving == Serving::Permitted);
        match self.servers.iter().find(|(version, _, _)| !permitted(version)) {
            None => Ok(()),
            Some((version, server, _)) => {
                Err(invalid(format!("{server} is let to serve {version}, which asks for no permission")).into())
            }
        }
    }

    /// Each agent has its terms 1 to the present ones, of deployments that exist, and there are no others.
    fn check_agents(&self) -> Result<()> {
        let mut terms = self.agent_terms.iter();
        for agent in &self.agents {
            check_name(&agent.name)?;
            for number in 1..=agent.terms.max(1) {
                let Some((_, _, found)) = terms.next().filter(|(of, n, _)| (*of, *n) == (agent.id, number)) else {
                    return Err(invalid(format!("agent {} lacks its terms {number}", agent.id)).into());
                };
                let known = |id: &u64| self.deployments.binary_search_by_key(id, |deployment| deployment.id).is_ok();
                if let Some(unknown) = found.deployments.iter().find(|id| !known(id)) {
                    return Err(invalid(format!("agent {} has unknown deployment {unknown}", agent.id)).into());
                }
            }
        }
        match terms.next() {
            None => Ok(()),
            Some((agent, number, _)) => Err(invalid(format!("terms {number} of agent {agent} are nobody's")).into()),
        }
    }
}

fn ascending(what: &str, ids: impl Iterator<Item = u64>) -> Result<()> {
    let mut last = 0;
    for id in ids {
        if id <= last {
            return Err(invalid(format!("{what} are numbered from 1, ascending; {id} follows {last}")).into());
        }
        last = id;
    }
    Ok(())
}
