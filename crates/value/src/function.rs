//! What a function is: a row. The call protocol handles unknown, null, marks, conversion and argument count once.

use crate::{Type, Value};

/// What a function may look at beside its arguments: files, the time, randomness, other functions.
/// Implemented by `lang`, which knows the scope; a function without need of it ignores it.
pub trait World {
    /// Reads a whole file, relative to the working directory of the run.
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String>;
    /// Whether a regular file is there; `Err` where something else is.
    fn file_exists(&self, path: &str) -> Result<bool, String>;
    /// The files below a directory, relative to it, with `/`, sorted.
    fn list_files(&self, directory: &str) -> Result<Vec<String>, String>;
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

/// A parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// The name, for messages and documentation.
    pub name: &'static str,
    /// What it takes; arguments are converted to it.
    pub ty: Type,
    /// Null is passed to the body; else it is an error.
    pub null: bool,
    /// Unknowns are passed to the body; else the result is unknown without a call.
    pub unknown: bool,
    /// Unknowns of unknown type are passed to the body.
    pub dynamic: bool,
    /// Marks are passed to the body; else they are taken off and put on the result.
    pub marks: bool,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq)]
pub struct CallError {
    /// Which argument, from 0, where one is to blame.
    pub argument: Option<usize>,
    /// Where inside it.
    pub path: crate::Path,
    /// Why, in a sentence. Holds no secret: bodies format values only through [`crate::show`].
    pub reason: String,
}

/// A function that expressions can call: a row of a table.
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Parameters in order.
    pub params: Vec<Param>,
    /// What further arguments are checked against.
    pub variadic: Option<Param>,
    /// The type of the result from those of the arguments (and their values where the type depends on them).
    pub returns: fn(&[Value]) -> Result<Type, CallError>,
    /// What it does.
    pub body: fn(&[Value], &Type, &dyn World) -> Result<Value, CallError>,
    /// An expression and what it gives, each tested: `upper("a")`, `"A"`.
    pub examples: &'static [(&'static str, &'static str)],
}
