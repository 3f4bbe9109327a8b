//! Expressions: operators by precedence, terms, and the steps after a term.

use diag::{Code, Diagnostic, Span};

use super::{Parser, complete, invalid};
use crate::lex::{Kind, Token};
use crate::{
    Access, Binary, BinaryOp, Call, Conditional, Expr, ExprKind, For, Ident, Index, ObjectItem,
    ObjectKey, Splat, Step, StepKind, Template, TemplateForm, Text, Traversal, Unary, UnaryOp,
    code,
};

/// An operator and how tightly it binds.
fn operator(kind: Kind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        Kind::Or => (BinaryOp::Or, 0),
        Kind::And => (BinaryOp::And, 1),
        Kind::Equal => (BinaryOp::Equal, 2),
        Kind::NotEqual => (BinaryOp::NotEqual, 2),
        Kind::Greater => (BinaryOp::Greater, 3),
        Kind::GreaterOrEqual => (BinaryOp::GreaterOrEqual, 3),
        Kind::Less => (BinaryOp::Less, 3),
        Kind::LessOrEqual => (BinaryOp::LessOrEqual, 3),
        Kind::Plus => (BinaryOp::Add, 4),
        Kind::Minus => (BinaryOp::Subtract, 4),
        Kind::Star => (BinaryOp::Multiply, 5),
        Kind::Slash => (BinaryOp::Divide, 5),
        Kind::Percent => (BinaryOp::Modulo, 5),
        _ => return None,
    })
}

impl Parser<'_, '_> {
    /// One expression, as far as it goes.
    pub(super) fn expr(&mut self) -> Expr {
        if !self.enter() {
            let here = self.here();
            return invalid(here);
        }
        let res = self.conditional();
        self.leave();
        res
    }

    fn conditional(&mut self) -> Expr {
        let before = self.n_errors;
        let condition = self.binary(0);
        if self.gave_up(before) || self.peek() != Kind::Question {
            return condition;
        }
        self.bump();
        self.branches(condition, before)
    }

    fn branches(&mut self, condition: Expr, before: u32) -> Expr {
        let then = self.expr();
        if self.gave_up(before) {
            return invalid(condition.span);
        }
        if self.peek() != Kind::Colon {
            let here = self.here();
            let context = condition.span.to(here);
            self.error(&code::MISSING_FALSE_EXPRESSION, "A conditional has a value for each case: after \"condition ? value\" come a colon and the value for when the condition is false.", here, Some(context));
            return invalid(condition.span);
        }
        self.bump();
        let otherwise = self.expr();
        if self.gave_up(before) {
            return invalid(condition.span);
        }
        Expr {
            span: condition.span.to(otherwise.span),
            kind: ExprKind::Conditional(Box::new(Conditional {
                condition,
                then,
                otherwise,
            })),
        }
    }

    /// Operators that bind at least this tightly, and their operands.
    fn binary(&mut self, least: u8) -> Expr {
        let before = self.n_errors;
        let mut left = self.operand();
        if self.gave_up(before) {
            return left;
        }
        loop {
            let kind = self.peek();
            let Some((op, level)) = operator(kind) else {
                return left;
            };
            if level < least {
                return left;
            }
            let op_span = self.bump();
            let op_span = self.span_of(op_span);
            let right = self.binary(level + 1);
            if self.gave_up(before) {
                return invalid(left.span);
            }
            left = Expr {
                span: left.span.to(right.span),
                kind: ExprKind::Binary(Box::new(Binary {
                    op,
                    op_span,
                    left,
                    right,
                })),
            };
        }
    }

    /// A term with its steps.
    fn operand(&mut self) -> Expr {
        let term = self.term();
        if matches!(self.peek(), Kind::Dot | Kind::OpenBracket) {
            self.steps(term)
        } else {
            term
        }
    }

    // ---- terms ----

    fn term(&mut self) -> Expr {
        match self.peek() {
            Kind::Ident => self.name(),
            Kind::Number => self.number(),
            Kind::OpenQuote => self.quoted(),
            Kind::OpenHeredoc => self.heredoc(),
            Kind::OpenParen => self.paren(),
            Kind::OpenBracket => self.tuple(),
            Kind::OpenBrace => self.object(),
            Kind::Minus => self.unary(UnaryOp::Negate),
            Kind::Bang => self.unary(UnaryOp::Not),
            kind => self.no_term(kind),
        }
    }

    fn no_term(&mut self, kind: Kind) -> Expr {
        let here = self.here();
        if kind == Kind::Eof {
            self.error_unless_recovering(
                &code::MISSING_EXPRESSION,
                "The text ends here, where an expression should begin.",
                here,
                None,
            );
        } else {
            self.error_unless_recovering(
                &code::INVALID_EXPRESSION,
                "An expression should begin here: a value, a reference, a function call, or one of (, [, {, - and !.",
                here,
                None,
            );
        }
        self.recovery = true;
        invalid(here)
    }

    fn name(&mut self) -> Expr {
        let token = self.bump();
        if matches!(self.peek(), Kind::OpenParen | Kind::DoubleColon) {
            return self.call(token);
        }
        let span = self.span_of(token);
        let kind = match self.slice(token) {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            name => ExprKind::Traversal(Box::new(Traversal {
                root: Ident {
                    name: Text::new(name),
                    span,
                },
                steps: Vec::new(),
            })),
        };
        Expr { kind, span }
    }

    fn number(&mut self) -> Expr {
        let token = self.bump();
        self.check_number(token);
        Expr {
            kind: ExprKind::Number(Text::new(self.slice(token))),
            span: self.span_of(token),
        }
    }

    /// Reports digits that are not a number.
    pub(super) fn check_number(&mut self, token: Token) {
        let text = self.slice(token);
        if !is_number(text) {
            let subject = self.span_of(token);
            self.error(&code::INVALID_NUMBER, &format!("\"{text}\" is not a number. A number is digits, perhaps one point and more digits, perhaps an exponent such as \"e3\"."), subject, None);
        }
    }

    fn quoted(&mut self) -> Expr {
        let open = self.bump();
        let parts = self.template_parts(Kind::CloseQuote, false);
        self.template_expr(open, TemplateForm::Quoted, parts)
    }

    fn heredoc(&mut self) -> Expr {
        let open = self.bump();
        let flush = self.slice(open).starts_with("<<-");
        let parts = self.template_parts(Kind::CloseHeredoc, flush);
        self.template_expr(open, TemplateForm::Heredoc, parts)
    }

    fn template_expr(&self, open: Token, form: TemplateForm, parts: Vec<crate::Part>) -> Expr {
        Expr {
            kind: ExprKind::Template(Box::new(Template { form, parts })),
            span: self.span(open.start, self.previous.end),
        }
    }

    fn unary(&mut self, op: UnaryOp) -> Expr {
        let sign = self.bump();
        let op_span = self.span_of(sign);
        if !self.enter() {
            return invalid(op_span);
        }
        let operand = self.operand();
        self.leave();
        Expr {
            span: op_span.to(operand.span),
            kind: ExprKind::Unary(Box::new(Unary {
                op,
                op_span,
                operand,
            })),
        }
    }

    fn paren(&mut self) -> Expr {
        let open = self.bump();
        let newlines = std::mem::replace(&mut self.newlines, false);
        let before = self.n_errors;
        let inner = self.expr();
        if self.n_errors > before {
            self.recover(Kind::CloseParen);
        } else if self.peek() != Kind::CloseParen {
            let here = self.here();
            let context = self.span_of(open).to(here);
            self.error(&code::UNBALANCED_PARENTHESES, "The expression in the parentheses is complete before this, so the closing parenthesis should stand here.", here, Some(context));
            self.recovery = true;
            self.bump();
        } else {
            self.bump();
        }
        self.newlines = newlines;
        Expr {
            kind: ExprKind::Paren(Box::new(inner)),
            span: self.span(open.start, self.previous.end),
        }
    }

    fn call(&mut self, first: Token) -> Expr {
        let first_span = self.span_of(first);
        let mut name = Ident {
            name: Text::new(self.slice(first)),
            span: first_span,
        };
        let mut open = self.bump();
        while open.kind == Kind::DoubleColon {
            let next = self.bump();
            if next.kind != Kind::Ident {
                let here = self.span_of(next);
                let context = self.span_of(open).to(here);
                self.error(
                    &code::MISSING_FUNCTION_NAME,
                    "After \"::\" comes the name of a function or of a further namespace.",
                    here,
                    Some(context),
                );
                self.recover_over_parens();
                return invalid(first_span);
            }
            name.name.push_str("::");
            name.name.push_str(self.slice(next));
            name.span = name.span.to(self.span_of(next));
            open = self.bump();
        }
        if open.kind != Kind::OpenParen {
            let here = self.span_of(open);
            self.error(
                &code::MISSING_OPEN_PARENTHESIS,
                "A name with \"::\" is that of a function, so its arguments follow in parentheses.",
                here,
                Some(first_span.to(here)),
            );
            self.recover_over_parens();
            return invalid(first_span);
        }
        let newlines = std::mem::replace(&mut self.newlines, false);
        let mut call = Call {
            name,
            args: Vec::new(),
            expand: false,
            open: self.span_of(open),
            close: first_span,
        };
        let start = self.scratch.exprs.len();
        let close = self.arguments(&mut call);
        call.args = complete(&mut self.scratch.exprs, start);
        self.newlines = newlines;
        call.close = self.span_of(close);
        Expr {
            span: first_span.to(call.close),
            kind: ExprKind::Call(Box::new(call)),
        }
    }

    /// Goes behind the next pair of parentheses.
    fn recover_over_parens(&mut self) {
        self.recovery = true;
        loop {
            match self.bump().kind {
                Kind::OpenParen => break,
                Kind::Eof => return,
                _ => {}
            }
        }
        self.recover(Kind::CloseParen);
    }

    /// The arguments and the closing parenthesis.
    fn arguments(&mut self, call: &mut Call) -> Token {
        loop {
            if self.peek() == Kind::CloseParen {
                return self.bump();
            }
            let before = self.n_errors;
            let argument = self.expr();
            self.scratch.exprs.push(argument);
            if self.gave_up(before) {
                return self.recover(Kind::CloseParen);
            }
            let separator = self.bump();
            let here = self.span_of(separator);
            let context = call.name.span.to(here);
            match separator.kind {
                Kind::Comma => {}
                Kind::CloseParen => return separator,
                Kind::Ellipsis => {
                    call.expand = true;
                    if self.peek() == Kind::CloseParen {
                        return self.bump();
                    }
                    self.error_unless_recovering(&code::MISSING_CLOSING_PARENTHESIS, "An argument that is expanded with \"...\" is the last one, so the closing parenthesis follows at once.", here, Some(context));
                    return self.recover(Kind::CloseParen);
                }
                Kind::Eof => {
                    self.error(&code::UNTERMINATED_CALL, "The text ends before the closing parenthesis of this call. If it does have one, another is missing inside it.", call.name.span.to(call.open), None);
                    return self.recover(Kind::CloseParen);
                }
                _ => {
                    self.error(&code::MISSING_ARGUMENT_SEPARATOR, "The argument is complete before this. A comma is needed between two arguments, or a closing parenthesis after the last.", here, Some(context));
                    return self.recover(Kind::CloseParen);
                }
            }
        }
    }

    fn tuple(&mut self) -> Expr {
        let open = self.bump();
        let newlines = std::mem::replace(&mut self.newlines, false);
        let kind = if self.at_word("for") {
            self.for_expr(open)
        } else {
            self.items(open)
        };
        self.newlines = newlines;
        Expr {
            kind,
            span: self.span(open.start, self.previous.end),
        }
    }

    fn items(&mut self, open: Token) -> ExprKind {
        let start = self.scratch.exprs.len();
        loop {
            if self.eat(Kind::CloseBracket) {
                break;
            }
            let before = self.n_errors;
            let item = self.expr();
            self.scratch.exprs.push(item);
            if self.gave_up(before) {
                self.recover(Kind::CloseBracket);
                break;
            }
            let next = self.peek();
            if next == Kind::Comma {
                self.bump();
                continue;
            }
            if next == Kind::CloseBracket {
                continue;
            }
            let open = self.span_of(open);
            let here = self.here();
            if next == Kind::Eof {
                self.error_unless_recovering(
                    &code::UNTERMINATED_TUPLE,
                    "The text ends before the closing bracket of this list. If it does have one, another is missing inside it.",
                    open,
                    None,
                );
            } else {
                self.error_unless_recovering(
                    &code::MISSING_ITEM_SEPARATOR,
                    "The item is complete before this. A comma is needed between two items, or a closing bracket after the last.",
                    here,
                    Some(open.to(here)),
                );
            }
            self.recover(Kind::CloseBracket);
            break;
        }
        ExprKind::Tuple(complete(&mut self.scratch.exprs, start))
    }

    fn object(&mut self) -> Expr {
        let open = self.bump();
        let newlines = std::mem::replace(&mut self.newlines, false);
        // Line breaks mean nothing before `for`; otherwise those before the first item would be skipped anyway.
        let kind = if self.at_word("for") {
            self.for_expr(open)
        } else {
            self.newlines = true;
            self.object_items(open)
        };
        self.newlines = newlines;
        Expr {
            kind,
            span: self.span(open.start, self.previous.end),
        }
    }

    fn object_items(&mut self, open: Token) -> ExprKind {
        let start = self.scratch.items.len();
        loop {
            if self.eat(Kind::Newline) {
                continue;
            }
            if self.eat(Kind::CloseBrace) {
                break;
            }
            let before = self.n_errors;
            let Some(item) = self.object_item(open, before) else {
                self.recover(Kind::CloseBrace);
                break;
            };
            self.scratch.items.push(item);
            let next = self.peek();
            if matches!(next, Kind::Comma | Kind::Newline) {
                self.bump();
                continue;
            }
            if next == Kind::CloseBrace {
                continue;
            }
            let open_span = self.span_of(open);
            let here = self.here();
            if next == Kind::Eof {
                self.unterminated_object(open_span);
            } else {
                self.error_unless_recovering(
                    &code::MISSING_ATTRIBUTE_SEPARATOR,
                    "The item is complete before this. A line break or a comma is needed between two items, or a closing brace after the last.",
                    here,
                    Some(open_span.to(here)),
                );
            }
            self.recover(Kind::CloseBrace);
            break;
        }
        ExprKind::Object(complete(&mut self.scratch.items, start))
    }

    fn unterminated_object(&mut self, open: Span) {
        self.error_unless_recovering(
            &code::UNTERMINATED_OBJECT,
            "The text ends before the closing brace of this map. If it does have one, another is missing inside it.",
            open,
            None,
        );
    }

    fn object_item(&mut self, open: Token, before: u32) -> Option<ObjectItem> {
        let key = self.expr();
        if self.gave_up(before) {
            return None;
        }
        let key = object_key(key);
        let next = self.peek();
        if !matches!(next, Kind::Assign | Kind::Colon) {
            let open = self.span_of(open);
            let here = self.here();
            let context = Some(open.to(here));
            match next {
                Kind::Eof => self.unterminated_object(open),
                Kind::Newline | Kind::Comma => self.error_unless_recovering(
                    &code::MISSING_ATTRIBUTE_VALUE,
                    "This key has no value. Write an equals sign and the value after it.",
                    here,
                    context,
                ),
                _ => self.error_unless_recovering(
                    &code::MISSING_KEY_VALUE_SEPARATOR,
                    "The key is complete before this. An equals sign (\"=\") or a colon is needed between a key and its value.",
                    here,
                    context,
                ),
            }
            return None;
        }
        self.bump();
        let value = self.expr();
        if self.gave_up(before) {
            return None;
        }
        Some(ObjectItem { key, value })
    }

    // ---- for ----

    /// From the word `for` on. The closing bracket is taken.
    fn for_expr(&mut self, open: Token) -> ExprKind {
        let is_object = open.kind == Kind::OpenBrace;
        let close_kind = if is_object {
            Kind::CloseBrace
        } else {
            Kind::CloseBracket
        };
        match self.for_parts(open, close_kind) {
            Some(it) => ExprKind::For(Box::new(it)),
            None => {
                self.recover(close_kind);
                ExprKind::Invalid
            }
        }
    }

    fn for_error(&mut self, open: Token, detail: &str) {
        let here = self.here();
        let context = self.span_of(open).to(here);
        self.error_unless_recovering(&code::INVALID_FOR, detail, here, Some(context));
    }

    /// `None` where the caller has to go to the closing bracket.
    fn for_parts(&mut self, open: Token, close_kind: Kind) -> Option<For> {
        let before = self.n_errors;
        let introducer = self.bump();
        if self.peek() != Kind::Ident {
            self.for_error(open, "After \"for\" comes a name for the element.");
            return None;
        }
        let first = self.bump();
        let mut value_name = self.ident(first);
        let mut key_name = None;
        if self.eat(Kind::Comma) {
            if self.peek() != Kind::Ident {
                self.for_error(
                    open,
                    "After the comma comes a name for the element; the first name is for its key.",
                );
                return None;
            }
            let second = self.bump();
            key_name = Some(std::mem::replace(&mut value_name, self.ident(second)));
        }
        if !self.at_word("in") {
            self.for_error(
                open,
                "After the names comes the word \"in\", and then what is walked.",
            );
            return None;
        }
        self.bump();
        let collection = self.expr();
        if self.gave_up(before) {
            return None;
        }
        if self.peek() != Kind::Colon {
            self.for_error(
                open,
                "After what is walked comes a colon, and then the result.",
            );
            return None;
        }
        self.bump();
        let mut value = self.expr();
        let mut key = None;
        if self.eat(Kind::FatArrow) {
            let next = self.expr();
            key = Some(std::mem::replace(&mut value, next));
        }
        if self.gave_up(before) {
            return None;
        }
        let ellipsis = if self.peek() == Kind::Ellipsis {
            Some(self.bump())
        } else {
            None
        };
        let condition = if self.at_word("if") {
            self.bump();
            let condition = self.expr();
            if self.gave_up(before) {
                return None;
            }
            Some(condition)
        } else {
            None
        };
        let close = if self.peek() == close_kind {
            self.bump()
        } else {
            self.for_error(
                open,
                "The expression is complete before this, so its closing bracket should stand here.",
            );
            self.recover(close_kind)
        };
        let res = For {
            key_name,
            value_name,
            collection,
            key,
            value,
            group: ellipsis.is_some(),
            condition,
            open: self.span(open.start, introducer.end),
            close: self.span_of(close),
        };
        self.check_for(&res, open, ellipsis);
        Some(res)
    }

    fn check_for(&mut self, it: &For, open: Token, ellipsis: Option<Token>) {
        let context = self.span_of(open).to(it.close);
        let mut report = |subject: Span, detail: &str| {
            self.error(&code::INVALID_FOR, detail, subject, Some(context));
        };
        if open.kind == Kind::OpenBrace {
            if it.key.is_none() {
                report(
                    it.value.span,
                    "In braces, the result has a key: \"key => value\". For results without keys, use brackets ([]).",
                );
            }
            return;
        }
        if let Some(key) = &it.key {
            report(
                key.span,
                "In brackets, the result has no key. For results with keys, use braces ({}).",
            );
        }
        if let Some(ellipsis) = ellipsis {
            let subject = self.span_of(ellipsis);
            self.error(
                &code::INVALID_FOR,
                "Results can be grouped with \"...\" only by key, so only in braces ({}).",
                subject,
                Some(context),
            );
        }
    }

    // ---- steps ----

    /// The dots and brackets after a term.
    fn steps(&mut self, term: Expr) -> Expr {
        let start = term.span;
        let mut res = term;
        let mut wraps = 0;
        loop {
            res = match self.peek() {
                Kind::Dot => {
                    let dot = self.bump();
                    self.dot_step(res, dot)
                }
                Kind::OpenBracket => {
                    let open = self.bump();
                    if self.peek() == Kind::Star {
                        self.full_splat(res, open)
                    } else {
                        self.index(res, open, start)
                    }
                }
                _ => break,
            };
            // A splat or an index wraps what comes before it, so the tree gets deeper with each.
            if matches!(res.kind, ExprKind::Index(_) | ExprKind::Splat(_)) {
                if !self.enter() {
                    break;
                }
                wraps += 1;
            }
        }
        for _ in 0..wraps {
            self.leave();
        }
        res
    }

    fn dot_step(&mut self, source: Expr, dot: Token) -> Expr {
        match self.peek() {
            Kind::Ident => {
                let name = self.bump();
                let kind = StepKind::Attr(Text::new(self.slice(name)));
                let span = self.span(dot.start, name.end);
                with_step(source, Step { kind, span })
            }
            Kind::Number => {
                let step = self.legacy_index(dot);
                with_step(source, step)
            }
            Kind::Star => self.attribute_splat(source, dot),
            _ => {
                let here = self.here();
                self.error(
                    &code::INVALID_ATTRIBUTE_NAME,
                    "After a dot comes the name of an attribute.",
                    here,
                    None,
                );
                self.recovery = true;
                source
            }
        }
    }

    /// The number after a dot.
    fn legacy_index(&mut self, dot: Token) -> Step {
        let token = self.bump();
        let text = self.slice(token);
        if let Some((first, second)) = text.split_once('.') {
            let subject = self.span_of(token);
            self.error(&code::INVALID_LEGACY_INDEX, &format!("\"{text}\" reads as one number here. Write the two indexes in brackets: [{first}][{second}]."), subject, None);
        } else {
            self.check_number(token);
        }
        Step {
            kind: StepKind::Index(Text::new(text)),
            span: self.span(dot.start, token.end),
        }
    }

    /// `.*` and the attributes after it.
    fn attribute_splat(&mut self, source: Expr, dot: Token) -> Expr {
        let star = self.bump();
        let marker = self.span(dot.start, star.end);
        let mut each = Expr {
            kind: ExprKind::SplatItem,
            span: marker,
        };
        let mut end = marker;
        while self.peek() == Kind::Dot {
            let dot = self.bump();
            let step = match self.peek() {
                Kind::Number => self.legacy_index(dot),
                Kind::Ident => {
                    let name = self.bump();
                    Step {
                        kind: StepKind::Attr(Text::new(self.slice(name))),
                        span: self.span(dot.start, name.end),
                    }
                }
                other => {
                    if other == Kind::Star {
                        let here = self.here();
                        self.error_unless_recovering(
                            &code::NESTED_SPLAT,
                            "A splat of the form \".*\" cannot stand inside another. Use \"[*]\" for both.",
                            here,
                            None,
                        );
                    } else {
                        let here = self.span_of(star);
                        self.error_unless_recovering(
                            &code::INVALID_ATTRIBUTE_NAME,
                            "After a dot comes the name of an attribute.",
                            here,
                            None,
                        );
                    }
                    self.recovery = true;
                    return source;
                }
            };
            end = step.span;
            each = with_step(each, step);
        }
        Expr {
            span: source.span.to(end),
            kind: ExprKind::Splat(Box::new(Splat {
                source,
                each,
                full: false,
                marker,
            })),
        }
    }

    /// `[*]` and everything after it.
    fn full_splat(&mut self, source: Expr, open: Token) -> Expr {
        self.bump();
        let mut close = self.bump();
        if close.kind != Kind::CloseBracket && !self.recovery {
            close = self.unclosed_bracket(
                &code::UNCLOSED_SPLAT,
                "The star of \"[*]\" is followed by its closing bracket at once.",
                close,
            );
        }
        let marker = self.span(open.start, close.end);
        let item = Expr {
            kind: ExprKind::SplatItem,
            span: marker,
        };
        let each = if matches!(self.peek(), Kind::Dot | Kind::OpenBracket) && self.enter() {
            let each = self.steps(item);
            self.leave();
            each
        } else {
            item
        };
        Expr {
            span: source.span.to(each.span),
            kind: ExprKind::Splat(Box::new(Splat {
                source,
                each,
                full: true,
                marker,
            })),
        }
    }

    /// Goes to the next closing bracket. The message points there, as the reference's does, and a label to the place
    /// where the bracket should have been.
    fn unclosed_bracket(&mut self, code: &'static Code, detail: &str, bad: Token) -> Token {
        let expected = self.span_of(bad);
        let close = self.recover(Kind::CloseBracket);
        let at = self.span_of(close);
        self.report(
            Diagnostic::error(code, detail)
                .at(at)
                .label(expected, "the closing bracket should stand here"),
        );
        close
    }

    fn index(&mut self, source: Expr, open: Token, start: Span) -> Expr {
        let newlines = std::mem::replace(&mut self.newlines, false);
        let before = self.n_errors;
        let key = self.expr();
        let mut failed = self.gave_up(before);
        let close = if failed {
            self.recover(Kind::CloseBracket)
        } else {
            let close = self.bump();
            if close.kind != Kind::CloseBracket && !self.recovery {
                failed = true;
                self.unclosed_bracket(
                    &code::UNCLOSED_INDEX,
                    "An index is one expression between brackets, and its closing bracket (\"]\") is missing.",
                    close,
                )
            } else {
                close
            }
        };
        self.newlines = newlines;
        let brackets = self.span(open.start, close.end);
        if failed {
            return invalid(start.to(brackets));
        }
        let literal = match &key.kind {
            ExprKind::Number(text) => Some(StepKind::Index(text.clone())),
            ExprKind::Template(template) => template
                .literal()
                .map(|text| StepKind::Key(Text::new(text))),
            _ => None,
        };
        match literal {
            Some(kind) => with_step(
                source,
                Step {
                    kind,
                    span: brackets,
                },
            ),
            None => Expr {
                kind: ExprKind::Index(Box::new(Index {
                    collection: source,
                    key,
                    open: self.span_of(open),
                    brackets,
                })),
                span: start.to(brackets),
            },
        }
    }
}

/// An expression with one more literal step after it.
fn with_step(source: Expr, step: Step) -> Expr {
    let span = source.span.to(step.span);
    let kind = match source.kind {
        ExprKind::Traversal(mut it) => {
            push_step(&mut it.steps, step);
            ExprKind::Traversal(it)
        }
        ExprKind::Access(mut it) => {
            push_step(&mut it.steps, step);
            ExprKind::Access(it)
        }
        kind => ExprKind::Access(Box::new(Access {
            source: Expr {
                kind,
                span: source.span,
            },
            steps: vec![step],
        })),
    };
    Expr { kind, span }
}

/// Most references have one or two steps, so room for more is not made before it is needed.
fn push_step(steps: &mut Vec<Step>, step: Step) {
    if steps.len() < 4 {
        steps.reserve_exact(1);
    }
    steps.push(step);
}

/// A bare word as a key stands for itself.
fn object_key(key: Expr) -> ObjectKey {
    let span = key.span;
    let word = |name: &str| {
        ObjectKey::Word(Ident {
            name: Text::new(name),
            span,
        })
    };
    match key.kind {
        ExprKind::Null => word("null"),
        ExprKind::Bool(true) => word("true"),
        ExprKind::Bool(false) => word("false"),
        ExprKind::Traversal(it) if it.steps.is_empty() => ObjectKey::Word(it.root),
        kind => ObjectKey::Expr(Expr { kind, span }),
    }
}

/// Whether digits, dots and exponents make a number: `1`, `1.5`, `1.`, `1e-3`.
pub(crate) fn is_number(text: &str) -> bool {
    let is_whole = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    is_whole || is_fraction(text)
}

fn is_fraction(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |it: &str| it.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|it| {
        let it = it.strip_prefix('+').unwrap_or(it);
        it.parse::<i64>().is_ok()
    });
    !whole.is_empty() && digits(whole) && digits(fraction) && exponent_fits
}
