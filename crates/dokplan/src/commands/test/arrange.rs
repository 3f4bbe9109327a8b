//! The configuration that a run works on: with the providers of the test file, and with mocks and overrides in the place
//! of what they stand for.
//!
//! What is mocked or overridden belongs to a provider of its own, whose address nothing else has; the registry answers
//! for it with a provider that asks nobody. So the real provider of a mocked object is never configured.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{LocalProvider, Mode, ModulePath, Provider as Address, Target};
use config::Config;
use config::test::{MockProvider, Override, OverrideKind, TestFile, TestRun};
use provider::mock::{Given, Mock};
use provider::{Provider, Registry};
use value::Value;

/// The host of providers that are made up.
const HOST: &str = "mock.invalid";

/// A provider that is made up.
#[derive(Default, Clone)]
struct Stand {
    resources: BTreeMap<Arc<str>, Given>,
    data_sources: BTreeMap<Arc<str>, Given>,
}

/// Providers, and those that are made up.
pub(crate) struct Stands<'a> {
    real: &'a dyn Registry,
    stands: BTreeMap<Address, (Address, Stand)>,
}

impl Registry for Stands<'_> {
    fn provider(&self, address: &Address) -> Option<Arc<dyn Provider>> {
        let Some((real, stand)) = self.stands.get(address) else {
            return self.real.provider(address);
        };
        Some(Arc::new(Mock::new(
            self.real.provider(real)?,
            stand.resources.clone(),
            stand.data_sources.clone(),
            Arc::new(random_text),
        )))
    }

    fn implied(&self, local: &str) -> Option<Address> {
        self.real.implied(local)
    }
}

impl Stands<'_> {
    /// A state with the providers that those which are made up stand for, as people know them.
    pub(crate) fn unmasked(&self, state: &state::State) -> state::State {
        let mut res = state.clone();
        for (own, (real, _)) in &self.stands {
            state::edit::replace_provider(&mut res, own, real);
        }
        res
    }

    /// The same for a plan.
    pub(crate) fn unmasked_plan(&self, plan: &plan::Plan) -> plan::Plan {
        let mut res = plan.clone();
        for it in &mut res.changes {
            if let Some((real, _)) = self.stands.get(&it.provider.provider) {
                it.provider.provider = real.clone();
            }
        }
        res.prior = Arc::new(self.unmasked(&res.prior));
        res.refreshed = Arc::new(self.unmasked(&res.refreshed));
        res
    }
}

/// Eight letters and digits.
fn random_text() -> String {
    const SIGNS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = [0u8; 8];
    crate::world::random(&mut bytes);
    let sign = |it: &u8| char::from(SIGNS[usize::from(*it) % SIGNS.len()]);
    bytes.iter().map(sign).collect()
}

/// What a run works on.
pub(crate) struct Arranged<'a> {
    /// The configuration.
    pub(crate) config: Config,
    /// Who makes its providers.
    pub(crate) registry: Stands<'a>,
}

/// The values that expressions of mocks and overrides give.
pub(crate) type Evaluate<'e> = &'e mut dyn FnMut(&hcl::Expr) -> Value;

/// Arranges a configuration for a run.
pub(crate) fn arrange<'a>(
    config: &Config,
    file: &TestFile,
    run: &TestRun,
    real: &'a dyn Registry,
    evaluate: Evaluate<'_>,
) -> Arranged<'a> {
    let mut res = Arranged {
        config: config.clone(),
        registry: Stands {
            real,
            stands: BTreeMap::new(),
        },
    };
    let mocks = res.providers(file, run, evaluate);
    res.mock(&mocks, evaluate);
    let own = mocks.values().flat_map(|it| {
        let overrides = it.overrides.iter();
        overrides.map(|of| (of, it.is_during_plan))
    });
    let others = file.overrides.iter().chain(&run.overrides);
    for (it, is_during_plan) in own.chain(others.map(|it| (it, false))) {
        res.override_with(it, is_during_plan, evaluate);
    }
    res
}

impl Arranged<'_> {
    /// Puts the provider blocks of the test file into the root module; gives the mocks by the names that they have there.
    fn providers<'f>(
        &mut self,
        file: &'f TestFile,
        run: &TestRun,
        evaluate: Evaluate<'_>,
    ) -> BTreeMap<LocalProvider, &'f MockProvider> {
        let mut mocks = BTreeMap::new();
        let used: std::collections::BTreeSet<String> = self
            .config
            .modules
            .values()
            .flat_map(|it| it.resources.values())
            .map(|it| it.provider.name.to_string())
            .collect();
        let Some(root) = self.config.modules.get_mut(&ModulePath::root()) else {
            return mocks;
        };
        let root = Arc::make_mut(root);
        let all = file.providers.keys().chain(file.mocks.keys());
        let pairs: Vec<(LocalProvider, LocalProvider)> = match &run.providers {
            Some(pairs) => pairs
                .iter()
                .map(|(inner, outer, _)| (inner.clone(), outer.clone()))
                .collect(),
            None => all.map(|it| (it.clone(), it.clone())).collect(),
        };
        for (inner, outer) in pairs {
            if let Some(mock) = file.mocks.get(&outer) {
                root.providers.remove(&inner);
                mocks.insert(inner, mock);
            } else if let Some(block) = file.providers.get(&outer) {
                let mut block = config::ProviderBlock {
                    local: inner.clone(),
                    ..block.clone()
                };
                settle(
                    &mut block.body,
                    &root.variables,
                    used.contains(&*inner.name),
                    evaluate,
                );
                root.providers.insert(inner, block);
            }
        }
        mocks
    }

    /// Gives the objects of mocked providers to providers that are made up.
    fn mock(&mut self, mocks: &BTreeMap<LocalProvider, &MockProvider>, evaluate: Evaluate<'_>) {
        let mut made: BTreeMap<(Address, Option<Arc<str>>), Address> = BTreeMap::new();
        for (local, mock) in mocks {
            let address = self
                .config
                .root()
                .provider(&local.name)
                .cloned()
                .or_else(|| self.registry.real.implied(&local.name))
                .unwrap_or_else(|| Address::implied(&local.name));
            // The builtin provider is known by its types only.
            let address = if &*local.name == "terraform" {
                Address::builtin()
            } else {
                address
            };
            let mut stand = Stand::default();
            for it in &mock.types {
                let given = Given {
                    values: values(it.defaults.as_ref(), evaluate),
                    is_during_plan: it.is_during_plan.unwrap_or(mock.is_during_plan),
                };
                let all = if it.mode == Mode::Data {
                    &mut stand.data_sources
                } else {
                    &mut stand.resources
                };
                all.insert(it.kind.name.as_str().into(), given);
            }
            if mock.is_during_plan
                && let Some(real) = self.registry.real.provider(&address)
            {
                for kind in real.schema().resources.keys() {
                    stand.resources.entry(kind.clone()).or_insert(Given {
                        values: BTreeMap::new(),
                        is_during_plan: true,
                    });
                }
            }
            let own = self.stand(&address, stand);
            made.insert((address, local.alias.clone()), own);
        }
        if made.is_empty() {
            return;
        }
        let mut moved = Vec::new();
        for (path, module) in &self.config.modules {
            for (name, it) in &module.resources {
                let config = engine::provider_config(&self.config, path, it);
                let Some(config) = config.filter(|it| it.module.is_root()) else {
                    continue;
                };
                let alias = config.alias.map(|it| it.to_string().as_str().into());
                if let Some(own) = made.get(&(config.provider, alias)) {
                    moved.push((path.clone(), name.clone(), own.clone()));
                }
            }
        }
        for (path, name, own) in moved {
            self.give(&path, &name, own);
        }
    }

    /// A new address for a provider that is made up.
    fn stand(&mut self, real: &Address, stand: Stand) -> Address {
        let n = self.registry.stands.len();
        let own = Address::new(HOST, format!("m{n}").as_str(), &real.kind);
        self.registry
            .stands
            .insert(own.clone(), (real.clone(), stand));
        own
    }

    fn give(&mut self, path: &ModulePath, name: &addr::Resource, own: Address) {
        let module = self.config.modules.get_mut(path).map(Arc::make_mut);
        if let Some(it) = module.and_then(|it| it.resources.get_mut(name)) {
            it.provider_addr = own;
        }
    }

    fn override_with(&mut self, it: &Override, is_during_plan: bool, evaluate: Evaluate<'_>) {
        let (path, name) = match &it.target {
            Target::Module(module) => {
                self.override_module(&module.path(), it.values.as_ref());
                return;
            }
            Target::Resource(it) => (it.module.path(), it.resource.clone()),
            Target::Instance(it) => (it.module.path(), it.resource.clone()),
        };
        let declared = self.config.module(&path);
        let Some(declared) = declared.and_then(|it| it.resources.get(&name)) else {
            return;
        };
        // What is mocked too keeps the defaults of its mock, where the override says nothing.
        let (real, mut stand) = match self.registry.stands.get(&declared.provider_addr) {
            Some((real, stand)) => (real.clone(), stand.clone()),
            None => (declared.provider_addr.clone(), Stand::default()),
        };
        let all = if it.kind == OverrideKind::Data {
            &mut stand.data_sources
        } else {
            &mut stand.resources
        };
        let given = all.entry(name.kind.clone()).or_default();
        given.values.extend(values(it.values.as_ref(), evaluate));
        given.is_during_plan = it
            .is_during_plan
            .unwrap_or(is_during_plan || given.is_during_plan);
        let own = self.stand(&real, stand);
        self.give(&path, &name, own);
    }

    /// A module of which only outputs are left.
    fn override_module(&mut self, path: &ModulePath, outputs: Option<&hcl::Expr>) {
        let inside: Vec<ModulePath> = self
            .config
            .modules
            .keys()
            .filter(|it| it.0.len() > path.0.len() && it.0.starts_with(&path.0))
            .cloned()
            .collect();
        for it in inside {
            self.config.modules.remove(&it);
        }
        let Some(module) = self.config.modules.get_mut(path).map(Arc::make_mut) else {
            return;
        };
        module.resources.clear();
        module.calls.clear();
        module.locals.clear();
        module.checks.clear();
        module.moved.clear();
        module.removed.clear();
        module.imports.clear();
        for (name, output) in &mut module.outputs {
            output.preconditions.clear();
            output.depends_on.clear();
            output.value = outputs
                .and_then(|it| member(it, name))
                .unwrap_or_else(|| hcl::Expr {
                    kind: hcl::ExprKind::Null,
                    span: output.value.span,
                });
        }
    }
}

/// Puts values in the place of expressions that name what only test files know: runs, and variables that the module does
/// not declare. Where the provider is not used, the run that it needs may be still to come: nothing is asked of it then.
fn settle(
    body: &mut hcl::Body,
    declared: &BTreeMap<Arc<str>, config::Variable>,
    is_used: bool,
    evaluate: Evaluate<'_>,
) {
    for it in &mut body.attributes {
        let mut is_of_tests = false;
        lang::refs::traversals(&it.expr, &mut |found| {
            let next = found.steps.first().map(|it| &it.kind);
            is_of_tests |= match (found.root.name.as_str(), next) {
                ("run", _) => true,
                ("var", Some(hcl::StepKind::Attr(name))) => !declared.contains_key(name.as_str()),
                _ => false,
            };
        });
        if is_of_tests {
            let value = if is_used {
                value::walk::unmark_deep(&evaluate(&it.expr)).0
            } else {
                Value::dynamic()
            };
            it.expr = written(&value, it.expr.span);
        }
    }
    for it in &mut body.blocks {
        settle(&mut it.body, declared, is_used, evaluate);
    }
}

/// A value as an expression at a place. What is not known yet is nothing that evaluates.
fn written(value: &Value, span: diag::Span) -> hcl::Expr {
    let text = |it: &str| {
        hcl::ExprKind::Template(Box::new(hcl::Template {
            form: hcl::TemplateForm::Quoted,
            parts: vec![hcl::Part::Literal(it.into(), span)],
        }))
    };
    let expr = |kind| hcl::Expr { kind, span };
    let kind = match value.clone().split().0 {
        value::Plain::Unknown(_) => hcl::ExprKind::Invalid,
        value::Plain::Null(_) => hcl::ExprKind::Null,
        value::Plain::Bool(it) => hcl::ExprKind::Bool(it),
        // As text, which becomes a number where one is needed: literals have no sign.
        value::Plain::Number(it) => text(&it.to_string()),
        value::Plain::String(it) => text(&it),
        value::Plain::List(_, items) | value::Plain::Set(_, items) | value::Plain::Tuple(items) => {
            hcl::ExprKind::Tuple(items.iter().map(|it| written(it, span)).collect())
        }
        value::Plain::Map(_, items) | value::Plain::Object(items) => hcl::ExprKind::Object(
            items
                .iter()
                .map(|(key, it)| hcl::ObjectItem {
                    key: hcl::ObjectKey::Expr(expr(text(key))),
                    value: written(it, span),
                })
                .collect(),
        ),
    };
    expr(kind)
}

/// The value of a member of an object that is written out.
fn member(object: &hcl::Expr, name: &str) -> Option<hcl::Expr> {
    let hcl::ExprKind::Object(items) = &object.kind else {
        return None;
    };
    let is_it = |key: &hcl::ObjectKey| match key {
        hcl::ObjectKey::Word(it) => it.name == name,
        hcl::ObjectKey::Expr(it) => match &it.kind {
            hcl::ExprKind::Template(it) => it.literal().is_some_and(|it| it == name),
            _ => false,
        },
    };
    let found = items.iter().find(|it| is_it(&it.key));
    found.map(|it| it.value.clone())
}

fn values(expr: Option<&hcl::Expr>, evaluate: Evaluate<'_>) -> BTreeMap<Arc<str>, Value> {
    let Some(expr) = expr else {
        return BTreeMap::new();
    };
    let value = evaluate(expr);
    value.entries().cloned().unwrap_or_default()
}
