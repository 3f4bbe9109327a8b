//! How fast a dense file parses and how much memory its tree takes, beside hcl-edit in the same run, since only the
//! ratio means something on another machine.
//!
//! `cargo bench -p hcl`. The column `max alloc` is the peak of the heap. Goals: 60 MB/s where hcl-edit has 9, and at most
//! 15 bytes a byte where hcl-edit has 42.

use std::fmt::Write as _;

use diag::{Diagnostics, SourceId};
use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const SIZE: usize = 20_000_000;

/// Blocks with arguments of every kind and little white space; hcl-edit takes 53 bytes a byte of it.
fn dense() -> String {
    let mut res = String::with_capacity(SIZE + 1_000);
    let mut i = 0;
    while res.len() < SIZE {
        i += 1;
        let _ = write!(
            res,
            "resource \"terraform_data\" \"r{i}\" {{\n  count = {i}\n  label = \"name-${{var.name}}-{i}\"\n  ports = [80, 443, local.ports[{i}].port, true]\n  options = {{ key = var.value, \"quoted\" = lookup(var.map, -1) }}\n  chosen = var.count == {i} ? local.list : [for item in var.items : item.name if item.size > 0]\n  nested {{\n    nothing = null\n    text = \"plain text\"\n  }}\n}}\n"
        );
    }
    res
}

/// What people write: names, texts and comments of some length.
fn ordinary() -> String {
    let mut res = String::with_capacity(SIZE + 1_000);
    let mut i = 0;
    while res.len() < SIZE {
        i += 1;
        let _ = write!(
            res,
            "# The registry that the build servers of team {i} push to.\nresource \"dokploy_registry\" \"team_{i}\" {{\n  registry_name = \"team-{i}-registry\"\n  registry_url  = \"registry-{i}.example.com\"\n  username      = var.registry_usernames[\"team-{i}\"]\n  password      = var.registry_passwords[\"team-{i}\"]\n  image_prefix  = \"${{local.organisation}}/team-{i}\"\n\n  lifecycle {{\n    create_before_destroy = true\n  }}\n}}\n\n"
        );
    }
    res
}

#[divan::bench(args = ["dense", "ordinary"], sample_count = 5, sample_size = 1)]
fn ours(bencher: Bencher, name: &str) {
    let text = text(name);
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let mut diags = Diagnostics::new();
        let file = hcl::parse(SourceId(0), &text, &mut diags);
        assert!(diags.is_empty());
        file
    });
}

#[divan::bench(args = ["dense", "ordinary"], sample_count = 2, sample_size = 1)]
fn hcl_edit(bencher: Bencher, name: &str) {
    let text = text(name);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| text.parse::<hcl_edit::structure::Body>());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn fmt(bencher: Bencher) {
    let text = dense();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| hcl::format(SourceId(0), &text, &mut Diagnostics::new()));
}

fn text(name: &str) -> String {
    match name {
        "dense" => dense(),
        _ => ordinary(),
    }
}
