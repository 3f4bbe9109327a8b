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
    let providers = provider_configs(config, schemas);
    if !providers.is_empty() {
        res.insert("provider_config".to_owned(), Json::Object(providers));
    }
    res.insert(
        "root_module".to_owned(),
        module(config, &ModulePath::root(), schemas),
    );
    Json::Object(res)
}

fn full_name(module: &Module, local: &str) -> addr::Provider {
    module
        .provider(local)
        .cloned()
        .unwrap_or_else(|| addr::Provider::implied(local))
}

fn config_key(path: &ModulePath, local: &LocalProvider) -> String {
    if path.is_root() {
        local.to_string()
    } else {
        format!("{path}:{local}")
    }
}

fn provider_configs(config: &Config, schemas: &Schemas) -> Map<String, Json> {
    let mut res: BTreeMap<String, Json> = BTreeMap::new();
    for (path, module) in &config.modules {
        for (local, block) in &module.providers {
            let name = full_name(module, &local.name);
            let mut entry = json!({"name": &*local.name, "full_name": name.to_string()});
            if let Some(alias) = &local.alias {
                entry["alias"] = json!(&**alias);
            }
            if let Some(version) = module
                .settings
                .required_providers
                .get(&local.name)
                .and_then(|it| it.version.clone())
            {
                entry["version_constraint"] = json!(version);
            }
            if !path.is_root() {
                entry["module_address"] = json!(path.to_string());
            }
            if let Some(schema) = schemas.0.get(&name) {
                let body = expressions(&block.body, &schema.provider.block);
                if !body.is_empty() {
                    entry["expressions"] = Json::Object(body);
                }
            }
            res.insert(config_key(path, local), entry);
        }
        if path.is_root() || module.settings.required_providers.is_empty() {
            for resource in module.resources.values() {
                let local = LocalProvider {
                    name: resource.provider.name.clone(),
                    alias: None,
                };
                let key = config_key(&ModulePath::root(), &local);
                res.entry(key).or_insert_with(|| {
                    let mut entry = json!({"name": &*local.name, "full_name": resource.provider_addr.to_string()});
                    if let Some(version) = module.settings.required_providers.get(&local.name).and_then(|it| it.version.clone()) {
                        entry["version_constraint"] = json!(version);
                    }
                    entry
                });
            }
        }
    }
    res.into_iter().collect()
}

fn module(config: &Config, path: &ModulePath, schemas: &Schemas) -> Json {
    let Some(module_config) = config.module(path) else {
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
        .map(|it| resource(it, path, schemas))
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
            entry.insert(
                "module".to_owned(),
                module(config, &path.child(name), schemas),
            );
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

fn resource(it: &config::Resource, path: &ModulePath, schemas: &Schemas) -> Json {
    let mut res = Map::new();
    res.insert("address".to_owned(), json!(it.addr.to_string()));
    res.insert("mode".to_owned(), json!(mode(it.addr.mode)));
    res.insert("type".to_owned(), json!(&*it.addr.kind));
    res.insert("name".to_owned(), json!(&*it.addr.name));
    let key = if it.provider.alias.is_some() && !path.is_root() {
        config_key(path, &it.provider)
    } else {
        it.provider.to_string()
    };
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
    let schema = schemas.resource(&it.provider_addr, it.addr.mode, &it.addr.kind);
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
    match repetition {
        Repetition::None => {}
        Repetition::Count(expr) => {
            res.insert("count_expression".to_owned(), expression(expr));
        }
        Repetition::ForEach(expr) => {
            res.insert("for_each_expression".to_owned(), expression(expr));
        }
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
            Some(Json::Null) | None => json!({}),
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
