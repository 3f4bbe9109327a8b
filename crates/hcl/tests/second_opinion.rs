//! hcl-edit, a parser by other people, agrees on what is valid, with the disagreements listed here. Each was decided
//! by asking the reference.

use diag::{Diagnostics, SourceId};
use hcl_edit::expr::{Expression, ObjectKey as TheirKey, TraversalOperator};
use hcl_edit::template::{Directive, Element};
use proptest::prelude::*;

use crate::conformance::testdata;

fn accepts(text: &str) -> bool {
    let mut diags = Diagnostics::new();
    hcl::parse(SourceId(0), text, &mut diags);
    !diags.has_errors()
}

fn hcl_edit_accepts(text: &str) -> bool {
    text.parse::<hcl_edit::structure::Body>().is_ok()
}

/// What the reference rejects.
const REJECTED: &[&str] = &[
    "b \"a\nb\" {\n}\n",
    "a = a.*.b.*.c\n",
    "a = [for(x)]\n",
    "a = <<EOT\nhello\nEOT # c\n",
    "a = <<EOT\n${\"\nEOT\n\"}\nEOT\n",
    "a = foo(<<EOT\nhi\nEOT, 2)\n",
    "a = <<EOT\nhello\nEOT",
    "\u{1e4d0} = 1\n",
    "a\u{200d}b = 1\n",
    "a = 1.5.2\n",
    "a = \"foo\rbar\"\n",
    "a = \"x${y}\nz\"\n",
    "a = \"foo\nbar\"\n",
    "a = \"%{ if x }\nA%{ endif }\"\n",
    "a = b.\nc\n",
    "a = b.0.1.2\n",
    "a = b.0.1\n",
    "a = b.0.1.c\n",
    "a = b.*.*.c\n",
    "a = \"%{ iffy }A%{ endif }\"\n",
];

/// What the reference accepts and hcl-edit does not.
const ACCEPTED: &[&str] = &[
    "# c\ra = 1\n",
    "a = <<EOT\nfoo\nEOT)\nEOT\n",
    "\u{feff}a = 1\n",
    "a = 1e400\n",
    "a = 1e99999\n",
    "a = 1e1000000000\n",
    "a = {b = 1, b = 2}\n",
    "a = {(b) = 1, (b) = 2}\n",
    "a = {\n  \"x\" = 1\n  \"x\" = 2\n}\n",
    "a = b.99999999999999999999\n",
    "a = b.1e2\n",
    "a = b.01\n",
];

#[test]
fn known_disagreements() {
    for text in REJECTED {
        assert!(!accepts(text), "{text:?} should be rejected");
        assert!(
            hcl_edit_accepts(text),
            "{text:?}: hcl-edit agrees by now, remove the line"
        );
    }
    for text in ACCEPTED {
        assert!(accepts(text), "{text:?} should be accepted");
        assert!(
            !hcl_edit_accepts(text),
            "{text:?}: hcl-edit agrees by now, remove the line"
        );
    }
}

/// Recorded files on which hcl-edit is wrong.
const FILES: &[&str] = &["bom-start.in.tf", "syn-bom/main.tf"];

#[test]
fn recorded_files() {
    let mut wrong = Vec::new();
    let mut dirs = vec![testdata("")];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            if path.extension().is_none_or(|it| it != "tf") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.to_string_lossy().into_owned();
            if accepts(&text) != hcl_edit_accepts(&text)
                && !FILES.iter().any(|it| name.ends_with(it))
            {
                wrong.push(format!("{name}: ours {}", accepts(&text)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Both make the same tree of what both accept. hcl-edit knows no repeated keys, so those texts are passed over.
    #[test]
    fn trees_agree(expression in crate::properties::expression()) {
        let text = format!("a = [\n{expression}\n]\n");
        prop_assert!(accepts(&text), "{}", text);
        if let Ok(theirs) = text.parse::<hcl_edit::structure::Body>() {
            let ours = hcl::parse(SourceId(0), &text, &mut Diagnostics::new());
            let mut expected = String::new();
            for attribute in theirs.attributes() {
                their_shape(&attribute.value, &mut expected);
            }
            let mut found = String::new();
            for attribute in &ours.body.attributes {
                our_shape(&attribute.expr, &mut found);
            }
            prop_assert_eq!(found, expected, "{}", text);
        }
    }
}

/// The tree in brackets. Of templates only the sequences: literals differ by what stripping leaves of them.
fn our_shape(expr: &hcl::Expr, out: &mut String) {
    use hcl::ExprKind as Kind;
    match &expr.kind {
        Kind::Invalid => out.push_str("invalid"),
        Kind::Null => out.push_str("null "),
        Kind::Bool(it) => out.push_str(&format!("{it} ")),
        Kind::Number(it) => out.push_str(&format!("{} ", it.parse::<f64>().unwrap())),
        Kind::Template(it) => {
            out.push('"');
            our_parts(&it.parts, out);
            out.push('"');
        }
        Kind::Tuple(items) => {
            out.push('[');
            for it in items {
                our_shape(it, out);
            }
            out.push(']');
        }
        Kind::Object(items) => {
            out.push('{');
            for it in items {
                match &it.key {
                    hcl::ObjectKey::Word(it) => out.push_str(&format!("{} ", it.name)),
                    hcl::ObjectKey::Expr(it) => our_shape(it, out),
                }
                our_shape(&it.value, out);
            }
            out.push('}');
        }
        Kind::Traversal(it) => {
            out.push_str(&format!("{} ", it.root.name));
            our_steps(&it.steps, out);
        }
        Kind::Access(it) => {
            our_shape(&it.source, out);
            our_steps(&it.steps, out);
        }
        Kind::Index(it) => {
            our_shape(&it.collection, out);
            out.push_str("@[");
            our_shape(&it.key, out);
            out.push(']');
        }
        Kind::Splat(it) => {
            our_shape(&it.source, out);
            out.push_str(if it.full { "@full " } else { "@attr " });
            our_shape(&it.each, out);
        }
        Kind::SplatItem => {}
        Kind::Call(it) => {
            out.push_str(&format!("{}(", it.name.name));
            for it in &it.args {
                our_shape(it, out);
            }
            out.push_str(if it.expand { "...)" } else { ")" });
        }
        Kind::Unary(it) => {
            out.push_str(match it.op {
                hcl::UnaryOp::Negate => "(-",
                hcl::UnaryOp::Not => "(!",
            });
            our_shape(&it.operand, out);
            out.push(')');
        }
        Kind::Binary(it) => {
            out.push_str(&format!("({:?} ", it.op));
            our_shape(&it.left, out);
            our_shape(&it.right, out);
            out.push(')');
        }
        Kind::Conditional(it) => {
            out.push_str("(? ");
            our_shape(&it.condition, out);
            our_shape(&it.then, out);
            our_shape(&it.otherwise, out);
            out.push(')');
        }
        Kind::For(it) => {
            let key = it.key_name.as_ref().map_or("", |it| it.name.as_str());
            out.push_str(&format!("for {key} {} ", it.value_name.name));
            our_shape(&it.collection, out);
            for it in it.key.iter().chain([&it.value]).chain(&it.condition) {
                our_shape(it, out);
            }
            out.push_str(if it.group { "..." } else { "" });
        }
        Kind::Paren(it) => {
            out.push_str("p(");
            our_shape(it, out);
            out.push(')');
        }
    }
}

fn our_steps(steps: &[hcl::Step], out: &mut String) {
    for step in steps {
        match &step.kind {
            hcl::StepKind::Attr(it) => out.push_str(&format!(".{it} ")),
            hcl::StepKind::Index(it) => {
                out.push_str(&format!("@[{} ]", it.parse::<f64>().unwrap()));
            }
            hcl::StepKind::Key(_) => out.push_str("@[\"\"]"),
        }
    }
}

fn our_parts(parts: &[hcl::Part], out: &mut String) {
    for part in parts {
        match part {
            hcl::Part::Literal(..) => {}
            hcl::Part::Interpolation(it) => our_shape(&it.expr, out),
            hcl::Part::If(it) => {
                out.push_str("%if ");
                our_shape(&it.condition, out);
                our_parts(&it.then, out);
                out.push_str("%else ");
                our_parts(&it.otherwise, out);
            }
            hcl::Part::For(it) => {
                out.push_str(&format!("%for {} ", it.value.name));
                our_shape(&it.collection, out);
                our_parts(&it.body, out);
            }
        }
    }
}

fn their_shape(expr: &Expression, out: &mut String) {
    match expr {
        Expression::Null(_) => out.push_str("null "),
        Expression::Bool(it) => out.push_str(&format!("{} ", **it)),
        Expression::Number(it) => out.push_str(&format!("{} ", it.value().as_f64().unwrap())),
        Expression::String(_) => out.push_str("\"\""),
        Expression::Array(it) => {
            out.push('[');
            for it in it {
                their_shape(it, out);
            }
            out.push(']');
        }
        Expression::Object(it) => {
            out.push('{');
            for (key, value) in it {
                match key {
                    TheirKey::Ident(it) => out.push_str(&format!("{} ", it.as_str())),
                    TheirKey::Expression(Expression::Null(_)) => out.push_str("null "),
                    TheirKey::Expression(Expression::Variable(it)) => {
                        out.push_str(&format!("{} ", it.as_str()));
                    }
                    TheirKey::Expression(it) => their_shape(it, out),
                }
                their_shape(value.expr(), out);
            }
            out.push('}');
        }
        Expression::StringTemplate(it) => {
            out.push('"');
            their_elements(it.iter(), out);
            out.push('"');
        }
        Expression::HeredocTemplate(it) => {
            out.push('"');
            their_elements(it.template.iter(), out);
            out.push('"');
        }
        Expression::Parenthesis(it) => {
            out.push_str("p(");
            their_shape(it.inner(), out);
            out.push(')');
        }
        Expression::Variable(it) => out.push_str(&format!("{} ", it.as_str())),
        Expression::Conditional(it) => {
            out.push_str("(? ");
            their_shape(&it.cond_expr, out);
            their_shape(&it.true_expr, out);
            their_shape(&it.false_expr, out);
            out.push(')');
        }
        Expression::FuncCall(it) => {
            for it in &it.name.namespace {
                out.push_str(&format!("{}::", it.as_str()));
            }
            out.push_str(&format!("{}(", it.name.name.as_str()));
            for it in &it.args {
                their_shape(it, out);
            }
            out.push_str(if it.args.expand_final() { "...)" } else { ")" });
        }
        Expression::Traversal(it) => {
            their_shape(&it.expr, out);
            for operator in &it.operators {
                match &**operator {
                    TraversalOperator::AttrSplat(_) => out.push_str("@attr "),
                    TraversalOperator::FullSplat(_) => out.push_str("@full "),
                    TraversalOperator::GetAttr(it) => out.push_str(&format!(".{} ", it.as_str())),
                    TraversalOperator::Index(it) => {
                        out.push_str("@[");
                        their_shape(it, out);
                        out.push(']');
                    }
                    TraversalOperator::LegacyIndex(it) => out.push_str(&format!("@[{} ]", **it)),
                }
            }
        }
        Expression::UnaryOp(it) => {
            out.push('(');
            out.push_str(it.operator.value().as_str());
            their_shape(&it.expr, out);
            out.push(')');
        }
        Expression::BinaryOp(it) => {
            let op = match it.operator.value().as_str() {
                "||" => hcl::BinaryOp::Or,
                "&&" => hcl::BinaryOp::And,
                "==" => hcl::BinaryOp::Equal,
                "!=" => hcl::BinaryOp::NotEqual,
                ">" => hcl::BinaryOp::Greater,
                ">=" => hcl::BinaryOp::GreaterOrEqual,
                "<" => hcl::BinaryOp::Less,
                "<=" => hcl::BinaryOp::LessOrEqual,
                "+" => hcl::BinaryOp::Add,
                "-" => hcl::BinaryOp::Subtract,
                "*" => hcl::BinaryOp::Multiply,
                "/" => hcl::BinaryOp::Divide,
                _ => hcl::BinaryOp::Modulo,
            };
            out.push_str(&format!("({op:?} "));
            their_shape(&it.lhs_expr, out);
            their_shape(&it.rhs_expr, out);
            out.push(')');
        }
        Expression::ForExpr(it) => {
            let key = it.intro.key_var.as_ref().map_or("", |it| it.as_str());
            out.push_str(&format!("for {key} {} ", it.intro.value_var.as_str()));
            their_shape(&it.intro.collection_expr, out);
            let condition = it.cond.as_ref().map(|it| &it.expr);
            for it in it.key_expr.iter().chain([&it.value_expr]).chain(condition) {
                their_shape(it, out);
            }
            out.push_str(if it.grouping { "..." } else { "" });
        }
    }
}

fn their_elements<'e>(elements: impl Iterator<Item = &'e Element>, out: &mut String) {
    for element in elements {
        match element {
            Element::Literal(_) => {}
            Element::Interpolation(it) => their_shape(&it.expr, out),
            Element::Directive(it) => match &**it {
                Directive::If(it) => {
                    out.push_str("%if ");
                    their_shape(&it.if_expr.cond_expr, out);
                    their_elements(it.if_expr.template.iter(), out);
                    out.push_str("%else ");
                    if let Some(it) = &it.else_expr {
                        their_elements(it.template.iter(), out);
                    }
                }
                Directive::For(it) => {
                    out.push_str(&format!("%for {} ", it.for_expr.value_var.as_str()));
                    their_shape(&it.for_expr.collection_expr, out);
                    their_elements(it.for_expr.template.iter(), out);
                }
            },
        }
    }
}
