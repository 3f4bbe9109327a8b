//! The `configuration` member of `show -json`: what the plan was made from, without values.

use std::collections::BTreeMap;

use addr::{LocalProvider, ModulePath, Subject};
use config::{Config, Module, Repetition};
use diag::Diagnostics;
use hcl::{Body, Expr, ExprKind};
use provider::Block;
use provider::schema::{NestedBlock, Nesting, Schemas};
use serde_json::{Map, Value as Json, json};
use value::Value;

use super::mode;

/// The document.
pub(crate) fn document(config: &Config, schemas: &Schemas) -> Json {
    let mut res = Map::new();
    let mut providers = Configured::new();
    provider_configs(config, &ModulePath::root(), schemas, &mut providers);
    let own: Map<String, Json> = providers
        .iter()
        .filter(|(_, it)| it.source.is_none())
        .map(|(key, it)| (key.clone(), it.json.clone()))
        .collect();
    if !own.is_empty() {
        res.insert("provider_config".to_owned(), Json::Object(own));
    }
    let context = Context {
        config,
        schemas,
        providers: &providers,
    };
    res.insert(
        "root_module".to_owned(),
        module(&context, &ModulePath::root()),
    );
    Json::Object(res)
}

/// What all of the document is made from.
struct Context<'a> {
    config: &'a Config,
    schemas: &'a Schemas,
    providers: &'a Configured,
}

/// Provider configurations by their keys: `dokploy`, `dokploy.second`, `module.a.module.b:dokploy`.
type Configured = BTreeMap<String, ProviderConfig>;

/// One provider configuration as a module knows it.
struct ProviderConfig {
    json: Json,
    provider: addr::Provider,
    /// The key of the configuration that this one stands for; `None` for one of its own.
    source: Option<String>,
}

fn config_key(path: &ModulePath, local: &LocalProvider) -> String {
    if path.is_root() {
        local.to_string()
    } else {
        format!("{path}:{local}")
    }
}

/// The configurations that a module and those below it have, know by name, or use without a word.
fn provider_configs(config: &Config, path: &ModulePath, schemas: &Schemas, found: &mut Configured) {
    let Some(module) = config.module(path) else {
        return;
    };
    for (local, block) in &module.providers {
        let mut it = provider_config(module, path, local);
        if let Some(schema) = schemas.0.get(&it.provider) {
            let body = expressions(&block.body, &schema.provider.block);
            if !body.is_empty() {
                it.json["expressions"] = Json::Object(body);
            }
        }
        found.insert(config_key(path, local), it);
    }
    let named = module.settings.required_providers.keys();
    let used = module.resources.values().map(|it| &it.provider.name);
    for name in named.chain(used) {
        let local = LocalProvider {
            name: name.clone(),
            alias: None,
        };
        let key = config_key(path, &local);
        if found.contains_key(&key) {
            continue;
        }
        let mut it = provider_config(module, path, &local);
        if let Some((_, above)) = path.0.split_last() {
            let above = config_key(&ModulePath(above.to_vec()), &local);
            it.source = source_of(&above, &it.provider, found);
        }
        found.insert(key, it);
    }
    for (name, call) in &module.calls {
        let below = path.child(name);
        let Some(child) = config.module(&below) else {
            continue;
        };
        for (in_child, here, _) in call.providers.iter().flatten() {
            let mut it = provider_config(child, &below, in_child);
            it.source = source_of(&config_key(path, here), &it.provider, found);
            found.insert(config_key(&below, in_child), it);
        }
        provider_configs(config, &below, schemas, found);
    }
}

fn provider_config(module: &Module, path: &ModulePath, local: &LocalProvider) -> ProviderConfig {
    let provider = module.provider_or_implied(&local.name);
    let mut json = json!({"name": &*local.name, "full_name": provider.to_string()});
    if let Some(alias) = &local.alias {
        json["alias"] = json!(&**alias);
    }
    let required = module.settings.required_providers.get(&local.name);
    if let Some(version) = required.and_then(|it| it.version.as_ref()) {
        json["version_constraint"] = json!(version);
    }
    if !path.is_root() {
        json["module_address"] = json!(path.to_string());
    }
    ProviderConfig {
        json,
        provider,
        source: None,
    }
}

/// The configuration that one of a module above stands for, where that is one of the same provider.
fn source_of(key: &str, provider: &addr::Provider, found: &Configured) -> Option<String> {
    let it = found.get(key).filter(|it| it.provider == *provider)?;
    Some(it.source.clone().unwrap_or_else(|| key.to_owned()))
}

fn module(context: &Context<'_>, path: &ModulePath) -> Json {
    let Some(module_config) = context.config.module(path) else {
        return json!({});
    };
    let mut res = Map::new();
    let outputs: Map<String, Json> = module_config
        .outputs
        .iter()
        .map(|(name, it)| {
            let mut entry = Map::new();
            if it.sensitive == Some(true) {
                entry.insert("sensitive".to_owned(), json!(true));
            }
            entry.insert("expression".to_owned(), expression(&it.value));
            if !it.depends_on.is_empty() {
                entry.insert("depends_on".to_owned(), depends_on(&it.depends_on));
            }
            if let Some(text) = &it.description {
                entry.insert("description".to_owned(), json!(text));
            }
            (name.to_string(), Json::Object(entry))
        })
        .collect();
    if !outputs.is_empty() {
        res.insert("outputs".to_owned(), Json::Object(outputs));
    }
    let mut resources: Vec<&config::Resource> = module_config.resources.values().collect();
    resources.sort_by_key(|it| (it.addr.mode != addr::Mode::Managed, it.addr.to_string()));
    let resources: Vec<Json> = resources
        .into_iter()
        .map(|it| resource(it, path, context))
        .collect();
    if !resources.is_empty() {
        res.insert("resources".to_owned(), json!(resources));
    }
    let calls: Map<String, Json> = module_config
        .calls
        .iter()
        .map(|(name, call)| {
            let mut entry = Map::new();
            entry.insert("source".to_owned(), json!(call.source.0));
            let mut arguments = Map::new();
            for it in &call.body.attributes {
                arguments.insert(it.name.name.to_string(), expression(&it.expr));
            }
            if !arguments.is_empty() {
                entry.insert("expressions".to_owned(), sorted(arguments));
            }
            repetition(&mut entry, &call.repetition);
            entry.insert("module".to_owned(), module(context, &path.child(name)));
            if let Some((version, _)) = &call.version {
                entry.insert("version_constraint".to_owned(), json!(version));
            }
            if !call.depends_on.is_empty() {
                entry.insert("depends_on".to_owned(), depends_on(&call.depends_on));
            }
            (name.to_string(), Json::Object(entry))
        })
        .collect();
    if !calls.is_empty() {
        res.insert("module_calls".to_owned(), Json::Object(calls));
    }
    let variables: Map<String, Json> = module_config
        .variables
        .iter()
        .map(|(name, it)| {
            let mut entry = Map::new();
            if let Some(value) = default_of(it) {
                entry.insert("default".to_owned(), value);
            }
            if let Some(text) = &it.description {
                entry.insert("description".to_owned(), json!(text));
            }
            if it.sensitive {
                entry.insert("sensitive".to_owned(), json!(true));
            }
            (name.to_string(), Json::Object(entry))
        })
        .collect();
    if !variables.is_empty() {
        res.insert("variables".to_owned(), Json::Object(variables));
    }
    Json::Object(res)
}

fn resource(it: &config::Resource, path: &ModulePath, context: &Context<'_>) -> Json {
    let mut res = Map::new();
    res.insert("address".to_owned(), json!(it.addr.to_string()));
    res.insert("mode".to_owned(), json!(mode(it.addr.mode)));
    res.insert("type".to_owned(), json!(&*it.addr.kind));
    res.insert("name".to_owned(), json!(&*it.addr.name));
    let key = config_key(path, &it.provider);
    let source = context.providers.get(&key).and_then(|it| it.source.clone());
    let key = source.unwrap_or(key);
    res.insert("provider_config_key".to_owned(), json!(key));
    let provisioners: Vec<Json> = it
        .provisioners
        .iter()
        .map(|it| {
            let mut body = Map::new();
            for attribute in &it.body.attributes {
                body.insert(attribute.name.name.to_string(), expression(&attribute.expr));
            }
            let mut entry = json!({"type": it.kind.name.as_str()});
            if !body.is_empty() {
                entry["expressions"] = sorted(body);
            }
            entry
        })
        .collect();
    if !provisioners.is_empty() {
        res.insert("provisioners".to_owned(), json!(provisioners));
    }
    let schema = context
        .schemas
        .resource(&it.provider_addr, it.addr.mode, &it.addr.kind);
    if let Some(schema) = schema {
        let body = expressions(&it.body, &schema.block);
        if !body.is_empty() {
            res.insert("expressions".to_owned(), Json::Object(body));
        }
    }
    res.insert(
        "schema_version".to_owned(),
        json!(schema.map_or(0, |it| it.version)),
    );
    repetition(&mut res, &it.repetition);
    if !it.depends_on.is_empty() {
        res.insert("depends_on".to_owned(), depends_on(&it.depends_on));
    }
    Json::Object(res)
}

fn repetition(res: &mut Map<String, Json>, repetition: &Repetition) {
    let (name, expr) = match repetition {
        Repetition::None => return,
        Repetition::Count(expr) => ("count_expression", expr),
        Repetition::ForEach(expr) => ("for_each_expression", expr),
    };
    let it = expression(expr);
    if it.as_object().is_some_and(|it| !it.is_empty()) {
        res.insert(name.to_owned(), it);
    }
}

fn depends_on(traversals: &[hcl::Traversal]) -> Json {
    let mut diags = Diagnostics::new();
    traversals
        .iter()
        .filter_map(|it| addr::parse::reference(it, &mut diags))
        .map(|it| it.subject.to_string())
        .collect()
}

fn sorted(map: Map<String, Json>) -> Json {
    let ordered: BTreeMap<String, Json> = map.into_iter().collect();
    Json::Object(ordered.into_iter().collect())
}

/// The expressions of a body by the schema's names.
fn expressions(body: &Body, schema: &Block) -> Map<String, Json> {
    let mut res: BTreeMap<String, Json> = BTreeMap::new();
    for it in &body.attributes {
        if schema.attributes.contains_key(it.name.name.as_str()) {
            res.insert(it.name.name.to_string(), expression(&it.expr));
        }
    }
    for (name, nested) in &schema.blocks {
        let blocks: Vec<&hcl::Block> = body
            .blocks
            .iter()
            .filter(|it| it.kind.name == **name)
            .collect();
        if let Some(json) = nested_blocks(&blocks, nested) {
            res.insert(name.to_string(), json);
        }
    }
    res.into_iter().collect()
}

fn nested_blocks(blocks: &[&hcl::Block], nested: &NestedBlock) -> Option<Json> {
    let (first, one) = (blocks.first()?, |it: &hcl::Block| {
        Json::Object(expressions(&it.body, &nested.block))
    });
    Some(match nested.nesting {
        Nesting::Single | Nesting::Group => one(first),
        Nesting::List | Nesting::Set => blocks.iter().map(|it| one(it)).collect(),
        Nesting::Map => Json::Object(
            blocks
                .iter()
                .filter_map(|it| Some((it.labels.first()?.name.to_string(), one(it))))
                .collect(),
        ),
    })
}

/// An expression: its value if nothing is needed for it, else what it refers to.
fn expression(expr: &Expr) -> Json {
    let mut diags = Diagnostics::new();
    let references = lang::refs::references(expr, &mut diags);
    if references.is_empty() {
        return match constant(expr) {
            None => json!({}),
            Some(value) => json!({"constant_value": value}),
        };
    }
    let mut res: Vec<String> = Vec::new();
    let mut push = |text: String| res.push(text);
    for reference in references {
        let subject = reference.subject.to_string();
        let mut full = subject.clone();
        let keeps = matches!(
            reference.subject,
            Subject::Resource(_)
                | Subject::ResourceInstance(..)
                | Subject::Module(_)
                | Subject::ModuleInstance(..)
                | Subject::EachValue
                | Subject::SelfObject
                | Subject::Variable(_)
                | Subject::Local(_)
        );
        let mut stages = Vec::new();
        if keeps {
            for step in &reference.rest {
                match &step.kind {
                    hcl::StepKind::Attr(name) => full.push_str(&format!(".{name}")),
                    hcl::StepKind::Index(index) => full.push_str(&format!("[{index}]")),
                    hcl::StepKind::Key(key) => {
                        full.push_str(&format!("[{}]", addr::instance::quoted(key)));
                    }
                }
                stages.push(full.clone());
            }
        }
        for stage in stages.into_iter().rev() {
            push(stage);
        }
        push(subject);
        match &reference.subject {
            Subject::ResourceInstance(resource, _) => push(resource.to_string()),
            Subject::ModuleInstance(name, _) => push(format!("module.{name}")),
            _ => {}
        }
    }
    json!({"references": res})
}

/// The value of an expression without references, if it has one that is the same each time.
fn constant(expr: &Expr) -> Option<Json> {
    constant_value(expr).map(|it| value::json::plain_json(&it))
}

/// The default of a variable as a value of its type.
fn default_of(variable: &config::Variable) -> Option<Json> {
    let value = constant_value(variable.default.as_ref()?)?;
    let typed = variable.ty.as_ref().and_then(|it| {
        let (ty, defaults) = lang::types::type_constraint(it, &mut Diagnostics::new());
        value::convert(&defaults.apply(&value), &ty).ok()
    });
    Some(value::json::plain_json(&typed.unwrap_or(value)))
}

fn constant_value(expr: &Expr) -> Option<Value> {
    if matches!(expr.kind, ExprKind::Invalid) {
        return None;
    }
    let mut diags = Diagnostics::new();
    let value = lang::eval(
        expr,
        &lang::scope::Nothing {
            world: &NoWorld,
            reason: "",
        },
        &mut diags,
    );
    (!diags.has_errors() && value.is_wholly_known()).then_some(value)
}

/// A world in which there is nothing: constants must not need it.
struct NoWorld;

impl value::function::World for NoWorld {
    fn read_file(&self, _: &str) -> Result<Vec<u8>, String> {
        Err(String::new())
    }
    fn file_exists(&self, _: &str) -> Result<bool, String> {
        Err(String::new())
    }
    fn list_files(&self, _: &str) -> Result<Vec<String>, String> {
        Err(String::new())
    }
    fn absolute(&self, path: &str) -> String {
        path.to_owned()
    }
    fn home(&self) -> Option<String> {
        None
    }
    fn now(&self) -> Option<String> {
        None
    }
    fn plan_time(&self) -> Option<String> {
        None
    }
    fn random(&self, _: &mut [u8]) -> bool {
        false
    }
    fn render(
        &self,
        _: &str,
        _: &str,
        _: &value::Value,
    ) -> Result<value::Value, value::function::CallError> {
        Err(value::function::CallError {
            argument: None,
            path: value::Path::root(),
            reason: String::new(),
        })
    }
}
