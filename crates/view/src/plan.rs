//! A plan as text: what people read before they say yes.

use std::collections::BTreeMap;

use addr::{Key, Mode};
use plan::diff::{self, Does, Focus};
use plan::{Action, ActionReason, Plan, ResourceChange};
use provider::schema::Schemas;
use value::{Mark, Value};

use crate::diff as render;
use crate::style::{Style, safe};

/// How many changes of each kind a plan has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects to be imported.
    pub import: usize,
    /// Objects to be created, also in replacements.
    pub add: usize,
    /// Objects to be changed in place.
    pub change: usize,
    /// Objects to be destroyed, also in replacements.
    pub destroy: usize,
}

/// Counts the changes of a plan.
pub fn counts(plan: &Plan) -> Counts {
    let mut res = Counts::default();
    for it in &plan.changes {
        if it.importing.is_some() {
            res.import += 1;
        }
        match it.change.action {
            Action::NoOp | Action::Read | Action::Forget => {}
            Action::Create => res.add += 1,
            Action::Update => res.change += 1,
            Action::Delete if it.addr.resource.mode == Mode::Managed => res.destroy += 1,
            Action::Delete => {}
            Action::DeleteThenCreate | Action::CreateThenDelete => {
                res.add += 1;
                res.destroy += 1;
            }
        }
    }
    res
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.`
pub fn summary(counts: Counts) -> String {
    let mut parts = Vec::new();
    if counts.import > 0 {
        parts.push(format!("{} to import", counts.import));
    }
    parts.push(format!("{} to add", counts.add));
    parts.push(format!("{} to change", counts.change));
    parts.push(format!("{} to destroy", counts.destroy));
    format!("{}.", parts.join(", "))
}

/// Why a change is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Proposed,
    Drift,
}

/// The whole plan, with a line break at its end.
pub fn plan(plan: &Plan, schemas: &Schemas, style: Style) -> String {
    let mut res = String::new();
    let shown: Vec<&ResourceChange> = plan.changes.iter().filter(|it| is_shown(it)).collect();
    let outputs = outputs(plan, style);
    let drift = drift(plan, schemas, style, shown.is_empty() && outputs.is_empty());
    let has_drift = !drift.is_empty();
    res.push_str(&drift);

    if shown.is_empty() && outputs.is_empty() {
        res.push_str(&nothing(plan, has_drift, style));
        return res;
    }
    if has_drift {
        res.push_str(&format!("{}\n\n", style.rule()));
    }

    let real = |action: Action| shown.iter().filter(|it| it.change.action == action).count();
    if shown.iter().any(|it| it.change.action != Action::NoOp) {
        res.push_str(&format!(
            "\n{}\n",
            style.wrap("This is what the providers would do to make the world as configured. The signs mean:")
        ));
        let legend = [
            (Action::Create, format!("  {} create", style.green("+"))),
            (
                Action::Update,
                format!("  {} update in-place", style.yellow("~")),
            ),
            (Action::Delete, format!("  {} destroy", style.red("-"))),
            (
                Action::DeleteThenCreate,
                format!(
                    "{}/{} destroy and then create replacement",
                    style.red("-"),
                    style.green("+")
                ),
            ),
            (
                Action::CreateThenDelete,
                format!(
                    "{}/{} create replacement and then destroy",
                    style.green("+"),
                    style.red("-")
                ),
            ),
            (
                Action::Read,
                format!(" {} read (data resources)", style.cyan("<=")),
            ),
        ];
        for (action, line) in legend {
            if real(action) > 0 {
                res.push_str(&format!("{line}\n"));
            }
        }
    }

    if !shown.is_empty() {
        res.push_str(if plan.errored {
            "\nSome of the actions are known, but then planning ran into a problem:\n"
        } else {
            "\nThe actions in full:\n"
        });
        if style.color && shown.len() > OVERVIEW {
            res.push_str(&overview(&shown, style));
        }
        for it in &shown {
            res.push_str(&format!(
                "\n{}\n",
                change(it, schemas, style, Cause::Proposed, None)
            ));
        }
        res.push_str(&format!(
            "\n{} {}\n",
            style.bold("Plan:"),
            summary(counts(plan))
        ));
        res.push_str(&follow_ups(&shown));
        res.push_str(&at_stake(&shown, style));
    }

    if !outputs.is_empty() {
        res.push_str(&format!("\nChanges to Outputs:\n{}\n", outputs.join("\n")));
        if shown.iter().all(|it| it.change.action == Action::NoOp) {
            res.push_str(&format!(
                "\n{}\n",
                style.wrap(
                    "Applying this plan stores the new output values in the state; it changes nothing on any server."
                )
            ));
        }
    }
    res
}

/// From how many changes on a terminal shows an overview before them.
const OVERVIEW: usize = 30;

/// The changes as a tree: modules, then resources with how many of their instances change, and how.
fn overview(shown: &[&ResourceChange], style: Style) -> String {
    let mut tree: BTreeMap<String, BTreeMap<(String, &str), usize>> = BTreeMap::new();
    for it in shown {
        let module = it.addr.module.to_string();
        let (name, sign) = (it.addr.resource.to_string(), plain_sign(it.change.action));
        *tree
            .entry(module)
            .or_default()
            .entry((name, sign))
            .or_default() += 1;
    }
    let mut res = format!("\n{}\n", style.bold(&format!("{} changes:", shown.len())));
    for (module, resources) in tree {
        let indent = if module.is_empty() {
            "  "
        } else {
            res.push_str(&format!("  {}\n", safe(&module)));
            "    "
        };
        for ((name, sign), n) in resources {
            let many = if n > 1 {
                format!(" ({n})")
            } else {
                String::new()
            };
            let sign = match sign {
                "+" => style.green(sign),
                "-" | "-/+" | "+/-" | "." => style.red(sign),
                "~" => style.yellow(sign),
                _ => style.cyan(sign),
            };
            res.push_str(&format!("{indent}{sign} {}{many}\n", safe(&name)));
        }
    }
    res
}

fn plain_sign(action: Action) -> &'static str {
    match action {
        Action::NoOp => " ",
        Action::Create => "+",
        Action::Update => "~",
        Action::Delete => "-",
        Action::DeleteThenCreate => "-/+",
        Action::CreateThenDelete => "+/-",
        Action::Read => "<=",
        Action::Forget => ".",
    }
}

/// How many objects something is done with afterwards.
fn follow_ups(shown: &[&ResourceChange]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for it in shown.iter().filter_map(|it| it.follow_up.as_ref()) {
        *counts.entry(it.participle()).or_default() += 1;
    }
    let lines = counts.into_iter().map(|(done, n)| {
        let objects = if n == 1 { "object" } else { "objects" };
        format!("Afterwards {n} {objects} will be {}.\n", safe(&done))
    });
    lines.collect()
}

/// Names the changes that can lose data once more, where nobody overlooks them.
fn at_stake(shown: &[&ResourceChange], style: Style) -> String {
    let all: Vec<&&ResourceChange> = shown.iter().filter(|it| it.at_stake.is_some()).collect();
    if all.is_empty() {
        return String::new();
    }
    let mut res = format!("\n{}\n", style.bold_red("Data can be lost:"));
    for it in all {
        let what = it.at_stake.as_deref().unwrap_or_default();
        res.push_str(&format!("  - {}: {what}\n", safe(&it.addr.to_string())));
    }
    res
}

/// Whether a change appears in the list of actions.
fn is_shown(change: &ResourceChange) -> bool {
    match change.change.action {
        Action::NoOp => {
            change.addr != change.previous
                || change.importing.is_some()
                || change.follow_up.is_some()
        }
        Action::Delete => change.addr.resource.mode == Mode::Managed,
        Action::Create
        | Action::Read
        | Action::Update
        | Action::DeleteThenCreate
        | Action::CreateThenDelete
        | Action::Forget => true,
    }
}

fn nothing(plan: &Plan, has_drift: bool, style: Style) -> String {
    let rule = if has_drift {
        format!("{}\n", style.rule())
    } else {
        String::new()
    };
    if plan.errored {
        return format!(
            "{rule}\n{} {}\n\n",
            style.bold_red("Planning failed."),
            style.bold("dokplan found errors while it made this plan.")
        );
    }
    let (rule, title, text) = match plan.mode {
        plan::Mode::RefreshOnly if has_drift => return String::new(),
        plan::Mode::RefreshOnly => (
            String::new(),
            "Your infrastructure still matches the configuration.",
            "Every object was read, and each is still what the state remembers.",
        ),
        plan::Mode::Destroy => (
            rule,
            "No objects need to be destroyed.",
            "The state remembers no objects: nothing was created yet, or all of it is gone already.",
        ),
        plan::Mode::Normal if has_drift => (
            rule,
            "Your infrastructure matches the configuration.",
            "The changes made outside, shown above, are what the configuration asks for. To store them in the state as well:\n  dokplan apply -refresh-only",
        ),
        plan::Mode::Normal => (
            rule,
            "Your infrastructure matches the configuration.",
            "The configuration was compared with the real objects: there is no difference, so there is nothing to do.",
        ),
    };
    format!(
        "{rule}\n{} {}\n\n{}\n",
        style.bold_green("No changes."),
        style.bold(title),
        style.wrap(text)
    )
}

fn drift(plan: &Plan, schemas: &Schemas, style: Style, is_empty: bool) -> String {
    let only = plan.mode == plan::Mode::RefreshOnly;
    if is_empty && !only {
        return String::new();
    }
    let shown: Vec<String> = plan
        .drift
        .iter()
        .filter_map(|it| {
            let moved = it.change.addr != it.change.previous;
            let relevant = (!only).then(|| relevant_paths(plan, &it.change));
            if relevant.as_ref().is_some_and(Vec::is_empty) {
                return None;
            }
            let diff = differences(&it.change, schemas, relevant.as_deref());
            if diff.does == Does::Stay && !(only && moved) {
                return None;
            }
            Some(change(
                &it.change,
                schemas,
                style,
                Cause::Drift,
                relevant.as_deref(),
            ))
        })
        .collect();
    if shown.is_empty() {
        return String::new();
    }
    let mut res = format!(
        "\n{} {}\n\n",
        style.cyan("Note:"),
        style.bold("Objects have changed outside of dokplan")
    );
    res.push_str(&style.wrap("Since the last apply, somebody or something else made these changes, which this plan takes into account:"));
    res.push('\n');
    for it in shown {
        res.push_str(&format!("\n{it}\n"));
    }
    let text = if only {
        "This plan only remembers: applying it stores what is shown above in the state and touches no server."
    } else {
        "Unless your configuration says the same by now, or ignores the attributes (ignore_changes), the plan below may undo these changes or respond to them."
    };
    res.push_str(&format!("\n\n{}\n", style.wrap(text)));
    res
}

/// The attributes of a drifted object that the rest of the plan depends on.
fn relevant_paths(plan: &Plan, change: &ResourceChange) -> Vec<value::Path> {
    if change.change.action == Action::NoOp {
        return vec![value::Path::root()];
    }
    let (instance, resource) = (change.addr.to_string(), change.addr.absolute().to_string());
    plan.relevant
        .iter()
        .filter(|it| it.resource == instance || it.resource == resource)
        .map(|it| it.path.clone())
        .collect()
}

fn differences(
    change: &ResourceChange,
    schemas: &Schemas,
    relevant: Option<&[value::Path]>,
) -> diff::Diff {
    let address = &change.addr;
    let schema = schemas.resource(
        &change.provider.provider,
        address.resource.mode,
        &address.resource.kind,
    );
    let focus = Focus {
        replace: &change.replace_paths,
        relevant,
    };
    // What is forgotten stays as it is.
    let after = if change.change.action == Action::Forget {
        &change.change.before
    } else {
        &change.change.after
    };
    match schema {
        Some(schema) => diff::block(&change.change.before, after, &schema.block, focus),
        None => diff::any(&change.change.before, after),
    }
}

fn change(
    change: &ResourceChange,
    schemas: &Schemas,
    style: Style,
    cause: Cause,
    relevant: Option<&[value::Path]>,
) -> String {
    let action = change.change.action;
    if is_followed_only(change) {
        // It stays as it is: there is nothing to show of it.
        return comment(change, style, cause).trim_end().to_owned();
    }
    let diff = differences(change, schemas, relevant);
    let sign = match action {
        Action::NoOp => "   ".to_owned(),
        Action::Create => format!("  {}", style.green("+")),
        Action::Update => format!("  {}", style.yellow("~")),
        Action::Delete => format!("  {}", style.red("-")),
        Action::DeleteThenCreate => format!("{}/{}", style.red("-"), style.green("+")),
        Action::CreateThenDelete => format!("{}/{}", style.green("+"), style.red("-")),
        Action::Read => format!(" {}", style.cyan("<=")),
        Action::Forget => format!(" {}", style.red(".")),
    };
    let body = if change.importing.is_some() {
        render::whole(&diff, 0, style)
    } else {
        render::change(&diff, 0, style)
    };
    format!(
        "{}{sign} {} {body}",
        comment(change, style, cause),
        header(&change.addr.resource)
    )
}

/// Whether an object does not change, and something is done with it all the same.
fn is_followed_only(change: &ResourceChange) -> bool {
    change.change.action == Action::NoOp
        && change.addr == change.previous
        && change.importing.is_none()
        && change.follow_up.is_some()
}

fn header(resource: &addr::Resource) -> String {
    let word = match resource.mode {
        Mode::Managed => "resource",
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
    };
    format!("{word} \"{}\" \"{}\"", resource.kind, resource.name)
}

/// The lines above a change.
fn comment(change: &ResourceChange, style: Style, cause: Cause) -> String {
    let name = match &change.deposed {
        Some(key) => format!("{} (deposed object {key})", change.addr),
        None => change.addr.to_string(),
    };
    let name = style.bold(&format!("# {}", safe(&name)));
    if change.change.action == Action::Forget {
        // One column to the left of the others: readers of the reference's plans look for that.
        return format!(
            " {name} will no longer be managed by dokplan, but will not be destroyed\n # (destroy = false is set in the configuration)\n"
        );
    }
    let replaced = style.bold_red("replaced");
    let moved = change.addr != change.previous;
    let mut res = String::new();
    let mut line = |text: String| res.push_str(&format!("  {text}\n"));
    match change.change.action {
        Action::Create => line(format!("{name} will be created")),
        Action::Read => {
            line(format!("{name} will be read during apply"));
            match change.reason {
                ActionReason::ReadBecauseConfigUnknown => {
                    line("# (config refers to values not yet known)".to_owned());
                }
                ActionReason::ReadBecauseDependencyPending => {
                    line("# (depends on a resource or a module with changes pending)".to_owned());
                }
                ActionReason::ReadBecauseCheckNested => {
                    line("# (config will be reloaded to verify a check block)".to_owned());
                }
                _ => {}
            }
        }
        Action::Update if cause == Cause::Drift => line(format!("{name} has changed")),
        Action::Update => line(format!("{name} will be updated in-place")),
        Action::DeleteThenCreate | Action::CreateThenDelete => line(match change.reason {
            ActionReason::ReplaceBecauseTainted => {
                format!("{name} is tainted, so must be {replaced}")
            }
            ActionReason::ReplaceByRequest => format!("{name} will be {replaced}, as requested"),
            ActionReason::ReplaceByTriggers => {
                format!("{name} will be {replaced} due to changes in replace_triggered_by")
            }
            _ => format!("{name} must be {replaced}"),
        }),
        Action::Delete if cause == Cause::Drift => line(format!("{name} has been deleted")),
        Action::Delete => {
            line(format!("{name} will be {}", style.bold_red("destroyed")));
            if change.deposed.is_some() {
                line(
                    "# (left over from a partially-failed replacement of this instance)".to_owned(),
                );
            }
            let why = match change.reason {
                ActionReason::DeleteBecauseNoResourceConfig => {
                    Some(format!("{} is not in configuration", change.addr.resource))
                }
                ActionReason::DeleteBecauseNoMoveTarget => Some(format!(
                    "{} was moved to {}, which is not in configuration",
                    change.previous, change.addr
                )),
                ActionReason::DeleteBecauseNoModule => {
                    Some(format!("{} is not in configuration", change.addr.module))
                }
                ActionReason::DeleteBecauseWrongRepetition => Some(
                    match change.addr.key {
                        Key::None => "resource uses count or for_each",
                        Key::Int(_) => "resource does not use count",
                        Key::Str(_) => "resource does not use for_each",
                    }
                    .to_owned(),
                ),
                ActionReason::DeleteBecauseCountIndex => Some(format!(
                    "index {} is out of range for count",
                    change.addr.key
                )),
                ActionReason::DeleteBecauseEachKey => {
                    Some(format!("key {} is not in for_each map", change.addr.key))
                }
                _ => None,
            };
            if let Some(why) = why {
                line(format!("# (because {})", safe(&why)));
            }
        }
        Action::Forget => {}
        Action::NoOp => {
            if moved {
                line(format!(
                    "{} has moved to {}",
                    style.bold(&format!("# {}", change.previous)),
                    style.bold(&change.addr.to_string())
                ));
            } else if change.importing.is_some() {
                line(format!("{name} will be imported"));
                if change
                    .importing
                    .as_ref()
                    .is_some_and(|it| it.generated.is_some())
                {
                    line("# (config will be generated)".to_owned());
                }
            } else if let Some(it) = &change.follow_up {
                line(format!("{name} will be {}", safe(&it.participle())));
                line(format!("# (because {})", safe(&it.why)));
            }
        }
    }
    if let Some(it) = change
        .follow_up
        .as_ref()
        .filter(|_| cause == Cause::Proposed && !is_followed_only(change))
    {
        line(format!(
            "# (will be {} afterwards, because {})",
            safe(&it.participle()),
            safe(&it.why)
        ));
    }
    if change.change.action != Action::NoOp
        && moved
        && change.reason != ActionReason::DeleteBecauseNoMoveTarget
    {
        line(format!(
            "# (moved from {})",
            safe(&change.previous.to_string())
        ));
    }
    if let Some(importing) = change
        .importing
        .as_ref()
        .filter(|_| change.change.action != Action::NoOp || moved)
    {
        line(match &importing.id {
            Some(id) => format!("# (imported from {})", render::quoted(id)),
            None => "# (will be imported first)".to_owned(),
        });
    }
    if let Some(what) = change
        .at_stake
        .as_ref()
        .filter(|_| cause == Cause::Proposed)
    {
        line(style.bold_red(&format!("# (can lose data: {what})")));
    }
    res
}

/// One line for each output that changes.
fn outputs(plan: &Plan, style: Style) -> Vec<String> {
    let changed: Vec<(&plan::OutputChange, diff::Diff)> = plan
        .outputs
        .iter()
        .filter(|it| it.change.action != Action::NoOp)
        .filter_map(|it| {
            let hide = |value: &Value| {
                if it.sensitive && !value.is_null() {
                    value.clone().mark(Mark::Sensitive)
                } else {
                    value.clone()
                }
            };
            let diff = diff::any(&hide(&it.change.before), &hide(&it.change.after));
            (diff.does != Does::Stay).then_some((it, diff))
        })
        .collect();
    // In line with those that stay, as the reference has them.
    let width = plan
        .outputs
        .iter()
        .map(|it| it.name.len())
        .max()
        .unwrap_or(0);
    changed
        .into_iter()
        .map(|(it, diff)| {
            let sign = render::sign(diff.does, style);
            format!(
                "{sign}{:width$} = {}",
                it.name,
                render::change(&diff, 0, style)
            )
        })
        .collect()
}
