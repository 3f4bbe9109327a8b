//! The types: what a directory of `.tf` files declares.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{LocalProvider, ModulePath, Provider, Resource as ResourceAddr, Target};
use diag::Span;
use hcl::{Body, Expr, Ident};

/// The tree of modules.
#[derive(Debug, Clone)]
pub struct Config {
    /// Every module by its call path; the root is always there.
    pub modules: BTreeMap<ModulePath, Arc<Module>>,
}

impl Config {
    /// The root module.
    pub fn root(&self) -> &Module {
        static EMPTY: std::sync::LazyLock<Module> = std::sync::LazyLock::new(Module::default);
        self.modules
            .get(&ModulePath::root())
            .map_or(&*EMPTY, |it| it)
    }

    /// A module by its call path.
    pub fn module(&self, path: &ModulePath) -> Option<&Module> {
        self.modules.get(path).map(|it| &**it)
    }

    /// Whether there is a block of a resource.
    pub fn declares(&self, resource: &addr::ConfigResource) -> bool {
        let module = self.module(&resource.module);
        module.is_some_and(|it| it.resources.contains_key(&resource.resource))
    }
}

/// One directory.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// The directory, relative to the working directory of the run (`.` for the root).
    pub directory: String,
    /// The call that led here; `None` for the root.
    pub source: Option<String>,
    /// `terraform` blocks.
    pub settings: Settings,
    /// `variable` blocks by name. `BTreeMap`s: the order of the files does not matter, and output is sorted.
    pub variables: BTreeMap<Arc<str>, Variable>,
    /// `locals` by name.
    pub locals: BTreeMap<Arc<str>, Local>,
    /// `output` blocks by name.
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// `provider` blocks.
    pub providers: BTreeMap<LocalProvider, ProviderBlock>,
    /// `resource`, `data` and `ephemeral` blocks.
    pub resources: BTreeMap<ResourceAddr, Resource>,
    /// `module` blocks by name.
    pub calls: BTreeMap<Arc<str>, ModuleCall>,
    /// Whether there are `module` blocks: also ones with mistakes, which are not among the calls.
    pub has_calls: bool,
    /// `moved` blocks.
    pub moved: Vec<Moved>,
    /// `removed` blocks.
    pub removed: Vec<Removed>,
    /// `import` blocks.
    pub imports: Vec<Import>,
    /// `check` blocks by name. Their scoped data sources are in `resources`, with `check` set.
    pub checks: BTreeMap<Arc<str>, Check>,
}

impl Module {
    /// Which provider a local name means here.
    pub fn provider(&self, local: &str) -> Option<&Provider> {
        self.settings
            .required_providers
            .get(local)
            .map(|it| &it.source)
    }

    /// The same, or what the name implies where `required_providers` has nothing of it.
    pub fn provider_or_implied(&self, local: &str) -> Provider {
        let named = self.provider(local).cloned();
        named.unwrap_or_else(|| Provider::implied(local))
    }
}

/// All `terraform` blocks of a module together.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `required_version` constraints, with their places.
    pub required_versions: Vec<(String, Span)>,
    /// `required_providers` by local name.
    pub required_providers: BTreeMap<Arc<str>, RequiredProvider>,
    /// `backend`.
    pub backend: Option<Backend>,
    /// `cloud` (its place); not supported by the engine.
    pub cloud: Option<Span>,
    /// `encryption` (OpenTofu).
    pub encryption: Option<Body>,
}

/// A row of `required_providers`.
#[derive(Debug, Clone)]
pub struct RequiredProvider {
    /// The source address; the implied one where none is given.
    pub source: Provider,
    /// Whether the source was given.
    pub explicit: bool,
    /// Version constraints, as written.
    pub version: Option<String>,
    /// `configuration_aliases`.
    pub aliases: Vec<LocalProvider>,
    /// Where.
    pub span: Span,
}

/// `backend "local" { … }`.
#[derive(Debug, Clone)]
pub struct Backend {
    /// The type.
    pub kind: Ident,
    /// Its arguments.
    pub body: Body,
    /// The block's header.
    pub span: Span,
}

/// `variable "name" { … }`.
#[derive(Debug, Clone)]
pub struct Variable {
    /// The name.
    pub name: Ident,
    /// The header.
    pub span: Span,
    /// `type`, an expression for `lang::types`.
    pub ty: Option<Expr>,
    /// `default`.
    pub default: Option<Expr>,
    /// `description`.
    pub description: Option<String>,
    /// `sensitive`.
    pub sensitive: bool,
    /// `ephemeral`.
    pub ephemeral: bool,
    /// `nullable`; true unless set.
    pub nullable: bool,
    /// `deprecated`.
    pub deprecated: Option<String>,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
}

/// `condition` and `error_message` of a `validation`, `precondition`, `postcondition` or `assert` block.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Must be true.
    pub condition: Expr,
    /// What to say if it is not.
    pub message: Expr,
    /// The block's header.
    pub span: Span,
}

/// `name = expr` in `locals`.
#[derive(Debug, Clone)]
pub struct Local {
    /// The name.
    pub name: Ident,
    /// The value.
    pub expr: Expr,
}

/// `output "name" { … }`.
#[derive(Debug, Clone)]
pub struct Output {
    /// The name.
    pub name: Ident,
    /// The header.
    pub span: Span,
    /// `value`.
    pub value: Expr,
    /// `description`.
    pub description: Option<String>,
    /// `sensitive`; `None` where not set.
    pub sensitive: Option<bool>,
    /// `ephemeral`.
    pub ephemeral: bool,
    /// `depends_on`.
    pub depends_on: Vec<hcl::Traversal>,
    /// Preconditions.
    pub preconditions: Vec<Condition>,
    /// `deprecated`.
    pub deprecated: Option<String>,
}

/// `provider "name" { … }`.
#[derive(Debug, Clone)]
pub struct ProviderBlock {
    /// `name` and `alias`.
    pub local: LocalProvider,
    /// Its arguments, without `alias` and `version`.
    pub body: Body,
    /// The header.
    pub span: Span,
}

/// How many instances.
#[derive(Debug, Clone)]
pub enum Repetition {
    /// One.
    None,
    /// `count`.
    Count(Expr),
    /// `for_each`.
    ForEach(Expr),
}

/// `resource`, `data` or `ephemeral`.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its address in the module.
    pub addr: ResourceAddr,
    /// The header.
    pub span: Span,
    /// Where the type label stands.
    pub kind_span: Span,
    /// Its arguments, without meta-arguments and meta-blocks.
    pub body: Body,
    /// `count`, `for_each`.
    pub repetition: Repetition,
    /// Which provider configuration: `provider = x.y`, or the one that the type implies.
    pub provider: LocalProvider,
    /// Where `provider` is set, if it is.
    pub provider_span: Option<Span>,
    /// The provider's source address in this module.
    pub provider_addr: Provider,
    /// `depends_on`.
    pub depends_on: Vec<hcl::Traversal>,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// `provisioner` blocks.
    pub provisioners: Vec<Provisioner>,
    /// `connection`.
    pub connection: Option<Body>,
    /// The `check` block around it (scoped data sources).
    pub check: Option<Arc<str>>,
}

/// `lifecycle { … }`.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    /// `create_before_destroy`; `None` where not set.
    pub create_before_destroy: Option<bool>,
    /// `prevent_destroy`, with its place.
    pub prevent_destroy: Option<(bool, Span)>,
    /// `ignore_changes`.
    pub ignore_changes: IgnoreChanges,
    /// `replace_triggered_by`.
    pub replace_triggered_by: Vec<Expr>,
    /// Preconditions.
    pub preconditions: Vec<Condition>,
    /// Postconditions.
    pub postconditions: Vec<Condition>,
}

/// `ignore_changes`.
#[derive(Debug, Clone, Default)]
pub enum IgnoreChanges {
    /// Nothing.
    #[default]
    None,
    /// `all`.
    All,
    /// Attributes, as relative traversals whose root is the first attribute.
    Some(Vec<hcl::Traversal>),
}

/// `provisioner "local-exec" { … }`.
#[derive(Debug, Clone)]
pub struct Provisioner {
    /// The type.
    pub kind: Ident,
    /// Its arguments, without `when` and `on_failure`.
    pub body: Body,
    /// `when = destroy`.
    pub on_destroy: bool,
    /// `on_failure = continue`.
    pub continue_on_failure: bool,
    /// Its own `connection`.
    pub connection: Option<Body>,
    /// The header.
    pub span: Span,
}

/// `module "name" { … }`.
#[derive(Debug, Clone)]
pub struct ModuleCall {
    /// The name.
    pub name: Ident,
    /// The header.
    pub span: Span,
    /// `source`, with its place.
    pub source: (String, Span),
    /// `version`.
    pub version: Option<(String, Span)>,
    /// The arguments, without meta-arguments.
    pub body: Body,
    /// `count`, `for_each`.
    pub repetition: Repetition,
    /// `providers`: name in the child → name here. `None` where not set: default configurations are inherited.
    pub providers: Option<Vec<(LocalProvider, LocalProvider, Span)>>,
    /// `depends_on`.
    pub depends_on: Vec<hcl::Traversal>,
}

/// `moved { from = …, to = … }`.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The address before, relative to the module.
    pub from: Target,
    /// The address now.
    pub to: Target,
    /// The block's header.
    pub span: Span,
    /// Where `from` is set.
    pub from_span: Span,
    /// Where `to` is set.
    pub to_span: Span,
}

/// `removed { from = … }`.
#[derive(Debug, Clone)]
pub struct Removed {
    /// What is no longer declared.
    pub from: Target,
    /// `lifecycle { destroy = false }`: forget without destroying.
    pub destroy: bool,
    /// Destroy-time provisioners.
    pub provisioners: Vec<Provisioner>,
    /// The block's header.
    pub span: Span,
    /// Where `from` is set.
    pub from_span: Span,
}

/// `import { to = …, id = … }`.
#[derive(Debug, Clone)]
pub struct Import {
    /// Where to (may have `each.key` as its key, so an expression).
    pub to: Expr,
    /// The resource that `to` names, keys aside.
    pub target: addr::ConfigResource,
    /// What.
    pub id: Expr,
    /// `for_each`.
    pub for_each: Option<Expr>,
    /// `provider`.
    pub provider: Option<(LocalProvider, Span)>,
    /// The block's header.
    pub span: Span,
}

/// `check "name" { … }`.
#[derive(Debug, Clone)]
pub struct Check {
    /// The name.
    pub name: Ident,
    /// The header.
    pub span: Span,
    /// `assert` blocks.
    pub asserts: Vec<Condition>,
    /// Its scoped data source.
    pub data: Option<ResourceAddr>,
}
