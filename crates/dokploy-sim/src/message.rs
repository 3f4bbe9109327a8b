//! What goes in and out of the simulator: a small, owned form of HTTP.

use std::fmt;

use serde_json::Value;

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method in capitals.
    pub method: String,
    /// The path without the query, such as `/api/registry.one`.
    pub path: String,
    /// The raw query without the question mark; empty when there is none.
    pub query: String,
    /// Names (in any case) and values.
    pub headers: Vec<(String, String)>,
    /// The body as sent.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET of a path with a raw query.
    pub fn get(path: &str, query: &str) -> Request {
        Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A POST of a JSON value, with its content type.
    pub fn post(path: &str, input: &Value) -> Request {
        Request {
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: input.to_string().into_bytes(),
        }
    }

    /// The same request with an API key.
    pub fn with_key(mut self, key: &str) -> Request {
        self.headers.push(("x-api-key".to_owned(), key.to_owned()));
        self
    }

    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body; may be empty although the status is 200.
    pub body: Vec<u8>,
    /// Whether the connection broke while the body was sent, so that `body` is only its beginning.
    pub cut: bool,
}

impl Response {
    /// A response with a JSON body.
    pub fn json(status: u16, body: &Value) -> Response {
        Response::text(status, "application/json", body.to_string())
    }

    /// A response with any body and its content type.
    pub fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Response {
            status,
            headers,
            body: body.into(),
            cut: false,
        }
    }

    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if it is empty or not JSON.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Nobody listens: the request was certainly not carried out.
    Refused,
    /// The connection broke before a reply came: the request may have been carried out.
    Reset,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lost::Refused => "connection refused",
            Lost::Reset => "connection closed before a reply came",
        })
    }
}

impl std::error::Error for Lost {}

/// One request that arrived, for tests that count and compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method in capitals.
    pub method: String,
    /// The procedure as Dokploy spells it, such as `registry.one`; for an unknown one, what stood after `/api/`.
    pub procedure: String,
    /// The body of a POST, or the query as an object; null if it cannot be read.
    pub input: Value,
    /// The status of the reply; none while it is on its way, and when it was lost.
    pub status: Option<u16>,
}
