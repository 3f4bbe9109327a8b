//! How requests reach a Dokploy: the boundary behind which HTTP is, or a simulator in the same process.
//!
//! A transport sends one request once. Retries, timeouts, limits and what an answer means are the client's.

use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The most bytes of an answer that are read. A `registry.all` of a thousand registries has a quarter of a million.
pub const RESPONSE_LIMIT: usize = 64 << 20;

/// Dokploy closes idle connections after five seconds; ours go before, so that no change is sent on a dying one.
const IDLE: Duration = Duration::from_secs(4);

/// How long connecting may take, before anything is sent.
const CONNECT: Duration = Duration::from_secs(10);

/// What [`Transport::send`] gives.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// Sends requests to a Dokploy.
pub trait Transport: Send + Sync {
    /// Sends a request once and gives the answer, whatever its status. Follows no redirect.
    fn send(&self, request: Request) -> Sending<'_>;
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A query.
    Get,
    /// A change.
    Post,
}

impl Method {
    /// Its name in capitals.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// A request. Its headers hold the API key: it must not be shown.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL with the query.
    pub url: String,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body of a change.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// The path of the URL: `/api/registry.one`.
    pub fn path(&self) -> &str {
        self.split().0
    }

    /// The query of the URL without its question mark; empty where there is none.
    pub fn query(&self) -> &str {
        self.split().1
    }

    fn split(&self) -> (&str, &str) {
        let rest = self.url.split_once("://").map_or(&*self.url, |it| it.1);
        let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
        path.split_once('?').unwrap_or((path, ""))
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed. May be empty although all went well.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportError {
    /// Nobody listens there: the request was not carried out.
    Refused,
    /// The name has no address: the request was not carried out.
    UnknownHost,
    /// No connection within ten seconds, or the network says there is no way: the request was not carried out.
    Unreachable(String),
    /// The certificate or the protocol of a secure connection is not right: the request was not carried out.
    Tls(String),
    /// The connection broke before the whole answer was there: the request may have been carried out.
    Broken(String),
    /// The answer is bigger than [`RESPONSE_LIMIT`]: the request was carried out.
    TooBig,
    /// The request cannot be sent as it is: a URL that is none.
    Malformed(String),
}

impl TransportError {
    /// Whether the request certainly did not reach Dokploy.
    pub fn is_before(&self) -> bool {
        match self {
            TransportError::Refused
            | TransportError::UnknownHost
            | TransportError::Unreachable(_)
            | TransportError::Tls(_)
            | TransportError::Malformed(_) => true,
            TransportError::Broken(_) | TransportError::TooBig => false,
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportError::Refused => f.write_str("connection refused"),
            TransportError::UnknownHost => f.write_str("the host name has no address"),
            TransportError::Unreachable(why) => write!(f, "no connection: {why}"),
            TransportError::Tls(why) => write!(f, "no secure connection: {why}"),
            TransportError::Broken(why) => write!(f, "the connection broke: {why}"),
            TransportError::TooBig => {
                write!(f, "the answer is bigger than {} MiB", RESPONSE_LIMIT >> 20)
            }
            TransportError::Malformed(why) => write!(f, "the request cannot be sent: {why}"),
        }
    }
}

impl std::error::Error for TransportError {}

/// HTTP/1.1 and HTTPS by reqwest with rustls and the system's certificates.
///
/// The proxies of the environment are used, but never for this machine itself.
pub struct HttpTransport {
    http: reqwest::Client,
    direct: reqwest::Client,
}

impl HttpTransport {
    /// A pool of connections. Must be used within a tokio runtime.
    pub fn new() -> Result<HttpTransport, TransportError> {
        let builder = || {
            reqwest::Client::builder()
                // A redirect could lead the key to another host.
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT)
                .pool_idle_timeout(IDLE)
                .gzip(true)
        };
        let built =
            |it: reqwest::ClientBuilder| it.build().map_err(|it| TransportError::Tls(causes(&it)));
        Ok(HttpTransport {
            http: built(builder())?,
            direct: built(builder().no_proxy())?,
        })
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let http = if crate::client::is_loopback(&request.url) {
            &self.direct
        } else {
            &self.http
        };
        let mut builder = match request.method {
            Method::Get => http.get(&request.url),
            Method::Post => http.post(&request.url),
        };
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut response = builder.send().await.map_err(|it| why(&it))?;
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.into_owned())
        });
        let headers = headers.collect();
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|it| why(&it))? {
            if body.len() + chunk.len() > RESPONSE_LIMIT {
                return Err(TransportError::TooBig);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status,
            headers,
            body,
        })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(self.exchange(request))
    }
}

/// Sorts reqwest's errors by what a user must do about them. URLs are left out, as queries hold ids only but hosts
/// are named by the client already.
fn why(error: &reqwest::Error) -> TransportError {
    let mut io_kind = None;
    let mut cause = error.source();
    while let Some(it) = cause {
        if let Some(io) = it.downcast_ref::<std::io::Error>() {
            io_kind = Some(io.kind());
        }
        cause = it.source();
    }
    let text = causes(error);
    if error.is_builder() {
        return TransportError::Malformed(text);
    }
    if !error.is_connect() {
        return TransportError::Broken(text);
    }
    let lower = text.to_lowercase();
    if lower.contains("dns error") || lower.contains("failed to lookup") {
        TransportError::UnknownHost
    } else if lower.contains("certificate")
        || lower.contains("tls")
        || lower.contains("handshake")
        || lower.contains("invalidcontenttype")
        || lower.contains("corrupt message")
    {
        TransportError::Tls(text)
    } else if io_kind == Some(std::io::ErrorKind::ConnectionRefused) {
        TransportError::Refused
    } else {
        TransportError::Unreachable(text)
    }
}

/// The innermost texts of an error, without the URL that reqwest puts in front.
fn causes(error: &reqwest::Error) -> String {
    let mut res: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(it) = cause {
        let text = it.to_string();
        if res.last() != Some(&text) {
            res.push(text);
        }
        cause = it.source();
    }
    if res.is_empty() {
        return if error.is_timeout() {
            "timed out".to_owned()
        } else {
            "the HTTP exchange failed".to_owned()
        };
    }
    res.join(": ")
}

#[cfg(test)]
mod tests {
    use super::{Method, Request};

    #[test]
    fn urls_split() {
        for (url, path, query) in [
            (
                "http://h:1/api/registry.one?registryId=a",
                "/api/registry.one",
                "registryId=a",
            ),
            ("https://h/api/registry.all", "/api/registry.all", ""),
            ("http://h", "/", ""),
            ("", "/", ""),
        ] {
            let request = Request {
                method: Method::Get,
                url: url.to_owned(),
                headers: Vec::new(),
                body: None,
            };
            assert_eq!((request.path(), request.query()), (path, query), "{url}");
        }
    }
}
