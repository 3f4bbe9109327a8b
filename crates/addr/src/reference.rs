//! What an expression can point to.

use std::fmt;
use std::sync::Arc;

use diag::Span;

use crate::{Key, Resource};

/// A reference of an expression: what it points to, where it stands, and the steps that are left.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// What it points to.
    pub subject: Subject,
    /// The place of the part that names the subject.
    pub span: Span,
    /// The place of the instance key, where the subject has one: `["k"]`.
    pub key_span: Option<Span>,
    /// The steps after it, relative to the subject's value.
    pub rest: Vec<hcl::Step>,
}

/// Something that an expression can name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `var.x`.
    Variable(Arc<str>),
    /// `local.x`.
    Local(Arc<str>),
    /// `module.x`, all of it: one object, or a list or map of them.
    Module(Arc<str>),
    /// `module.x["k"]`.
    ModuleInstance(Arc<str>, Key),
    /// `dokploy_registry.a`, `data.x.y`, all of it.
    Resource(Resource),
    /// `dokploy_registry.a["k"]`.
    ResourceInstance(Resource, Key),
    /// `count.index`.
    CountIndex,
    /// `each.key`.
    EachKey,
    /// `each.value`.
    EachValue,
    /// `self`.
    SelfObject,
    /// `path.module`, `path.root`, `path.cwd`.
    Path(Arc<str>),
    /// `terraform.workspace`, `tofu.workspace`.
    Terraform(Arc<str>),
    /// `check.x` (only as an address).
    Check(Arc<str>),
    /// `output.x` (in test files) and `run.x`.
    Output(Arc<str>),
    /// `run.x` in test files.
    Run(Arc<str>),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Variable(name) => write!(f, "var.{name}"),
            Subject::Local(name) => write!(f, "local.{name}"),
            Subject::Module(name) => write!(f, "module.{name}"),
            Subject::ModuleInstance(name, key) => write!(f, "module.{name}{key}"),
            Subject::Resource(resource) => resource.fmt(f),
            Subject::ResourceInstance(resource, key) => write!(f, "{resource}{key}"),
            Subject::CountIndex => f.write_str("count.index"),
            Subject::EachKey => f.write_str("each.key"),
            Subject::EachValue => f.write_str("each.value"),
            Subject::SelfObject => f.write_str("self"),
            Subject::Path(name) => write!(f, "path.{name}"),
            Subject::Terraform(name) => write!(f, "terraform.{name}"),
            Subject::Check(name) => write!(f, "check.{name}"),
            Subject::Output(name) => write!(f, "output.{name}"),
            Subject::Run(name) => write!(f, "run.{name}"),
        }
    }
}
