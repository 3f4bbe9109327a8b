//! The data source `terraform_remote_state`: the outputs of another state.

use std::collections::BTreeMap;
use std::sync::Arc;

use provider::{Answer, Attribute, Issue, Schema};
use value::{Path, Type, Value};

/// The data source's type.
pub const KIND: &str = "terraform_remote_state";

/// The outputs of a state by name, sensitive ones without a mark.
pub type Outputs = BTreeMap<Arc<str>, Value>;

/// Reads other states. The backends know how; this crate does not know them.
pub trait StateReader: Send + Sync {
    /// Checks the name and the configuration of a backend; `config` is an object, or null, and may hold unknowns.
    fn check(&self, backend: &str, config: &Value) -> Vec<Issue>;

    /// The outputs of a workspace's state; `None` where there is no state yet.
    fn outputs<'a>(
        &'a self,
        backend: &'a str,
        config: &'a Value,
        workspace: &'a str,
    ) -> Answer<'a, Result<Option<Outputs>, Vec<Issue>>>;
}

/// Its schema.
pub fn schema() -> Schema {
    let markdown = |mut it: Attribute| {
        it.markdown = true;
        it
    };
    crate::schema_of(vec![
        (
            "backend",
            markdown(
                Attribute::of(Type::String)
                    .required()
                    .doc("The type of backend that holds the state, such as `local`."),
            ),
        ),
        (
            "config",
            markdown(Attribute::of(Type::Dynamic).optional().doc(
                "The backend's arguments, as an object: what its `backend` block would hold.",
            )),
        ),
        (
            "defaults",
            markdown(
                Attribute::of(Type::Dynamic).optional().doc(
                    "An object of outputs that are used where the state has none of that name.",
                ),
            ),
        ),
        (
            "outputs",
            markdown(
                Attribute::of(Type::Dynamic)
                    .computed()
                    .doc("An object with the outputs of the state's root module."),
            ),
        ),
        (
            "workspace",
            markdown(
                Attribute::of(Type::String).optional().doc(
                    "The workspace to read, where the backend has several. Default: `default`.",
                ),
            ),
        ),
    ])
}

/// Checks a configuration.
pub fn validate(reader: &dyn StateReader, config: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    let given = |name: &str| config.get(name).filter(|it| it.is_known() && !it.is_null());
    let defaults = given("defaults");
    if defaults.is_some_and(|it| it.entries().is_none()) {
        let detail = "The defaults must be an object: its attributes stand in for outputs that the state does not have.";
        issues.push(Issue::error("Invalid default values", detail).at(Path::attr_of("defaults")));
    }
    let backend_config = config.get("config");
    if given("config").is_some_and(|it| it.entries().is_none()) {
        let detail = "The configuration of the backend must be an object: its attributes are the backend's arguments.";
        issues.push(
            Issue::error("Invalid backend configuration", detail).at(Path::attr_of("config")),
        );
    } else if let Some(backend) = given("backend").as_ref().and_then(Value::as_str) {
        let backend_config = backend_config.unwrap_or_else(|| Value::null(Type::Dynamic));
        issues.extend(reader.check(backend, &backend_config));
    }
    issues
}

/// Reads the outputs.
pub async fn read(reader: &dyn StateReader, config: &Value) -> Result<Value, Vec<Issue>> {
    let issues = validate(reader, config);
    if issues.iter().any(Issue::is_error) {
        return Err(issues);
    }
    let null = || Value::null(Type::Dynamic);
    let get = |name: &str| config.get(name).unwrap_or_else(null);
    let backend = get("backend");
    let workspace = get("workspace");
    let backend_config = get("config");
    let read = reader.outputs(
        backend.as_str().unwrap_or_default(),
        &backend_config,
        workspace.as_str().unwrap_or("default"),
    );
    let defaults = get("defaults");
    let Some(stored) = read.await? else {
        let detail = "There is no state yet in this workspace of this backend. Apply the other configuration first, or correct backend, config and workspace.";
        let mut issue = Issue::error("Unable to find remote state", detail);
        if !workspace.is_null() {
            issue = issue.at(value::Path::attr_of("workspace"));
        }
        return Err(vec![issue]);
    };
    let mut outputs: Outputs = defaults.entries().cloned().unwrap_or_default();
    outputs.extend(stored);
    Ok(Value::object([
        ("backend", backend),
        ("config", backend_config),
        ("defaults", defaults),
        ("outputs", Value::object(outputs)),
        ("workspace", workspace),
    ]))
}

#[cfg(test)]
mod tests {
    use provider::{Answer, Issue};
    use value::{Type, Value};

    use super::{Outputs, StateReader, read, validate};

    struct Shelf(Option<Outputs>);

    impl StateReader for Shelf {
        fn check(&self, backend: &str, _: &Value) -> Vec<Issue> {
            if backend == "local" {
                return Vec::new();
            }
            vec![Issue::error("Invalid backend configuration", "")]
        }

        fn outputs<'a>(
            &'a self,
            _: &'a str,
            _: &'a Value,
            workspace: &'a str,
        ) -> Answer<'a, Result<Option<Outputs>, Vec<Issue>>> {
            assert_eq!(workspace, "default");
            Box::pin(async { Ok(self.0.clone()) })
        }
    }

    fn config(backend: &str, defaults: Value) -> Value {
        Value::object([
            ("backend", backend.into()),
            ("config", Value::object([("path", Value::from("x"))])),
            ("defaults", defaults),
            ("outputs", Value::null(Type::Dynamic)),
            ("workspace", Value::null(Type::String)),
        ])
    }

    #[tokio::test]
    async fn outputs_win_over_defaults() {
        let shelf = Shelf(Some([("a".into(), Value::from("1"))].into()));
        let defaults = Value::object([("a", Value::from("0")), ("b", Value::from("0"))]);
        let res = read(&shelf, &config("local", defaults)).await.unwrap();
        let outputs = Value::object([("a", Value::from("1")), ("b", Value::from("0"))]);
        assert_eq!(res.get("outputs"), Some(outputs));
    }

    #[tokio::test]
    async fn no_state_is_an_error() {
        let defaults = Value::object([("a", Value::from("0"))]);
        let issues = read(&Shelf(None), &config("local", defaults)).await;
        assert_eq!(
            issues.unwrap_err()[0].summary,
            "Unable to find remote state"
        );
    }

    #[test]
    fn configurations_are_checked() {
        let titles = |backend, defaults| -> Vec<String> {
            let issues = validate(&Shelf(None), &config(backend, defaults));
            issues.into_iter().map(|it| it.summary).collect()
        };
        assert_eq!(
            titles("nowhere", Value::null(Type::Dynamic)),
            ["Invalid backend configuration"]
        );
        assert_eq!(titles("local", "a".into()), ["Invalid default values"]);
        assert!(titles("local", Value::dynamic()).is_empty());
    }
}
