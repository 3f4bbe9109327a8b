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

/// The parts of an object that change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changing {
    /// Those that are known by the id of the whole.
    pub(crate) instances: BTreeSet<(Instance, Option<DeposedKey>)>,
    /// Resources of which instances may be parts of it: the id of their whole is not known yet.
    pub(crate) resources: BTreeSet<ConfigResource>,
}

/// For each object that is followed up its parts that change.
pub(crate) type Parts = BTreeMap<Instance, Changing>;

/// Parts, by what they are a part of. Each with whether the whole is out of date by it.
#[derive(Default)]
struct Found {
    /// By type and id of the whole, the positions of the changes.
    by_id: BTreeMap<(String, String), BTreeMap<usize, bool>>,
    /// By the type of the whole, resources and what they refer to directly.
    unknown: BTreeMap<String, BTreeMap<ConfigResource, (bool, BTreeSet<ConfigResource>)>>,
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
        let found = self.parts(changes);
        for at in followed {
            let change = &changes[at];
            let kind = change.addr.resource.kind.to_string();
            let mut parts = Changing::default();
            let mut is_used = false;
            let id = id_of(&change.change.before);
            let known = id.and_then(|id| found.by_id.get(&(kind.clone(), id)));
            for (part, uses) in known.into_iter().flatten() {
                let part = &changes[*part];
                parts
                    .instances
                    .insert((part.addr.clone(), part.deposed.clone()));
                is_used |= uses;
            }
            // What is made anew has an id that nothing can know.
            let is_new = change.change.before.is_null() || change.change.action.is_replace();
            let open = found.unknown.get(&kind).filter(|_| is_new);
            for (resource, (uses, needs)) in open.into_iter().flatten() {
                if needs.contains(&change.addr.config()) {
                    parts.resources.insert(resource.clone());
                    is_used |= uses;
                }
            }
            let Some(follow_up) = self.follow_up(change, is_used) else {
                continue;
            };
            res.insert(change.addr.clone(), parts);
            changes[at].follow_up = Some(follow_up);
        }
        res
    }

    /// The changes that are about parts of something.
    fn parts(&self, changes: &[ResourceChange]) -> Found {
        let mut res = Found::default();
        for (at, change) in changes.iter().enumerate() {
            for whole in self.wholes(change) {
                match whole.id {
                    Some(id) => {
                        let parts = res.by_id.entry((whole.kind, id)).or_default();
                        *parts.entry(at).or_default() |= whole.is_used;
                    }
                    None => {
                        let resource = change.addr.config();
                        let parts = res.unknown.entry(whole.kind).or_default();
                        let (is_used, _) = parts
                            .entry(resource)
                            .or_insert_with_key(|it| (false, self.directly_needed(it)));
                        *is_used |= whole.is_used;
                    }
                }
            }
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
