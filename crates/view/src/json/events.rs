//! The streams of `plan -json` and `apply -json`: one document a line.

use ::plan::event::{Event, Id};
use ::plan::graph::OpKind;
use ::plan::{Action, ActionReason, Mode, Plan, ResourceChange};
use diag::{Diagnostics, Severity, SourceMap};
use serde_json::{Value as Json, json};

use crate::style::capitalized;

fn message(level: &str, text: impl Into<String>, kind: &str, time: &str) -> Json {
    json!({"@level": level, "@message": text.into(), "@module": "terraform.ui", "@timestamp": time, "type": kind})
}

/// The first line: which version of the stream is spoken. Tools look at the version of Terraform that it follows.
pub fn version(terraform: &str, time: &str) -> Json {
    let mut res = message("info", format!("dokplan {terraform}"), "version", time);
    res["terraform"] = json!(terraform);
    res["ui"] = json!("1.2");
    res
}

/// A step of `init`, with the code that tools know it by.
pub fn init(code: &str, text: &str, time: &str) -> Json {
    let mut res = message("info", text, "init_output", time);
    res["message_code"] = json!(code);
    res
}

/// A plain remark.
pub fn log(text: &str, time: &str) -> Json {
    message("info", text, "log", time)
}

/// Diagnostics, a line each.
pub fn diagnostics(diags: &Diagnostics, sources: &SourceMap, time: &str) -> Vec<Json> {
    let documents = crate::diagnostic::json(diags, sources);
    diags
        .iter()
        .zip(documents)
        .map(|(it, document)| {
            let (level, word) = match it.severity {
                Severity::Error => ("error", "Error"),
                Severity::Warning => ("warn", "Warning"),
            };
            let mut res = message(level, format!("{word}: {}", it.summary), "diagnostic", time);
            res["diagnostic"] = document;
            res
        })
        .collect()
}

fn resource(addr: &addr::Instance) -> Json {
    let module = addr.module.to_string();
    let local = format!("{}{}", addr.resource, addr.key);
    json!({
        "addr": addr.to_string(),
        "module": module,
        "resource": local,
        "implied_provider": addr.resource.implied_provider(),
        "resource_type": &*addr.resource.kind,
        "resource_name": &*addr.resource.name,
        "resource_key": super::key(&addr.key),
    })
}

fn action_word(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    }
}

fn hook(addr: &addr::Instance) -> Json {
    json!({"resource": resource(addr)})
}

fn with_id(hook: &mut Json, id: Option<&Id<'_>>) {
    if let Some(id) = id {
        hook["id_key"] = json!(id.key);
        hook["id_value"] = json!(id.value);
    }
}

/// What a line says of what follows an object's changes.
fn follow_hook(
    addr: &addr::Instance,
    what: &::plan::FollowUp,
    id: Option<&Id<'_>>,
    took: Option<&std::time::Duration>,
) -> Json {
    let mut res = hook(addr);
    res["action"] = json!(what.verb);
    with_id(&mut res, id);
    if let Some(took) = took {
        res["elapsed_seconds"] = json!(took.as_secs());
    }
    res
}

fn id_note(id: Option<&Id<'_>>) -> String {
    id.map_or_else(String::new, |id| format!(" [{}={}]", id.key, id.value))
}

/// An event as a line; `None` for those that have none.
pub fn event(event: &Event<'_>, time: &str) -> Option<Json> {
    let line = |text: String, kind: &str, hook: Json| {
        let mut res = message("info", text, kind, time);
        res["hook"] = hook;
        Some(res)
    };
    let verbs = |action: &Action| match action {
        Action::Create => Some(("Creating", "Creation")),
        Action::Update => Some(("Modifying", "Modifications")),
        Action::Delete => Some(("Destroying", "Destruction")),
        Action::Read => Some(("Refreshing", "Refresh")),
        Action::NoOp | Action::DeleteThenCreate | Action::CreateThenDelete | Action::Forget => None,
    };
    match event {
        Event::RefreshStart(addr, _, id) => {
            let mut hook = hook(addr);
            with_id(&mut hook, id.as_ref());
            line(
                format!("{addr}: Refreshing state...{}", id_note(id.as_ref())),
                "refresh_start",
                hook,
            )
        }
        Event::RefreshDone(addr, _, id) => {
            let mut hook = hook(addr);
            with_id(&mut hook, id.as_ref());
            line(
                format!("{addr}: Refresh complete{}", id_note(id.as_ref())),
                "refresh_complete",
                hook,
            )
        }
        Event::ReadStart(addr) => {
            let mut hook = hook(addr);
            hook["action"] = json!("read");
            line(format!("{addr}: Refreshing..."), "apply_start", hook)
        }
        Event::ReadDone(addr, id, took) => {
            let mut hook = hook(addr);
            hook["action"] = json!("read");
            with_id(&mut hook, id.as_ref());
            hook["elapsed_seconds"] = json!(took.as_secs());
            line(
                format!(
                    "{addr}: Refresh complete after {}s{}",
                    took.as_secs(),
                    id_note(id.as_ref())
                ),
                "apply_complete",
                hook,
            )
        }
        Event::ApplyStart(addr, _, action, id) => {
            let (doing, _) = verbs(action)?;
            let mut hook = hook(addr);
            hook["action"] = json!(action_word(*action));
            let id = if *action == Action::Create {
                None
            } else {
                id.as_ref()
            };
            with_id(&mut hook, id);
            line(
                format!("{addr}: {doing}...{}", id_note(id)),
                "apply_start",
                hook,
            )
        }
        Event::ApplyProgress(addr, _, action, id, took) => {
            let (doing, _) = verbs(action)?;
            let mut hook = hook(addr);
            hook["action"] = json!(action_word(*action));
            with_id(&mut hook, id.as_ref());
            hook["elapsed_seconds"] = json!(took.as_secs());
            line(
                format!(
                    "{addr}: Still {}... [{}s elapsed]",
                    doing.to_lowercase(),
                    took.as_secs()
                ),
                "apply_progress",
                hook,
            )
        }
        Event::ApplyDone(addr, _, action, id, took) => {
            let (_, done) = verbs(action)?;
            let mut hook = hook(addr);
            hook["action"] = json!(action_word(*action));
            let id = if *action == Action::Delete {
                None
            } else {
                id.as_ref()
            };
            with_id(&mut hook, id);
            hook["elapsed_seconds"] = json!(took.as_secs());
            line(
                format!(
                    "{addr}: {done} complete after {}s{}",
                    took.as_secs(),
                    id_note(id)
                ),
                "apply_complete",
                hook,
            )
        }
        Event::ApplyFailed(addr, _, action, took) => {
            let (_, done) = verbs(action)?;
            let mut hook = hook(addr);
            hook["action"] = json!(action_word(*action));
            hook["elapsed_seconds"] = json!(took.as_secs());
            line(
                format!("{addr}: {done} errored after {}s", took.as_secs()),
                "apply_errored",
                hook,
            )
        }
        Event::FollowStart(addr, what, id) => line(
            format!(
                "{addr}: {}...{}",
                capitalized(&what.gerund()),
                id_note(id.as_ref())
            ),
            "apply_start",
            follow_hook(addr, what, id.as_ref(), None),
        ),
        Event::FollowProgress(addr, what, id, took) => line(
            format!(
                "{addr}: Still {}... [{}s elapsed]",
                what.gerund(),
                took.as_secs()
            ),
            "apply_progress",
            follow_hook(addr, what, id.as_ref(), Some(took)),
        ),
        Event::FollowDone(addr, what, id, took) => line(
            format!(
                "{addr}: {} after {}s{}",
                capitalized(&what.participle()),
                took.as_secs(),
                id_note(id.as_ref())
            ),
            "apply_complete",
            follow_hook(addr, what, id.as_ref(), Some(took)),
        ),
        Event::FollowFailed(addr, what, took) => line(
            format!(
                "{addr}: {} errored after {}s",
                capitalized(&what.gerund()),
                took.as_secs()
            ),
            "apply_errored",
            follow_hook(addr, what, None, Some(took)),
        ),
        Event::ProvisionStart(addr, kind) => {
            let mut hook = hook(addr);
            hook["provisioner"] = json!(kind);
            line(
                format!("{addr}: Provisioning with '{kind}'..."),
                "provision_start",
                hook,
            )
        }
        Event::ProvisionOutput(addr, kind, output) => {
            let mut hook = hook(addr);
            hook["provisioner"] = json!(kind);
            hook["output"] = json!(output);
            line(
                format!("{addr}: ({kind}): {output}"),
                "provision_progress",
                hook,
            )
        }
        Event::ProvisionDone(addr, kind) => {
            let mut hook = hook(addr);
            hook["provisioner"] = json!(kind);
            line(
                format!("{addr}: ({kind}) Provisioning complete"),
                "provision_complete",
                hook,
            )
        }
        Event::ProvisionFailed(addr, kind) => {
            let mut hook = hook(addr);
            hook["provisioner"] = json!(kind);
            line(
                format!("{addr}: ({kind}) Provisioning errored"),
                "provision_errored",
                hook,
            )
        }
        Event::ImportStart(..)
        | Event::ImportApply(..)
        | Event::ImportDone(..)
        | Event::Progress(..) => None,
    }
}

fn reason(reason: ActionReason) -> Option<&'static str> {
    Some(match reason {
        ActionReason::None => return None,
        ActionReason::ReplaceBecauseTainted => "tainted",
        ActionReason::ReplaceByRequest => "requested",
        ActionReason::ReplaceByTriggers => "replace_triggered_by",
        ActionReason::ReplaceBecauseCannotUpdate => "cannot_update",
        ActionReason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
        ActionReason::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
        ActionReason::DeleteBecauseCountIndex => "delete_because_count_index",
        ActionReason::DeleteBecauseEachKey => "delete_because_each_key",
        ActionReason::DeleteBecauseNoModule => "delete_because_no_module",
        ActionReason::DeleteBecauseNoMoveTarget => "delete_because_no_move_target",
        ActionReason::ReadBecauseConfigUnknown => "read_because_config_unknown",
        ActionReason::ReadBecauseDependencyPending => "read_because_dependency_pending",
        ActionReason::ReadBecauseCheckNested => "read_because_check_nested",
    })
}

fn change(it: &ResourceChange) -> (String, Json) {
    let moved = it.addr != it.previous;
    let (word, action) = match it.change.action {
        Action::NoOp if it.importing.is_some() => ("import".to_owned(), "import"),
        Action::NoOp if moved => ("move".to_owned(), "move"),
        Action::NoOp if it.follow_up.is_some() => {
            let verb = it.follow_up.as_ref().map_or("", |it| it.verb.as_str());
            (verb.to_owned(), "noop")
        }
        action => (action_word(action).to_owned(), action_word(action)),
    };
    let mut json = json!({"resource": resource(&it.addr), "action": action});
    if moved {
        json["previous_resource"] = resource(&it.previous);
    }
    if let Some(reason) = reason(it.reason) {
        json["reason"] = json!(reason);
    }
    if let Some(importing) = &it.importing {
        json["importing"] = importing
            .id
            .as_ref()
            .map_or_else(|| json!({"unknown": true}), |id| json!({"id": id}));
    }
    if let Some(what) = &it.at_stake {
        json["data_loss"] = json!(what);
    }
    if let Some(it) = &it.follow_up {
        json["follow_up"] = json!({"verb": it.verb, "why": it.why});
    }
    (word, json)
}

/// The changes of a plan, a line each, without the lines around them: in the order in which they can be made.
pub fn planned(plan: &Plan, time: &str) -> Vec<Json> {
    let mut positions = std::collections::HashMap::new();
    for (at, op) in plan.graph.ops.iter().enumerate() {
        let deposed = match &op.kind {
            OpKind::DeleteDeposed(key) => Some(key),
            OpKind::Join => continue,
            // The change itself comes before what follows it.
            OpKind::FollowUp if positions.contains_key(&(&op.addr, None)) => continue,
            _ => None,
        };
        positions.insert((&op.addr, deposed), at);
    }
    let mut changes: Vec<_> = plan.changes.iter().collect();
    changes.sort_by_key(|it| positions.get(&(&it.addr, it.deposed.as_ref())).copied());
    changes
        .into_iter()
        .filter(|it| match it.change.action {
            Action::NoOp => {
                it.addr != it.previous || it.importing.is_some() || it.follow_up.is_some()
            }
            Action::Delete => it.addr.is_managed(),
            _ => true,
        })
        .map(|it| {
            let (word, change) = change(it);
            let mut res = message(
                "info",
                format!("{}: Plan to {word}", it.addr),
                "planned_change",
                time,
            );
            res["change"] = change;
            res
        })
        .collect()
}

/// All lines of a plan: drift, changes, the summary, outputs.
pub fn plan(plan: &Plan, time: &str) -> Vec<Json> {
    let mut res = Vec::new();
    for it in &plan.drift {
        let shown = plan.mode == Mode::RefreshOnly || it.relevant;
        if !shown || it.change.change.action == Action::NoOp {
            continue;
        }
        let (word, change) = change(&it.change);
        let mut line = message(
            "info",
            format!("{}: Drift detected ({word})", it.change.addr),
            "resource_drift",
            time,
        );
        line["change"] = change;
        res.push(line);
    }
    res.extend(planned(plan, time));
    let counts = crate::plan::counts(plan);
    let mut summary = message(
        "info",
        format!("Plan: {}", crate::plan::summary(counts)),
        "change_summary",
        time,
    );
    summary["changes"] = json!({"add": counts.add, "change": counts.change, "import": counts.import, "remove": counts.destroy, "operation": "plan"});
    res.push(summary);
    if !plan.outputs.is_empty() {
        let outputs: serde_json::Map<String, Json> = plan
            .outputs
            .iter()
            .map(|it| {
                (
                    it.name.clone(),
                    json!({"sensitive": it.sensitive, "action": action_word(it.change.action)}),
                )
            })
            .collect();
        let mut line = message(
            "info",
            format!("Outputs: {}", outputs.len()),
            "outputs",
            time,
        );
        line["outputs"] = Json::Object(outputs);
        res.push(line);
    }
    res
}

/// The last lines of an apply: the summary and the outputs.
pub fn applied(
    is_destroy: bool,
    added: usize,
    changed: usize,
    destroyed: usize,
    imported: usize,
    state: &state::State,
    time: &str,
) -> Vec<Json> {
    let (text, operation) = if is_destroy {
        (
            format!("Destroy complete! Resources: {destroyed} destroyed."),
            "destroy",
        )
    } else if imported > 0 {
        (
            format!(
                "Apply complete! Resources: {imported} imported, {added} added, {changed} changed, {destroyed} destroyed."
            ),
            "apply",
        )
    } else {
        (
            format!(
                "Apply complete! Resources: {added} added, {changed} changed, {destroyed} destroyed."
            ),
            "apply",
        )
    };
    let mut summary = message("info", text, "change_summary", time);
    summary["changes"] = json!({"add": added, "change": changed, "import": imported, "remove": destroyed, "operation": operation});
    let mut res = vec![summary];
    if !is_destroy {
        let outputs: serde_json::Map<String, Json> = state
            .outputs
            .iter()
            .map(|(name, it)| {
                let mut output = json!({"sensitive": it.sensitive, "type": value::json::type_to_json(&it.value.ty())});
                if !it.sensitive {
                    output["value"] = value::json::plain_json(&it.value);
                }
                (name.to_string(), output)
            })
            .collect();
        let mut line = message(
            "info",
            format!("Outputs: {}", outputs.len()),
            "outputs",
            time,
        );
        line["outputs"] = Json::Object(outputs);
        res.push(line);
    }
    res
}
