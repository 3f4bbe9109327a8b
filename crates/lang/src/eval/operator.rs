//! Operators and conditionals.

use diag::{Diagnostic, Diagnostics, Span};
use hcl::{Binary, BinaryOp, Conditional, Expr, ExprKind, Unary, UnaryOp};
use value::{Mark, Plain, Type, Unknown, Value, ops, unify};

use super::{Evaluator, Names, code, convert, reason};

impl Evaluator<'_> {
    pub(super) fn unary(
        &self,
        expr: &Expr,
        it: &Unary,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let n_errors = diags.n_errors();
        let given = self.value(&it.operand, names, diags);
        let ty = match it.op {
            UnaryOp::Negate => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        let sign = match it.op {
            UnaryOp::Negate => "-",
            UnaryOp::Not => "!",
        };
        let value = match convert(&given, &ty) {
            Ok(value) => value,
            Err(err) => {
                self.report(
                    Diagnostic::error(
                        &code::INVALID_OPERAND,
                        format!(
                            "The operator {sign} cannot take this value: {}.",
                            reason(&err)
                        ),
                    )
                    .at(it.operand.span)
                    .within(expr.span),
                    &it.operand,
                    names,
                    diags,
                );
                return Value::unknown(ty);
            }
        };
        if diags.n_errors() > n_errors {
            return Value::unknown(ty);
        }
        let result = match it.op {
            UnaryOp::Negate => ops::negate(&value),
            UnaryOp::Not => ops::not(&value),
        };
        result.unwrap_or_else(|err| {
            self.report(
                Diagnostic::error(
                    &code::OPERATION_FAILED,
                    format!("The operator {sign} has no result here: {}.", err.reason),
                )
                .at(expr.span),
                expr,
                names,
                diags,
            );
            Value::unknown(ty)
        })
    }

    /// A chain of operators, from its innermost left operand outwards, in a loop: chains are long.
    pub(super) fn binary(&self, expr: &Expr, names: &Names<'_>, diags: &mut Diagnostics) -> Value {
        let mut chain: Vec<(&Expr, &Binary)> = Vec::new();
        let mut here = expr;
        while let ExprKind::Binary(it) = &here.kind {
            chain.push((here, it));
            here = &it.left;
        }
        let n_errors = diags.n_errors();
        let mut value = self.value(here, names, diags);
        let mut failed = diags.n_errors() > n_errors;
        while let Some((expr, it)) = chain.pop() {
            let n_errors = diags.n_errors();
            let right = self.value(&it.right, names, diags);
            failed |= diags.n_errors() > n_errors;
            let n_errors = diags.n_errors();
            value = self.operation(expr, it, &value, &right, failed, names, diags);
            failed |= diags.n_errors() > n_errors;
        }
        value
    }

    fn operation(
        &self,
        expr: &Expr,
        it: &Binary,
        left: &Value,
        right: &Value,
        failed: bool,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let (takes, gives) = types(it.op);
        let operand = |value: &Value, at: &Expr, side: &str, diags: &mut Diagnostics| match convert(
            value, &takes,
        ) {
            Ok(value) => Some(value),
            Err(err) => {
                self.report(
                    Diagnostic::error(
                        &code::INVALID_OPERAND,
                        format!(
                            "The operator {} cannot take the value on its {side}: {}.",
                            sign(it.op),
                            reason(&err)
                        ),
                    )
                    .at(at.span)
                    .within(expr.span),
                    at,
                    names,
                    diags,
                );
                None
            }
        };
        let left = operand(left, &it.left, "left", diags);
        let right = operand(right, &it.right, "right", diags);
        let (Some(left), Some(right), false) = (left, right, failed) else {
            return Value::unknown(gives);
        };
        match apply(it.op, &left, &right) {
            Ok(value) => value,
            Err(err) => {
                self.report(
                    Diagnostic::error(
                        &code::OPERATION_FAILED,
                        format!(
                            "The operator {} has no result for these values: {}.",
                            sign(it.op),
                            err.reason
                        ),
                    )
                    .at(expr.span),
                    expr,
                    names,
                    diags,
                );
                Value::unknown(gives)
            }
        }
    }

    pub(super) fn conditional(
        &self,
        expr: &Expr,
        it: &Conditional,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        self.choice(
            &it.condition,
            expr.span,
            &mut |diags| self.value(&it.then, names, diags),
            &mut |diags| self.value(&it.otherwise, names, diags),
            (it.then.span, it.otherwise.span),
            Some(expr),
            names,
            diags,
        )
    }

    /// One of two values. Both are evaluated, for their types; mistakes in the one not taken are not reported.
    pub(super) fn choice(
        &self,
        condition: &Expr,
        context: Span,
        then: &mut dyn FnMut(&mut Diagnostics) -> Value,
        otherwise: &mut dyn FnMut(&mut Diagnostics) -> Value,
        spans: (Span, Span),
        about: Option<&Expr>,
        names: &Names<'_>,
        diags: &mut Diagnostics,
    ) -> Value {
        let mut then_diags = Diagnostics::new();
        let mut otherwise_diags = Diagnostics::new();
        let then = then(&mut then_diags);
        let otherwise = otherwise(&mut otherwise_diags);
        let untyped_null =
            |it: &Value| it.is_null() && it.ty() == Type::Dynamic && it.marks().is_empty();
        let is_type = |it: &Value| it.has_mark(Mark::ConsoleType);
        let ty = if is_type(&then) != is_type(&otherwise) {
            None
        } else if untyped_null(&then) {
            Some(otherwise.ty())
        } else if untyped_null(&otherwise) {
            Some(then.ty())
        } else if then.ty() == Type::Dynamic || otherwise.ty() == Type::Dynamic {
            Some(Type::Dynamic)
        } else {
            unify(&[then.ty(), otherwise.ty()])
        };
        let Some(ty) = ty else {
            let diag = Diagnostic::error(
                &code::INCONSISTENT_CONDITIONAL,
                format!(
                    "Both results of a conditional must have one type, and there is none for these: {}.",
                    mismatch(&then.ty(), &otherwise.ty())
                ),
            )
            .at(spans.0.to(spans.1))
            .within(context);
            match about {
                Some(about) => self.report(diag, about, names, diags),
                None => diags.push(diag),
            }
            return Value::dynamic();
        };
        let chosen = self.value(condition, names, diags);
        if chosen.is_null() {
            self.report(
                Diagnostic::error(
                    &code::NULL_CONDITION,
                    "A condition must be true or false, and this one is null.",
                )
                .at(condition.span)
                .within(context),
                condition,
                names,
                diags,
            );
            return Value::unknown(ty);
        }
        let marks = chosen.marks();
        if !chosen.is_known() {
            let all = marks.union(then.marks()).union(otherwise.marks());
            return Value::new(Plain::Unknown(Box::new(either(&then, &otherwise, ty)))).mark(all);
        }
        let chosen = match convert(&chosen, &Type::Bool) {
            Ok(it) => it,
            Err(err) => {
                self.report(
                    Diagnostic::error(
                        &code::INCORRECT_CONDITION,
                        format!("A condition must be true or false: {}.", reason(&err)),
                    )
                    .at(condition.span)
                    .within(context),
                    condition,
                    names,
                    diags,
                );
                return Value::unknown(ty);
            }
        };
        // That one of two is a secret tells what the condition was; so both make the result one.
        let marks = marks.union(then.marks()).union(otherwise.marks());
        let (value, value_diags, span, which) = if chosen.as_bool() == Some(true) {
            (then, then_diags, spans.0, "first")
        } else {
            (otherwise, otherwise_diags, spans.1, "second")
        };
        diags.append(value_diags);
        match convert(&value, &ty) {
            Ok(value) => value.mark(marks),
            Err(err) => {
                let diag = Diagnostic::error(
                    &code::INCONSISTENT_CONDITIONAL,
                    format!(
                        "Both results of a conditional must have one type, and the {which} does not convert to that of the other: {}.",
                        reason(&err)
                    ),
                )
                .at(span)
                .within(context);
                match about.map(|it| &it.kind) {
                    Some(ExprKind::Conditional(it)) if which == "first" => {
                        self.report(diag, &it.then, names, diags);
                    }
                    Some(ExprKind::Conditional(it)) => {
                        self.report(diag, &it.otherwise, names, diags);
                    }
                    _ => diags.push(diag),
                }
                Value::unknown(ty).mark(marks)
            }
        }
    }
}

/// What is known of one of two values.
fn either(then: &Value, otherwise: &Value, ty: Type) -> Unknown {
    let mut res = Unknown::of(ty);
    let not_null = |it: &Value| match it.peek().0 {
        Plain::Unknown(it) => it.not_null,
        Plain::Null(_) => false,
        _ => true,
    };
    if !(not_null(then) && not_null(otherwise)) {
        return res;
    }
    res.not_null = true;
    if let (Some(a), Some(b)) = (then.as_number(), otherwise.as_number()) {
        let (low, high) = if a > b { (b, a) } else { (a, b) };
        res.min = Some((low.clone(), true));
        res.max = Some((high.clone(), true));
    }
    let length = |it: &Value| match it.peek().0 {
        Plain::List(_, values) | Plain::Set(_, values) => Some(values.len() as u64),
        Plain::Map(_, values) => Some(values.len() as u64),
        _ => None,
    };
    if then.ty() == otherwise.ty()
        && let (Some(a), Some(b)) = (length(then), length(otherwise))
    {
        res.min_len = Some(a.min(b));
        res.max_len = Some(a.max(b));
    }
    res
}

/// How two types differ, for the message about a conditional.
fn mismatch(then: &Type, otherwise: &Type) -> String {
    match (then, otherwise) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, ty) in &a.attributes {
                match b.attributes.get(name) {
                    None => {
                        return format!(
                            "the first object has the attribute \"{name}\", the second has not"
                        );
                    }
                    Some(other) if unify(&[ty.clone(), other.clone()]).is_none() => {
                        return format!(
                            "the attribute \"{name}\" differs: {}",
                            mismatch(ty, other)
                        );
                    }
                    Some(_) => {}
                }
            }
            match b
                .attributes
                .keys()
                .find(|it| !a.attributes.contains_key(*it))
            {
                Some(name) => {
                    format!("the second object has the attribute \"{name}\", the first has not")
                }
                None => "the objects differ".to_owned(),
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => format!(
            "the first tuple has {} elements, the second {}",
            a.len(),
            b.len()
        ),
        _ => {
            let (a, b) = (
                value::show::friendly_type(then),
                value::show::friendly_type(otherwise),
            );
            if a == b {
                format!(
                    "{} and {}",
                    value::show::type_name(then),
                    value::show::type_name(otherwise)
                )
            } else {
                format!("the first is a {a}, the second a {b}")
            }
        }
    }
}

/// What an operator takes on both sides, and what it gives.
fn types(op: BinaryOp) -> (Type, Type) {
    match op {
        BinaryOp::Or | BinaryOp::And => (Type::Bool, Type::Bool),
        BinaryOp::Equal | BinaryOp::NotEqual => (Type::Dynamic, Type::Bool),
        BinaryOp::Greater | BinaryOp::GreaterOrEqual | BinaryOp::Less | BinaryOp::LessOrEqual => {
            (Type::Number, Type::Bool)
        }
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Modulo => (Type::Number, Type::Number),
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "||",
        BinaryOp::And => "&&",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
    }
}

fn apply(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, ops::OpError> {
    match op {
        BinaryOp::Or => ops::or(left, right),
        BinaryOp::And => ops::and(left, right),
        BinaryOp::Equal => Ok(ops::equal(left, right)),
        BinaryOp::NotEqual => Ok(ops::not_equal(left, right)),
        BinaryOp::Greater => ops::gt(left, right),
        BinaryOp::GreaterOrEqual => ops::ge(left, right),
        BinaryOp::Less => ops::lt(left, right),
        BinaryOp::LessOrEqual => ops::le(left, right),
        BinaryOp::Add => ops::add(left, right),
        BinaryOp::Subtract => ops::sub(left, right),
        BinaryOp::Multiply => ops::mul(left, right),
        BinaryOp::Divide => ops::div(left, right),
        BinaryOp::Modulo => ops::modulo(left, right),
    }
}
