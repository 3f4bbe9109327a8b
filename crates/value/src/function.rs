//! What a function is: a row. The call protocol handles argument count, conversion, null, unknown and marks once.
//!
//! A body sees only what its parameters asked for: by default known, not-null, unmarked arguments of the parameter's
//! type. What it does not see is handled by [`call`]: the result is unknown, an error, or gets the marks.
//!
//! ```
//! use value::function::{Function, call, text};
//! use value::{Type, Value};
//!
//! let upper = Function::new("upper", "Converts all letters to upper case.")
//!     .takes([text("str")])
//!     .gives(Type::String)
//!     .not_null()
//!     .body(|call| Ok(call.text(0).to_uppercase().into()))
//!     .example(r#"upper("hello")"#, r#""HELLO""#);
//! let res = call(&upper, &[Value::from("hello")], &value::function::NoWorld);
//! assert_eq!(res, Ok(Value::from("HELLO")));
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{ConvertError, Marks, Number, Path, Plain, Type, Unknown, Value, convert, ops, walk};

/// What a function may look at beside its arguments: files, the time, randomness, other functions.
/// Implemented by `lang`, which knows the scope; a function without need of it ignores it.
pub trait World {
    /// Reads a whole file, relative to the working directory of the run.
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String>;
    /// Whether a regular file is there; `Err` where something else is.
    fn file_exists(&self, path: &str) -> Result<bool, String>;
    /// The files below a directory, relative to it, with `/`, sorted.
    fn list_files(&self, directory: &str) -> Result<Vec<String>, String>;
    /// As [`World::list_files`], but only those of which the path has so many parts at most, so that it need not look
    /// into directories further down. May give more.
    fn list_files_within(&self, directory: &str, _parts: usize) -> Result<Vec<String>, String> {
        self.list_files(directory)
    }
    /// An absolute form of a path.
    fn absolute(&self, path: &str) -> String;
    /// The home directory, for `pathexpand`.
    fn home(&self) -> Option<String>;
    /// RFC 3339 in UTC; `None` while planning, when the result is unknown.
    fn now(&self) -> Option<String>;
    /// RFC 3339 in UTC, the same during plan and apply (`plantimestamp`); `None` where there is none yet.
    fn plan_time(&self) -> Option<String>;
    /// Random bytes; `None` while planning, when the result is unknown.
    fn random(&self, bytes: &mut [u8]) -> bool;
    /// Renders a template text with variables (`templatefile`, `templatestring`).
    fn render(&self, name: &str, text: &str, vars: &Value) -> Result<Value, CallError>;
}

/// A world in which there is nothing: no files, no time, no randomness. For tests and for functions that need none.
#[derive(Debug, Clone, Copy)]
pub struct NoWorld;

impl World for NoWorld {
    fn read_file(&self, _path: &str) -> Result<Vec<u8>, String> {
        Err("there are no files here".to_owned())
    }

    fn file_exists(&self, _path: &str) -> Result<bool, String> {
        Ok(false)
    }

    fn list_files(&self, _directory: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }

    fn absolute(&self, path: &str) -> String {
        path.to_owned()
    }

    fn home(&self) -> Option<String> {
        None
    }

    fn now(&self) -> Option<String> {
        None
    }

    fn plan_time(&self) -> Option<String> {
        None
    }

    fn random(&self, _bytes: &mut [u8]) -> bool {
        false
    }

    fn render(&self, _name: &str, _text: &str, _vars: &Value) -> Result<Value, CallError> {
        Err(CallError::new("templates cannot be rendered here"))
    }
}

/// A parameter. Made by [`text`], [`number`], [`flag`], [`any`] or [`param`].
#[derive(Debug, Clone)]
pub struct Param {
    /// The name, for messages and documentation.
    pub name: &'static str,
    /// What it takes; arguments are converted to it.
    pub ty: Type,
    /// Null is passed to the body; else it is an error.
    pub null: bool,
    /// Unknowns are passed to the body; else the result is unknown without a call. Only the argument itself counts:
    /// a known list with unknown elements is passed in any case (see [`Call::wholly_known`]).
    pub unknown: bool,
    /// Values of unknown type are passed to the body; else the result is of unknown type without a call.
    pub dynamic: bool,
    /// Marks are passed to the body; else they are taken off and put on the result.
    pub marks: bool,
}

/// A parameter of a type.
pub fn param(name: &'static str, ty: Type) -> Param {
    Param {
        name,
        ty,
        null: false,
        unknown: false,
        dynamic: false,
        marks: false,
    }
}

/// A string parameter.
pub fn text(name: &'static str) -> Param {
    param(name, Type::String)
}

/// A number parameter.
pub fn number(name: &'static str) -> Param {
    param(name, Type::Number)
}

/// A bool parameter.
pub fn flag(name: &'static str) -> Param {
    param(name, Type::Bool)
}

/// A parameter of any type.
pub fn any(name: &'static str) -> Param {
    param(name, Type::Dynamic)
}

/// A parameter that is a list of a type.
pub fn list_of(name: &'static str, element: Type) -> Param {
    param(name, Type::list(element))
}

/// A parameter that is a set of a type.
pub fn set_of(name: &'static str, element: Type) -> Param {
    param(name, Type::set(element))
}

/// A parameter that is a map of a type.
pub fn map_of(name: &'static str, element: Type) -> Param {
    param(name, Type::map(element))
}

impl Param {
    /// The body is given null too.
    pub fn or_null(mut self) -> Param {
        self.null = true;
        self
    }

    /// The body is given unknowns too.
    pub fn or_unknown(mut self) -> Param {
        self.unknown = true;
        self
    }

    /// The body is given values of unknown type too (with [`Param::or_unknown`], also unknown values of unknown type).
    pub fn or_dynamic(mut self) -> Param {
        self.dynamic = true;
        self
    }

    /// The body is given the marks, and puts them on the result itself.
    pub fn with_marks(mut self) -> Param {
        self.marks = true;
        self
    }
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq)]
pub struct CallError {
    /// Which argument, from 0, where one is to blame.
    pub argument: Option<usize>,
    /// Where inside it.
    pub path: Path,
    /// Why, in a sentence. Holds no secret: bodies format values only through [`crate::show`].
    pub reason: String,
}

impl CallError {
    /// A failure that is no single argument's fault.
    pub fn new(reason: impl Into<String>) -> CallError {
        CallError {
            argument: None,
            path: Path::root(),
            reason: reason.into(),
        }
    }

    /// A failure that is the fault of one argument, counted from 0.
    pub fn at(argument: usize, reason: impl Into<String>) -> CallError {
        CallError {
            argument: Some(argument),
            path: Path::root(),
            reason: reason.into(),
        }
    }

    /// The same, at a place inside the argument.
    pub fn inside(mut self, path: Path) -> CallError {
        self.path = path;
        self
    }
}

impl From<ConvertError> for CallError {
    fn from(it: ConvertError) -> Self {
        CallError::new(it.reason).inside(it.path)
    }
}

impl From<ops::OpError> for CallError {
    fn from(it: ops::OpError) -> Self {
        CallError::new(it.reason)
    }
}

/// What type a function's result has.
#[derive(Debug, Clone)]
pub enum Returns {
    /// Always this one.
    Always(Type),
    /// One that depends on the arguments' types, or on their values. Given what the body is given, but unknowns in any
    /// case; [`Type::Dynamic`] where it depends on something unknown.
    From(fn(&[Value]) -> Result<Type, CallError>),
}

/// What the body of a function is given.
pub struct Call<'a> {
    /// The arguments, those of the variadic parameter after the others.
    pub args: &'a [Value],
    /// The type that the result is to have.
    pub returns: &'a Type,
    /// What is outside.
    pub world: &'a dyn World,
}

/// The body of a function.
pub type Body = fn(&Call<'_>) -> Result<Value, CallError>;

/// A function that expressions can call: a row of a table.
#[derive(Clone)]
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Parameters in order.
    pub params: Vec<Param>,
    /// What further arguments are checked against.
    pub variadic: Option<Param>,
    /// The type of the result.
    pub returns: Returns,
    /// The result is never null, also where it is unknown.
    pub not_null: bool,
    /// What it does.
    pub body: Body,
    /// Expressions and what they give, each tested: `upper("a")`, `"A"`.
    pub examples: Vec<(&'static str, &'static str)>,
}

impl Function {
    /// A function without parameters and without a body, to be completed with the methods below.
    pub fn new(name: &'static str, doc: &'static str) -> Function {
        Function {
            name,
            doc,
            params: Vec::new(),
            variadic: None,
            returns: Returns::Always(Type::Dynamic),
            not_null: false,
            body: |_| Err(CallError::new("the function has no body")),
            examples: Vec::new(),
        }
    }

    /// With these parameters.
    pub fn takes(mut self, params: impl IntoIterator<Item = Param>) -> Function {
        self.params = params.into_iter().collect();
        self
    }

    /// With any number of further arguments, none included.
    pub fn takes_more(mut self, param: Param) -> Function {
        self.variadic = Some(param);
        self
    }

    /// Giving a type that is always the same.
    pub fn gives(mut self, ty: Type) -> Function {
        self.returns = Returns::Always(ty);
        self
    }

    /// Giving a type that depends on the arguments.
    pub fn gives_by(mut self, returns: fn(&[Value]) -> Result<Type, CallError>) -> Function {
        self.returns = Returns::From(returns);
        self
    }

    /// Never giving null.
    pub fn not_null(mut self) -> Function {
        self.not_null = true;
        self
    }

    /// Doing this.
    pub fn body(mut self, body: Body) -> Function {
        self.body = body;
        self
    }

    /// With an example that the tests run: an expression, and what the console prints for it.
    pub fn example(mut self, expression: &'static str, gives: &'static str) -> Function {
        self.examples.push((expression, gives));
        self
    }

    /// The parameter that an argument is checked against; `None` where there are too many arguments.
    pub fn param(&self, argument: usize) -> Option<&Param> {
        self.params.get(argument).or(self.variadic.as_ref())
    }
}

impl Call<'_> {
    /// How many arguments there are.
    pub fn count(&self) -> usize {
        self.args.len()
    }

    /// An argument; null where there is none.
    pub fn arg(&self, at: usize) -> Value {
        self.args
            .get(at)
            .cloned()
            .unwrap_or_else(|| Value::null(Type::Dynamic))
    }

    /// The text of a string argument; empty where it is null, unknown or missing.
    pub fn text(&self, at: usize) -> &str {
        self.args.get(at).and_then(Value::as_str).unwrap_or("")
    }

    /// A bool argument; false where it is null, unknown or missing.
    pub fn flag(&self, at: usize) -> bool {
        self.args.get(at).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A number argument; 0 where it is null, unknown or missing.
    pub fn number(&self, at: usize) -> Number {
        self.args
            .get(at)
            .and_then(Value::as_number)
            .cloned()
            .unwrap_or_else(|| Number::from(0i64))
    }

    /// A number argument that has to be whole and to fit 64 bits.
    pub fn whole(&self, at: usize) -> Result<i64, CallError> {
        let number = self.number(at);
        number.to_i64().ok_or_else(|| {
            CallError::at(
                at,
                if number.is_whole() {
                    "the number is too large"
                } else {
                    "a whole number is required"
                },
            )
        })
    }

    /// The elements of a list, set or tuple argument; none where it is null, unknown or missing.
    pub fn elements(&self, at: usize) -> &[Value] {
        self.args.get(at).and_then(Value::elements).unwrap_or(&[])
    }

    /// The entries of a map or object argument; none where it is null, unknown or missing.
    pub fn entries(&self, at: usize) -> &BTreeMap<Arc<str>, Value> {
        static NONE: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        self.args.get(at).and_then(Value::entries).unwrap_or(&NONE)
    }

    /// Whether nothing in any argument is unknown. Bodies that look into elements begin with it:
    /// `if !call.wholly_known() { return Ok(call.unknown()) }`.
    pub fn wholly_known(&self) -> bool {
        self.args.iter().all(Value::is_wholly_known)
    }

    /// An unknown of the result's type.
    pub fn unknown(&self) -> Value {
        Value::unknown(self.returns.clone())
    }
}

/// The type of a call's result, without calling: for checks before anything is known.
pub fn result_type(function: &Function, args: &[Value]) -> Result<Type, CallError> {
    Ok(prepare(function, args)?.returns)
}

/// Calls a function: checks the argument count, converts, handles null, unknown and marks as the parameters say, and
/// calls the body where it can be.
pub fn call(function: &Function, args: &[Value], world: &dyn World) -> Result<Value, CallError> {
    let Prepared {
        args,
        marks,
        returns,
        skip,
    } = prepare(function, args)?;
    let res = if skip {
        Value::unknown(returns)
    } else {
        (function.body)(&Call {
            args: &args,
            returns: &returns,
            world,
        })?
    };
    Ok(refined(res, function.not_null).mark(marks))
}

/// Arguments as the body may see them.
struct Prepared {
    args: Vec<Value>,
    /// The marks taken off.
    marks: Marks,
    returns: Type,
    /// Something is unknown that the body does not take.
    skip: bool,
}

fn prepare(function: &Function, args: &[Value]) -> Result<Prepared, CallError> {
    if args.len() < function.params.len() {
        return Err(CallError::new(format!(
            "{} needs a value for \"{}\" as well",
            function.name,
            function.params.get(args.len()).map_or("", |it| it.name)
        )));
    }
    let mut res = Prepared {
        args: Vec::with_capacity(args.len()),
        marks: Marks::NONE,
        returns: Type::Dynamic,
        skip: false,
    };
    let mut typeless = false;
    let mut null = None;
    for (at, arg) in args.iter().enumerate() {
        let Some(param) = function.param(at) else {
            return Err(CallError::at(
                at,
                format!(
                    "there is no parameter for it: {} takes {}",
                    function.name, at
                ),
            ));
        };
        let mut arg = convert(arg, &param.ty).map_err(|it| CallError {
            argument: Some(at),
            path: it.path,
            reason: it.reason,
        })?;
        if !param.marks {
            let marks = arg.deep_marks();
            if !marks.is_empty() {
                res.marks = res.marks.union(marks);
                arg = walk::unmark_deep(&arg).0;
            }
        }
        if arg.is_null() && !param.null {
            null = null.or(Some(at));
        }
        if arg.ty() == Type::Dynamic && !param.dynamic {
            typeless = true;
            res.skip = true;
        }
        if !arg.is_known() && !param.unknown {
            res.skip = true;
        }
        res.args.push(arg);
    }
    if let Some(at) = null {
        return Err(CallError::at(at, "it must not be null"));
    }
    res.returns = match &function.returns {
        _ if typeless => Type::Dynamic,
        Returns::Always(ty) => ty.clone(),
        Returns::From(returns) => returns(&res.args)?,
    };
    Ok(res)
}

/// Says of an unknown result what is known of all results.
fn refined(value: Value, not_null: bool) -> Value {
    if !not_null {
        return value;
    }
    let (plain, marks) = value.split();
    let plain = match plain {
        Plain::Unknown(unknown) if unknown.ty != Type::Dynamic => {
            Plain::Unknown(Box::new(Unknown::not_null(*unknown)))
        }
        plain => plain,
    };
    Value::new(plain).mark(marks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mark;

    fn upper() -> Function {
        Function::new("upper", "Upper case.")
            .takes([text("str")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(call.text(0).to_uppercase().into()))
    }

    fn check(function: &Function, args: &[Value], expected: Result<Value, &str>) {
        let res = call(function, args, &NoWorld);
        assert_eq!(res.map_err(|it| it.reason), expected.map_err(str::to_owned));
    }

    #[test]
    fn arguments_are_converted() {
        check(&upper(), &[Value::from("a")], Ok(Value::from("A")));
        check(&upper(), &[Value::from(true)], Ok(Value::from("TRUE")));
        check(
            &upper(),
            &[Value::tuple(vec![])],
            Err("a string is required, not a tuple"),
        );
    }

    #[test]
    fn arguments_are_counted() {
        check(
            &upper(),
            &[],
            Err("upper needs a value for \"str\" as well"),
        );
        check(
            &upper(),
            &[Value::from("a"), Value::from("b")],
            Err("there is no parameter for it: upper takes 1"),
        );
    }

    #[test]
    fn null_is_refused_unless_asked_for() {
        check(
            &upper(),
            &[Value::null(Type::String)],
            Err("it must not be null"),
        );
        let is_null = Function::new("is_null", "")
            .takes([any("it").or_null().or_dynamic()])
            .gives(Type::Bool)
            .body(|call| Ok(call.arg(0).is_null().into()));
        check(&is_null, &[Value::null(Type::Dynamic)], Ok(true.into()));
    }

    #[test]
    fn unknown_gives_unknown_of_the_type() {
        let not_null = Value::new(Plain::Unknown(Box::new(
            Unknown::of(Type::String).not_null(),
        )));
        check(
            &upper(),
            &[Value::unknown(Type::String)],
            Ok(not_null.clone()),
        );
        check(&upper(), &[Value::dynamic()], Ok(not_null));
        let same = Function::new("same", "")
            .takes([any("it")])
            .gives_by(|args| Ok(args[0].ty()))
            .body(|call| Ok(call.arg(0)));
        check(&same, &[Value::dynamic()], Ok(Value::dynamic()));
        check(
            &same,
            &[Value::unknown(Type::Bool)],
            Ok(Value::unknown(Type::Bool)),
        );
    }

    #[test]
    fn marks_go_around_the_body() {
        let secret = Value::from("a").mark(Mark::Sensitive);
        check(
            &upper(),
            std::slice::from_ref(&secret),
            Ok(Value::from("A").mark(Mark::Sensitive)),
        );
        let join = Function::new("join", "")
            .takes([list_of("parts", Type::String)])
            .takes_more(text("more"))
            .gives(Type::String)
            .body(|call| Ok(call.elements(0).len().to_string().into()));
        let res = call(
            &join,
            &[
                Value::tuple(vec![secret]),
                Value::unknown(Type::String).mark(Mark::Ephemeral),
            ],
            &NoWorld,
        );
        assert_eq!(
            res.map(|it| (it.is_known(), it.marks())),
            Ok((false, Marks::SENSITIVE.union(Marks::EPHEMERAL)))
        );
    }
}
