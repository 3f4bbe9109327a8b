//! `terraform` and `provider` blocks.

use crate::{check, loaded};

#[test]
fn providers_are_known_by_local_names() {
    let loaded = loaded(
        r#"
terraform {
  required_version = ">= 1.5, < 2.0"
  required_providers {
    dokploy = {
      source                = "ahmedali6/dokploy"
      version               = "~> 0.1"
      configuration_aliases = [dokploy.staging]
    }
    old = "~> 1.0"
  }
  backend "local" {
    path = "x.tfstate"
  }
}
provider "dokploy" {
  alias = "staging"
  host  = "x"
}
"#,
    );
    let root = loaded.config.root();
    let dokploy = &root.settings.required_providers["dokploy"];
    assert_eq!(
        dokploy.source.to_string(),
        "registry.terraform.io/ahmedali6/dokploy"
    );
    assert_eq!(dokploy.aliases[0].to_string(), "dokploy.staging");
    assert!(!root.settings.required_providers["old"].explicit);
    assert_eq!(root.settings.backend.as_ref().unwrap().kind.name, "local");
    let (name, block) = root.providers.iter().next().unwrap();
    assert_eq!(
        (name.to_string().as_str(), block.body.attributes.len()),
        ("dokploy.staging", 1)
    );
}

#[test]
fn settings_that_are_wrong() {
    check(
        r#"
terraform {
  required_version = var.x
  experiments      = [a]
  language         = foo
  nope             = 1
  backend "local" {}
  backend "local" {}
  cloud {}
}
terraform {
  required_version = "> 2"
}
terraform {
  required_version = "banana"
}
required_providers {}
"#,
        r#"
        E main.tf:3 Variables not allowed: var
        E main.tf:4 Module uses experimental features: experiments
        E main.tf:5 Unsupported language edition: foo
        E main.tf:6 Unsupported argument: nope
        E main.tf:7 Both a backend and cloud configuration are present: backend "local"
        E main.tf:8 Duplicate backend configuration: backend "local"
        E main.tf:12 Unsupported Terraform Core version: required_version = "> 2"
        E main.tf:15 Invalid version constraint: "banana"
        E main.tf:17 Invalid required_providers block: required_providers
        "#,
    );
}

#[test]
fn required_providers_that_are_wrong() {
    check(
        r#"
terraform {
  required_providers {
    a        = "nonsense"
    b        = { source = "x/y/z/w" }
    c        = { version = ">= banana" }
    Bad_Name = { source = "hashicorp/x" }
    d        = { nope = 1 }
    e        = { source = "x/F!/g" }
    f        = { configuration_aliases = [f.a.b] }
    block {}
  }
  required_providers {}
}
"#,
        r#"
        E main.tf:4 Invalid version constraint: "nonsense"
        E main.tf:5 Invalid provider source string: "x/y/z/w"
        E main.tf:6 Invalid version constraint: ">= banana"
        E main.tf:7 Invalid provider local name: { source = "hashicorp/x" }
        E main.tf:8 Invalid required_providers object: nope
        E main.tf:9 Invalid provider namespace: "x/F!/g"
        E main.tf:10 Invalid configuration_aliases value: [f.a.b]
        E main.tf:11 Unexpected "block" block: block
        E main.tf:13 Duplicate required providers configuration: required_providers
        "#,
    );
}

#[test]
fn provider_blocks_that_are_wrong() {
    check(
        r#"
provider "x" {
  version = "1.0"
  count   = 1
  lifecycle {}
}
provider "x" {
  alias = "1a"
}
"#,
        r#"
        W main.tf:3 Version constraints inside provider configuration blocks are deprecated: "1.0"
        E Invalid provider configuration alias
        E main.tf:4 Reserved argument name in provider block: count
        E main.tf:5 Reserved block type name in provider block: lifecycle
        "#,
    );
}
