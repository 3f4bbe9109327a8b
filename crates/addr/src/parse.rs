//! Addresses from text and from traversals.

use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, SourceId, Span};
use hcl::{Step, StepKind, Traversal};

use crate::{
    AbsResource, Instance, Key, Mode, ModuleInstance, Provider, ProviderConfig, Reference,
    Resource, Subject, Target,
};

/// The codes of this crate's diagnostics.
pub mod code {
    use diag::Code;

    /// See [`Code`].
    pub const INVALID_REFERENCE: Code = Code::new(
        "invalid-reference",
        "Invalid reference",
        "An expression names something that is not complete or cannot exist, such as a resource type without a name.",
    );

    /// See [`Code`].
    pub const RESERVED_SYMBOL: Code = Code::new(
        "reserved-symbol-name",
        "Reserved symbol name",
        "The name is kept for a later use in the language; a resource type of this name is written with the prefix `resource.`.",
    );

    /// See [`Code`].
    pub const INVALID_INDEX_VALUE: Code = Code::new(
        "invalid-instance-key",
        "Invalid index key",
        "An instance is named by a whole number (`count`) or a text (`for_each`).",
    );

    /// See [`Code`].
    pub const INVALID_COUNT_ATTRIBUTE: Code = Code::new(
        "invalid-count-attribute",
        "Invalid \"count\" attribute",
        "`count` has the attribute `index` only.",
    );

    /// See [`Code`].
    pub const INVALID_EACH_ATTRIBUTE: Code = Code::new(
        "invalid-each-attribute",
        "Invalid \"each\" attribute",
        "`each` has the attributes `key` and `value` only.",
    );

    /// See [`Code`].
    pub const INVALID_ADDRESS: Code = Code::new(
        "invalid-address",
        "Invalid address",
        "An address names a module, a resource, or one of their instances, with literal keys.",
    );

    /// See [`Code`].
    pub const CODES: &[&Code] = &[
        &INVALID_REFERENCE,
        &RESERVED_SYMBOL,
        &INVALID_INDEX_VALUE,
        &INVALID_COUNT_ATTRIBUTE,
        &INVALID_EACH_ATTRIBUTE,
        &INVALID_ADDRESS,
    ];
}

/// What a traversal in an expression refers to; mistakes are reported.
pub fn reference(traversal: &Traversal, diags: &mut Diagnostics) -> Option<Reference> {
    let root = traversal.root.name.as_str();
    let root_span = traversal.root.span;
    match root {
        "count" => {
            let (name, span, rest) = single(traversal, diags)?;
            if &*name != "index" {
                diags.push(
                    Diagnostic::error(
                        &code::INVALID_COUNT_ATTRIBUTE,
                        format!(
                            "There is no count.{name}: the \"count\" object has one attribute, count.index, the number of the instance from 0."
                        ),
                    )
                    .at(span),
                );
                return None;
            }
            Some(found(Subject::CountIndex, span, rest))
        }
        "each" => {
            let (name, span, rest) = single(traversal, diags)?;
            let subject = match &*name {
                "key" => Subject::EachKey,
                "value" => Subject::EachValue,
                _ => {
                    diags.push(
                        Diagnostic::error(
                            &code::INVALID_EACH_ATTRIBUTE,
                            format!(
                                "There is no each.{name}: the \"each\" object has two attributes, each.key and each.value."
                            ),
                        )
                        .at(span),
                    );
                    return None;
                }
            };
            Some(found(subject, span, rest))
        }
        "data" => resource_after(Mode::Data, traversal, diags),
        "ephemeral" => resource_after(Mode::Ephemeral, traversal, diags),
        "resource" => resource_after(Mode::Managed, traversal, diags),
        "local" => {
            let (name, span, rest) = single(traversal, diags)?;
            Some(found(Subject::Local(name), span, rest))
        }
        "var" => {
            let (name, span, rest) = single(traversal, diags)?;
            Some(found(Subject::Variable(name), span, rest))
        }
        "path" => {
            let (name, span, rest) = single(traversal, diags)?;
            Some(found(Subject::Path(name), span, rest))
        }
        "terraform" => {
            let (name, span, rest) = single(traversal, diags)?;
            Some(found(Subject::Terraform(name), span, rest))
        }
        "run" => {
            let (name, span, rest) = single(traversal, diags)?;
            Some(found(Subject::Run(name), span, rest))
        }
        "output" if traversal.steps.len() == 1 => {
            let (name, span, rest) = single(traversal, diags)?;
            Some(found(Subject::Output(name), span, rest))
        }
        "self" => Some(found(
            Subject::SelfObject,
            root_span,
            traversal.steps.clone(),
        )),
        "module" => module(traversal, diags),
        "template" | "lazy" | "arg" => {
            diags.push(
                Diagnostic::error(
                    &code::RESERVED_SYMBOL,
                    format!(
                        "The name \"{root}\" is kept for a later use in the language. If it is the type of a resource, write resource.{root} to say so."
                    ),
                )
                .at(root_span),
            );
            None
        }
        _ => resource(
            Mode::Managed,
            root_span,
            root,
            &traversal.steps,
            whole(traversal),
            diags,
        ),
    }
}

fn found(subject: Subject, span: Span, rest: Vec<Step>) -> Reference {
    Reference {
        subject,
        span,
        key_span: None,
        rest,
    }
}

fn whole(traversal: &Traversal) -> Span {
    traversal
        .steps
        .last()
        .map_or(traversal.root.span, |it| traversal.root.span.to(it.span))
}

fn invalid(detail: impl Into<String>, span: Span, diags: &mut Diagnostics) {
    diags.push(Diagnostic::error(&code::INVALID_REFERENCE, detail).at(span));
}

/// The one attribute that an object such as `var` must be followed by.
fn single(traversal: &Traversal, diags: &mut Diagnostics) -> Option<(Arc<str>, Span, Vec<Step>)> {
    let root = &traversal.root;
    let Some((first, rest)) = traversal.steps.split_first() else {
        invalid(
            format!(
                "The object \"{}\" is not a value by itself: name one of its attributes, such as {}.",
                root.name,
                match root.name.as_str() {
                    "count" => "count.index",
                    "each" => "each.key",
                    "path" => "path.module",
                    "terraform" => "terraform.workspace",
                    "local" => "local.name",
                    "module" => "module.name",
                    _ => "var.name",
                }
            ),
            root.span,
            diags,
        );
        nameless(root, diags);
        return None;
    };
    match &first.kind {
        StepKind::Attr(name) => Some((
            Arc::from(name.as_str()),
            root.span.to(first.span),
            rest.to_vec(),
        )),
        StepKind::Index(_) | StepKind::Key(_) => {
            invalid(
                format!(
                    "The object \"{}\" cannot be indexed: its attributes are named with a dot, as in {}.name.",
                    root.name, root.name
                ),
                first.span,
                diags,
            );
            nameless(root, diags);
            None
        }
    }
}

/// The reference reports, beside the mistake itself, that there is nothing without a name; so do we, for tools that
/// count messages.
fn nameless(root: &hcl::Ident, diags: &mut Diagnostics) {
    let title = match root.name.as_str() {
        "local" => "Reference to undeclared local value",
        "var" => "Reference to undeclared input variable",
        "count" => "Invalid \"count\" attribute",
        "each" => "Invalid \"each\" attribute",
        "path" => "Invalid \"path\" attribute",
        "terraform" => "Invalid \"terraform\" attribute",
        _ => return,
    };
    diags.push(
        Diagnostic::error(
            &code::INVALID_REFERENCE,
            format!(
                "The object \"{}\" must be followed by a dot and a name, which is missing here.",
                root.name
            ),
        )
        .titled(title),
    );
}

fn resource_after(mode: Mode, traversal: &Traversal, diags: &mut Diagnostics) -> Option<Reference> {
    let root = &traversal.root;
    let (first, rest) = match traversal.steps.split_first() {
        Some((first, rest)) if !rest.is_empty() => (first, rest),
        _ => {
            let what = match mode {
                Mode::Data => "the type of a data source",
                Mode::Ephemeral => "the type of an ephemeral resource",
                Mode::Managed => "the type of a resource",
            };
            invalid(
                format!(
                    "The object \"{}\" must be followed by two names, {what} and the name of the block: {}.TYPE.NAME.",
                    root.name, root.name
                ),
                whole(traversal),
                diags,
            );
            return None;
        }
    };
    let StepKind::Attr(kind) = &first.kind else {
        invalid(
            format!(
                "The object \"{}\" cannot be indexed: it is followed by a type and a name, {}.TYPE.NAME.",
                root.name, root.name
            ),
            first.span,
            diags,
        );
        return None;
    };
    resource(
        mode,
        root.span,
        kind,
        rest,
        first.span.to(whole(traversal)),
        diags,
    )
}

fn resource(
    mode: Mode,
    start: Span,
    kind: &str,
    steps: &[Step],
    span: Span,
    diags: &mut Diagnostics,
) -> Option<Reference> {
    let Some((first, rest)) = steps.split_first() else {
        let detail = format!(
            "The word \"{kind}\" names nothing by itself. If it is the type of a resource, a dot and the name of the block must follow: {kind}.NAME. A text is written in quotes: \"{kind}\"."
        );
        invalid(detail, span, diags);
        return None;
    };
    let StepKind::Attr(name) = &first.kind else {
        invalid(
            format!(
                "After the resource type \"{kind}\", a dot and the name of the block must follow."
            ),
            first.span,
            diags,
        );
        return None;
    };
    let resource = Resource {
        mode,
        kind: kind.into(),
        name: Arc::from(name.as_str()),
    };
    let span = start.to(first.span);
    if let Some((second, after)) = rest.split_first()
        && let Some(key) = key_of(second, diags).ok()?
    {
        return Some(Reference {
            subject: Subject::ResourceInstance(resource, key),
            span: span.to(second.span),
            key_span: Some(second.span),
            rest: after.to_vec(),
        });
    }
    Some(found(Subject::Resource(resource), span, rest.to_vec()))
}

fn module(traversal: &Traversal, diags: &mut Diagnostics) -> Option<Reference> {
    let (name, span, rest) = single(traversal, diags)?;
    let Some((first, after)) = rest.split_first() else {
        return Some(found(Subject::Module(name), span, rest));
    };
    if let Some(key) = key_of(first, diags).ok()? {
        if let Some(step) = after
            .first()
            .filter(|it| !matches!(it.kind, StepKind::Attr(_)))
        {
            invalid(
                "An instance of a module has outputs, named with a dot; it cannot be indexed.",
                step.span,
                diags,
            );
            return None;
        }
        return Some(Reference {
            subject: Subject::ModuleInstance(name, key),
            span: span.to(first.span),
            key_span: Some(first.span),
            rest: after.to_vec(),
        });
    }
    Some(found(Subject::Module(name), span, rest))
}

/// A mistake that has its message already.
struct Reported;

/// The instance key of a step, if it is one; a wrong one is reported.
fn key_of(step: &Step, diags: &mut Diagnostics) -> Result<Option<Key>, Reported> {
    match &step.kind {
        StepKind::Attr(_) => Ok(None),
        StepKind::Key(text) => Ok(Some(Key::Str(Arc::from(text.as_str())))),
        StepKind::Index(text) => match whole_number(text) {
            Some(it) => Ok(Some(Key::Int(it))),
            None => {
                diags.push(
                    Diagnostic::error(
                        &code::INVALID_INDEX_VALUE,
                        format!(
                            "An instance is named by a whole number, 0 or more, or by a text; {text} is neither."
                        ),
                    )
                    .at(step.span),
                );
                Err(Reported)
            }
        },
    }
}

fn whole_number(text: &str) -> Option<u64> {
    if let Ok(it) = text.parse::<u64>() {
        return Some(it);
    }
    let it = text.parse::<f64>().ok()?;
    (it.fract() == 0.0 && (0.0..9.0e15).contains(&it)).then_some(it as u64)
}

fn address_error(detail: impl Into<String>, span: Span, diags: &mut Diagnostics) {
    diags.push(Diagnostic::error(&code::INVALID_ADDRESS, detail).at(span));
}

/// A target from the command line: `module.a`, `dokploy_registry.a["x"]`.
pub fn target(source: SourceId, text: &str, diags: &mut Diagnostics) -> Option<Target> {
    let traversal = hcl::parse_traversal(source, text, diags)?;
    target_of(&traversal, whole(&traversal), diags)
}

/// A target from a traversal (`moved`, `removed`, `import`).
pub fn target_of(traversal: &Traversal, span: Span, diags: &mut Diagnostics) -> Option<Target> {
    let mut steps: Vec<Part<'_>> = Vec::with_capacity(traversal.steps.len() + 1);
    steps.push(Part::Name(
        traversal.root.name.as_str(),
        traversal.root.span,
    ));
    for step in &traversal.steps {
        steps.push(match &step.kind {
            StepKind::Attr(name) => Part::Name(name.as_str(), step.span),
            StepKind::Key(text) => Part::Key(Key::Str(Arc::from(text.as_str())), step.span),
            StepKind::Index(text) => match whole_number(text) {
                Some(it) => Part::Key(Key::Int(it), step.span),
                None => {
                    let detail = format!(
                        "An instance is named by a whole number, 0 or more, or by a text; {text} is neither."
                    );
                    let mut diag =
                        Diagnostic::error(&code::INVALID_ADDRESS, detail).at(step.span);
                    if let [.., Part::Name("module", _), Part::Name(..)] = steps.as_slice() {
                        diag.summary = "Invalid address operator".into();
                    }
                    diags.push(diag);
                    return None;
                }
            },
        });
    }
    match target_from(&steps) {
        Ok(target) => Some(target),
        Err((detail, at)) => {
            address_error(detail, at.unwrap_or(span), diags);
            None
        }
    }
}

/// An address of one instance; `None` where it is not one. No diagnostics: for state files and JSON.
pub fn instance(text: &str) -> Option<Instance> {
    match target_from(&parts(text)?).ok()? {
        Target::Instance(it) => Some(it),
        Target::Resource(it) => Some(it.instance(Key::None)),
        Target::Module(_) => None,
    }
}

/// A module instance; `None` where it is not one. The empty text is the root.
pub fn module_instance(text: &str) -> Option<ModuleInstance> {
    if text.is_empty() {
        return Some(ModuleInstance::root());
    }
    match target_from(&parts(text)?).ok()? {
        Target::Module(it) => Some(it),
        Target::Instance(_) | Target::Resource(_) => None,
    }
}

/// A provider configuration as state files hold it; `None` where it is not one.
pub fn provider_config(text: &str) -> Option<ProviderConfig> {
    let parts = parts(text)?;
    let mut at = 0;
    let mut module = crate::ModulePath::root();
    while let (Some(Part::Name("module", _)), Some(Part::Name(name, _))) =
        (parts.get(at), parts.get(at + 1))
    {
        module = module.child(name);
        at += 2;
        // Old files have keys here; a provider configuration belongs to all instances of its module.
        if let Some(Part::Key(..)) = parts.get(at) {
            at += 1;
        }
    }
    let (Some(Part::Name("provider", _)), Some(second)) = (parts.get(at), parts.get(at + 1)) else {
        return None;
    };
    let provider = match second {
        Part::Key(Key::Str(text), _) => Provider::parse(text)?,
        Part::Name(name, _) => Provider::implied(name),
        Part::Key(Key::Int(_) | Key::None, _) => return None,
    };
    let alias = match parts.get(at + 2) {
        None => None,
        Some(Part::Name(name, _)) if parts.len() == at + 3 => Some(Arc::from(*name)),
        Some(_) => return None,
    };
    Some(ProviderConfig {
        module,
        provider,
        alias,
    })
}

/// A piece of an address.
enum Part<'a> {
    Name(&'a str, Span),
    Key(Key, Span),
}

/// The place of a piece of a text that is in no source.
const NOWHERE: Span = Span::new(SourceId(u32::MAX), 0, 0);

/// The pieces of an address text.
fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let mut res = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let starts_well = name
            .chars()
            .next()
            .is_some_and(|c| c.is_alphabetic() || c == '_');
        if !starts_well
            || !name
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        {
            return None;
        }
        res.push(Part::Name(name, NOWHERE));
        rest = after;
        while let Some(inside) = rest.strip_prefix('[') {
            let (key, after) = key_text(inside)?;
            res.push(Part::Key(key, NOWHERE));
            rest = after;
        }
        if rest.is_empty() {
            return Some(res);
        }
        rest = rest.strip_prefix('.')?;
    }
}

/// The key after an opening bracket, and what follows the closing one.
fn key_text(inside: &str) -> Option<(Key, &str)> {
    let Some(quoted) = inside.strip_prefix('"') else {
        let (number, after) = inside.split_once(']')?;
        return Some((Key::Int(number.parse().ok()?), after));
    };
    let mut text = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let after = quoted.get(at + 1..)?.strip_prefix(']')?;
                return Some((Key::Str(text.into()), after));
            }
            '\\' => match chars.next()?.1 {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                '"' => text.push('"'),
                '\\' => text.push('\\'),
                kind @ ('u' | 'U') => {
                    let n_digits = if kind == 'u' { 4 } else { 8 };
                    let mut code = 0u32;
                    for _ in 0..n_digits {
                        code = code.checked_mul(16)? + chars.next()?.1.to_digit(16)?;
                    }
                    text.push(char::from_u32(code)?);
                }
                _ => return None,
            },
            '$' | '%' => {
                text.push(c);
                // `$${` stands for `${`.
                if chars.peek().is_some_and(|(_, next)| *next == c)
                    && quoted.get(at + 2..).is_some_and(|it| it.starts_with('{'))
                {
                    chars.next();
                }
            }
            c => text.push(c),
        }
    }
    None
}

fn target_from(parts: &[Part<'_>]) -> Result<Target, (String, Option<Span>)> {
    let place = |span: Span| (span != NOWHERE).then_some(span);
    let mut module = ModuleInstance::root();
    let mut at = 0;
    while let Some(Part::Name("module", span)) = parts.get(at) {
        let Some(Part::Name(name, _)) = parts.get(at + 1) else {
            return Err((
                "The word \"module\" must be followed by the name of a module call.".to_owned(),
                place(*span),
            ));
        };
        at += 2;
        let key = match parts.get(at) {
            Some(Part::Key(key, _)) => {
                at += 1;
                key.clone()
            }
            _ => Key::None,
        };
        module = module.child(name, key);
    }
    let mode = match parts.get(at) {
        None => return Ok(Target::Module(module)),
        Some(Part::Name("data", _)) => Mode::Data,
        Some(Part::Name("ephemeral", _)) => Mode::Ephemeral,
        Some(_) => Mode::Managed,
    };
    if mode != Mode::Managed || matches!(parts.get(at), Some(Part::Name("resource", _))) {
        at += 1;
    }
    let Some(Part::Name(kind, kind_span)) = parts.get(at) else {
        let span = match parts.get(at) {
            Some(Part::Key(_, span)) => place(*span),
            _ => None,
        };
        return Err((
            "The type of a resource must stand here: TYPE.NAME.".to_owned(),
            span,
        ));
    };
    let Some(Part::Name(name, name_span)) = parts.get(at + 1) else {
        return Err((
            format!(
                "The resource type \"{kind}\" must be followed by a dot and the name of the block."
            ),
            place(*kind_span),
        ));
    };
    let resource = AbsResource {
        module,
        resource: Resource {
            mode,
            kind: Arc::from(*kind),
            name: Arc::from(*name),
        },
    };
    match (parts.get(at + 2), parts.get(at + 3)) {
        (None, _) => Ok(Target::Resource(resource)),
        (Some(Part::Key(key, _)), None) => Ok(Target::Instance(resource.instance(key.clone()))),
        (Some(Part::Name(_, span) | Part::Key(_, span)), _) => Err((
            "An address ends with the resource's name and, for one instance, its key in brackets; nothing may follow.".to_owned(),
            place(*span).or(place(*name_span)),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_print_as_they_were_written() {
        for text in [
            "a_b.c",
            "a_b.c[0]",
            "a_b.c[\"x\"]",
            "data.a.b",
            "ephemeral.a.b[2]",
            "module.a.b.c",
            "module.a[\"k.[]\\\"\"].module.b[1].data.t.n[\"a\\nb\"]",
            "t.n[\"$${x} %%{y} $$ \"]",
        ] {
            assert_eq!(instance(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "a",
            "module.a",
            "a.b.c",
            "a.b[",
            "a.b[x]",
            "a.b[\"x]",
            "a..b",
            "a.b[0][1]",
            "1.a",
        ] {
            assert_eq!(instance(text), None, "{text}");
        }
    }

    #[test]
    fn modules_and_providers_print_as_they_were_written() {
        for text in ["", "module.a", "module.a[0].module.b[\"x\"]"] {
            assert_eq!(module_instance(text).unwrap().to_string(), text);
        }
        for text in [
            "provider[\"registry.terraform.io/ahmedali6/dokploy\"]",
            "provider[\"registry.terraform.io/ahmedali6/dokploy\"].staging",
            "module.a.module.b.provider[\"terraform.io/builtin/terraform\"].x",
        ] {
            assert_eq!(provider_config(text).unwrap().to_string(), text);
        }
        assert_eq!(provider_config("provider[0]"), None);
        assert_eq!(module_instance("a.b"), None);
    }

    /// `subject @ place, steps left`, or the messages as `title @ place`.
    fn referred(text: &str) -> String {
        let mut diags = Diagnostics::new();
        let expr = hcl::parse_expr(SourceId(0), text, 0, &mut diags);
        let hcl::ExprKind::Traversal(traversal) = &expr.kind else {
            return "no traversal".to_owned();
        };
        let slice = |span: Span| &text[span.start as usize..span.end as usize];
        match reference(traversal, &mut diags) {
            Some(it) => format!("{} @ {}, {}", it.subject, slice(it.span), it.rest.len()),
            None => diags
                .iter()
                .filter_map(|it| Some(format!("{} @ {}", it.summary, slice(it.subject?))))
                .collect(),
        }
    }

    #[test]
    fn references_of_expressions() {
        for (text, wanted) in [
            ("var.a.b", "var.a @ var.a, 1"),
            ("local.a[0]", "local.a @ local.a, 1"),
            ("t.n", "t.n @ t.n, 0"),
            ("t.n.a", "t.n @ t.n, 1"),
            ("t.n[1].a", "t.n[1] @ t.n[1], 1"),
            ("t.n[\"k\"].a", "t.n[\"k\"] @ t.n[\"k\"], 1"),
            ("data.t.n[0]", "data.t.n[0] @ data.t.n[0], 0"),
            ("resource.template.n", "template.n @ resource.template.n, 0"),
            ("module.m", "module.m @ module.m, 0"),
            ("module.m.o", "module.m @ module.m, 1"),
            ("module.m[0].o", "module.m[0] @ module.m[0], 1"),
            ("count.index", "count.index @ count.index, 0"),
            ("each.value.a", "each.value @ each.value, 1"),
            ("self.a", "self @ self, 1"),
            ("path.module", "path.module @ path.module, 0"),
            (
                "terraform.workspace",
                "terraform.workspace @ terraform.workspace, 0",
            ),
            ("t", "Invalid reference @ t"),
            ("t[0]", "Invalid reference @ [0]"),
            ("data.t", "Invalid reference @ data.t"),
            ("data[0].b", "Invalid reference @ [0]"),
            ("var", "Invalid reference @ var"),
            ("var[0]", "Invalid reference @ [0]"),
            ("count.indx", "Invalid \"count\" attribute @ count.indx"),
            ("each.foo", "Invalid \"each\" attribute @ each.foo"),
            ("template.x", "Reserved symbol name @ template"),
            ("t.n[1.5]", "Invalid index key @ [1.5]"),
            ("module.m[0][1]", "Invalid reference @ [1]"),
        ] {
            assert_eq!(referred(text), wanted, "{text}");
        }
    }

    #[test]
    fn targets() {
        for (text, wanted) in [
            ("module.a", "module.a"),
            ("module.a[\"x\"].module.b", "module.a[\"x\"].module.b"),
            ("t.n", "t.n"),
            ("module.a.data.t.n[0]", "module.a.data.t.n[0]"),
        ] {
            let mut diags = Diagnostics::new();
            let found = target(SourceId(0), text, &mut diags).map(|it| it.to_string());
            assert_eq!(found.as_deref(), Some(wanted));
        }
        for text in [
            "t",
            "module",
            "module.a.t",
            "t.n.a",
            "t.n[0].a",
            "t.n[",
            "data.t",
        ] {
            let mut diags = Diagnostics::new();
            assert_eq!(target(SourceId(0), text, &mut diags), None, "{text}");
            assert!(diags.has_errors(), "{text}");
        }
    }
}
