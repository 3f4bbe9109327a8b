//! `Dag<N>`: an ordered, acyclic graph whose cycles are explained. Nothing here knows what the nodes are.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Nodes, and for each the nodes that it needs.
#[derive(Debug, Clone)]
pub(crate) struct Dag<N> {
    nodes: Vec<N>,
    positions: HashMap<N, usize>,
    needs: Vec<Vec<usize>>,
}

impl<N: Clone + Eq + Hash> Dag<N> {
    pub(crate) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            positions: HashMap::new(),
            needs: Vec::new(),
        }
    }

    /// The position of a node, which is added if it is not there.
    pub(crate) fn add(&mut self, node: N) -> usize {
        if let Some(at) = self.positions.get(&node) {
            return *at;
        }
        let at = self.nodes.len();
        self.positions.insert(node.clone(), at);
        self.nodes.push(node);
        self.needs.push(Vec::new());
        at
    }

    /// The position of a node, if it is there.
    pub(crate) fn position(&self, node: &N) -> Option<usize> {
        self.positions.get(node).copied()
    }

    /// Says that one node needs another. A node never needs itself.
    pub(crate) fn connect(&mut self, node: usize, needed: usize) {
        if node != needed
            && let Some(needs) = self.needs.get_mut(node)
        {
            needs.push(needed);
        }
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node at a position.
    pub(crate) fn node(&self, at: usize) -> &N {
        &self.nodes[at]
    }

    /// What a node needs directly.
    pub(crate) fn needs(&self, at: usize) -> &[usize] {
        self.needs.get(at).map_or(&[], Vec::as_slice)
    }

    /// Positions such that each comes after what it needs, in the order of adding where that leaves a choice;
    /// or the cycles, each as positions.
    pub(crate) fn order(&mut self) -> Result<Vec<usize>, Vec<Vec<usize>>> {
        for needs in &mut self.needs {
            needs.sort_unstable();
            needs.dedup();
        }
        let order = topological(&self.needs);
        if order.len() == self.nodes.len() {
            Ok(order)
        } else {
            Err(cycles(&self.needs))
        }
    }
}

/// Positions such that each comes after what it needs, lower positions first; without those on or behind a cycle.
pub(crate) fn topological(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut open: Vec<usize> = needs.iter().map(Vec::len).collect();
    let needed_by = reversed(needs);
    let mut ready: BinaryHeap<Reverse<usize>> = open
        .iter()
        .enumerate()
        .filter(|(_, n)| **n == 0)
        .map(|(at, _)| Reverse(at))
        .collect();
    let mut res = Vec::with_capacity(needs.len());
    while let Some(Reverse(at)) = ready.pop() {
        res.push(at);
        for next in &needed_by[at] {
            open[*next] -= 1;
            if open[*next] == 0 {
                ready.push(Reverse(*next));
            }
        }
    }
    res
}

/// For each position those that need it.
pub(crate) fn reversed(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut res = vec![Vec::new(); needs.len()];
    for (at, list) in needs.iter().enumerate() {
        for needed in list {
            res[*needed].push(at);
        }
    }
    res
}

/// The groups of positions that need each other, each sorted.
pub(crate) fn cycles(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<(), (), u32> = DiGraph::with_capacity(needs.len(), needs.len());
    for _ in needs {
        graph.add_node(());
    }
    for (at, list) in needs.iter().enumerate() {
        for needed in list {
            graph.add_edge(NodeIndex::new(at), NodeIndex::new(*needed), ());
        }
    }
    let mut res: Vec<Vec<usize>> = kosaraju_scc(&graph)
        .into_iter()
        .filter(|it| it.len() > 1)
        .map(|it| {
            let mut cycle: Vec<usize> = it.into_iter().map(NodeIndex::index).collect();
            cycle.sort_unstable();
            cycle
        })
        .collect();
    res.sort();
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_by_need_then_by_adding() {
        let mut dag = Dag::new();
        let [c, a, b] = ["c", "a", "b"].map(|it| dag.add(it));
        dag.connect(c, b);
        dag.connect(c, b);
        dag.connect(a, a);
        assert_eq!(dag.order(), Ok(vec![a, b, c]));
    }

    #[test]
    fn cycles_are_found_apart() {
        let mut dag = Dag::new();
        let [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(|it| dag.add(it));
        for (from, to) in [(a, b), (b, a), (c, d), (d, e), (e, c), (c, a)] {
            dag.connect(from, to);
        }
        assert_eq!(dag.order(), Err(vec![vec![a, b], vec![c, d, e]]));
    }

    #[test]
    fn long_chains_need_no_stack() {
        let mut dag = Dag::new();
        let all: Vec<usize> = (0..100_000).map(|it| dag.add(it)).collect();
        for pair in all.windows(2) {
            dag.connect(pair[0], pair[1]);
        }
        assert_eq!(dag.order().unwrap().len(), 100_000);
        dag.connect(all[99_999], all[0]);
        assert_eq!(dag.order().unwrap_err()[0].len(), 100_000);
    }
}
