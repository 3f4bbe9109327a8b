//! From HTTP to a call of a procedure and back: routing, authentication, bodies, in the order of the real server.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::db::{self, Db, Row};
use crate::failure::{Code, Failure};
use crate::field::{self, Source};
use crate::message::{Request, Response};
use crate::procedure::{Caller, Kind, Procedure, Reply, Session};
use crate::routers;
use crate::routers::{organization, user};
use crate::settings::Version;

/// Next.js refuses bodies above this.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

/// The answer of a server that is well.
pub(crate) fn answer(db: &mut Db, request: &Request) -> Response {
    let path = request.path.as_str();
    if !path.starts_with("/api/") {
        let page = "<!DOCTYPE html><html><title>404: This page could not be found</title></html>";
        return Response::text(404, "text/html; charset=utf-8", page);
    }
    if let Some(without) = path.strip_suffix('/') {
        let headers = vec![("location".to_owned(), without.to_owned())];
        return Response {
            status: 308,
            headers,
            body: without.into(),
            cut: false,
        };
    }
    if request.body.len() > BODY_LIMIT {
        return plain(413, "Body exceeded 1mb limit");
    }
    let Ok(body) = json_body(request) else {
        return plain(400, "Invalid JSON");
    };
    if path == "/api/health" {
        return Response::text(200, "application/json; charset=utf-8", "{\"ok\":true}");
    }
    let key = request.header("x-api-key").unwrap_or_default();
    if user::verify(db, key).is_none() {
        return bare_401();
    }
    if request.method == "HEAD" {
        return Response {
            status: 204,
            headers: Vec::new(),
            body: Vec::new(),
            cut: false,
        };
    }
    let version = db.settings.version;
    let Some(procedure) = identify(request, version) else {
        return Failure::not_found("Not found").response(version, None);
    };
    match call(db, procedure, request, body) {
        Ok(Reply::Json(value)) => Response::json(200, &value),
        Ok(Reply::Empty) => Response::text(200, "application/json", ""),
        Err(failure) => failure.response(version, Some(procedure.name)),
    }
}

/// The reply to a key that is missing, wrong, used up, or cannot be looked up: it does not say which.
pub(crate) fn bare_401() -> Response {
    Response::text(
        401,
        "application/json; charset=utf-8",
        "{\"message\":\"Unauthorized\"}",
    )
}

/// The procedure that the method and path name, whatever the case of the path, if the version has it.
pub(crate) fn identify(request: &Request, version: Version) -> Option<&'static Procedure> {
    static BY_NAME: OnceLock<HashMap<String, (&'static Procedure, Version)>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        routers::procedures()
            .map(|it| (it.0.name.to_ascii_lowercase(), it))
            .collect()
    });
    let kind = match request.method.as_str() {
        "GET" => Kind::Query,
        "POST" => Kind::Mutation,
        _ => return None,
    };
    let name = request.path.strip_prefix("/api/")?.to_ascii_lowercase();
    let (procedure, since) = by_name.get(&name).copied()?;
    (procedure.kind == kind && since <= version).then_some(procedure)
}

/// The input as sent: the body of a POST, otherwise the query. Null if the body is not JSON.
pub(crate) fn raw_input(request: &Request) -> Value {
    if request.method == "GET" || request.method == "HEAD" {
        return Value::Object(query_object(&request.query));
    }
    json_body(request).map(Value::Object).unwrap_or_default()
}

fn call(
    db: &mut Db,
    procedure: &'static Procedure,
    request: &Request,
    body: Row,
) -> Result<Reply, Failure> {
    if procedure.kind == Kind::Mutation {
        match request.header("content-type") {
            None => {
                return Err(Failure::new(
                    Code::Unsupported,
                    "Missing content-type header",
                ));
            }
            Some(it) if !is_json(it) => {
                // The closing quote is missing in the original too.
                let message = format!("Unsupported content-type \"{it}");
                return Err(Failure::new(Code::Unsupported, message));
            }
            Some(_) => {}
        }
    }
    // The second verification of the same key: each call counts twice.
    let key = request.header("x-api-key").unwrap_or_default();
    let Some(key) = user::verify(db, key) else {
        return Err(Failure::unauthorized("UNAUTHORIZED"));
    };
    let caller = caller(db, &key)?;
    if caller.role == "member" && !procedure.resource.is_empty() {
        let message = format!("unauthorized to access resource \"{}\"", procedure.resource);
        let failure = Failure::unauthorized(message);
        return Err(match procedure.name {
            "project.create" => failure.wrapped("Error creating the project: "),
            _ => failure,
        });
    }
    let (input, source) = match procedure.kind {
        Kind::Query => (query_object(&request.query), Source::Query),
        Kind::Mutation => (body, Source::Body),
    };
    let version = db.settings.version;
    let input = field::validate(procedure.fields, &input, source, version, &db.called);
    db.called.insert(procedure.name);
    let input = input.map_err(Failure::invalid)?;
    (procedure.run)(&mut Session {
        db,
        procedure,
        caller,
        input,
    })
}

/// Who a key speaks for. The key of an organization that is gone opens nothing.
fn caller(db: &Db, key: &Row) -> Result<Caller, Failure> {
    let (user, organization) = (
        db::text(key, "referenceId"),
        db::text(key, "organizationId"),
    );
    let member = db
        .rows_with(&organization::MEMBER, "userId", user)
        .find(|it| db::text(it, "organizationId") == organization)
        .ok_or_else(|| Failure::unauthorized("Permission denied"))?;
    Ok(Caller {
        user: user.to_owned(),
        organization: organization.to_owned(),
        member: db::text(member, "id").to_owned(),
        role: db::text(member, "role").to_owned(),
    })
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The body as an object: whatever is not an object counts as an empty one, and so does a body of another type.
/// Bytes that are not UTF-8 become replacement characters.
fn json_body(request: &Request) -> Result<Row, serde_json::Error> {
    let content_type = request.header("content-type").unwrap_or_default();
    if request.body.is_empty() || !is_json(content_type) {
        return Ok(Row::new());
    }
    let value: Value = serde_json::from_str(&String::from_utf8_lossy(&request.body))?;
    Ok(db::row(value))
}

/// The query as an object: repeated names become lists, and empty values count as left out.
fn query_object(query: &str) -> Row {
    let mut res = Map::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), json!(decode(value)));
        if name.is_empty() || value == json!("") {
            continue;
        }
        match res.get_mut(&name) {
            None => {
                res.insert(name, value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    res
}

/// The text that a part of a query stands for.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut res = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = match byte {
            b'%' => bytes.get(at + 1..at + 3),
            _ => None,
        };
        let escaped = hex
            .filter(|it| it.iter().all(u8::is_ascii_hexdigit))
            .and_then(|it| std::str::from_utf8(it).ok())
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        match (escaped, byte) {
            (Some(byte), _) => {
                res.push(byte);
                at += 2;
            }
            (None, b'+') => res.push(b' '),
            (None, byte) => res.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&res).into_owned()
}

fn plain(status: u16, text: &str) -> Response {
    Response {
        status,
        headers: Vec::new(),
        body: text.into(),
        cut: false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{decode, query_object};

    #[test]
    fn queries() {
        assert_eq!(decode("a%20b+c%zz%"), "a b c%zz%");
        let query = query_object("a=1&b=&c&d=x&d=y&d=%C3%A9");
        assert_eq!(json!(query), json!({"a": "1", "d": ["x", "y", "é"]}));
    }
}
