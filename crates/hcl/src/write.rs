//! Building new text: trees back to source.
//!
//! What is printed parses to the same tree again, spans aside. Comments and layout of an original are not in the tree;
//! the layout is that of [`crate::format`].

use diag::{Diagnostics, SourceId};

use crate::{
    Binary, BinaryOp, Body, Expr, ExprKind, For, ObjectItem, ObjectKey, Part, Splat, Step,
    StepKind, Template, TemplateForm, UnaryOp,
};

/// A body as a file: its arguments, then its blocks, in the canonical layout.
pub fn file(body: &Body) -> String {
    let mut raw = String::new();
    push_body(&mut raw, body);
    crate::format(SourceId(0), &raw, &mut Diagnostics::new()).unwrap_or(raw)
}

/// An expression in native syntax. Where it spans lines, they are not indented.
pub fn expr(expr: &Expr) -> String {
    let mut res = String::new();
    push_expr(&mut res, expr);
    res
}

/// A text as it stands between quotes: escapes for what cannot stand there as it is.
pub fn quoted(text: &str) -> String {
    let mut res = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' => res.push_str("\\n"),
            '\r' => res.push_str("\\r"),
            '\t' => res.push_str("\\t"),
            '"' | '\\' => {
                res.push('\\');
                res.push(char);
            }
            '$' | '%' => {
                res.push(char);
                if chars.peek() == Some(&'{') {
                    res.push(char);
                }
            }
            _ if is_printable(char) => res.push(char),
            _ => {
                let number = char as u32;
                if number < 0x10000 {
                    res.push_str(&format!("\\u{number:04x}"));
                } else {
                    res.push_str(&format!("\\U{number:08x}"));
                }
            }
        }
    }
    res
}

// ---- bodies ----

fn push_body(out: &mut String, body: &Body) {
    for attribute in &body.attributes {
        out.push_str(&attribute.name.name);
        out.push_str(" = ");
        push_expr(out, &attribute.expr);
        end_line(out);
    }
    for (at, block) in body.blocks.iter().enumerate() {
        if at > 0 || !body.attributes.is_empty() {
            out.push('\n');
        }
        out.push_str(&block.kind.name);
        for label in &block.labels {
            out.push_str(" \"");
            out.push_str(&quoted(&label.name));
            out.push('"');
        }
        out.push_str(" {\n");
        push_body(out, &block.body);
        out.push_str("}\n");
    }
}

/// A heredoc has ended its line already.
fn end_line(out: &mut String) {
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

// ---- expressions ----

/// How tightly an expression holds together: a conditional least, then operators, signs, and terms most.
fn tightness(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Conditional(_) => 0,
        ExprKind::Binary(it) => 1 + precedence(it.op),
        ExprKind::Unary(_) => SIGNED,
        // Attributes after it would be taken for the splat's own.
        ExprKind::Splat(_) => SPLAT,
        _ => TERM,
    }
}

const SIGNED: u8 = 7;
const SPLAT: u8 = 8;
const TERM: u8 = 9;

fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 0,
        BinaryOp::And => 1,
        BinaryOp::Equal | BinaryOp::NotEqual => 2,
        BinaryOp::Greater | BinaryOp::GreaterOrEqual | BinaryOp::Less | BinaryOp::LessOrEqual => 3,
        BinaryOp::Add | BinaryOp::Subtract => 4,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => 5,
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

/// An operand, in parentheses if it holds together less than its place needs.
fn push_operand(out: &mut String, expr: &Expr, least: u8) {
    if tightness(expr) >= least {
        push_expr(out, expr);
    } else {
        out.push('(');
        push_expr(out, expr);
        out.push(')');
    }
}

fn push_expr(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Invalid | ExprKind::Null => out.push_str("null"),
        ExprKind::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
        ExprKind::Number(it) => out.push_str(it),
        ExprKind::Template(it) => push_template(out, it),
        ExprKind::Tuple(items) => {
            out.push('[');
            push_list(out, items);
            out.push(']');
        }
        ExprKind::Object(items) => push_object(out, items),
        ExprKind::Traversal(it) => {
            out.push_str(&it.root.name);
            push_steps(out, &it.steps);
        }
        ExprKind::Access(it) => {
            let after_splat = matches!(&it.source.kind, ExprKind::Splat(splat) if !splat.full)
                && !matches!(it.steps.first().map(|it| &it.kind), Some(StepKind::Attr(_)));
            push_operand(out, &it.source, if after_splat { SPLAT } else { TERM });
            if matches!(it.source.kind, ExprKind::Number(_)) {
                // `1.e5` would be one number.
                out.push(' ');
            }
            push_steps(out, &it.steps);
        }
        ExprKind::Index(it) => {
            let after_splat = matches!(&it.collection.kind, ExprKind::Splat(splat) if !splat.full);
            push_operand(out, &it.collection, if after_splat { SPLAT } else { TERM });
            out.push('[');
            push_expr(out, &it.key);
            out.push(']');
        }
        ExprKind::Splat(it) => push_splat(out, it),
        ExprKind::SplatItem => {}
        ExprKind::Call(it) => {
            out.push_str(&it.name.name);
            out.push('(');
            push_list(out, &it.args);
            if it.expand {
                out.push_str("...");
            }
            out.push(')');
        }
        ExprKind::Unary(it) => {
            out.push(match it.op {
                UnaryOp::Negate => '-',
                UnaryOp::Not => '!',
            });
            push_operand(out, &it.operand, SIGNED);
        }
        ExprKind::Binary(it) => push_binary(out, it),
        ExprKind::Conditional(it) => {
            push_operand(out, &it.condition, 1);
            out.push_str(" ? ");
            push_expr(out, &it.then);
            out.push_str(" : ");
            push_expr(out, &it.otherwise);
        }
        ExprKind::For(it) => push_for(out, it),
        ExprKind::Paren(it) => {
            out.push('(');
            push_expr(out, it);
            out.push(')');
        }
    }
}

fn push_list(out: &mut String, items: &[Expr]) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        push_expr(out, item);
    }
}

fn push_binary(out: &mut String, binary: &Binary) {
    let chain = binary.chain();
    // Links of the chain that hold together less than the one around them stand in parentheses. Operators of one
    // precedence group to the left, so a left operand may hold equally, a right one must hold more.
    let mut n_open = 0;
    for pair in chain.windows(2) {
        if let [outer, inner] = pair
            && precedence(inner.op) < precedence(outer.op)
        {
            n_open += 1;
        }
    }
    for _ in 0..n_open {
        out.push('(');
    }
    if let Some(innermost) = chain.last() {
        push_operand(out, &innermost.left, 1 + precedence(innermost.op));
    }
    for (at, link) in chain.iter().enumerate().rev() {
        out.push(' ');
        out.push_str(sign(link.op));
        out.push(' ');
        push_operand(out, &link.right, 2 + precedence(link.op));
        let around = at.checked_sub(1).and_then(|at| chain.get(at));
        if around.is_some_and(|it| precedence(link.op) < precedence(it.op)) {
            out.push(')');
        }
    }
}

fn push_steps(out: &mut String, steps: &[Step]) {
    for step in steps {
        match &step.kind {
            StepKind::Attr(name) => {
                out.push('.');
                out.push_str(name);
            }
            StepKind::Index(number) => {
                out.push('[');
                out.push_str(number);
                out.push(']');
            }
            StepKind::Key(key) => {
                out.push_str("[\"");
                out.push_str(&quoted(key));
                out.push_str("\"]");
            }
        }
    }
}

fn push_splat(out: &mut String, splat: &Splat) {
    // Only attributes and numbers can follow `.*`.
    let steps = match &splat.each.kind {
        ExprKind::SplatItem => Some(&[][..]),
        ExprKind::Access(it) if matches!(it.source.kind, ExprKind::SplatItem) => {
            Some(it.steps.as_slice())
        }
        _ => None,
    };
    let plain = steps.filter(|it| !it.iter().any(|it| matches!(it.kind, StepKind::Key(_))));
    let after_splat = matches!(&splat.source.kind, ExprKind::Splat(it) if !it.full && splat.full);
    push_operand(out, &splat.source, if after_splat { SPLAT } else { TERM });
    match plain {
        Some(steps) if !splat.full => {
            out.push_str(".*");
            for step in steps {
                if let StepKind::Attr(text) | StepKind::Index(text) = &step.kind {
                    out.push('.');
                    out.push_str(text);
                }
            }
        }
        _ => {
            out.push_str("[*]");
            push_expr(out, &splat.each);
        }
    }
}

fn push_object(out: &mut String, items: &[ObjectItem]) {
    out.push('{');
    for (at, item) in items.iter().enumerate() {
        end_line(out);
        match &item.key {
            // `{ for` would begin a `for` expression.
            ObjectKey::Word(word)
                if crate::is_identifier(&word.name) && (at > 0 || word.name != "for") =>
            {
                out.push_str(&word.name);
            }
            ObjectKey::Word(word) => {
                out.push('"');
                out.push_str(&quoted(&word.name));
                out.push('"');
            }
            ObjectKey::Expr(key) => match &key.kind {
                ExprKind::Traversal(it) if it.steps.is_empty() => {
                    out.push('(');
                    push_expr(out, key);
                    out.push(')');
                }
                _ => push_expr(out, key),
            },
        }
        out.push_str(" = ");
        push_expr(out, &item.value);
    }
    if !items.is_empty() {
        end_line(out);
    }
    out.push('}');
}

fn push_for(out: &mut String, it: &For) {
    let (open, close) = if it.key.is_some() {
        ('{', '}')
    } else {
        ('[', ']')
    };
    out.push(open);
    out.push_str("for ");
    if let Some(name) = &it.key_name {
        out.push_str(&name.name);
        out.push_str(", ");
    }
    out.push_str(&it.value_name.name);
    out.push_str(" in ");
    push_expr(out, &it.collection);
    out.push_str(" : ");
    if let Some(key) = &it.key {
        push_expr(out, key);
        out.push_str(" => ");
    }
    push_expr(out, &it.value);
    if it.group {
        out.push_str("...");
    }
    if let Some(condition) = &it.condition {
        out.push_str(" if ");
        push_expr(out, condition);
    }
    out.push(close);
}

// ---- templates ----

/// A template as a line of texts and sequences.
enum Piece<'t> {
    Text(&'t str),
    /// What stands between the braces, and the sign before them.
    Sequence(char, String),
}

fn push_template(out: &mut String, template: &Template) {
    let mut pieces = Vec::new();
    flatten(&template.parts, &mut pieces);
    let ends_well = match pieces.last() {
        Some(Piece::Text(text)) => text.is_empty() && pieces.len() > 1 || text.ends_with('\n'),
        Some(Piece::Sequence(..)) => false,
        None => true,
    };
    if template.form == TemplateForm::Heredoc && ends_well {
        let mut marker = "EOT".to_owned();
        while pieces.iter().any(|it| match it {
            Piece::Text(text) => text.contains(&*marker),
            Piece::Sequence(_, text) => text.contains(&*marker),
        }) {
            marker.push('_');
        }
        out.push_str("<<");
        out.push_str(&marker);
        out.push('\n');
        push_pieces(out, &pieces, true);
        out.push_str(&marker);
        out.push('\n');
    } else {
        out.push('"');
        push_pieces(out, &pieces, false);
        out.push('"');
    }
}

fn flatten<'t>(parts: &'t [Part], pieces: &mut Vec<Piece<'t>>) {
    for part in parts {
        match part {
            Part::Literal(text, _) => pieces.push(Piece::Text(text)),
            Part::Interpolation(it) => pieces.push(Piece::Sequence('$', expr(&it.expr))),
            Part::If(it) => {
                pieces.push(Piece::Sequence('%', format!("if {}", expr(&it.condition))));
                flatten(&it.then, pieces);
                if !it.otherwise.is_empty() {
                    pieces.push(Piece::Sequence('%', "else".to_owned()));
                    flatten(&it.otherwise, pieces);
                }
                pieces.push(Piece::Sequence('%', "endif".to_owned()));
            }
            Part::For(it) => {
                let key = it
                    .key
                    .as_ref()
                    .map_or_else(String::new, |it| format!("{}, ", it.name));
                pieces.push(Piece::Sequence(
                    '%',
                    format!("for {key}{} in {}", it.value.name, expr(&it.collection)),
                ));
                flatten(&it.body, pieces);
                pieces.push(Piece::Sequence('%', "endfor".to_owned()));
            }
        }
    }
}

/// Texts that a strip marker emptied are written as a blank and a strip marker again.
fn push_pieces(out: &mut String, pieces: &[Piece<'_>], heredoc: bool) {
    let text_at = |at: Option<usize>| match at.and_then(|at| pieces.get(at)) {
        Some(Piece::Text(text)) => Some(*text),
        Some(Piece::Sequence(..)) | None => None,
    };
    for (at, piece) in pieces.iter().enumerate() {
        let is_last = at + 1 == pieces.len();
        match piece {
            Piece::Text("") => out.push_str(if is_last && heredoc { "\n" } else { " " }),
            Piece::Text(text) => {
                let sign_before_sequence = !is_last && text.ends_with(['$', '%']);
                if heredoc {
                    push_unquoted(out, text);
                    if sign_before_sequence {
                        out.push(' ');
                    }
                } else if sign_before_sequence {
                    let (start, sign) = text.split_at(text.len() - 1);
                    out.push_str(&quoted(start));
                    out.push_str(if sign == "$" { "\\u0024" } else { "\\u0025" });
                } else {
                    out.push_str(&quoted(text));
                }
            }
            Piece::Sequence(sign, inside) => {
                let strips_before = match text_at(at.checked_sub(1)) {
                    Some("") => true,
                    Some(text) => heredoc && text.ends_with(['$', '%']),
                    None => false,
                };
                let strips_after = text_at(Some(at + 1)) == Some("");
                out.push(*sign);
                out.push('{');
                if strips_before {
                    out.push('~');
                }
                if *sign == '%' {
                    out.push(' ');
                }
                out.push_str(inside);
                if *sign == '%' {
                    out.push(' ');
                }
                if strips_after {
                    out.push('~');
                }
                out.push('}');
            }
        }
    }
}

fn push_unquoted(out: &mut String, text: &str) {
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        out.push(char);
        if matches!(char, '$' | '%') && chars.peek() == Some(&'{') {
            out.push(char);
        }
    }
}

/// Whether a character shows as itself: not a control or format character, and no white space but the plain one.
fn is_printable(char: char) -> bool {
    if char.is_ascii() {
        return !char.is_ascii_control();
    }
    !(char.is_control()
        || char.is_whitespace()
        || matches!(char as u32,
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2 | 0x180e
            | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfeff
            | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0xe0000..=0xe00ff | 0xf0000..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use diag::Span;

    fn node(kind: ExprKind) -> Expr {
        Expr {
            kind,
            span: Span::new(SourceId(0), 0, 0),
        }
    }

    fn number(text: &str) -> Expr {
        node(ExprKind::Number(text.into()))
    }

    fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
        node(ExprKind::Binary(Box::new(Binary {
            op,
            op_span: Span::new(SourceId(0), 0, 0),
            left,
            right,
        })))
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(
            quoted("a\"\\\n\t${b} $c %{d} é \u{a0}\u{1f600}\u{1}"),
            "a\\\"\\\\\\n\\t$${b} $c %%{d} é \\u00a0\u{1f600}\\u0001"
        );
    }

    #[test]
    fn built_trees_get_the_parentheses_that_they_need() {
        let sum = |l: &str, r: &str| binary(BinaryOp::Add, number(l), number(r));
        let cases = [
            (
                binary(BinaryOp::Multiply, sum("1", "2"), number("3")),
                "(1 + 2) * 3",
            ),
            (
                binary(BinaryOp::Subtract, number("1"), sum("2", "3")),
                "1 - (2 + 3)",
            ),
            (
                binary(BinaryOp::Subtract, sum("1", "2"), number("3")),
                "1 + 2 - 3",
            ),
            (
                binary(
                    BinaryOp::Multiply,
                    binary(BinaryOp::Add, sum("1", "2"), number("3")),
                    number("4"),
                ),
                "(1 + 2 + 3) * 4",
            ),
            (
                binary(BinaryOp::Or, sum("1", "2"), number("3")),
                "1 + 2 || 3",
            ),
        ];
        for (tree, text) in cases {
            assert_eq!(expr(&tree), text);
        }
    }

    #[test]
    fn a_body_is_laid_out() {
        let text = "b \"l\" {\n  x = 1\n  long = {\n    a = [1, {\n      b = 2\n    }]\n  }\n}\na = <<EOT\n  ${x}\n$${y}\nEOT\n";
        let parsed = crate::parse(SourceId(0), text, &mut Diagnostics::new());
        assert_eq!(
            file(&parsed.body),
            "a = <<EOT\n  ${x}\n$${y}\nEOT\n\nb \"l\" {\n  x = 1\n  long = {\n    a = [1, {\n      b = 2\n    }]\n  }\n}\n"
        );
    }
}
