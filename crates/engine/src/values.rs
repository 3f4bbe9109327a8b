//! Results so far, and the [`Scope`] over them: what an address is worth to an expression of a module instance.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use addr::{Key, ModuleInstance, ModulePath, Reference, Subject};
use config::{Config, Repetition};
use diag::{Diagnostic, Diagnostics, Fact};
use hcl::{Step, StepKind};
use lang::Scope;
use value::function::World;
use value::{Marks, Type, Value};

use crate::expand::{Each, unknown_each};
use crate::providers::Schemas;
use crate::{Common, code};

/// What the walk is for, where that makes a difference to what an address is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing has a value; types and names are checked.
    Validate,
    /// What is not there yet is unknown.
    Plan,
    /// Everything needed is there.
    Apply,
    /// What is not there is unknown, and nobody complains.
    Console,
}

/// Results so far.
pub(crate) struct Values<'a> {
    pub(crate) config: &'a Config,
    pub(crate) common: &'a Common<'a>,
    pub(crate) schemas: &'a Schemas,
    pub(crate) phase: Phase,
    /// Module instances; the root is the first.
    pub(crate) modules: Vec<ModuleValues<'a>>,
    by_path: BTreeMap<ModulePath, Vec<usize>>,
    by_addr: BTreeMap<ModuleInstance, usize>,
}

/// Results in one module instance.
pub(crate) struct ModuleValues<'a> {
    pub(crate) addr: ModuleInstance,
    pub(crate) path: ModulePath,
    pub(crate) config: &'a config::Module,
    pub(crate) parent: Option<usize>,
    /// What the call's arguments see.
    pub(crate) each: Each,
    pub(crate) variables: BTreeMap<Arc<str>, Value>,
    pub(crate) locals: BTreeMap<Arc<str>, Value>,
    pub(crate) outputs: BTreeMap<Arc<str>, Value>,
    resources: BTreeMap<addr::Resource, ResourceValues>,
    calls: BTreeMap<Arc<str>, CallValues>,
}

#[derive(Default)]
struct ResourceValues {
    /// Whether the instances are all known (by key).
    expanded: bool,
    instances: BTreeMap<Key, Value>,
    whole: OnceLock<Value>,
}

#[derive(Default)]
struct CallValues {
    expanded: bool,
    instances: BTreeMap<Key, usize>,
}

impl<'a> Values<'a> {
    pub(crate) fn new(common: &'a Common<'a>, schemas: &'a Schemas, phase: Phase) -> Self {
        let mut res = Self {
            config: common.config,
            common,
            schemas,
            phase,
            modules: Vec::new(),
            by_path: BTreeMap::new(),
            by_addr: BTreeMap::new(),
        };
        res.add(ModuleInstance::root(), None, Each::None);
        res
    }

    fn add(&mut self, addr: ModuleInstance, parent: Option<usize>, each: Each) -> Option<usize> {
        let path = addr.path();
        let config = if path.is_root() {
            self.config.root()
        } else {
            self.config.module(&path)?
        };
        let at = self.modules.len();
        self.by_path.entry(path.clone()).or_default().push(at);
        self.by_addr.insert(addr.clone(), at);
        self.modules.push(ModuleValues {
            addr,
            path,
            config,
            parent,
            each,
            variables: BTreeMap::new(),
            locals: BTreeMap::new(),
            outputs: BTreeMap::new(),
            resources: BTreeMap::new(),
            calls: BTreeMap::new(),
        });
        Some(at)
    }

    /// The instances of a module so far.
    pub(crate) fn instances_of(&self, path: &ModulePath) -> Vec<usize> {
        self.by_path.get(path).cloned().unwrap_or_default()
    }

    /// A module instance, if the configuration asks for it.
    pub(crate) fn module_at(&self, addr: &ModuleInstance) -> Option<usize> {
        self.by_addr.get(addr).copied()
    }

    /// Sets the instances of a module call.
    pub(crate) fn set_call(
        &mut self,
        parent: usize,
        name: &Arc<str>,
        instances: Vec<(Key, Each)>,
        expanded: bool,
    ) {
        let mut call = CallValues {
            expanded,
            instances: BTreeMap::new(),
        };
        for (key, each) in instances {
            let addr = self.modules[parent].addr.child(name, key.clone());
            if let Some(at) = self.add(addr, Some(parent), each) {
                call.instances.insert(key, at);
            }
        }
        self.modules[parent].calls.insert(name.clone(), call);
    }

    /// Says that the instances of a resource are known; values may follow.
    pub(crate) fn set_expanded(&mut self, module: usize, resource: &addr::Resource) {
        self.modules[module]
            .resources
            .entry(resource.clone())
            .or_default()
            .expanded = true;
    }

    /// Sets the value of an instance.
    pub(crate) fn set_instance(
        &mut self,
        module: usize,
        resource: &addr::Resource,
        key: &Key,
        value: Value,
    ) {
        let entry = self.modules[module]
            .resources
            .entry(resource.clone())
            .or_default();
        entry.instances.insert(key.clone(), value);
        entry.whole = OnceLock::new();
    }

    /// The surroundings of an expression of a module instance.
    pub(crate) fn at<'v>(&'v self, module: usize, each: &'v Each) -> At<'v, 'a> {
        At {
            values: self,
            module,
            each,
            object: None,
        }
    }

    /// The value of a module call: an object of outputs, or a tuple or object of them.
    fn call_value(&self, parent: usize, name: &str, repetition: &Repetition) -> Value {
        let outputs_of = |at: usize| {
            let module = &self.modules[at];
            Value::object(module.config.outputs.keys().map(|name| {
                let value = module.outputs.get(name).cloned();
                (name.clone(), value.unwrap_or_else(Value::dynamic))
            }))
        };
        let call = self.modules[parent].calls.get(name);
        let call = call.filter(|it| it.expanded && self.phase != Phase::Validate);
        match (call, repetition) {
            (Some(call), Repetition::None) => call
                .instances
                .values()
                .next()
                .map_or_else(Value::dynamic, |at| outputs_of(*at)),
            (Some(call), Repetition::Count(_)) => {
                Value::tuple(call.instances.values().map(|at| outputs_of(*at)).collect())
            }
            (Some(call), Repetition::ForEach(_)) => {
                Value::object(call.instances.iter().filter_map(|(key, at)| match key {
                    Key::Str(key) => Some((key.clone(), outputs_of(*at))),
                    Key::None | Key::Int(_) => None,
                }))
            }
            (None, repetition) => {
                let child = self.modules[parent].path.child(name);
                let outputs = self.config.module(&child).map(|it| &it.outputs);
                let names = outputs.into_iter().flat_map(|it| it.keys().cloned());
                let object = Type::object(names.map(|name| (name, Type::Dynamic)));
                Value::unknown(match repetition {
                    Repetition::None => object,
                    Repetition::Count(_) => Type::list(object),
                    Repetition::ForEach(_) => Type::map(object),
                })
            }
        }
    }
}

impl ResourceValues {
    fn whole(&self, repetition: &Repetition) -> Value {
        self.whole
            .get_or_init(|| match repetition {
                Repetition::None => self
                    .instances
                    .get(&Key::None)
                    .cloned()
                    .unwrap_or_else(Value::dynamic),
                Repetition::Count(_) => Value::tuple(
                    self.instances
                        .iter()
                        .filter(|(key, _)| matches!(key, Key::Int(_)))
                        .map(|(_, it)| it.clone())
                        .collect(),
                ),
                Repetition::ForEach(_) => {
                    Value::object(self.instances.iter().filter_map(|(key, it)| match key {
                        Key::Str(key) => Some((key.clone(), it.clone())),
                        Key::None | Key::Int(_) => None,
                    }))
                }
            })
            .clone()
    }
}

/// The surroundings of an expression: a module instance, and what `count`, `each` and `self` are.
#[derive(Clone)]
pub(crate) struct At<'v, 'a> {
    values: &'v Values<'a>,
    module: usize,
    each: &'v Each,
    object: Option<Value>,
}

impl At<'_, '_> {
    /// The same with `self`.
    pub(crate) fn with_self(mut self, object: Value) -> Self {
        self.object = Some(object);
        self
    }

    /// Whether the module declares a variable.
    pub(crate) fn declares_variable(&self, name: &str) -> bool {
        self.here().config.variables.contains_key(name)
    }

    fn here(&self) -> &ModuleValues<'_> {
        &self.values.modules[self.module]
    }

    /// `the root module`, `module.a`.
    fn place(&self) -> String {
        if self.here().path.is_root() {
            "the root module".to_owned()
        } else {
            self.here().path.to_string()
        }
    }

    fn variable(&self, name: &Arc<str>, at: &Reference, diags: &mut Diagnostics) -> Value {
        let here = self.here();
        let Some(declared) = here.config.variables.get(name) else {
            let suggestion =
                diag::suggest::did_you_mean(name, here.config.variables.keys().map(|it| &**it));
            let hint = if suggestion.is_empty() {
                format!(" Declare it with a block `variable \"{name}\" {{}}`.")
            } else {
                suggestion
            };
            let detail = format!("There is no variable \"{name}\" in {}.{hint}", self.place());
            diags.push(Diagnostic::error(&code::UNDECLARED_VARIABLE, detail).at(at.span));
            return Value::dynamic();
        };
        if let Some(value) = here.variables.get(name) {
            return value.clone();
        }
        crate::variables::unknown_value(declared)
    }

    fn local(&self, name: &Arc<str>, at: &Reference, diags: &mut Diagnostics) -> Value {
        let here = self.here();
        if let Some(value) = here.locals.get(name) {
            return value.clone();
        }
        if !here.config.locals.contains_key(name) {
            let suggestion =
                diag::suggest::did_you_mean(name, here.config.locals.keys().map(|it| &**it));
            let detail = format!(
                "There is no local value \"{name}\" in {}.{suggestion}",
                self.place()
            );
            diags.push(Diagnostic::error(&code::UNDECLARED_LOCAL, detail).at(at.span));
        }
        Value::dynamic()
    }

    /// The declaration of a module call; reported where there is none, with the output that was asked for.
    fn call_declared(
        &self,
        name: &Arc<str>,
        at: &Reference,
        diags: &mut Diagnostics,
    ) -> Option<&config::ModuleCall> {
        let here = self.here();
        if let Some(call) = here.config.calls.get(name) {
            return Some(call);
        }
        let suggestion =
            diag::suggest::did_you_mean(name, here.config.calls.keys().map(|it| &**it));
        let detail = format!(
            "There is no module call \"{name}\" in {}.{suggestion}",
            self.place()
        );
        let span = match at.rest.first() {
            Some(Step {
                kind: StepKind::Attr(_),
                span,
            }) => at.span.to(*span),
            _ => at.span,
        };
        diags.push(Diagnostic::error(&code::UNDECLARED_MODULE, detail).at(span));
        None
    }

    fn call(&self, name: &Arc<str>, at: &Reference, diags: &mut Diagnostics) -> Value {
        match self.call_declared(name, at, diags) {
            Some(call) => self.values.call_value(self.module, name, &call.repetition),
            None => Value::dynamic(),
        }
    }

    fn call_instance(
        &self,
        name: &Arc<str>,
        key: &Key,
        at: &Reference,
        diags: &mut Diagnostics,
    ) -> Value {
        let n_errors = diags.n_errors();
        let whole = self.call(name, at, diags);
        if diags.n_errors() > n_errors || !whole.is_known() {
            return Value::dynamic();
        }
        Self::element(&whole, &format!("module.{name}"), key, at, diags)
    }

    /// The element of a tuple or object of instances.
    fn element(
        whole: &Value,
        name: &str,
        key: &Key,
        at: &Reference,
        diags: &mut Diagnostics,
    ) -> Value {
        let found = match key {
            Key::None => Some(whole.clone()),
            Key::Int(it) => usize::try_from(*it)
                .ok()
                .and_then(|it| whole.elements()?.get(it).cloned()),
            Key::Str(it) => whole.get(it),
        };
        found.unwrap_or_else(|| {
            let detail = format!(
                "There is no instance {key} of {name}. {}",
                instances_text(whole)
            );
            diags.push(
                Diagnostic::error(&code::INVALID_INDEX, detail)
                    .at(at.key_span.unwrap_or(at.span))
                    .facts(vec![Fact {
                        traversal: name.to_owned(),
                        statement: format!("is {}", size_text(whole)),
                    }]),
            );
            Value::dynamic()
        })
    }

    /// The declaration of a resource; reported where there is none.
    fn declared(
        &self,
        resource: &addr::Resource,
        at: &Reference,
        diags: &mut Diagnostics,
    ) -> Option<&config::Resource> {
        let here = self.here();
        if let Some(it) = here.config.resources.get(resource) {
            return Some(it);
        }
        let what = match resource.mode {
            addr::Mode::Managed => "managed resource",
            addr::Mode::Data => "data source",
            addr::Mode::Ephemeral => "ephemeral resource",
        };
        let twin = addr::Resource {
            mode: match resource.mode {
                addr::Mode::Managed => addr::Mode::Data,
                addr::Mode::Data | addr::Mode::Ephemeral => addr::Mode::Managed,
            },
            ..resource.clone()
        };
        let suggestion = if here.config.resources.contains_key(&twin) {
            format!(" Did you mean {twin}?")
        } else {
            let all: Vec<String> = here
                .config
                .resources
                .keys()
                .map(ToString::to_string)
                .collect();
            diag::suggest::nearest(&resource.to_string(), all.iter().map(String::as_str))
                .map_or_else(String::new, |it| format!(" Did you mean {it}?"))
        };
        let detail = format!(
            "There is no {what} \"{}\" \"{}\" in {}.{suggestion}",
            resource.kind,
            resource.name,
            self.place()
        );
        diags.push(Diagnostic::error(&code::UNDECLARED_RESOURCE, detail).at(at.span));
        None
    }

    fn resource(
        &self,
        resource: &addr::Resource,
        key: Option<&Key>,
        at: &Reference,
        diags: &mut Diagnostics,
    ) -> Value {
        let Some(declared) = self.declared(resource, at, diags) else {
            return Value::dynamic();
        };
        if !check_key(declared, key, at, diags) {
            return Value::dynamic();
        }
        let values = self.here().resources.get(resource);
        let Some(values) = values.filter(|_| self.values.phase != Phase::Validate) else {
            return self.not_there(declared, resource);
        };
        let Some(key) = key else {
            if let (Repetition::None, None) =
                (&declared.repetition, values.instances.get(&Key::None))
            {
                return self.not_there(declared, resource);
            }
            return values.whole(&declared.repetition);
        };
        if let Some(value) = values.instances.get(key) {
            return value.clone();
        }
        if !values.expanded {
            return Value::dynamic();
        }
        let whole = values.whole(&declared.repetition);
        Self::element(&whole, &resource.to_string(), key, at, diags)
    }

    /// The value of a resource that nothing is known of yet.
    fn not_there(&self, declared: &config::Resource, resource: &addr::Resource) -> Value {
        match self.values.phase {
            Phase::Validate | Phase::Apply | Phase::Console => Value::dynamic(),
            Phase::Plan => match (
                &declared.repetition,
                self.values
                    .schemas
                    .resource(&declared.provider_addr, resource),
            ) {
                (Repetition::None, Some(schema)) => Value::unknown(schema.block.ty()),
                (_, _) => Value::dynamic(),
            },
        }
    }

    /// Reports where the schema does not have what is asked of an object.
    fn check_attribute(
        &self,
        declared: &config::Resource,
        at: &Reference,
        diags: &mut Diagnostics,
    ) {
        let Some(schema) = self
            .values
            .schemas
            .resource(&declared.provider_addr, &declared.addr)
        else {
            return;
        };
        let Some((Step { kind, span }, after)) = at.rest.split_first() else {
            return;
        };
        let block = &schema.block;
        let name = match kind {
            StepKind::Attr(name) => name,
            StepKind::Index(_) | StepKind::Key(_) => {
                let hint = match kind {
                    StepKind::Key(name) if hcl::is_identifier(name) => {
                        format!(" Write .{name} instead.")
                    }
                    StepKind::Key(_) | StepKind::Index(_) | StepKind::Attr(_) => String::new(),
                };
                let detail = format!(
                    "This is one object of type {}, and an object has no elements: its attributes are named after a dot.{hint}",
                    declared.addr.kind
                );
                diags.push(Diagnostic::error(&code::INVALID_INDEX_OPERATION, detail).at(*span));
                return;
            }
        };
        if let Some(attribute) = block.attributes.get(name.as_str()) {
            lang::eval::check_steps(&attribute.ty(), after, diags);
            return;
        }
        if block.blocks.contains_key(name.as_str()) {
            return;
        }
        if name == "count" {
            let detail = format!(
                "Resources have no attribute \"count\". How many instances there are, tells length({}).",
                declared.addr
            );
            diags.push(Diagnostic::error(&code::COUNT_ATTRIBUTE, detail).at(at.span));
            return;
        }
        let names = block.attributes.keys().chain(block.blocks.keys());
        let suggestion = diag::suggest::did_you_mean(name, names.map(|it| &**it));
        let detail = format!(
            "Objects of type {} have no argument, block or exported attribute \"{name}\".{suggestion}",
            declared.addr.kind
        );
        diags.push(Diagnostic::error(&code::UNSUPPORTED_ATTRIBUTE, detail).at(*span));
    }
}

/// Whether a reference has a key exactly where the resource has many instances.
fn check_key(
    declared: &config::Resource,
    key: Option<&Key>,
    at: &Reference,
    diags: &mut Diagnostics,
) -> bool {
    let attribute = matches!(at.rest.first().map(|it| &it.kind), Some(StepKind::Attr(_)));
    match (&declared.repetition, key) {
        (Repetition::None, Some(key)) if *key != Key::None => {
            let detail = format!(
                "Without count and for_each {0} has one instance, which has no key. Write {0} without {key}.",
                declared.addr
            );
            diags.push(Diagnostic::error(&code::UNEXPECTED_INSTANCE_KEY, detail).at(at.span));
            false
        }
        (Repetition::Count(_) | Repetition::ForEach(_), None) if attribute => {
            let (argument, key) = match &declared.repetition {
                Repetition::ForEach(_) => ("for_each", "each.key"),
                Repetition::Count(_) | Repetition::None => ("count", "count.index"),
            };
            let detail = format!(
                "Because {0} sets {argument}, its attributes are those of one of its instances. In a block with the same {argument} that is:\n    {0}[{key}]\n\nFor all of them together use a splat or a for expression.",
                declared.addr
            );
            diags.push(Diagnostic::error(&code::MISSING_INSTANCE_KEY, detail).at(at.span));
            false
        }
        (_, _) => true,
    }
}

/// `tuple with 2 elements`, `object with no attributes`.
fn size_text(whole: &Value) -> String {
    let tuple = matches!(whole.ty(), Type::Tuple(_));
    let n = whole
        .elements()
        .map(<[Value]>::len)
        .or_else(|| whole.entries().map(BTreeMap::len))
        .unwrap_or(0);
    match (tuple, n) {
        (true, 0) => "empty tuple".to_owned(),
        (true, 1) => "tuple with 1 element".to_owned(),
        (true, n) => format!("tuple with {n} elements"),
        (false, 0) => "object with no attributes".to_owned(),
        (false, 1) => format!(
            "object with 1 attribute {:?}",
            whole
                .entries()
                .and_then(|it| it.keys().next())
                .map_or("", |it| &**it)
        ),
        (false, n) => format!("object with {n} attributes"),
    }
}

fn instances_text(whole: &Value) -> String {
    match (whole.elements(), whole.entries()) {
        (Some([]), _) => "There are no instances.".to_owned(),
        (Some([_]), _) => "There is one instance, [0].".to_owned(),
        (Some(all), _) => format!("There are [0] to [{}].", all.len() - 1),
        (None, Some(entries)) if entries.is_empty() => "There are no instances.".to_owned(),
        (None, Some(entries)) => {
            let keys: Vec<String> = entries
                .keys()
                .take(5)
                .map(|it| addr::instance::quoted(it))
                .collect();
            let more = if entries.len() > 5 { ", …" } else { "" };
            format!("There are {}{more}.", keys.join(", "))
        }
        (None, None) => String::new(),
    }
}

impl Scope for At<'_, '_> {
    fn check(&self, at: &Reference, diags: &mut Diagnostics) {
        match &at.subject {
            Subject::Module(name) | Subject::ModuleInstance(name, _) => {
                self.call_declared(name, at, diags);
            }
            Subject::Resource(it) | Subject::ResourceInstance(it, _) => {
                let key = match &at.subject {
                    Subject::ResourceInstance(_, key) => Some(key),
                    _ => None,
                };
                if let Some(declared) = self.declared(it, at, diags) {
                    check_key(declared, key, at, diags);
                    self.check_attribute(declared, at, diags);
                }
            }
            _ => {}
        }
    }

    fn value(&self, at: &Reference, diags: &mut Diagnostics) -> Value {
        match &at.subject {
            Subject::Variable(name) => self.variable(name, at, diags),
            Subject::Local(name) => self.local(name, at, diags),
            Subject::Module(name) => self.call(name, at, diags),
            Subject::ModuleInstance(name, key) => self.call_instance(name, key, at, diags),
            Subject::Resource(it) => self.resource(it, None, at, diags),
            Subject::ResourceInstance(it, key) => self.resource(it, Some(key), at, diags),
            Subject::CountIndex => match self.each {
                Each::Count(it) => it.clone(),
                Each::None | Each::ForEach(..) => {
                    let detail = "The value count.index exists only in a resource, data or module block that sets count.";
                    diags.push(Diagnostic::error(&code::COUNT_OUTSIDE, detail).at(at.span));
                    Value::unknown(Type::Number)
                }
            },
            Subject::EachKey | Subject::EachValue => match (self.each, &at.subject) {
                (Each::ForEach(key, _), Subject::EachKey) => key.clone(),
                (Each::ForEach(_, value), _) => value.clone(),
                (Each::None | Each::Count(_), _) => {
                    let detail = "The values each.key and each.value exist only in a resource, data or module block that sets for_each.";
                    let mut found = Diagnostic::error(&code::EACH_OUTSIDE, detail).at(at.span);
                    if at.subject == Subject::EachValue {
                        found = found.titled("each.value cannot be used in this context");
                    }
                    diags.push(found);
                    Value::dynamic()
                }
            },
            Subject::SelfObject => self.object.clone().unwrap_or_else(|| {
                let detail = "The object self exists only in provisioner, connection and postcondition blocks. Elsewhere name the resource.";
                diags.push(Diagnostic::error(&code::SELF_OUTSIDE, detail).at(at.span));
                Value::dynamic()
            }),
            Subject::Path(name) => match &**name {
                "module" => Value::from(if self.here().config.directory.is_empty() {
                    "."
                } else {
                    self.here().config.directory.as_str()
                }),
                "root" => Value::from("."),
                "cwd" => Value::from(self.values.common.cwd),
                _ => {
                    let suggestion =
                        diag::suggest::did_you_mean(name, ["module", "root", "cwd"]);
                    let detail = format!(
                        "There is no path.{name}. Known are path.module, path.root and path.cwd.{suggestion}"
                    );
                    diags.push(
                        Diagnostic::error(&code::INVALID_PATH_ATTRIBUTE, detail).at(at.span),
                    );
                    Value::unknown(Type::String)
                }
            },
            Subject::Terraform(name) => match &**name {
                "workspace" => Value::from(self.values.common.workspace),
                "applying" => Value::from(self.values.phase == Phase::Apply)
                    .mark(Marks::EPHEMERAL),
                _ => {
                    let detail =
                        format!("There is no terraform.{name}. Known is terraform.workspace.");
                    diags.push(
                        Diagnostic::error(&code::INVALID_TERRAFORM_ATTRIBUTE, detail).at(at.span),
                    );
                    Value::dynamic()
                }
            },
            Subject::Check(_) | Subject::Output(_) | Subject::Run(_) => {
                let detail = format!("An expression cannot use {}, which has no value in a configuration.", at.subject);
                diags.push(Diagnostic::error(&code::INVALID_REFERENCE, detail).at(at.span));
                Value::dynamic()
            }
        }
    }

    fn world(&self) -> &dyn World {
        self.values.common.world
    }

    fn provider(&self, local: &str) -> Option<addr::Provider> {
        self.here().config.provider(local).cloned()
    }

    fn is_console(&self) -> bool {
        self.values.phase == Phase::Console
    }
}

/// What instances of a call see while validating.
pub(crate) fn validated_instances(repetition: &Repetition) -> Vec<(Key, Each)> {
    vec![(Key::None, unknown_each(repetition))]
}
