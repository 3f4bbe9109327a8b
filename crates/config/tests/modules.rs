//! The tree of modules, and the files that make it.

use addr::ModulePath;
use config::{Files as _, MapFiles, load};
use diag::{Diagnostics, SourceMap};

use crate::{check, loaded, report};

#[test]
fn local_modules_are_read_where_they_are() {
    let loaded = loaded(
        r#"
module "a" { source = "./m" }
module "b" { source = "./m/../m/" }
#- m/main.tf
module "c" { source = "../n" }
#- n/main.tf
output "o" { value = 1 }
"#,
    );
    let paths: Vec<String> = loaded
        .config
        .modules
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        paths,
        [
            "",
            "module.a",
            "module.a.module.c",
            "module.b",
            "module.b.module.c"
        ]
    );
    let c = loaded
        .config
        .module(&ModulePath::root().child("a").child("c"))
        .unwrap();
    assert_eq!(
        (c.directory.as_str(), c.source.as_deref()),
        ("n", Some("../n"))
    );
    let files: Vec<&str> = loaded.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(files, ["main.tf", "m/main.tf", "n/main.tf"]);
}

#[test]
fn modules_that_cannot_be_read() {
    check(
        r#"
module "self" { source = "./" }
module "gone" { source = "./gone" }
module "registry" { source = "a/b/c" }
module "word" { source = "foo" }
module "version" { 
  source  = "./m"
  version = "1.0"
}
"#,
        r#"
        E main.tf:2 Module not installed: module "self"
        E main.tf:3 Unreadable module directory: "./gone"
        E main.tf:4 Module not installed: module "registry"
        E main.tf:5 Invalid module source address: "foo"
        E main.tf:7 Invalid registry module source address: "./m"
        "#,
    );
}

#[test]
fn a_circle_of_modules_ends() {
    check(
        r#"
module "a" { source = "./a" }
#- a/main.tf
module "b" { source = "../b" }
#- b/main.tf
module "a" { source = "../a" }
"#,
        r#"E b/main.tf:1 Module not installed: module "a""#,
    );
}

#[test]
fn installed_modules_are_found_by_the_manifest() {
    let loaded = loaded(
        r#"
module "r" { source = "a/b/c" }
#- .terraform/modules/modules.json
{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"r","Source":"registry.terraform.io/a/b/c","Version":"1.0.0","Dir":".terraform/modules/r"}]}
#- .terraform/modules/r/main.tf
output "o" { value = 1 }
"#,
    );
    let r = loaded
        .config
        .module(&ModulePath::root().child("r"))
        .unwrap();
    assert_eq!(r.outputs.len(), 1);
}

#[test]
fn mistakes_of_a_module_called_twice_are_reported_once() {
    check(
        r#"
module "a" { source = "./m" }
module "b" { source = "./m" }
#- m/main.tf
variable "x" { nope = 1 }
"#,
        "E m/main.tf:1 Unsupported argument: nope",
    );
}

#[test]
fn files_of_editors_are_not_read_and_tofu_files_win() {
    let loaded = loaded(
        r"
locals { a = 1 }
#- main.tofu
locals { b = 1 }
#- .hidden.tf
broken
#- back.tf~
broken
#- #auto.tf#
broken
#- readme.md
broken
",
    );
    let names: Vec<&str> = loaded.config.root().locals.keys().map(|it| &**it).collect();
    assert_eq!(names, ["b"]);
}

#[test]
fn provider_configurations_are_passed_on() {
    check(
        r#"
module "x" {
  source    = "./m"
  count     = 1
}
module "y" { source = "./n" }
module "z" {
  source    = "./n"
  providers = { d.other = d, d.nope = d }
}
#- m/main.tf
provider "d" { host = "x" }
#- n/main.tf
terraform {
  required_providers {
    d = {
      source                = "ahmedali6/dokploy"
      configuration_aliases = [d.other]
    }
  }
}
provider "d" {}
"#,
        r#"
        W n/main.tf:9 Redundant empty provider block: provider "d"
        E main.tf:4 Module is incompatible with count, for_each, and depends_on: 1
        E main.tf:6 Missing required provider configuration: module "y"
        E main.tf:9 Provider type mismatch: d
        E main.tf:9 Reference to undefined provider: d
        E main.tf:9 Provider type mismatch: d
        "#,
    );
}

#[test]
fn an_empty_directory_is_an_empty_module_and_a_missing_one_an_error() {
    let (loaded, reported) = report("");
    assert_eq!(reported, "");
    assert!(loaded.unwrap().files.is_empty());
    let mut diags = Diagnostics::new();
    let loaded = load(
        &MapFiles::default(),
        "gone",
        &mut SourceMap::new(),
        &mut diags,
    );
    assert!(loaded.is_none() && diags.has_errors());
    assert!(!MapFiles::default().is_directory("gone"));
}

/// Every recorded configuration, cut anywhere, is loaded without a panic.
#[test]
#[allow(clippy::disallowed_methods, reason = "tests read files")]
fn nothing_panics() {
    let plans =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance/plan");
    let mut n_files = 0;
    for case in std::fs::read_dir(plans).unwrap() {
        for entry in std::fs::read_dir(case.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            let is_case = name == "case.json";
            if is_case
                || !path
                    .extension()
                    .is_some_and(|it| it == "tf" || it == "json")
            {
                continue;
            }
            n_files += 1;
            let step = (text.len() / 40).max(1);
            for cut in (0..=text.len()).step_by(step) {
                if let Some(text) = text.get(..cut) {
                    let files = MapFiles([(name.clone(), text.to_owned())].into());
                    let mut diags = Diagnostics::new();
                    assert!(load(&files, ".", &mut SourceMap::new(), &mut diags).is_some());
                }
            }
        }
    }
    assert!(n_files > 200, "{n_files}");
}
