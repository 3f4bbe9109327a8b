//! Calls of functions, and the few functions that see their arguments before they have values.

use diag::{CallNote, Diagnostic, Diagnostics, Span};
use hcl::{Call, Expr};
use value::function::{self, Function};
use value::{Mark, Plain, Type, Value};

use super::{Evaluator, Names, code, convert, head, path_text, reason, template};
use crate::functions;

/// An argument: an expression, or an element of an expanded list.
enum Arg<'e> {
    Expr(&'e Expr),
    /// Of what expression, at which position, and the element.
    Element(&'e Expr, usize, Value),
}

impl<'e> Arg<'e> {
    fn expr(&self) -> &'e Expr {
        match self {
            Arg::Expr(it) | Arg::Element(it, ..) => it,
        }
    }

    /// Where a message about it points to: the reference knows of an element only which expression it came from.
    fn place(&self) -> Span {
        match self {
            Arg::Expr(it) => head(it),
            Arg::Element(it, ..) => it.span,
        }
    }
}

impl Evaluator<'_> {
    pub(super) fn call(
        &self,
        expr: &Expr,
        call: &Call,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        if self.no_calls {
            diags.push(
                Diagnostic::error(
                    &code::CALLS_NOT_ALLOWED,
                    "The value is needed before anything is evaluated, so that no function can be called here.",
                )
                .at(expr.span),
            );
            return Value::dynamic();
        }
        let full = call.name.name.as_str();
        let base = full.strip_prefix("core::").unwrap_or(full);
        let is_console = self.scope.is_some_and(|it| it.is_console());
        let known = match base {
            // A console has no plan.
            "plantimestamp" if is_console => false,
            "list" | "map" => {
                let why = if base == "list" {
                    "it was taken out of the language; tolist([…]) makes a list"
                } else {
                    "it was taken out of the language; tomap({…}) makes a map"
                };
                self.failed(expr, call, why, names, diags);
                return Value::dynamic();
            }
            "type" => is_console,
            "try" | "can" | "templatestring" => true,
            // A template file cannot render another: it could render itself.
            "templatefile" if self.scope.is_none() => {
                self.failed(
                    expr,
                    call,
                    "a template file cannot render another template file",
                    names,
                    diags,
                );
                return Value::dynamic();
            }
            base => self.function(base).is_some(),
        };
        if !known {
            self.unknown_function(expr, call, names, diags);
            return Value::dynamic();
        }
        let Some(args) = self.arguments(expr, call, names, diags) else {
            return Value::dynamic();
        };
        match base {
            "try" => return self.try_call(expr, call, &args, names, diags),
            "can" => {
                return match args.as_slice() {
                    [arg] => self.can_call(arg, names),
                    _ => {
                        self.wrong_count(expr, call, &args, &["expression"], false, names, diags);
                        Value::dynamic()
                    }
                };
            }
            "type" => {
                return match args.as_slice() {
                    [arg] => {
                        let n_errors = diags.n_errors();
                        let value = self.argument(arg, names, diags);
                        if diags.n_errors() > n_errors {
                            return Value::dynamic();
                        }
                        let text = if value.has_mark(Mark::ConsoleType) {
                            "type".to_owned()
                        } else {
                            type_text(&value.ty(), 0)
                        };
                        Value::from(text).mark(Mark::ConsoleType)
                    }
                    _ => {
                        self.wrong_count(expr, call, &args, &["value"], false, names, diags);
                        Value::dynamic()
                    }
                };
            }
            "templatestring" => return self.templatestring(expr, call, &args, names, diags),
            _ => {}
        }
        let Some(function) = self.function(base) else {
            return Value::dynamic();
        };
        self.ordinary(expr, call, function, &args, names, diags)
    }

    /// The row of a function: one of the language, or one of the built-in provider under its local name.
    fn function(&self, name: &str) -> Option<&'static Function> {
        let Some(rest) = name.strip_prefix("provider::") else {
            return functions::all().get(name);
        };
        let (local, short) = rest.split_once("::")?;
        let provider = self.scope?.provider(local)?;
        if provider == addr::Provider::builtin() {
            functions::terraform().get(short)
        } else {
            None
        }
    }

    /// The call as messages show it: its name and those of the parameters, the last with `...` where it takes any
    /// number. Inside of `for` without parameters, as in the reference.
    fn note(&self, call: &Call, names: &Names<'_>) -> CallNote {
        let name = call.name.name.to_string();
        if names.innermost.is_some() {
            return CallNote {
                name,
                parameters: None,
            };
        }
        let base = name.strip_prefix("core::").unwrap_or(&name);
        let parameters = match base {
            "try" => vec!["expressions...".to_owned()],
            "can" => vec!["expression".to_owned()],
            "type" => vec!["value".to_owned()],
            "templatestring" => vec!["template".to_owned(), "vars".to_owned()],
            base => self.function(base).map_or_else(Vec::new, |function| {
                let fixed = function.params.iter().map(|it| it.name.to_owned());
                let rest = function.variadic.iter().map(|it| format!("{}...", it.name));
                fixed.chain(rest).collect()
            }),
        };
        CallNote {
            name,
            parameters: Some(parameters),
        }
    }

    /// The arguments with `...` expanded; `None` where the result is not known or a mistake was reported.
    fn arguments<'e>(
        &self,
        expr: &Expr,
        call: &'e Call,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Option<Vec<Arg<'e>>> {
        let mut args: Vec<Arg<'e>> = call.args.iter().map(Arg::Expr).collect();
        if !call.expand {
            return Some(args);
        }
        let Some(last) = args.pop() else {
            return Some(args);
        };
        let last = last.expr();
        let n_errors = diags.n_errors();
        let value = self.value(last, names, diags);
        if diags.n_errors() > n_errors {
            return None;
        }
        let (plain, marks) = value.split();
        let trouble = match &plain {
            Plain::List(_, values) | Plain::Set(_, values) | Plain::Tuple(values) => {
                args.extend(
                    values
                        .iter()
                        .enumerate()
                        .map(|(at, it)| Arg::Element(last, at, it.clone().mark(marks))),
                );
                return Some(args);
            }
            Plain::Null(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                "it is null"
            }
            Plain::Unknown(it)
                if matches!(
                    it.ty,
                    Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)
                ) =>
            {
                return None;
            }
            _ => "it is of another type",
        };
        let mut diag = Diagnostic::error(
            &code::INVALID_EXPANSION,
            format!(
                "What stands before ... must be a list, set or tuple, whose elements become the arguments; {trouble}."
            ),
        )
        .at(last.span)
        .within(expr.span);
        diag.call = Some(self.note(call, names));
        self.report(diag, last, names, diags);
        None
    }

    fn argument(&self, arg: &Arg<'_>, names: &Names<'_>, diags: &mut Diagnostics) -> Value {
        match arg {
            Arg::Expr(expr) => self.value(expr, names, diags),
            Arg::Element(_, _, value) => value.clone(),
        }
    }

    fn ordinary(
        &self,
        expr: &Expr,
        call: &Call,
        function: &Function,
        args: &[Arg<'_>],
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let params: Vec<&str> = function.params.iter().map(|it| it.name).collect();
        if args.len() < params.len() || (function.variadic.is_none() && args.len() > params.len()) {
            self.wrong_count(
                expr,
                call,
                args,
                &params,
                function.variadic.is_some(),
                names,
                diags,
            );
            return Value::dynamic();
        }
        let n_errors = diags.n_errors();
        let mut values = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            let value = self.argument(arg, names, diags);
            let Some(param) = function.params.get(at).or(function.variadic.as_ref()) else {
                continue;
            };
            match convert(&value, &param.ty) {
                Ok(value) => values.push(value),
                Err(err) => {
                    let why = reason(&err);
                    self.wrong_argument(expr, call, arg, param.name, &why, names, diags);
                }
            }
        }
        if diags.n_errors() > n_errors {
            return Value::dynamic();
        }
        match function::call(function, &values, self.world) {
            Ok(value) => value,
            Err(err) => {
                let path = path_text(&err.path);
                let why = if path.is_empty() {
                    err.reason.clone()
                } else {
                    format!("{}: {}", path.trim_start_matches('.'), err.reason)
                };
                let blamed = err.argument.and_then(|at| {
                    let param = function.params.get(at).or(function.variadic.as_ref())?;
                    Some((args.get(at)?, param))
                });
                match blamed {
                    Some((arg, param)) => {
                        self.wrong_argument(expr, call, arg, param.name, &why, names, diags);
                    }
                    None => self.failed(expr, call, &why, names, diags),
                }
                Value::dynamic()
            }
        }
    }

    fn wrong_argument(
        &self,
        expr: &Expr,
        call: &Call,
        arg: &Arg<'_>,
        param: &str,
        why: &str,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) {
        let mut diag = Diagnostic::error(
            &code::INVALID_ARGUMENT,
            format!("The function cannot take this value as \"{param}\": {why}."),
        )
        .at(arg.place())
        .within(expr.span);
        diag.call = Some(self.note(call, names));
        match arg {
            Arg::Expr(about) => self.report(diag, about, names, diags),
            Arg::Element(_, at, _) => {
                diag.detail.push_str(&format!(" (At the element {at}.)"));
                diags.push(diag);
            }
        }
    }

    fn failed(
        &self,
        expr: &Expr,
        call: &Call,
        why: &str,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) {
        let mut diag = Diagnostic::error(
            &code::FAILED_CALL,
            format!("The call of \"{}\" has no result: {why}.", call.name.name),
        )
        .at(head(expr))
        .within(expr.span);
        diag.call = Some(self.note(call, names));
        self.report(diag, expr, names, diags);
    }

    fn wrong_count(
        &self,
        expr: &Expr,
        call: &Call,
        args: &[Arg<'_>],
        params: &[&str],
        variadic: bool,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) {
        let n = params.len();
        let arguments = if n == 1 { "argument" } else { "arguments" };
        let diag = match params.get(args.len()) {
            Some(missing) => Diagnostic::error(
                &code::TOO_FEW_ARGUMENTS,
                format!(
                    "The function \"{}\" takes {}{n} {arguments}; \"{missing}\" is missing.",
                    call.name.name,
                    if variadic { "at least " } else { "" },
                ),
            )
            .at(call.close),
            None => Diagnostic::error(
                &code::TOO_MANY_ARGUMENTS,
                format!(
                    "The function \"{}\" takes {n} {arguments}, and here are {}.",
                    call.name.name,
                    args.len()
                ),
            )
            .at(args.get(n).map_or(call.close, Arg::place)),
        };
        let mut diag = diag.within(expr.span);
        diag.call = Some(self.note(call, names));
        self.report(diag, expr, names, diags);
    }

    fn unknown_function(
        &self,
        expr: &Expr,
        call: &Call,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) {
        let name = call.name.name.as_str();
        let diag = if name.contains("::") {
            Diagnostic::error(
                &code::UNKNOWN_PROVIDER_FUNCTION,
                format!(
                    "There is no function \"{name}\". Functions of a provider are called provider::NAME::FUNCTION, where NAME is the provider's name in required_providers; the namespace core:: has the functions of the language."
                ),
            )
        } else {
            let all = functions::all().keys().copied();
            Diagnostic::error(
                &code::UNKNOWN_FUNCTION,
                format!(
                    "There is no function named \"{name}\".{}",
                    diag::suggest::did_you_mean(name, all.chain(["try", "can", "templatestring"]))
                ),
            )
        };
        self.report(
            diag.at(call.name.span).within(expr.span),
            expr,
            names,
            diags,
        );
    }

    /// `try(a, b, …)`: the first that can be evaluated.
    fn try_call(
        &self,
        expr: &Expr,
        call: &Call,
        args: &[Arg<'_>],
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let mut troubles = Vec::new();
        for arg in args {
            let mut found = Diagnostics::new();
            let value = self.argument(arg, names, &mut found);
            if found.has_errors() {
                troubles.extend(
                    found
                        .iter()
                        .filter(|it| it.is_error())
                        .map(|it| format!("{}: {}", it.summary, it.detail)),
                );
                continue;
            }
            // What is not known yet may turn out to fail, so that neither the type nor the marks are certain.
            return if value.is_wholly_known() {
                value
            } else {
                Value::dynamic()
            };
        }
        let why = if args.is_empty() {
            "at least one argument is needed".to_owned()
        } else {
            format!("no expression can be evaluated. {}", troubles.join(" "))
        };
        self.failed(expr, call, why.trim_end_matches('.'), names, diags);
        Value::dynamic()
    }

    /// `can(a)`: whether it can be evaluated.
    fn can_call(&self, arg: &Arg<'_>, names: &Names<'_>) -> Value {
        let mut found = Diagnostics::new();
        let value = self.argument(arg, names, &mut found);
        if found.has_errors() {
            Value::from(false)
        } else if value.is_wholly_known() {
            Value::from(true)
        } else {
            Value::unknown(Type::Bool)
        }
    }

    /// `templatestring(reference, vars)`: a text that was read from elsewhere, as a template.
    fn templatestring(
        &self,
        expr: &Expr,
        call: &Call,
        args: &[Arg<'_>],
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let [text_arg, vars_arg] = args else {
            self.wrong_count(expr, call, args, &["template", "vars"], false, names, diags);
            return Value::dynamic();
        };
        let wrong = |arg, param, why: &str, diags: &mut Diagnostics| {
            self.wrong_argument(expr, call, arg, param, why, names, diags);
            Value::dynamic()
        };
        let n_errors = diags.n_errors();
        let vars = self.argument(vars_arg, names, diags);
        if diags.n_errors() == n_errors && !vars.is_known() {
            // Without its variables the template is not even looked at.
            let ty = match vars.ty() {
                Type::Dynamic => Type::Dynamic,
                _ => Type::String,
            };
            return Value::unknown(ty).mark(vars.deep_marks());
        }
        if !matches!(text_arg, Arg::Expr(it) if template::is_reference(it)) {
            return wrong(
                text_arg,
                "template",
                "it must be a reference to a text that was read from elsewhere; a template that stands here is written as a quoted text with ${ … }, without this function",
                diags,
            );
        }
        let text = self.argument(text_arg, names, diags);
        if diags.n_errors() > n_errors {
            return Value::dynamic();
        }
        if text.is_null() {
            return wrong(text_arg, "template", "it is null", diags);
        }
        if vars.is_null() {
            return wrong(vars_arg, "vars", "it is null", diags);
        }
        let marks = text.marks();
        let text = match convert(&text, &Type::String) {
            Ok(it)
                if it.ty() == Type::String
                    && (text.ty() == Type::String || text.ty() == Type::Dynamic) =>
            {
                it
            }
            Ok(_) => return wrong(text_arg, "template", "a string is required", diags),
            Err(err) => return wrong(text_arg, "template", &reason(&err), diags),
        };
        let Some(text) = text.as_str() else {
            return Value::unknown(Type::String)
                .mark(marks)
                .mark(vars.deep_marks());
        };
        match template::render("<templatestring argument>", text, &vars, self.world) {
            Ok(value) => match convert(&value, &Type::String) {
                Ok(value) => value.mark(marks),
                Err(err) => {
                    let why = format!("the template gives no text: {}", reason(&err));
                    self.failed(expr, call, &why, names, diags);
                    Value::dynamic()
                }
            },
            Err(err) => match err.argument {
                Some(0) => wrong(text_arg, "template", &err.reason, diags),
                Some(_) => wrong(vars_arg, "vars", &err.reason, diags),
                None => {
                    self.failed(expr, call, &err.reason, names, diags);
                    Value::dynamic()
                }
            },
        }
    }
}

/// A type as the console shows it: attributes and elements one a line.
fn type_text(ty: &Type, indent: usize) -> String {
    let pad = " ".repeat(indent + 4);
    let end = " ".repeat(indent);
    let collection = |word: &str, element: &Type| {
        // Only objects and tuples stand on lines of their own.
        if !matches!(element, Type::Object(_) | Type::Tuple(_)) {
            format!("{word}({})", type_text(element, indent))
        } else {
            format!("{word}(\n{pad}{},\n{end})", type_text(element, indent + 4))
        }
    };
    match ty {
        Type::Dynamic => "dynamic".to_owned(),
        Type::Bool | Type::Number | Type::String => value::show::type_name(ty),
        Type::List(it) => collection("list", it),
        Type::Set(it) => collection("set", it),
        Type::Map(it) => collection("map", it),
        Type::Tuple(elements) if elements.is_empty() => "tuple([])".to_owned(),
        Type::Tuple(elements) => {
            let lines: Vec<String> = elements
                .iter()
                .map(|it| format!("{pad}{},\n", type_text(it, indent + 4)))
                .collect();
            format!("tuple([\n{}{end}])", lines.concat())
        }
        Type::Object(object) if object.attributes.is_empty() => "object({})".to_owned(),
        Type::Object(object) => {
            let lines: Vec<String> = object
                .attributes
                .iter()
                .map(|(name, it)| format!("{pad}{name}: {},\n", type_text(it, indent + 4)))
                .collect();
            format!("object({{\n{}{end}}})", lines.concat())
        }
    }
}
