//! Whether an object is to be deployed when it and its parts are as planned, and what is to be waited for. Pure; the
//! calls are in `follow`.

use std::time::Duration;

use provider::{FollowUp, FollowUpRequest, Issue, Private, Whole};
use serde_json::{Value as Json, json};
use value::{Path, Value};

use crate::note;
use crate::object::{attribute_value, is_set_otherwise};
use crate::table::{Deploys, Dialect, Resource};
use crate::twin;

/// How long a deployment is waited for where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(600);

/// The member of the private data that says that a deployment is due.
const DUE: &str = "deployment_due";

/// Attributes that are named in a reason, before it only counts the rest.
const NAMED: usize = 3;

/// What is waited for, as the attributes of an object say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    /// Whether its containers must run; else only that the deployment is accepted.
    pub(crate) is_healthy: bool,
    /// How long.
    pub(crate) timeout: Duration,
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|it| it.as_bool() == Some(true))
}

fn is_false(value: &Value, name: &str) -> bool {
    value
        .get(name)
        .is_some_and(|it| it.as_bool() == Some(false))
}

/// Whether a deployment that does not start fails the run. As the published provider has it, `deploy_on_create` alone
/// is a wish and no demand.
pub(crate) fn is_demanded(object: &Value) -> bool {
    is_true(object, "deploy_on_change") || wait_of(object).is_healthy
}

/// What the attributes say of waiting.
pub(crate) fn wait_of(object: &Value) -> Wait {
    let wait_for = object.get("wait_for");
    let timeout = object.get("wait_timeout");
    let timeout = timeout.as_ref().and_then(Value::as_str);
    Wait {
        is_healthy: wait_for.as_ref().and_then(Value::as_str) == Some("healthy"),
        timeout: timeout.and_then(duration).unwrap_or(PATIENCE),
    }
}

/// Whether an object is to be deployed afterwards, and why. The values have their twins.
pub(crate) fn follow_up(resource: &Resource, request: &FollowUpRequest) -> Option<FollowUp> {
    let deploys = resource.object.deploys?;
    let FollowUpRequest { before, after, .. } = request;
    let on_change = is_true(after, "deploy_on_change");
    let on_create =
        is_true(after, "deploy_on_create") || (on_change && !is_false(after, "deploy_on_create"));
    if !on_change && !on_create {
        return None;
    }
    let why = if before.is_null() {
        on_create.then(|| "it is new".to_owned())
    } else {
        let changed = changed(resource, deploys, before, after);
        if on_change && !changed.is_empty() {
            Some(named(&changed))
        } else if on_change && request.has_new_parts {
            Some("what belongs to it changes".to_owned())
        } else {
            let is_due = is_due(&request.private);
            is_due.then(|| "a deployment from before is not done".to_owned())
        }
    };
    why.map(|why| FollowUp {
        verb: "deploy".to_owned(),
        why,
    })
}

/// The attributes that change and that containers depend on.
fn changed(
    resource: &Resource,
    deploys: &Deploys,
    before: &Value,
    after: &Value,
) -> Vec<&'static str> {
    let calls = resource.object.updates.iter();
    let fields = calls.flat_map(|it| it.fields).copied();
    let mut res: Vec<&'static str> = fields
        .filter(|it| !deploys.idle.contains(it))
        .filter_map(|it| is_set_otherwise(resource, it, before, after))
        .map(|it| it.name)
        .collect();
    for it in twin::twins(resource) {
        let is_idle = deploys.idle.contains(&it.plain.field);
        let version = |value: &Value| value.get(&it.version);
        if !is_idle && version(before) != version(after) {
            res.push(it.plain.name);
        }
    }
    res.sort_unstable();
    res.dedup();
    res
}

fn named(changed: &[&str]) -> String {
    let (some, rest) = changed.split_at(changed.len().min(NAMED));
    let verb = if changed.len() == 1 {
        "changes"
    } else {
        "change"
    };
    match rest.len() {
        0 => format!("{} {verb}", some.join(", ")),
        n => format!("{} and {n} more {verb}", some.join(", ")),
    }
}

fn is_due(private: &Private) -> bool {
    note::get(private, DUE).as_ref().and_then(Json::as_bool) == Some(true)
}

/// Notes that a deployment is due, or is not.
pub(crate) fn note_due(private: Private, is_due: bool) -> Private {
    if is_due {
        Some(note::with(&private, DUE, json!(true)))
    } else {
        note::without(private, DUE)
    }
}

/// What an object is a part of.
pub(crate) fn whole_of(dialect: &Dialect, resource: &Resource, value: &Value) -> Option<Whole> {
    let text = |field: &str| {
        let attribute = resource.attribute_of(field)?;
        let value = attribute_value(resource, value, attribute);
        (!value.is_null()).then_some(value)
    };
    resource.object.part_of.iter().find_map(|part| {
        let id = text(part.field)?;
        let id = match id.as_str() {
            Some("") => return None,
            known => known.map(str::to_owned),
        };
        let object = if part.object.is_empty() {
            let kind = text(resource.object.service.as_ref()?.kind)?;
            kind.as_str()?.to_owned()
        } else {
            part.object.to_owned()
        };
        let mut rows = dialect.resources.iter();
        let row = rows.find(|it| it.object.name == object && it.object.deploys.is_some())?;
        Some(Whole {
            kind: row.kind.to_owned(),
            id,
            is_used: part.is_used,
        })
    })
}

/// Checks what is said of waiting.
pub(crate) fn validate(resource: &Resource, config: &Value) -> Vec<Issue> {
    let mut res = Vec::new();
    if resource.object.deploys.is_none() {
        return res;
    }
    let timeout = config.get("wait_timeout");
    if let Some(text) = timeout.as_ref().and_then(Value::as_str)
        && duration(text).is_none_or(|it| it.is_zero())
    {
        let issue = Issue::error(
            "Invalid duration",
            "wait_timeout is a time longer than none, written as numbers with units: \"90s\", \"10m\" or \"1h30m\".",
        );
        res.push(issue.at(Path::attr_of("wait_timeout")));
    }
    let is_never = |name: &str| {
        config
            .get(name)
            .is_none_or(|it| it.is_known() && it.as_bool() != Some(true))
    };
    let is_never = is_never("deploy_on_create") && is_never("deploy_on_change");
    if wait_of(config).is_healthy && is_never {
        let issue = Issue::warning(
            "Nothing to wait for",
            "wait_for says what is waited for when this is deployed, and nothing deploys it. Set deploy_on_change too.",
        );
        res.push(issue.at(Path::attr_of("wait_for")));
    }
    res
}

/// A duration as Go writes it (`1h30m`, `1.5s`); `None` for anything else.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut res = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|it: char| !(it.is_ascii_digit() || it == '.'))?;
        let (number, tail) = rest.split_at(end);
        let end = tail
            .find(|it: char| it.is_ascii_digit() || it == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let number: f64 = number.parse().ok()?;
        let part = Duration::try_from_secs_f64(number * seconds).ok()?;
        res = res.checked_add(part)?;
        rest = tail;
    }
    Some(res)
}

/// A duration for people: `1h30m`, `45s`.
pub(crate) fn shown(duration: Duration) -> String {
    let all = duration.as_secs();
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    let mut res = String::new();
    for (n, unit) in [(hours, "h"), (minutes, "m"), (seconds, "s")] {
        if n > 0 {
            res.push_str(&format!("{n}{unit}"));
        }
    }
    if res.is_empty() {
        format!("{}ms", duration.as_millis())
    } else {
        res
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, expected) in [
            ("10m", Some(600_000)),
            ("1h30m", Some(5_400_000)),
            ("1.5s", Some(1_500)),
            ("250ms", Some(250)),
            ("0s", Some(0)),
            ("", None),
            ("10", None),
            ("m", None),
            ("10 m", None),
            ("-1s", None),
            ("1.2.3s", None),
            ("5d", None),
            ("99999999999999999999h", None),
        ] {
            let expected = expected.map(Duration::from_millis);
            assert_eq!(duration(text), expected, "{text}");
        }
        assert_eq!(shown(Duration::from_secs(5_430)), "1h30m30s");
        assert_eq!(shown(Duration::from_secs(600)), "10m");
        assert_eq!(shown(Duration::from_millis(20)), "20ms");
    }

    #[test]
    fn a_note_leaves_others_alone() {
        let plain: Private = Some(br#"{"configured":["a"]}"#.to_vec());
        let noted = note_due(plain.clone(), true);
        assert!(is_due(&noted));
        assert_eq!(note_due(noted, false), plain);
        assert_eq!(note_due(note_due(None, true), false), None);
        let foreign: Private = Some(b"not JSON".to_vec());
        assert_eq!(note_due(foreign.clone(), false), foreign);
    }

    #[test]
    fn reasons_name_some_and_count_the_rest() {
        assert_eq!(named(&["env"]), "env changes");
        assert_eq!(named(&["args", "env"]), "args, env change");
        let many = ["a", "b", "c", "d", "e"];
        assert_eq!(named(&many), "a, b, c and 2 more change");
    }
}
