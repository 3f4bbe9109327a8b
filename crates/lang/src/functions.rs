//! The function library: rows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use value::function::Function;

/// All functions by name.
pub fn all() -> &'static BTreeMap<&'static str, Function> {
    static ALL: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(BTreeMap::new);
    &ALL
}
