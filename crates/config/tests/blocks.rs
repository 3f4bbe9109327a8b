//! What a block may hold, and how it is decoded.

use config::{IgnoreChanges, Repetition};

use crate::{check, loaded};

#[test]
fn everything_wrong_is_reported_at_once() {
    check(
        r#"
variable "a" {
  description = 5
  sensitive   = "yes"
  nullable    = [1]
  default     = { a = var.b, c = upper("x") }
  defalt      = 1
  wrong {}
}
resorce "a" "b" {}
bar = 1
"#,
        r#"
        E main.tf:4 Unsuitable value type: yes
        E main.tf:5 Unsuitable value type: [
        E main.tf:6 Variables not allowed: var
        E main.tf:6 Function calls not allowed: upper("x")
        E main.tf:7 Unsupported argument: defalt
        E main.tf:8 Unsupported block type: wrong
        E main.tf:10 Unsupported block type: resorce
        E main.tf:11 Unsupported argument: bar
        "#,
    );
}

#[test]
fn labels_fit_the_type_of_the_block() {
    check(
        r#"
variable {}
resource "x" {}
resource "x" "y" "z" {}
locals "x" {}
terraform {
  backend {}
}
"#,
        r#"
        E main.tf:2 Missing name for variable: {
        E main.tf:3 Missing name for resource: {
        E main.tf:4 Extraneous label for resource: "z"
        E main.tf:5 Extraneous label for locals: "x"
        E main.tf:7 Missing type for backend: {
        "#,
    );
}

#[test]
fn names_are_identifiers() {
    check(
        r#"
data "1a" "x" {}
resource "a_b" "has space" {}
output "1b" { value = 1 }
variable "count" {}
provider "Foo" {}
"#,
        r#"
        E main.tf:2 Invalid data source name: "1a"
        E main.tf:3 Invalid resource name: "has space"
        E main.tf:4 Invalid output name: "1b"
        E main.tf:5 Invalid variable name: "count"
        E main.tf:6 Invalid provider local name: provider "Foo"
        "#,
    );
}

#[test]
fn two_declarations_of_one_thing() {
    check(
        r#"
resource "terraform_data" "a" {}
locals { x = 1 }
#- z.tf
resource "terraform_data" "a" {}
locals { x = 2 }
variable "v" {}
variable "v" {}
provider "p" {}
provider "p" {}
provider "p" { alias = "x" }
provider "p" { alias = "x" }
"#,
        r#"
        E z.tf:1 Duplicate resource "terraform_data" configuration: resource "terraform_data" "a"
        E z.tf:2 Duplicate local value definition: x = 2
        E z.tf:4 Duplicate variable declaration: variable "v"
        E z.tf:6 Duplicate provider configuration: provider "p"
        E z.tf:8 Duplicate provider configuration: provider "p"
        "#,
    );
}

#[test]
fn meta_arguments_are_kept_apart() {
    let loaded = loaded(
        r#"
resource "x_y" "a" {
  for_each   = {}
  depends_on = [x_y.b, module.m]
  provider   = x.other
  name       = "n"
  lifecycle {
    create_before_destroy = true
    prevent_destroy       = false
    ignore_changes        = [name, tags["a"]]
    replace_triggered_by  = [x_y.b.id, x_y.c[each.key]]
  }
  provisioner "local-exec" {
    when       = destroy
    on_failure = continue
    command    = "echo ${self.id}"
  }
  block {
    count = 1
  }
  _ {
    count = 2
  }
}
"#,
    );
    let (_, it) = loaded.config.root().resources.iter().next().unwrap();
    assert!(matches!(it.repetition, Repetition::ForEach(_)));
    assert_eq!(it.depends_on.len(), 2);
    assert_eq!(it.provider.to_string(), "x.other");
    assert_eq!(
        it.provider_addr.to_string(),
        "registry.terraform.io/hashicorp/x"
    );
    assert_eq!(it.lifecycle.create_before_destroy, Some(true));
    assert!(it.lifecycle.prevent_destroy.is_some_and(|(it, _)| !it));
    assert!(matches!(&it.lifecycle.ignore_changes, IgnoreChanges::Some(it) if it.len() == 2));
    assert_eq!(it.lifecycle.replace_triggered_by.len(), 2);
    assert!(it.provisioners[0].on_destroy && it.provisioners[0].continue_on_failure);
    let names: Vec<&str> = it
        .body
        .attributes
        .iter()
        .map(|it| it.name.name.as_str())
        .collect();
    assert_eq!(names, ["name", "count"]);
    assert_eq!(it.body.blocks.len(), 1);
}

#[test]
fn meta_arguments_that_are_wrong() {
    check(
        r#"
resource "terraform_data" "a" {
  count    = 1
  for_each = {}
  provider = "x"
  lifecycle {
    create_before_destroy = var.x
    ignore_changes        = ["*"]
    replace_triggered_by  = [1, var.x]
    precondition {
      condition     = true
      error_message = "x"
    }
    postcondition {
      condition     = terraform_data.a.id == 1
      error_message = "x"
    }
  }
  lifecycle {}
  connection {}
  connection {}
  locals {}
  _ {}
  _ {}
}
resource "terraform_data" "b" {
  depends_on = terraform_data.a
  provider   = foo[0]
}
data "x" "y" {
  lifecycle {
    prevent_destroy = true
  }
}
"#,
        r#"
        W main.tf:5 Quoted references are deprecated: "x"
        E main.tf:4 Invalid combination of "count" and "for_each": for_each
        E main.tf:7 Variables not allowed: var
        E main.tf:7 Unsuitable value type: var.x
        E main.tf:8 Invalid ignore_changes wildcard: ["*"]
        E main.tf:9 Invalid replace_triggered_by expression: 1
        E main.tf:9 Invalid reference in replace_triggered_by expression: var.x
        E main.tf:9 Invalid replace_triggered_by expression: var.x
        E main.tf:11 Invalid precondition expression: true
        E main.tf:15 Invalid reference in postcondition: terraform_data.a.id == 1
        E main.tf:19 Duplicate lifecycle block: lifecycle
        E main.tf:21 Duplicate connection block: connection
        E main.tf:22 Reserved block type name in resource block: locals
        E main.tf:24 Duplicate escaping block: _
        E main.tf:27 Invalid expression: terraform_data.a
        E main.tf:28 Invalid provider configuration reference: [0]
        E main.tf:32 Invalid data resource lifecycle argument: prevent_destroy
        "#,
    );
}

#[test]
fn provisioners() {
    check(
        r#"
resource "terraform_data" "a" {
  provisioner "chef" {}
  provisioner "local-exec" {
    when    = "destroy"
    command = var.x
  }
  provisioner "local-exec" {
    when       = foo
    on_failure = bar
    lifecycle {}
  }
}
"#,
        r#"
        W main.tf:5 Quoted keywords are deprecated: "destroy"
        E main.tf:3 The "chef" provisioner has been removed: "chef"
        E main.tf:6 Invalid reference from destroy provisioner: var.x
        E main.tf:9 Invalid "when" keyword: foo
        E main.tf:10 Invalid "on_failure" keyword: bar
        E main.tf:11 Reserved block type name in provisioner block: lifecycle
        "#,
    );
}

#[test]
fn validation_looks_at_its_variable() {
    check(
        r#"
variable "b" {
  validation {
    condition     = local.x == 1
    error_message = "x"
  }
  validation {
    condition = var.b == 1
  }
}
"#,
        r"
        E main.tf:4 Invalid variable validation condition: local.x == 1
        E main.tf:7 Missing required argument
        ",
    );
}

#[test]
fn checks() {
    check(
        r#"
check "a" {
  data "x" "y" {
    count = 1
  }
}
check "b" {
  assert {
    condition     = data.x.y.z
    error_message = "m"
  }
}
check "b" {
  assert {
    condition     = data.x.y.z
    error_message = "m"
  }
}
"#,
        r#"
        E main.tf:2 Zero assert blocks: check "a"
        E main.tf:4 Invalid "count" attribute: count
        E main.tf:13 Duplicate check "b" configuration: check "b"
        "#,
    );
}

#[test]
fn moved_removed_and_import() {
    let loaded = loaded(
        r#"
moved {
  from = a_b.c
  to   = module.m["x"].a_b.c[0]
}
removed {
  from = module.m.a_b.d
  lifecycle {
    destroy = false
  }
}
import {
  for_each = {}
  to       = module.m[each.key].a_b.c[each.value]
  id       = each.key
}
"#,
    );
    let root = loaded.config.root();
    assert_eq!(root.moved[0].to.to_string(), "module.m[\"x\"].a_b.c[0]");
    assert_eq!(root.removed[0].from.to_string(), "module.m.a_b.d");
    assert!(!root.removed[0].destroy);
    assert_eq!(root.imports[0].target.to_string(), "module.m.a_b.c");
    check(
        r#"
moved {
  from = module.a
  to   = a_b.c
}
removed {
  from = a_b.c[0]
}
removed {
  from = data.a.b
}
import {
  to = data.a.b
  id = "x"
}
import {
  to = a_b.c
  id = "x"
}
import {
  to = a_b.c
  id = "y"
}
"#,
        r#"
        E main.tf:2 Invalid "moved" addresses: moved
        E main.tf:7 Resource instance keys not allowed: [0]
        E main.tf:10 Data source address not allowed: data.a.b
        E main.tf:13 Invalid import address: to = data.a.b
        E main.tf:21 Duplicate import configuration for "a_b.c": a_b.c
        "#,
    );
}

#[test]
fn json_is_the_same_language() {
    let loaded = loaded(
        r#"
#- main.tf.json
{
  "//": "a comment",
  "terraform": {"required_providers": {"d": {"source": "ahmedali6/dokploy"}}},
  "variable": {"v": {"type": "list(string)", "default": ["x"]}},
  "locals": {"a": "${var.v[0]}"},
  "resource": {"d_x": {
    "a": {"depends_on": ["d_x.b"], "provider": "d.other", "name": "n",
      "lifecycle": {"ignore_changes": "all", "create_before_destroy": true}},
    "b": [{"count": 1}]
  }},
  "module": {"m": {"source": "./m", "providers": {"d": "d.other"}}}
}
#- m/main.tf.json
{"terraform": {"required_providers": {"d": {"source": "ahmedali6/dokploy"}}}}
"#,
    );
    let root = loaded.config.root();
    assert_eq!(root.resources.len(), 2);
    let a = root.resources.values().next().unwrap();
    assert_eq!(a.provider.to_string(), "d.other");
    assert_eq!(
        a.provider_addr.to_string(),
        "registry.terraform.io/ahmedali6/dokploy"
    );
    assert!(matches!(a.lifecycle.ignore_changes, IgnoreChanges::All));
    assert_eq!(a.depends_on.len(), 1);
    assert!(matches!(
        root.variables["v"].ty.as_ref().unwrap().kind,
        hcl::ExprKind::Call(_)
    ));
    assert_eq!(root.calls["m"].providers.as_ref().unwrap().len(), 1);
    check(
        r#"
#- main.tf.json
{
  "foo": 1,
  "variable": {"x": {"foo": 1}},
  "resource": {"a_b": {"x": {"depends_on": ["a b"], "lifecycle": {"prevent_destroy": "${true}"}}}},
  "output": {"a": {}}
}
"#,
        r#"
        E main.tf.json:2 Extraneous JSON object property: "foo"
        E main.tf.json:3 Extraneous JSON object property: "foo"
        E main.tf.json:4 Invalid expression: "a b"
        E main.tf.json:4 Unsuitable value type: "${true}"
        E main.tf.json:5 Missing required argument: }
        "#,
    );
}

#[test]
fn constant_texts_may_be_templates() {
    let loaded = loaded(
        r#"
output "o" {
  description = "a${"b"}-${1}${true}"
  value       = 1
}
variable "v" {
  description = "${"b"}"
}
"#,
    );
    let root = loaded.config.root();
    assert_eq!(root.outputs["o"].description.as_deref(), Some("ab-1true"));
    assert_eq!(root.variables["v"].description.as_deref(), Some("b"));
    check(
        r#"
output "o" {
  description = "a${upper("b")}"
  value       = 1
}
"#,
        r#"
        E main.tf:3 Unsuitable value type: a
        E main.tf:3 Function calls not allowed: upper("b")
        "#,
    );
}
