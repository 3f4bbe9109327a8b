//! Dependencies in the DOT language.

/// The graph as `dot` reads it.
pub fn dot(nodes: &[String], edges: &[(String, String)]) -> String {
    let mut res = String::from(
        "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n",
    );
    for node in nodes {
        res.push_str(&format!(
            "  {} [label={}];\n",
            crate::diff::quoted(node),
            crate::diff::quoted(node)
        ));
    }
    for (from, to) in edges {
        res.push_str(&format!(
            "  {} -> {};\n",
            crate::diff::quoted(from),
            crate::diff::quoted(to)
        ));
    }
    res.push_str("}\n");
    res
}
