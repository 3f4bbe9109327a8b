//! Expression to value.

use diag::Diagnostics;
use hcl::Expr;
use value::{Type, Value};

use crate::Scope;

/// The value of an expression. Each mistake is reported once, at the part to blame, and that part gives an unknown.
pub fn eval(expr: &Expr, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
    let _ = (expr, scope, diags);
    Value::dynamic()
}

/// The value of an expression, converted to a type; a value that does not convert is reported.
pub fn eval_as(expr: &Expr, ty: &Type, scope: &dyn Scope, diags: &mut Diagnostics) -> Value {
    let _ = (expr, ty, scope, diags);
    Value::dynamic()
}
