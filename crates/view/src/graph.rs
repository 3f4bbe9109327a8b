//! Dependencies in the DOT language.

use std::collections::{BTreeMap, BTreeSet};

use addr::{ConfigResource, ModulePath};

use crate::diff::quoted;

/// The graph of a walk as `dot` reads it: nodes with a shape, and edges; names have a prefix that tools know.
pub fn walk<'a>(
    nodes: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
    edges: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let name = |it: &str| quoted(&format!("[root] {it}"));
    let mut res = String::from(
        "digraph {\n\tcompound = \"true\"\n\tnewrank = \"true\"\n\tsubgraph \"root\" {\n",
    );
    for (node, label, shape) in nodes {
        res.push_str(&format!(
            "\t\t{} [label = {}, shape = \"{shape}\"]\n",
            name(node),
            quoted(label)
        ));
    }
    let mut lines: Vec<String> = edges
        .map(|(from, to)| format!("\t\t{} -> {}\n", name(from), name(to)))
        .collect();
    lines.sort();
    res.extend(lines);
    res.push_str("\t}\n}\n");
    res
}

/// The graph as `dot` reads it: a node for each resource, a cluster for each module, an edge for each dependency.
pub fn dot(
    resources: &BTreeSet<ConfigResource>,
    edges: &BTreeSet<(ConfigResource, ConfigResource)>,
) -> String {
    let mut res = String::from(
        "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n",
    );
    if resources.is_empty() {
        res.push_str("  /* This configuration does not contain any resources.         */\n");
        res.push_str("  /* For a more detailed graph, try: dokplan graph -type=plan */\n}\n");
        return res;
    }
    let mut modules: BTreeMap<&ModulePath, Vec<&ConfigResource>> = BTreeMap::new();
    for it in resources {
        modules.entry(&it.module).or_default().push(it);
    }
    for (module, resources) in modules {
        let mut resources: Vec<_> = resources
            .into_iter()
            .map(|it| (it.to_string(), it.resource.to_string()))
            .collect();
        resources.sort();
        let pad = if module.is_root() { "  " } else { "    " };
        if !module.is_root() {
            res.push_str(&format!("  subgraph \"cluster_{module}\" {{\n    label = \"{module}\"\n    fontname = \"sans-serif\"\n"));
        }
        for (name, label) in resources {
            res.push_str(&format!(
                "{pad}{} [label={}];\n",
                quoted(&name),
                quoted(&label)
            ));
        }
        if !module.is_root() {
            res.push_str("  }\n");
        }
    }
    let mut lines: Vec<(bool, String)> = edges
        .iter()
        .map(|(from, to)| {
            let line = format!(
                "  {} -> {};\n",
                quoted(&from.to_string()),
                quoted(&to.to_string())
            );
            (!from.module.is_root(), line)
        })
        .collect();
    lines.sort();
    res.extend(lines.into_iter().map(|(_, line)| line));
    res.push_str("}\n");
    res
}
