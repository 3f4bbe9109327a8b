//! How Dokploy says no.

use serde_json::{Map, Value, json};

use crate::db::DbError;
use crate::field::Issue;
use crate::message::Response;
use crate::settings::Version;

/// The kinds of error, by Dokploy's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    Unsupported,
    Internal,
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Code::BadRequest => "BAD_REQUEST",
            Code::Unauthorized => "UNAUTHORIZED",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::Unsupported => "UNSUPPORTED_MEDIA_TYPE",
            Code::Internal => "INTERNAL_SERVER_ERROR",
        }
    }

    fn status(self) -> u16 {
        match self {
            Code::BadRequest => 400,
            Code::Unauthorized => 401,
            Code::Forbidden => 403,
            Code::NotFound => 404,
            Code::Unsupported => 415,
            Code::Internal => 500,
        }
    }
}

/// An error that a procedure answers with.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) message: String,
    issues: Vec<Issue>,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
            issues: Vec::new(),
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Failure {
        Failure::new(Code::BadRequest, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Failure {
        Failure::new(Code::NotFound, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Failure {
        Failure::new(Code::Unauthorized, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Failure {
        Failure::new(Code::Forbidden, message)
    }

    /// Input that validation refused: all problems at once.
    pub(crate) fn invalid(issues: Vec<Issue>) -> Failure {
        let message = "Input validation failed".to_owned();
        Failure {
            code: Code::BadRequest,
            message,
            issues,
        }
    }

    /// The same error as a bad request with words in front of its message, as routers do that catch and rethrow.
    pub(crate) fn wrapped(self, prefix: &str) -> Failure {
        Failure::bad_request(format!("{prefix}{}", self.message))
    }

    /// The response. The path is missing for procedures that do not exist: that is how clients tell them from
    /// objects that do not.
    pub(crate) fn response(&self, version: Version, path: Option<&str>) -> Response {
        let mut body = Map::new();
        body.insert("message".to_owned(), json!(self.message));
        body.insert("code".to_owned(), json!(self.code.name()));
        if version >= Version::V0_30_2 {
            let mut data = Map::new();
            data.insert("code".to_owned(), json!(self.code.name()));
            data.insert("httpStatus".to_owned(), json!(self.code.status()));
            if let Some(path) = path {
                data.insert("path".to_owned(), json!(path));
            }
            data.insert("zodError".to_owned(), self.zod_error());
            body.insert("data".to_owned(), Value::Object(data));
        }
        if !self.issues.is_empty() {
            let issues = self.issues.iter().map(|it| it.detail.clone()).collect();
            body.insert("issues".to_owned(), Value::Array(issues));
        }
        Response::json(self.code.status(), &Value::Object(body))
    }

    fn zod_error(&self) -> Value {
        if self.issues.is_empty() {
            return Value::Null;
        }
        let mut by_field = Map::new();
        for issue in &self.issues {
            let messages = by_field.entry(issue.field).or_insert_with(|| json!([]));
            if let Value::Array(messages) = messages {
                messages.push(json!(issue.message));
            }
        }
        json!({"formErrors": [], "fieldErrors": by_field})
    }
}

/// Database errors that a router does not catch come out as they are, SQL and values included.
impl From<DbError> for Failure {
    fn from(error: DbError) -> Failure {
        Failure::new(Code::Internal, error.0)
    }
}
