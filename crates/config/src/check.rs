//! `check` blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl::Block;

use crate::reader::Reader;
use crate::spec::Spec;
use crate::{Check, RequiredProvider, Resource, code, resource};

/// Decodes a check and its scoped data source.
pub(crate) fn check(
    block: &Block,
    required: &BTreeMap<Arc<str>, RequiredProvider>,
    reader: &mut Reader<'_>,
) -> Option<(Check, Option<Resource>)> {
    const SPEC: Spec = Spec {
        arguments: &[],
        blocks: &[("data", &["type", "name"]), ("assert", &[])],
    };
    let content = SPEC.all(&block.body, reader.diags);
    let name = block.labels.first()?.clone();
    reader.name(&name, "Invalid check block name");
    let mut data: Option<Resource> = None;
    let mut asserts = Vec::new();
    for it in &content.blocks {
        if it.kind.name == "assert" {
            asserts.extend(reader.condition(it));
            continue;
        }
        if let Some(first) = &data {
            let detail = format!(
                "A check reads at most one data source, and this one has the first at {}. Put the second into a check of its own, or outside of the check.",
                reader.place(first.span)
            );
            reader.error(&code::MULTIPLE_DATA, detail, it.header());
            continue;
        }
        data = resource::data(it, Some(&name.name), required, reader);
    }
    if asserts.is_empty() {
        reader.error(
            &code::ZERO_ASSERTS,
            "A check block has at least one complete \"assert\" block; without it nothing is checked.",
            block.header(),
        );
    }
    let res = Check {
        span: block.header(),
        asserts,
        data: data.as_ref().map(|it| it.addr.clone()),
        name,
    };
    Some((res, data))
}
