//! The order of operations: changes and who depends on whom to a graph. Pure; specified in `docs/ordering.md`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use addr::{ConfigResource, DeposedKey, Instance};
use plan::{Action, Graph, Op, OpKind, ResourceChange};

use crate::dag;
use crate::planning::follow::Parts;

/// Who depends on whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Needs {
    /// What each resource needs by the configuration, however indirectly.
    pub(crate) config: BTreeMap<ConfigResource, Vec<ConfigResource>>,
    /// What each remembered object was made with.
    pub(crate) state: BTreeMap<(Instance, Option<DeposedKey>), Vec<ConfigResource>>,
    /// The changes of the parts of what is followed up.
    pub(crate) parts: Parts,
}

/// How firmly an edge is needed; of those on a cycle the weakest go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Firmness {
    /// A creation before the deletion of what it replaces or stops using, and the like.
    Weak,
    /// Deletions after those of dependents.
    Strong,
    /// The steps of one replacement, and creations after what they need.
    Certain,
}

/// Operations under construction: some nodes are gates, which do nothing and only gather.
#[derive(Default)]
struct Draft {
    ops: Vec<Option<Op>>,
    after: Vec<Vec<(usize, Firmness)>>,
    gates: HashMap<(Gate, ConfigResource), usize>,
}

/// What a gate gathers for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Gate {
    /// Everything that makes its objects is done.
    Made,
    /// Everything that it needs is made.
    NeedsMade,
    /// Every object that was made with it is deleted.
    DependentsDeleted,
    /// The same, without those that are deleted last.
    DependentsDeletedEarly,
    /// Everything that used it uses its successor.
    DependentsMade,
    /// Everything that is done with its objects afterwards is done.
    Followed,
}

impl Draft {
    fn add(&mut self, op: Option<Op>) -> usize {
        self.ops.push(op);
        self.after.push(Vec::new());
        self.ops.len() - 1
    }

    fn gate(&mut self, gate: Gate, resource: &ConfigResource) -> usize {
        if let Some(at) = self.gates.get(&(gate, resource.clone())) {
            return *at;
        }
        let at = self.add(None);
        self.gates.insert((gate, resource.clone()), at);
        at
    }

    fn edge(&mut self, at: usize, after: usize, firmness: Firmness) {
        if at != after {
            self.after[at].push((after, firmness));
        }
    }
}

/// From what changes and who depends on whom, the operations and which must wait for which.
pub(crate) fn order(changes: &[ResourceChange], needs: &Needs) -> Graph {
    let mut draft = Draft::default();
    for change in changes {
        add_change(&mut draft, change, needs);
    }
    // What each resource needs, once for all of its instances.
    let made: Vec<(ConfigResource, usize)> = draft
        .gates
        .iter()
        .filter(|((gate, _), _)| *gate == Gate::NeedsMade)
        .map(|((_, resource), at)| (resource.clone(), *at))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .collect();
    for (resource, gate) in made {
        for need in needs.config.get(&resource).into_iter().flatten() {
            if let Some(made) = draft.gates.get(&(Gate::Made, need.clone())).copied() {
                draft.edge(gate, made, Firmness::Certain);
            }
        }
    }
    add_follow_ups(&mut draft, changes, needs);
    finished(draft)
}

/// What is done with objects when they and their parts are as planned, and what must wait for that.
fn add_follow_ups(draft: &mut Draft, changes: &[ResourceChange], needs: &Needs) {
    let followed: Vec<&ResourceChange> =
        changes.iter().filter(|it| it.follow_up.is_some()).collect();
    if followed.is_empty() {
        return;
    }
    let mut of: HashMap<Instance, Vec<usize>> = HashMap::new();
    for (at, op) in draft.ops.iter().enumerate() {
        if let Some(op) = op {
            of.entry(op.addr.clone()).or_default().push(at);
        }
    }
    // The resources whose objects are parts of a resource's.
    let mut part_of: BTreeMap<ConfigResource, BTreeSet<ConfigResource>> = BTreeMap::new();
    let mut made = Vec::new();
    for change in followed {
        let resource = change.addr.config();
        let at = draft.add(Some(Op {
            addr: change.addr.clone(),
            kind: OpKind::FollowUp,
        }));
        for own in of.get(&change.addr).into_iter().flatten() {
            let op = draft.ops.get(*own).and_then(Option::as_ref);
            if op.is_some_and(|it| matches!(it.kind, OpKind::Create | OpKind::Update)) {
                draft.edge(at, *own, Firmness::Certain);
            }
        }
        let its_parts = part_of.entry(resource.clone()).or_default();
        if let Some(parts) = needs.parts.get(&change.addr) {
            for (part, _) in &parts.instances {
                for its in of.get(part).into_iter().flatten() {
                    draft.edge(at, *its, Firmness::Strong);
                }
                its_parts.insert(part.config());
            }
            for part in &parts.resources {
                let gate = draft.gate(Gate::Made, part);
                draft.edge(at, gate, Firmness::Strong);
                its_parts.insert(part.clone());
            }
        }
        let gate = draft.gate(Gate::Followed, &resource);
        draft.edge(gate, at, Firmness::Certain);
        made.push((resource, at));
    }
    // What must be there before a resource is followed up: the parts, and what they need.
    let with_needs = |parts: BTreeSet<ConfigResource>| {
        let mut res = parts.clone();
        for part in &parts {
            res.extend(needs.config.get(part).into_iter().flatten().cloned());
        }
        res
    };
    let inner: BTreeMap<ConfigResource, BTreeSet<ConfigResource>> = part_of
        .into_iter()
        .map(|(resource, parts)| (resource, with_needs(parts)))
        .collect();
    for (resource, at) in &made {
        for need in needs.config.get(resource).into_iter().flatten() {
            if let Some(gate) = draft.gates.get(&(Gate::Followed, need.clone())).copied() {
                draft.edge(*at, gate, Firmness::Strong);
            }
        }
    }
    let waiting: BTreeMap<ConfigResource, usize> = draft
        .gates
        .iter()
        .filter(|((gate, _), _)| *gate == Gate::NeedsMade)
        .map(|((_, resource), at)| (resource.clone(), *at))
        .collect();
    for (resource, at) in waiting {
        for need in needs.config.get(&resource).into_iter().flatten() {
            let is_inner = inner.get(need).is_some_and(|it| it.contains(&resource));
            let gate = draft.gates.get(&(Gate::Followed, need.clone())).copied();
            if let Some(gate) = gate.filter(|_| !is_inner) {
                draft.edge(at, gate, Firmness::Weak);
            }
        }
    }
}

fn add_change(draft: &mut Draft, change: &ResourceChange, needs: &Needs) {
    let op = |kind: OpKind| {
        Some(Op {
            addr: change.addr.clone(),
            kind,
        })
    };
    match change.change.action {
        Action::NoOp => {}
        Action::Create => {
            let at = draft.add(op(OpKind::Create));
            make(draft, at, change, needs, false);
        }
        Action::Update => {
            let at = draft.add(op(OpKind::Update));
            make(draft, at, change, needs, false);
        }
        Action::Read => {
            let at = draft.add(op(OpKind::Read));
            make(draft, at, change, needs, false);
        }
        Action::Forget => {
            draft.add(op(OpKind::Forget));
        }
        Action::Delete => {
            let kind = match &change.deposed {
                Some(key) => OpKind::DeleteDeposed(key.clone()),
                None => OpKind::Delete,
            };
            let at = draft.add(op(kind));
            delete(draft, at, change, needs, change.create_before_destroy);
        }
        Action::DeleteThenCreate => {
            let end = draft.add(op(OpKind::Delete));
            let start = draft.add(op(OpKind::Create));
            draft.edge(start, end, Firmness::Certain);
            delete(draft, end, change, needs, false);
            make(draft, start, change, needs, true);
        }
        Action::CreateThenDelete => {
            let key = deposed_key(change);
            let aside = draft.add(op(OpKind::Depose(key.clone())));
            let start = draft.add(op(OpKind::Create));
            let end = draft.add(op(OpKind::DeleteDeposed(key)));
            draft.edge(start, aside, Firmness::Certain);
            draft.edge(end, start, Firmness::Certain);
            make(draft, start, change, needs, true);
            // Setting aside belongs to the creation: it waits for the same.
            let gate = draft.gate(Gate::NeedsMade, &change.addr.config());
            draft.edge(aside, gate, Firmness::Certain);
            delete(draft, end, change, needs, true);
        }
    }
}

/// An operation after which an object is as configured.
fn make(draft: &mut Draft, at: usize, change: &ResourceChange, needs: &Needs, replaced: bool) {
    let resource = change.addr.config();
    let made = draft.gate(Gate::Made, &resource);
    draft.edge(made, at, Firmness::Certain);
    let needed = draft.gate(Gate::NeedsMade, &resource);
    draft.edge(at, needed, Firmness::Certain);
    if !replaced && change.change.action != Action::Read {
        let deleted = draft.gate(Gate::DependentsDeletedEarly, &resource);
        draft.edge(at, deleted, Firmness::Weak);
    }
    let used = needs.config.get(&resource).into_iter().flatten().chain(
        needs
            .state
            .get(&(change.addr.clone(), None))
            .into_iter()
            .flatten(),
    );
    for need in used {
        let gate = draft.gate(Gate::DependentsMade, need);
        draft.edge(gate, at, Firmness::Weak);
    }
}

/// An operation after which an object is not there any more; `late`: after its successor and all who use that.
fn delete(draft: &mut Draft, at: usize, change: &ResourceChange, needs: &Needs, late: bool) {
    let resource = change.addr.config();
    let dependents = draft.gate(Gate::DependentsDeleted, &resource);
    draft.edge(at, dependents, Firmness::Strong);
    if late {
        let made = draft.gate(Gate::DependentsMade, &resource);
        draft.edge(at, made, Firmness::Weak);
    }
    let key = (change.addr.clone(), change.deposed.clone());
    for need in needs.state.get(&key).into_iter().flatten() {
        let gate = draft.gate(Gate::DependentsDeleted, need);
        draft.edge(gate, at, Firmness::Strong);
        if !late {
            let gate = draft.gate(Gate::DependentsDeletedEarly, need);
            draft.edge(gate, at, Firmness::Weak);
        }
    }
}

/// The key under which a replaced object is set aside: made from its address, so that plans repeat.
fn deposed_key(change: &ResourceChange) -> DeposedKey {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let id = crate::objects::id_of(&change.change.before).map_or(String::new(), |(_, it)| it);
    for byte in change.addr.to_string().bytes().chain(id.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    DeposedKey(format!("{:08x}", (hash >> 32) as u32 ^ hash as u32).into())
}

/// Without cycles, without gates, sorted so that each comes after what it waits for.
fn finished(draft: Draft) -> Graph {
    let Draft { ops, mut after, .. } = draft;
    for weakest in [Firmness::Weak, Firmness::Strong] {
        let plain: Vec<Vec<usize>> = after
            .iter()
            .map(|list| list.iter().map(|(at, _)| *at).collect())
            .collect();
        if dag::topological(&dedup(plain.clone())).len() == plain.len() {
            break;
        }
        let mut group = vec![usize::MAX; plain.len()];
        for (at, cycle) in dag::cycles(&plain).into_iter().enumerate() {
            for it in cycle {
                group[it] = at;
            }
        }
        for (at, list) in after.iter_mut().enumerate() {
            list.retain(|(other, firmness)| {
                *firmness != weakest || group[at] == usize::MAX || group[at] != group[*other]
            });
        }
    }
    let mut plain: Vec<Vec<usize>> = after
        .into_iter()
        .map(|list| list.into_iter().map(|(at, _)| at).collect())
        .collect();
    plain = dedup(plain);
    // Gates become edges between operations; one that would make many edges of few stays as an operation.
    let order = dag::topological(&plain);
    let needed_by = dag::reversed(&plain);
    let mut through: Vec<Vec<usize>> = vec![Vec::new(); plain.len()];
    let mut kept = vec![false; plain.len()];
    for at in &order {
        let mut before: Vec<usize> = Vec::new();
        for it in &plain[*at] {
            if ops[*it].is_some() || kept[*it] {
                before.push(*it);
            } else {
                before.extend_from_slice(&through[*it]);
            }
        }
        before.sort_unstable();
        before.dedup();
        let (n_before, n_after) = (before.len(), needed_by[*at].len());
        if ops[*at].is_none() && n_before > 1 && n_after > 1 && n_before * n_after > 64 {
            kept[*at] = true;
        }
        through[*at] = before;
    }
    // Gates that nothing waits for are gone.
    let mut alive: Vec<bool> = ops.iter().map(Option::is_some).collect();
    for at in order.iter().rev() {
        if alive[*at] {
            for it in &through[*at] {
                alive[*it] = true;
            }
        }
    }
    let mut positions = vec![usize::MAX; ops.len()];
    let mut graph = Graph::default();
    for at in order {
        if !alive[at] {
            continue;
        }
        let op = match &ops[at] {
            Some(op) => op.clone(),
            None => continue_gate(&ops, &through[at]),
        };
        positions[at] = graph.ops.len();
        let mut list: Vec<usize> = through[at].iter().map(|it| positions[*it]).collect();
        list.sort_unstable();
        graph.ops.push(op);
        graph.after.push(list);
    }
    graph
}

/// A gate that stays is named after the first operation that it gathers.
fn continue_gate(ops: &[Option<Op>], before: &[usize]) -> Op {
    let addr = before.iter().find_map(|it| ops[*it].as_ref()).map_or_else(
        || Instance {
            module: addr::ModuleInstance::root(),
            resource: addr::Resource::managed("", ""),
            key: addr::Key::None,
        },
        |it| it.addr.absolute().instance(addr::Key::None),
    );
    Op {
        addr,
        kind: OpKind::Join,
    }
}

fn dedup(mut lists: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    for it in &mut lists {
        it.sort_unstable();
        it.dedup();
    }
    lists
}

#[cfg(test)]
mod tests {
    use addr::{ModuleInstance, Provider, ProviderConfig, Resource};
    use plan::{ActionReason, Change};
    use proptest::prelude::*;
    use value::{Type, Value};

    use super::*;
    use crate::planning::follow::Changing;

    fn resource(name: usize) -> ConfigResource {
        ConfigResource {
            module: addr::ModulePath::root(),
            resource: Resource::managed("t", &format!("r{name}")),
        }
    }

    fn change(name: usize, action: Action, cbd: bool) -> ResourceChange {
        let addr = Instance {
            module: ModuleInstance::root(),
            resource: resource(name).resource,
            key: addr::Key::None,
        };
        ResourceChange {
            previous: addr.clone(),
            addr,
            deposed: None,
            provider: ProviderConfig {
                module: addr::ModulePath::root(),
                provider: Provider::builtin(),
                alias: None,
            },
            change: Change {
                action,
                before: Value::null(Type::Dynamic),
                after: Value::null(Type::Dynamic),
            },
            reason: ActionReason::None,
            replace_paths: Vec::new(),
            importing: None,
            private: None,
            dependencies: Vec::new(),
            create_before_destroy: cbd,
            at_stake: None,
            follow_up: None,
        }
    }

    /// A case: for each resource its action, what it needs by the configuration, and what it was made with.
    #[derive(Debug, Clone)]
    struct Case {
        actions: Vec<Action>,
        config: Vec<BTreeSet<usize>>,
        state: Vec<BTreeSet<usize>>,
        /// For each resource whether it is followed up, and then which of those that need it are its parts.
        followed: Vec<Option<BTreeSet<usize>>>,
    }

    impl Case {
        /// Needs of needs; create_before_destroy spreads to what is needed.
        fn closed(mut self) -> Case {
            let close = |needs: &mut Vec<BTreeSet<usize>>| {
                for _ in 0..needs.len() {
                    for at in 0..needs.len() {
                        let more: BTreeSet<usize> =
                            needs[at].iter().flat_map(|it| needs[*it].clone()).collect();
                        needs[at].extend(more);
                    }
                }
            };
            close(&mut self.config);
            close(&mut self.state);
            for at in 0..self.actions.len() {
                if self.actions[at] == Action::CreateThenDelete {
                    for need in self.config[at].clone() {
                        if self.actions[need] == Action::DeleteThenCreate {
                            self.actions[need] = Action::CreateThenDelete;
                        }
                    }
                }
            }
            for at in 0..self.actions.len() {
                if !has_config(self.actions[at]) {
                    self.config[at].clear();
                }
                if !has_object(self.actions[at]) {
                    self.state[at].clear();
                }
            }
            for at in 0..self.actions.len() {
                let stays = has_config(self.actions[at]) && self.actions[at] != Action::Read;
                let config = &self.config;
                self.followed[at] = self.followed[at].take().filter(|_| stays).map(|parts| {
                    let needs_it = |it: &usize| config[*it].contains(&at);
                    parts.into_iter().filter(needs_it).collect()
                });
            }
            self
        }

        fn graph(&self) -> Graph {
            let mut changes: Vec<ResourceChange> = self
                .actions
                .iter()
                .enumerate()
                .map(|(at, action)| change(at, *action, *action == Action::CreateThenDelete))
                .collect();
            let mut needs = Needs::default();
            for (at, parts) in self.followed.iter().enumerate() {
                let Some(parts) = parts else {
                    continue;
                };
                changes[at].follow_up = Some(plan::FollowUp {
                    verb: "deploy".to_owned(),
                    why: String::new(),
                });
                // Some are known by the id of the whole, some only by what they refer to.
                let (known, open): (Vec<usize>, Vec<usize>) = parts
                    .iter()
                    .partition(|it| deletes(self.actions[**it]) || (**it + at) % 2 == 0);
                let changing = Changing {
                    instances: known
                        .iter()
                        .map(|it| (changes[*it].addr.clone(), None))
                        .collect(),
                    resources: open.iter().map(|it| resource(*it)).collect(),
                };
                needs.parts.insert(changes[at].addr.clone(), changing);
            }
            for (at, change) in changes.iter().enumerate() {
                let list = |it: &BTreeSet<usize>| it.iter().map(|it| resource(*it)).collect();
                needs.config.insert(resource(at), list(&self.config[at]));
                needs
                    .state
                    .insert((change.addr.clone(), None), list(&self.state[at]));
            }
            order(&changes, &needs)
        }

        /// The rules of `docs/ordering.md` in so many words: pairs of operations, the first before the second.
        fn rules(&self) -> Vec<(Step, Step)> {
            let mut res = Vec::new();
            let n = self.actions.len();
            for x in 0..n {
                match self.actions[x] {
                    Action::DeleteThenCreate => res.push((Step::Delete(x), Step::Make(x))),
                    Action::CreateThenDelete => {
                        res.push((Step::Depose(x), Step::Make(x)));
                        res.push((Step::Make(x), Step::Delete(x)));
                    }
                    _ => {}
                }
                for y in 0..n {
                    if x == y {
                        continue;
                    }
                    if self.config[x].contains(&y)
                        && makes(self.actions[x])
                        && makes(self.actions[y])
                    {
                        res.push((Step::Make(y), Step::Make(x)));
                        if self.actions[x] == Action::CreateThenDelete {
                            res.push((Step::Make(y), Step::Depose(x)));
                        }
                    }
                    if self.state[x].contains(&y) && deletes(self.actions[x]) {
                        if deletes(self.actions[y]) {
                            res.push((Step::Delete(x), Step::Delete(y)));
                        }
                        let plain = matches!(self.actions[y], Action::Create | Action::Update);
                        if plain && self.actions[x] != Action::CreateThenDelete {
                            res.push((Step::Delete(x), Step::Make(y)));
                        }
                    }
                    if self.actions[y] == Action::CreateThenDelete
                        && makes(self.actions[x])
                        && (self.config[x].contains(&y) || self.state[x].contains(&y))
                    {
                        res.push((Step::Make(x), Step::Delete(y)));
                    }
                }
            }
            self.follow_rules(&mut res);
            res
        }

        fn follow_rules(&self, res: &mut Vec<(Step, Step)>) {
            let n = self.actions.len();
            for x in 0..n {
                let Some(parts) = &self.followed[x] else {
                    continue;
                };
                if makes(self.actions[x]) {
                    res.push((Step::Make(x), Step::Follow(x)));
                }
                let mut before: BTreeSet<usize> = parts.clone();
                for part in parts {
                    before.extend(&self.config[*part]);
                    if makes(self.actions[*part]) {
                        res.push((Step::Make(*part), Step::Follow(x)));
                    }
                    if deletes(self.actions[*part]) {
                        res.push((Step::Delete(*part), Step::Follow(x)));
                    }
                    if self.actions[*part] == Action::CreateThenDelete {
                        res.push((Step::Depose(*part), Step::Follow(x)));
                    }
                }
                for z in (0..n).filter(|it| self.config[*it].contains(&x)) {
                    if self.followed[z].is_some() {
                        res.push((Step::Follow(x), Step::Follow(z)));
                    }
                    if makes(self.actions[z]) && !before.contains(&z) {
                        res.push((Step::Follow(x), Step::Make(z)));
                        if self.actions[z] == Action::CreateThenDelete {
                            res.push((Step::Follow(x), Step::Depose(z)));
                        }
                    }
                }
            }
        }
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Step {
        Depose(usize),
        Make(usize),
        Delete(usize),
        Follow(usize),
    }

    fn makes(action: Action) -> bool {
        matches!(
            action,
            Action::Create
                | Action::Update
                | Action::Read
                | Action::DeleteThenCreate
                | Action::CreateThenDelete
        )
    }

    fn deletes(action: Action) -> bool {
        action == Action::Delete || action.is_replace()
    }

    fn has_config(action: Action) -> bool {
        makes(action) || action == Action::NoOp
    }

    fn has_object(action: Action) -> bool {
        !matches!(action, Action::Create | Action::Read)
    }

    fn step(op: &Op) -> Step {
        let name: usize = op.addr.resource.name[1..].parse().unwrap();
        match op.kind {
            OpKind::Create | OpKind::Update | OpKind::Read => Step::Make(name),
            OpKind::Delete | OpKind::DeleteDeposed(_) => Step::Delete(name),
            OpKind::Depose(_) => Step::Depose(name),
            OpKind::FollowUp => Step::Follow(name),
            OpKind::Forget | OpKind::Join => unreachable!("not in these cases"),
        }
    }

    /// Every pair of operations of which the first is finished before the second starts.
    fn before(graph: &Graph) -> BTreeSet<(Step, Step)> {
        let mut all: Vec<BTreeSet<usize>> = Vec::new();
        for list in &graph.after {
            let mut set: BTreeSet<usize> = list.iter().copied().collect();
            for it in list {
                let more = all[*it].clone();
                set.extend(more);
            }
            all.push(set);
        }
        all.iter()
            .enumerate()
            .flat_map(|(at, set)| {
                set.iter()
                    .map(move |it| (step(&graph.ops[*it]), step(&graph.ops[at])))
            })
            .collect()
    }

    /// The transitive closure of pairs; whether it has a cycle.
    fn closure(pairs: &[(Step, Step)]) -> (BTreeSet<(Step, Step)>, bool) {
        let mut res: BTreeSet<(Step, Step)> = pairs.iter().copied().collect();
        loop {
            let more: Vec<(Step, Step)> = res
                .iter()
                .flat_map(|(a, b)| {
                    res.range((*b, Step::Depose(0))..)
                        .take_while(|(c, _)| c == b)
                        .map(|(_, d)| (*a, *d))
                        .collect::<Vec<_>>()
                })
                .filter(|it| !res.contains(it))
                .collect();
            if more.is_empty() {
                let cyclic = res.iter().any(|(a, b)| a == b);
                return (res, cyclic);
            }
            res.extend(more);
        }
    }

    fn check(case: Case) {
        let case = case.closed();
        let graph = case.graph();
        for (at, list) in graph.after.iter().enumerate() {
            assert!(list.iter().all(|it| *it < at), "sorted: {case:?}");
        }
        let (expected, cyclic) = closure(&case.rules());
        let found = before(&graph);
        if cyclic {
            // Rules yielded; what never yields is still there.
            for x in 0..case.actions.len() {
                for y in case.config[x].clone() {
                    if makes(case.actions[x]) && makes(case.actions[y]) {
                        assert!(found.contains(&(Step::Make(y), Step::Make(x))), "{case:?}");
                    }
                }
                for part in case.followed[x].iter().flatten() {
                    if makes(case.actions[*part]) {
                        let pair = (Step::Make(*part), Step::Follow(x));
                        assert!(found.contains(&pair), "{case:?}");
                    }
                }
            }
        } else {
            assert_eq!(found, expected, "{case:?}");
        }
    }

    fn action() -> impl Strategy<Value = Action> {
        prop::sample::select(vec![
            Action::NoOp,
            Action::Create,
            Action::Read,
            Action::Update,
            Action::DeleteThenCreate,
            Action::CreateThenDelete,
            Action::Delete,
        ])
    }

    fn case() -> impl Strategy<Value = Case> {
        (1usize..=6).prop_flat_map(|n| {
            let needs = || {
                prop::collection::vec(prop::collection::vec(any::<bool>(), n), n).prop_map(
                    |rows: Vec<Vec<bool>>| {
                        rows.iter()
                            .enumerate()
                            .map(|(at, row)| (0..at).filter(|it| row[*it]).collect())
                            .collect::<Vec<BTreeSet<usize>>>()
                    },
                )
            };
            let followed = prop::collection::vec(
                prop::option::of(prop::collection::btree_set(0..n, 0..=n)),
                n,
            );
            (
                prop::collection::vec(action(), n),
                needs(),
                needs(),
                followed,
            )
                .prop_map(|(actions, config, state, followed)| Case {
                    actions,
                    config,
                    state,
                    followed,
                })
        })
    }

    proptest! {
        #[test]
        fn agrees_with_the_rules(case in case()) {
            check(case);
        }
    }

    /// Every graph of two resources, all of them.
    #[test]
    fn agrees_with_the_rules_for_all_pairs() {
        let all = [
            Action::NoOp,
            Action::Create,
            Action::Read,
            Action::Update,
            Action::DeleteThenCreate,
            Action::CreateThenDelete,
            Action::Delete,
        ];
        for left in all {
            for right in all {
                for bits in 0..4 {
                    let needs = |bit: usize| {
                        let set = if bits & bit == 0 { vec![] } else { vec![0] };
                        vec![BTreeSet::new(), set.into_iter().collect()]
                    };
                    check(Case {
                        actions: vec![left, right],
                        config: needs(1),
                        state: needs(2),
                        followed: vec![None, None],
                    });
                }
            }
        }
    }

    /// A thousand wholes whose parts are not told apart yet.
    #[test]
    fn follow_ups_of_many_meet_their_parts_at_a_join() {
        let mut changes: Vec<ResourceChange> = (0..2000)
            .map(|at| {
                let mut it = change(at % 2, Action::Create, false);
                it.addr.key = addr::Key::Int(at as u64 / 2);
                it
            })
            .collect();
        let mut needs = Needs::default();
        needs.config.insert(resource(1), vec![resource(0)]);
        for it in changes
            .iter_mut()
            .filter(|it| it.addr.config() == resource(0))
        {
            it.follow_up = Some(plan::FollowUp {
                verb: "deploy".to_owned(),
                why: String::new(),
            });
            let parts = Changing {
                resources: [resource(1)].into(),
                ..Changing::default()
            };
            needs.parts.insert(it.addr.clone(), parts);
        }
        let graph = order(&changes, &needs);
        let edges: usize = graph.after.iter().map(Vec::len).sum();
        assert!(edges <= 6_100, "{edges} edges");
        let followed = graph.ops.iter().filter(|it| it.kind == OpKind::FollowUp);
        assert_eq!(followed.count(), 1000);
    }

    #[test]
    fn two_large_groups_meet_at_a_join() {
        let changes: Vec<ResourceChange> = (0..2000)
            .map(|at| {
                let mut it = change(at % 2, Action::Create, false);
                it.addr.key = addr::Key::Int(at as u64 / 2);
                it
            })
            .collect();
        let mut needs = Needs::default();
        needs.config.insert(resource(1), vec![resource(0)]);
        let graph = order(&changes, &needs);
        let edges: usize = graph.after.iter().map(Vec::len).sum();
        assert!(edges <= 2100, "{edges} edges");
    }
}
