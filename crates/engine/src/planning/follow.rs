//! What is done with objects when they and their parts are as planned: deployed, once, after all of that.
//!
//! The provider says what an object is a part of and whether a whole is to be followed up; here is only found out which
//! changes are about parts of which objects.

use std::collections::{BTreeMap, BTreeSet};

use addr::{ConfigResource, DeposedKey, Instance};
use plan::{Action, ResourceChange};
use provider::{FollowUp, FollowUpRequest, Whole};
use value::{Value, walk};

use crate::nodes::Node;
use crate::planning::Planning;

/// For each object that is followed up the changes of its parts.
pub(crate) type Parts = BTreeMap<Instance, Vec<(Instance, Option<DeposedKey>)>>;

/// A change of a part, and what it is a part of.
struct Part {
    /// The position of the change.
    change: usize,
    whole: Whole,
}

impl Planning<'_> {
    /// Decides for each change what follows it, and gives the parts that must be as planned before.
    pub(crate) fn follow_ups(&self, changes: &mut [ResourceChange]) -> Parts {
        let mut res = Parts::new();
        let followed: Vec<usize> = changes
            .iter()
            .enumerate()
            .filter(|(_, it)| it.deposed.is_none() && self.may_follow(it))
            .map(|(at, _)| at)
            .collect();
        if followed.is_empty() {
            return res;
        }
        let mut by_id: BTreeMap<(String, String), Vec<Part>> = BTreeMap::new();
        let mut unknown: BTreeMap<String, Vec<Part>> = BTreeMap::new();
        for (at, change) in changes.iter().enumerate() {
            for whole in self.wholes(change) {
                let kind = whole.kind.clone();
                let list = match whole.id.clone() {
                    Some(id) => by_id.entry((kind, id)).or_default(),
                    None => unknown.entry(kind).or_default(),
                };
                list.push(Part { change: at, whole });
            }
        }
        for at in followed {
            let change = &changes[at];
            let kind = change.addr.resource.kind.to_string();
            let known = match id_of(&change.change.before) {
                // What is replaced has the parts of both, and the new ones are not known by an id.
                Some(id) => by_id.get(&(kind.clone(), id)),
                None => None,
            };
            let makes_new = change.change.before.is_null() || change.change.action.is_replace();
            let open = unknown.get(&kind).filter(|_| makes_new);
            let open = open.into_iter().flatten().filter(|it| {
                let part = changes[it.change].addr.config();
                self.directly_needed(&part).contains(&change.addr.config())
            });
            let parts: Vec<&Part> = known.into_iter().flatten().chain(open).collect();
            let Some(follow_up) = self.follow_up(change, parts.iter().any(|it| it.whole.is_used))
            else {
                continue;
            };
            let mut list: Vec<_> = parts
                .iter()
                .map(|it| &changes[it.change])
                .map(|it| (it.addr.clone(), it.deposed.clone()))
                .collect();
            list.sort();
            list.dedup();
            res.insert(change.addr.clone(), list);
            changes[at].follow_up = Some(follow_up);
        }
        res
    }

    /// Whether there will be an object of a type that is ever followed up.
    fn may_follow(&self, change: &ResourceChange) -> bool {
        let stays = !matches!(
            change.change.action,
            Action::Delete | Action::Forget | Action::Read
        );
        let provider = self.values.schemas.provider(&change.provider.provider);
        stays && provider.is_some_and(|it| it.is_followed(&change.addr.resource.kind))
    }

    /// What a changed object is, and was, a part of.
    fn wholes(&self, change: &ResourceChange) -> Vec<Whole> {
        let does_something = !matches!(
            change.change.action,
            Action::NoOp | Action::Forget | Action::Read
        );
        let provider = self.values.schemas.provider(&change.provider.provider);
        let Some(provider) = provider.filter(|_| does_something) else {
            return Vec::new();
        };
        let mut res: Vec<Whole> = Vec::new();
        for value in [&change.change.before, &change.change.after] {
            if value.is_null() {
                continue;
            }
            let (plain, _) = walk::unmark_deep(value);
            let whole = provider.whole_of(&change.addr.resource.kind, &plain);
            res.extend(whole.filter(|it| !res.contains(it)));
        }
        res
    }

    /// What the provider says of one object.
    fn follow_up(&self, change: &ResourceChange, has_new_parts: bool) -> Option<FollowUp> {
        let provider = self.values.schemas.provider(&change.provider.provider)?;
        let (after, _) = walk::unmark_deep(&change.change.after);
        let (before, _) = walk::unmark_deep(&change.change.before);
        let is_new = before.is_null() || change.change.action.is_replace();
        let current = self.state.current(&change.addr).filter(|_| !is_new);
        let request = FollowUpRequest {
            kind: change.addr.resource.kind.to_string(),
            before: if is_new {
                Value::null(before.ty())
            } else {
                before
            },
            after,
            private: current.and_then(|it| it.private.clone()),
            has_new_parts,
        };
        provider.follow_up(&request)
    }

    /// The resources that a block refers to without another resource between them.
    fn directly_needed(&self, resource: &ConfigResource) -> BTreeSet<ConfigResource> {
        let mut res = BTreeSet::new();
        let dag = &self.nodes.dag;
        let Some(start) = dag.position(&Node::Resource(resource.clone())) else {
            return res;
        };
        let mut seen = BTreeSet::new();
        let mut open = dag.needs(start).to_vec();
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            match dag.node(at) {
                Node::Resource(it) => {
                    res.insert(it.clone());
                }
                Node::Provider(_) => {}
                _ => open.extend_from_slice(dag.needs(at)),
            }
        }
        res
    }
}

/// The id in a value, as far as it is known.
fn id_of(value: &Value) -> Option<String> {
    let (plain, _) = walk::unmark_deep(&value.get("id")?);
    plain.as_str().map(str::to_owned)
}
