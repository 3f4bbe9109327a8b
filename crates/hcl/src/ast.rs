//! The tree: plain structs with spans, the same for native and JSON syntax.
//!
//! Strip markers, heredoc indentation, escapes and comments are resolved while parsing; what formatting needs is in
//! the tokens (`lex`), not here.

use compact_str::CompactString;
use diag::{SourceId, Span};

/// A name or a short text; up to 24 bytes live without an allocation.
pub type Text = CompactString;

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub name: Text,
    /// Where.
    pub span: Span,
}

/// One source text.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Which.
    pub source: SourceId,
    /// What stands at its top level.
    pub body: Body,
}

/// Which syntax a body was written in; JSON bodies hold only attributes until
/// [`crate::json::with_blocks`] is told which of them are blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// HCL's own syntax.
    Native,
    /// JSON: each property is an attribute, strings are templates.
    Json,
}

/// Attributes and blocks, each in the order of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Native or JSON.
    pub syntax: Syntax,
    /// `name = expr`. Names are unique in native syntax (a repetition is reported and dropped).
    pub attributes: Vec<Attribute>,
    /// `type "label" { … }`.
    pub blocks: Vec<Block>,
    /// Everything between the braces, or the whole file.
    pub span: Span,
    /// Where a missing argument is reported: before the opening brace (native), or the closing brace (JSON).
    pub end: Span,
}

/// `name = expr`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name; in JSON the property's, whose span includes the quotes.
    pub name: Ident,
    /// The value.
    pub expr: Expr,
}

impl Attribute {
    /// From the name to the end of the expression.
    pub fn span(&self) -> Span {
        self.name.span.to(self.expr.span)
    }
}

/// `type "label" "label" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The type.
    pub kind: Ident,
    /// The labels; quoted ones have spans that include the quotes.
    pub labels: Vec<Ident>,
    /// The body.
    pub body: Body,
    /// The opening brace.
    pub open: Span,
    /// The closing brace.
    pub close: Span,
}

impl Block {
    /// From the type to the last label: what messages point to. In JSON, where those stand apart, the opening brace.
    pub fn header(&self) -> Span {
        if self.body.syntax == Syntax::Json {
            return self.open;
        }
        self.labels
            .last()
            .map_or(self.kind.span, |it| self.kind.span.to(it.span))
    }

    /// From the type to the closing brace; in JSON, from brace to brace.
    pub fn span(&self) -> Span {
        if self.body.syntax == Syntax::Json {
            return self.open.to(self.close);
        }
        self.kind.span.to(self.close)
    }
}

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Text that did not parse; reported already. Evaluates to an unknown of any type.
    Invalid,
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number literal as written: `1.50`, `1e3`. Never signed.
    Number(Text),
    /// A quoted text, a heredoc, or a JSON string.
    Template(Box<Template>),
    /// `[a, b]`.
    Tuple(Vec<Expr>),
    /// `{ a = b, (c) = d }`.
    Object(Vec<ObjectItem>),
    /// `var.a["b"][0].c`: a name followed by steps with literal keys.
    Traversal(Box<Traversal>),
    /// Attribute steps (and legacy or literal indexes) after anything that is not a name: `f(x).a[0]`.
    Access(Box<Access>),
    /// `a[expr]` where the key is not a literal.
    Index(Box<Index>),
    /// `a[*].b` or `a.*.b`.
    Splat(Box<Splat>),
    /// The element that a splat is at; only inside [`Splat::each`].
    SplatItem,
    /// `f(a, b...)`.
    Call(Box<Call>),
    /// `-a`, `!a`.
    Unary(Box<Unary>),
    /// `a + b`.
    Binary(Box<Binary>),
    /// `a ? b : c`.
    Conditional(Box<Conditional>),
    /// `[for …]` or `{for …}`.
    For(Box<For>),
    /// `(a)`. Kept: it stops traversals from joining, and turns an object key into an expression.
    Paren(Box<Expr>),
}

/// A quoted text, a heredoc, or a JSON string, in parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// How it was written.
    pub form: TemplateForm,
    /// Literals and sequences in order; empty for `""`. Neighbouring literals are one part. A literal
    /// can be empty where a strip marker left nothing of it: the template still gives a string then.
    pub parts: Vec<Part>,
}

/// How a template was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateForm {
    /// `"…"`.
    Quoted,
    /// `<<EOT` or `<<-EOT` (whose indentation is removed while parsing).
    Heredoc,
    /// A JSON string, or a template file.
    Bare,
}

impl Template {
    /// The text, if it has no sequences.
    pub fn literal(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text, _) => Some(text.as_str()),
                Part::Interpolation(_) | Part::If(_) | Part::For(_) => None,
            })
            .collect()
    }
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text, escapes resolved.
    Literal(Text, Span),
    /// `${…}`.
    Interpolation(Box<Interpolation>),
    /// `%{ if … }…%{ else }…%{ endif }`.
    If(Box<IfDirective>),
    /// `%{ for … in … }…%{ endfor }`.
    For(Box<ForDirective>),
}

/// `${ expr }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolation {
    /// What is inserted.
    pub expr: Expr,
    /// With its markers.
    pub span: Span,
}

/// `%{ if cond }then%{ else }otherwise%{ endif }`.
#[derive(Debug, Clone, PartialEq)]
pub struct IfDirective {
    /// The condition.
    pub condition: Expr,
    /// What it gives if true.
    pub then: Vec<Part>,
    /// What it gives if false; empty where there is no `else`.
    pub otherwise: Vec<Part>,
    /// From the first marker to the end of the last.
    pub span: Span,
}

/// `%{ for key, value in collection }body%{ endfor }`.
#[derive(Debug, Clone, PartialEq)]
pub struct ForDirective {
    /// The first name of two.
    pub key: Option<Ident>,
    /// The only or second name.
    pub value: Ident,
    /// What is walked.
    pub collection: Expr,
    /// What is repeated.
    pub body: Vec<Part>,
    /// From the first marker to the end of the last.
    pub span: Span,
}

/// `key = value` or `key: value` in an object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectItem {
    /// The key.
    pub key: ObjectKey,
    /// The value.
    pub value: Expr,
}

/// The key of an object item.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectKey {
    /// A bare word, which stands for itself: `a = 1`. (Also `null`, `true`, `for`.)
    Word(Ident),
    /// Anything else: `"a"`, `(a)`, `"${a}"`, `1`. A bare traversal `a.b = 1` is one too, refused when evaluated.
    Expr(Expr),
}

impl ObjectKey {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            ObjectKey::Word(ident) => ident.span,
            ObjectKey::Expr(expr) => expr.span,
        }
    }
}

/// A name and steps: `var.a["b"][0]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Traversal {
    /// The first name.
    pub root: Ident,
    /// The steps after it.
    pub steps: Vec<Step>,
}

/// One step of a traversal.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it selects.
    pub kind: StepKind,
    /// With its dot or brackets.
    pub span: Span,
}

/// What a step selects.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// `.name`.
    Attr(Text),
    /// `[0]`, or `.0` (legacy). The number as written.
    Index(Text),
    /// `["key"]`, escapes resolved.
    Key(Text),
}

/// Literal steps after an expression that is not a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// What is accessed.
    pub source: Expr,
    /// At least one step.
    pub steps: Vec<Step>,
}

/// `collection[key]` where the key is not a literal.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// What is indexed.
    pub collection: Expr,
    /// The key.
    pub key: Expr,
    /// The opening bracket.
    pub open: Span,
    /// From bracket to bracket.
    pub brackets: Span,
}

/// `source[*].each` or `source.*.each`.
#[derive(Debug, Clone, PartialEq)]
pub struct Splat {
    /// What is walked.
    pub source: Expr,
    /// What is taken of each element: an expression over [`ExprKind::SplatItem`].
    pub each: Expr,
    /// `[*]` (true) or `.*` (false).
    pub full: bool,
    /// The marker `[*]` or `.*`.
    pub marker: Span,
}

/// `f(a, b...)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The name with its namespaces: `provider::terraform::encode_expr`.
    pub name: Ident,
    /// The arguments.
    pub args: Vec<Expr>,
    /// Whether the last argument is followed by `...`.
    pub expand: bool,
    /// `(`.
    pub open: Span,
    /// `)`.
    pub close: Span,
}

/// An operator before its operand.
#[derive(Debug, Clone, PartialEq)]
pub struct Unary {
    /// Which.
    pub op: UnaryOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// Its operand.
    pub operand: Expr,
}

/// An operator between its operands.
///
/// Chains of 10,000 operators are legal, and lean to the left, so whoever walks them goes down the left side in a
/// loop ([`Binary::chain`]) and not by recursion. Dropping, cloning, comparing and printing them do so.
pub struct Binary {
    /// Which.
    pub op: BinaryOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// Left.
    pub left: Expr,
    /// Right.
    pub right: Expr,
}

impl Binary {
    /// The operators of a chain from the outermost, which is the last of the text, to the innermost, each being the
    /// left operand of the one before it. The last one's `left` is the first operand.
    pub fn chain(&self) -> Vec<&Binary> {
        let mut res = vec![self];
        let mut here = self;
        while let ExprKind::Binary(next) = &here.left.kind {
            res.push(next);
            here = next;
        }
        res
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        let mut left = std::mem::replace(&mut self.left.kind, ExprKind::Invalid);
        while let ExprKind::Binary(mut it) = left {
            left = std::mem::replace(&mut it.left.kind, ExprKind::Invalid);
        }
    }
}

impl Clone for Binary {
    fn clone(&self) -> Self {
        let links = self.chain();
        let first = links.last().map_or(&self.left, |it| &it.left);
        let mut left = first.clone();
        for it in links.iter().skip(1).rev() {
            left = Expr {
                span: left.span.to(it.right.span),
                kind: ExprKind::Binary(Box::new(Binary {
                    op: it.op,
                    op_span: it.op_span,
                    left,
                    right: it.right.clone(),
                })),
            };
        }
        Binary {
            op: self.op,
            op_span: self.op_span,
            left: Expr {
                span: self.left.span,
                kind: left.kind,
            },
            right: self.right.clone(),
        }
    }
}

impl PartialEq for Binary {
    fn eq(&self, other: &Self) -> bool {
        let (mut left, mut right) = (self, other);
        loop {
            if left.op != right.op
                || left.op_span != right.op_span
                || left.right != right.right
                || left.left.span != right.left.span
            {
                return false;
            }
            match (&left.left.kind, &right.left.kind) {
                (ExprKind::Binary(l), ExprKind::Binary(r)) => (left, right) = (l, r),
                (l, r) => return l == r,
            }
        }
    }
}

impl std::fmt::Debug for Binary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let links = self.chain();
        let mut list = f.debug_list();
        list.entry(links.last().map_or(&self.left, |it| &it.left));
        for it in links.iter().rev() {
            list.entry(&(it.op, it.op_span)).entry(&it.right);
        }
        list.finish()
    }
}

/// `-`, `!`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`.
    Negate,
    /// `!`.
    Not,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `||`.
    Or,
    /// `&&`.
    And,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Modulo,
}

/// `condition ? then : otherwise`.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditional {
    /// The condition.
    pub condition: Expr,
    /// The value if true.
    pub then: Expr,
    /// The value if false.
    pub otherwise: Expr,
}

/// `[for k, v in coll : value if cond]` or `{for k, v in coll : key => value... if cond}`.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// The first name of two.
    pub key_name: Option<Ident>,
    /// The only or second name.
    pub value_name: Ident,
    /// What is walked.
    pub collection: Expr,
    /// The key of each result; makes it an object.
    pub key: Option<Expr>,
    /// The value of each result.
    pub value: Expr,
    /// Whether values of equal keys are grouped (`...`).
    pub group: bool,
    /// The filter.
    pub condition: Option<Expr>,
    /// The opening bracket with `for`: what messages point to.
    pub open: Span,
    /// The closing bracket.
    pub close: Span,
}
