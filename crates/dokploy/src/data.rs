//! Data sources: which query is asked, and what its answer shows.

use std::collections::BTreeMap;

use provider::Issue;
use serde_json::Value as Json;
use value::{Path, Type, Value};

use crate::client::Failure;
use crate::driver::Driver;
use crate::join::join_all;
use crate::table::{DataSource, Item, Kind};
use crate::wire::{answered, type_of};

impl Driver {
    /// Reads a data source.
    pub(crate) async fn read_data(
        &self,
        row: &DataSource,
        config: &Value,
    ) -> Result<Value, Vec<Issue>> {
        let failed =
            |failure: &Failure| vec![failure.issue(&format!("Error reading {}", row.kind))];
        let argument = |name: &str| {
            config
                .get(name)
                .unwrap_or_else(|| Value::null(Type::String))
        };
        let (procedure, inputs, inside) = asked(row, config).map_err(|it| vec![it])?;
        let inputs: Vec<(&str, &str)> = inputs
            .iter()
            .map(|(input, value)| (*input, value.as_str()))
            .collect();
        for name in row.secrets {
            let secret = argument(name);
            self.client
                .secrets
                .learn(secret.as_str().unwrap_or_default());
        }
        let answer = self.client.query(procedure, &inputs).await;
        let mut answer = answer.map_err(|it| failed(&it))?;
        for (procedure, field) in row.apart {
            let part = self.client.query(procedure, &inputs).await;
            if let (Some(members), Ok(part)) = (answer.as_object_mut(), part) {
                members.insert((*field).to_owned(), part);
            }
        }
        let shown = |raw: &Json| {
            let values = row.items.iter().map(|item| (item.name, value(raw, item)));
            values.collect::<BTreeMap<_, _>>()
        };
        let wrong = |what| vec![self.client.wrong_shape(procedure, false, what)];
        let mut res = match row.list {
            Some((name, _)) => {
                let Some(elements) = flat(answer, inside) else {
                    return Err(failed(&wrong("it is no list").remove(0)));
                };
                let chosen = elements.into_iter().filter(|raw| {
                    row.filters.iter().all(|(name, field, _)| {
                        let wanted = argument(name);
                        let has = raw.get(*field).and_then(Json::as_str);
                        wanted.as_str().is_none_or(|it| has == Some(it))
                    })
                });
                let whole = join_all(chosen.map(|raw| self.whole(row, raw))).await;
                let mut elements = Vec::new();
                for raw in whole {
                    let raw = raw.map_err(|it| failed(&it))?;
                    elements.extend(raw.map(|raw| Value::object(shown(&raw))));
                }
                let ty = Type::object(row.items.iter().map(|it| (it.name, type_of(it.kind))));
                BTreeMap::from([(name, Value::list(ty, elements))])
            }
            None if answer.is_object() => shown(&answer),
            None => return Err(failed(&wrong("it is no object").remove(0))),
        };
        let arguments = row.inputs.iter().chain(row.filters).chain(row.options);
        for (name, ..) in arguments {
            res.insert(name, argument(name));
        }
        Ok(Value::object(res))
    }

    /// An element with all of its fields; `None` if it is gone by now.
    async fn whole(&self, row: &DataSource, raw: Json) -> Result<Option<Json>, Failure> {
        let Some((procedure, id)) = row.whole else {
            return Ok(Some(raw));
        };
        let is_whole = row.items.iter().all(|it| raw.get(it.field).is_some());
        let key = raw.get(id).and_then(Json::as_str);
        let Some(key) = key.filter(|_| !is_whole) else {
            return Ok(Some(raw));
        };
        match self.client.query(procedure, &[(id, key)]).await {
            Ok(whole) => Ok(Some(whole)),
            Err(failure) if failure.says_gone() => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// A query with its inputs, and where the elements are in its answer.
type Asked = (
    &'static str,
    Vec<(&'static str, String)>,
    &'static [&'static str],
);

/// The query that the arguments choose.
fn asked(row: &DataSource, config: &Value) -> Result<Asked, Issue> {
    let set = |name: &str| {
        let value = config.get(name)?;
        value
            .as_str()
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
    };
    for (one, other) in row.conflicts {
        if set(one).is_some() && set(other).is_some() {
            let detail = format!("{one} and {other} exclude each other: set one of them.");
            return Err(Issue::error("Conflicting Filter Options", detail).at(Path::attr_of(other)));
        }
    }
    let required = row
        .inputs
        .iter()
        .map(|(name, input, _)| (*input, set(name).unwrap_or_default()));
    let options = row
        .options
        .iter()
        .filter_map(|(name, input, _)| Some((*input, set(name)?)));
    let Some(choice) = row
        .choices
        .iter()
        .find(|it| it.when.iter().all(|it| set(it).is_some()))
    else {
        if row.must_choose {
            let names: Vec<&str> = row.choices.iter().flat_map(|it| it.when).copied().collect();
            return Err(Issue::error(
                "Missing Filter",
                format!("{} needs one of {}.", row.kind, names.join(", ")),
            ));
        }
        // Without choices, options are inputs like others.
        return Ok((row.procedure, required.chain(options).collect(), row.inside));
    };
    let mut inputs: Vec<_> = required.collect();
    for (name, input, words) in choice.inputs {
        let Some(given) = set(name) else { continue };
        let word = match words.iter().find(|(it, _)| *it == given) {
            Some((_, word)) => (*word).to_owned(),
            None if words.is_empty() => given,
            None => {
                let known: Vec<String> = words.iter().map(|(it, _)| format!("\"{it}\"")).collect();
                let detail = format!(
                    "The argument {name} cannot be \"{given}\". It must be {}.",
                    known.join(" or ")
                );
                let issue = Issue::error("Invalid Attribute Value Match", detail);
                return Err(issue.at(Path::attr_of(name)));
            }
        };
        if !word.is_empty() {
            inputs.push((*input, word));
        }
    }
    Ok((choice.procedure, inputs, choice.inside))
}

/// The elements of lists in the elements of lists, each with the ids of those that it is in.
fn flat(answer: Json, inside: &[&str]) -> Option<Vec<Json>> {
    let mut elements = match answer {
        Json::Array(it) => it,
        // One object that holds the list.
        it @ Json::Object(_) if !inside.is_empty() => vec![it],
        // Nothing is answered where there is nothing.
        Json::Null => Vec::new(),
        _ => return None,
    };
    for name in inside {
        let mut inner = Vec::new();
        for mut outer in elements {
            let Some(Json::Array(rows)) = outer.get_mut(*name).map(Json::take) else {
                return None;
            };
            let ids: Vec<(String, Json)> = outer
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, it)| name.ends_with("Id") && it.is_string())
                .map(|(name, it)| (name.clone(), it.clone()))
                .collect();
            for mut row in rows {
                if let Some(members) = row.as_object_mut() {
                    for (name, id) in &ids {
                        members.entry(name.clone()).or_insert_with(|| id.clone());
                    }
                }
                inner.push(row);
            }
        }
        elements = inner;
    }
    Some(elements)
}

/// What an answer says of an item. A path leads into objects in objects; the empty path is the whole answer.
fn value(raw: &Json, item: &Item) -> Value {
    let mut json = raw;
    for name in item.field.split('.').filter(|it| !it.is_empty()) {
        json = json.get(name).unwrap_or(&Json::Null);
    }
    let value = answered(json, item.kind);
    if value.is_null() && item.kind == Kind::Text && !item.nullable {
        Value::from("")
    } else {
        value
    }
}
