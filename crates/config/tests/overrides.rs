//! Override files.

use crate::{check, loaded};

#[test]
fn arguments_are_replaced_and_the_rest_is_kept() {
    let loaded = loaded(
        r#"
variable "v" {
  type    = string
  default = "a"
}
locals { 
  a = 1 
  b = 2 
}
resource "x_y" "a" {
  count = 1
  name  = "a"
  size  = 1
  lifecycle {
    create_before_destroy = true
    prevent_destroy       = true
  }
  disk {}
  disk {}
}
terraform { required_version = "> 1" }
#- override.tf
variable "v" { default = "b" }
locals { b = 3 }
terraform { required_version = "> 1.1" }
#- x_override.tf.json
{"resource": {"x_y": {"a": {"for_each": {}, "size": 2, "lifecycle": {"prevent_destroy": false}}}}}
#- y_override.tf
resource "x_y" "a" {
  disk {}
}
"#,
    );
    let root = loaded.config.root();
    assert!(root.variables["v"].ty.is_some());
    assert_eq!(root.settings.required_versions.len(), 1);
    let (_, it) = root.resources.iter().next().unwrap();
    assert!(matches!(it.repetition, config::Repetition::ForEach(_)));
    assert_eq!(it.lifecycle.create_before_destroy, Some(true));
    assert!(it.lifecycle.prevent_destroy.is_some_and(|(it, _)| !it));
    assert_eq!(it.body.attributes.len(), 2);
    assert_eq!(it.body.blocks.len(), 1);
}

#[test]
fn what_cannot_be_overridden() {
    check(
        r#"
resource "x_y" "a" {}
#- override.tf
resource "x_y" "a" { depends_on = [x_y.c] }
resource "x_y" "none" {}
variable "none" {}
output "none" { value = 1 }
locals { none = 1 }
module "none" { source = "./m" }
data "x" "none" {}
moved {
  from = x_y.a
  to   = x_y.b
}
check "c" {}
"#,
        r#"
        E override.tf:1 Unsupported override: x_y.c
        E override.tf:2 Missing resource to override: resource "x_y" "none"
        E override.tf:3 Missing base variable declaration to override: variable "none"
        E override.tf:4 Missing base output definition to override: output "none"
        E override.tf:5 Missing base local value definition to override: none = 1
        E override.tf:6 Missing module call to override: module "none"
        E override.tf:7 Missing data resource to override: data "x" "none"
        E override.tf:8 Cannot override 'moved' blocks: moved
        E override.tf:12 Can't override check blocks: check "c"
        "#,
    );
}
