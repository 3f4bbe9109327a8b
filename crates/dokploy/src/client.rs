//! Calls of Dokploy's procedures: what a request looks like, which answers are worth another try, and what an answer
//! that is no success says.
//!
//! Queries are tried again; changes never, since a Dokploy that does not answer may well have carried them out.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

use provider::Issue;
use serde_json::{Map, Value as Json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use crate::limits::{ABANDONED, BROKEN, Server};
use crate::redact::Secrets;
use crate::transport::{Method, Request, Response, Transport, TransportError};

/// The biggest body that Dokploy takes, in bytes: beyond it, it breaks the connection while the body is sent.
pub const BODY_LIMIT: usize = (1 << 20) - 21;

/// How long a client waits, and how often it asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long one answer may take.
    pub timeout: Duration,
    /// How often a query is asked again after an answer that may be better next time.
    pub retries: u32,
    /// The pause before the first repetition; each further one is about twice as long.
    pub pause: Duration,
}

impl Patience {
    /// For people: 30 seconds, three repetitions within about two seconds.
    pub const STANDARD: Patience = Patience {
        timeout: Duration::from_secs(30),
        retries: 3,
        pause: Duration::from_millis(250),
    };
}

/// The longest pause that a server's `retry-after` is obeyed for.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The base URL that a `host` argument means: with `/api`, without a trailing slash. Why not, if it is none.
pub(crate) fn base_url(host: &str) -> Result<String, String> {
    let host = host.trim();
    let (scheme, rest) = host
        .split_once("://")
        .ok_or("it must begin with https:// or http://")?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "https" && scheme != "http" {
        return Err("it must begin with https:// or http://".to_owned());
    }
    if rest.contains(['?', '#']) {
        return Err("it must not hold a query or a fragment".to_owned());
    }
    if rest.contains(|it: char| it.is_whitespace() || it.is_control()) {
        return Err("it must not hold spaces".to_owned());
    }
    let rest = rest.trim_end_matches('/');
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err("it must not hold a user name or a password".to_owned());
    }
    if authority.is_empty() || authority.starts_with(':') {
        return Err("it names no host".to_owned());
    }
    let authority = authority.to_ascii_lowercase();
    let path = path.trim_end_matches('/');
    let mut base = format!("{scheme}://{authority}");
    for part in path.split('/').filter(|it| !it.is_empty()) {
        base.push('/');
        base.push_str(part);
    }
    let has_api = path
        .rsplit('/')
        .next()
        .is_some_and(|it| it.eq_ignore_ascii_case("api"));
    if !has_api {
        base.push_str("/api");
    }
    Ok(base)
}

/// The host and port of a base URL.
pub(crate) fn authority(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |it| it.1);
    rest.split_once('/').map_or(rest, |it| it.0)
}

/// Whether the key would be sent in clear over a network.
pub(crate) fn is_exposed(base: &str) -> bool {
    base.starts_with("http://") && !is_loopback(base)
}

/// Whether a URL leads to this machine.
pub(crate) fn is_loopback(url: &str) -> bool {
    let authority = authority(url);
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |it| it.0),
        None => authority.split_once(':').map_or(authority, |it| it.0),
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|it| it.is_loopback())
}

/// A text as it may stand in a query.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            res.push(char::from(byte));
        } else {
            res.push_str(&format!("%{byte:02X}"));
        }
    }
    res
}

/// One key of one Dokploy.
pub(crate) struct Client {
    pub(crate) base: String,
    key: String,
    /// Tells what was seen with this key from what was seen with another.
    scope: u64,
    user_agent: String,
    transport: Arc<dyn Transport>,
    pub(crate) server: Arc<Server>,
    pub(crate) secrets: Arc<Secrets>,
    patience: Patience,
}

/// What went wrong with a call.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) procedure: String,
    pub(crate) is_change: bool,
    host: String,
    pub(crate) kind: FailureKind,
}

/// The ways in which a call can fail. Texts of the server are masked already.
#[derive(Debug, Clone)]
pub(crate) enum FailureKind {
    /// No answer.
    Transport(TransportError),
    /// No answer in time.
    TimedOut(Duration),
    /// The bare 401 that has many causes.
    Unauthorized,
    /// Dokploy says no.
    Refused(Refusal),
    /// Something else than Dokploy answered, or not all of the answer came.
    NotDokploy { status: u16, text: String },
    /// The answer leads elsewhere.
    Redirect { status: u16, location: String },
    /// The body is too big to be sent.
    BodyTooBig(usize),
    /// A right answer whose form is not the expected one.
    WrongShape(&'static str),
}

/// An error in Dokploy's own form.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    /// Dokploy from v0.28 names the procedure of errors that a procedure gave.
    pub(crate) path: Option<String>,
    /// Whether there is a `data` member: there is none before v0.28.
    pub(crate) has_data: bool,
    pub(crate) message: String,
    /// What validation says, by field.
    pub(crate) problems: Vec<(String, String)>,
}

impl Client {
    pub(crate) fn new(
        base: String,
        key: String,
        user_agent: String,
        transport: Arc<dyn Transport>,
        server: Arc<Server>,
        secrets: Arc<Secrets>,
        patience: Patience,
    ) -> Client {
        secrets.learn(&key);
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(key.as_bytes());
        Client {
            base,
            key,
            scope: hasher.finish(),
            user_agent,
            transport,
            server,
            secrets,
            patience,
        }
    }

    /// The name under which the objects of a type are remembered.
    pub(crate) fn scope(&self, object: &str) -> String {
        format!("{:x}/{object}", self.scope)
    }

    /// Asks a query, again where that may help.
    pub(crate) async fn query(
        &self,
        procedure: &str,
        input: &[(&str, &str)],
    ) -> Result<Json, Failure> {
        let mut tries = 0;
        loop {
            let permit = self.server.queries.acquire().await;
            let request = self.request(procedure, Method::Get, input, None);
            let start = Instant::now();
            let answer = timeout(self.patience.timeout, self.transport.send(request)).await;
            drop(permit);
            note(procedure, Method::Get, answer.as_ref().ok(), start, tries);
            let (result, wanted_pause) = match answer {
                Err(_) => (Err(FailureKind::TimedOut(self.patience.timeout)), None),
                Ok(Err(error)) => (Err(FailureKind::Transport(error)), None),
                Ok(Ok(response)) => {
                    let pause = response.header("retry-after");
                    let pause = pause.and_then(|it| it.trim().parse().ok());
                    (self.opened(&response), pause.map(Duration::from_secs))
                }
            };
            let kind = match result {
                Ok(json) => return Ok(json),
                Err(kind) => kind,
            };
            // A server that is silent for half a minute is asked once more, not three times.
            let limit = match &kind {
                FailureKind::TimedOut(_)
                | FailureKind::Transport(TransportError::Unreachable(_)) => {
                    self.patience.retries.min(1)
                }
                _ => self.patience.retries,
            };
            if tries >= limit || !may_pass(&kind) {
                return Err(self.failure(procedure, false, kind));
            }
            let pause = wanted_pause.map_or_else(
                || jittered(self.patience.pause.saturating_mul(1 << tries.min(10))),
                |it| it.min(LONGEST_PAUSE),
            );
            sleep(pause).await;
            tries += 1;
        }
    }

    /// Makes a change, once. It goes on, and holds its permit, when this future is dropped or has lost patience.
    pub(crate) async fn change(&self, procedure: &str, input: Json) -> Result<Json, Failure> {
        let failed = |kind| self.failure(procedure, true, kind);
        let body = input.to_string().into_bytes();
        if body.len() > BODY_LIMIT {
            return Err(failed(FailureKind::BodyTooBig(body.len())));
        }
        let request = self.request(procedure, Method::Post, &[], Some(body));
        let transport = self.transport.clone();
        let permit = self.server.changes.clone().acquire_owned().await;
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            let answer = timeout(ABANDONED, transport.send(request)).await;
            let is_broken = matches!(&answer, Ok(Err(it)) if !it.is_before());
            // Nobody listens any more if the caller is gone; the permit is what matters then.
            let _ = tell.send(answer);
            if is_broken {
                sleep(BROKEN).await;
            }
            drop(permit);
        });
        let start = Instant::now();
        let answer = timeout(self.patience.timeout, told).await;
        let heard = answer.as_ref().ok().and_then(|it| it.as_ref().ok());
        let heard = heard.and_then(|it| it.as_ref().ok());
        note(procedure, Method::Post, heard, start, 0);
        let answer = match answer {
            Ok(Ok(Ok(answer))) => answer,
            Ok(Err(_)) => Err(TransportError::Broken("the call was stopped".to_owned())),
            Ok(Ok(Err(_))) | Err(_) => {
                return Err(failed(FailureKind::TimedOut(self.patience.timeout)));
            }
        };
        let response = answer.map_err(|it| failed(FailureKind::Transport(it)))?;
        self.opened(&response).map_err(failed)
    }

    /// A failure that the driver has found.
    pub(crate) fn wrong_shape(
        &self,
        procedure: &str,
        is_change: bool,
        what: &'static str,
    ) -> Failure {
        self.failure(procedure, is_change, FailureKind::WrongShape(what))
    }

    fn failure(&self, procedure: &str, is_change: bool, kind: FailureKind) -> Failure {
        Failure {
            procedure: procedure.to_owned(),
            is_change,
            host: authority(&self.base).to_owned(),
            kind,
        }
    }

    fn request(
        &self,
        procedure: &str,
        method: Method,
        input: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Request {
        let mut url = format!("{}/{procedure}", self.base);
        for (at, (name, value)) in input.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            url.push_str(&percent_encoded(value));
        }
        let mut headers = vec![
            ("accept", "application/json".to_owned()),
            ("user-agent", self.user_agent.clone()),
            ("x-api-key", self.key.clone()),
        ];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Request {
            method,
            url,
            headers,
            body,
        }
    }

    /// What an answer says.
    fn opened(&self, response: &Response) -> Result<Json, FailureKind> {
        if let Some(date) = response.header("date") {
            self.server.said_date(date);
        }
        let status = response.status;
        let text = String::from_utf8_lossy(&response.body);
        let not_dokploy = || FailureKind::NotDokploy {
            status,
            text: self.secrets.redact(text.trim()),
        };
        if (200..300).contains(&status) {
            // Several procedures answer nothing at all.
            if text.trim().is_empty() {
                return Ok(Json::Null);
            }
            return serde_json::from_str(&text).map_err(|_| not_dokploy());
        }
        if (300..400).contains(&status) {
            let location = response.header("location").unwrap_or_default();
            return Err(FailureKind::Redirect {
                status,
                location: self.secrets.redact(location),
            });
        }
        let Ok(Json::Object(body)) = serde_json::from_str::<Json>(&text) else {
            return Err(not_dokploy());
        };
        let Some(message) = body.get("message").and_then(Json::as_str) else {
            return Err(not_dokploy());
        };
        let code = body.get("code").and_then(Json::as_str).unwrap_or_default();
        // The key is checked twice, and the second time says it in capitals.
        if status == 401 && (code.is_empty() || message == "UNAUTHORIZED") {
            return Err(FailureKind::Unauthorized);
        }
        let data = body.get("data").and_then(Json::as_object);
        let path = data.and_then(|it| it.get("path")).and_then(Json::as_str);
        Err(FailureKind::Refused(Refusal {
            status,
            code: code.to_owned(),
            path: path.map(str::to_owned),
            has_data: data.is_some(),
            message: self.secrets.redact(message),
            problems: self.problems(&body),
        }))
    }

    fn problems(&self, body: &Map<String, Json>) -> Vec<(String, String)> {
        let issues = body.get("issues").and_then(Json::as_array);
        let mut res = Vec::new();
        for issue in issues.into_iter().flatten().take(50) {
            let path = issue.get("path").and_then(Json::as_array);
            let path: Vec<String> = path
                .into_iter()
                .flatten()
                .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
                .collect();
            let message = issue.get("message").and_then(Json::as_str);
            res.push((
                self.secrets.redact(&path.join(".")),
                self.secrets.redact(message.unwrap_or("is not valid")),
            ));
        }
        res
    }
}

/// Tells a log of a request: what it was, what came back and when. Inputs and answers hold secrets, and are not in it.
fn note(
    procedure: &str,
    method: Method,
    answer: Option<&Result<Response, TransportError>>,
    start: Instant,
    tries: u32,
) {
    let ms = start.elapsed().as_millis();
    let method = method.as_str();
    match answer {
        Some(Ok(it)) => {
            let (status, bytes) = (it.status, it.body.len());
            tracing::debug!(method, procedure, status, bytes, ms, tries, "request");
        }
        Some(Err(error)) => {
            let broken = error.is_before();
            tracing::warn!(
                method,
                procedure,
                not_sent = broken,
                ms,
                tries,
                "request without answer"
            );
        }
        None => tracing::warn!(
            method,
            procedure,
            ms,
            tries,
            "request without answer in time"
        ),
    }
}

/// Whether the same question may be answered better in a moment.
fn may_pass(kind: &FailureKind) -> bool {
    match kind {
        FailureKind::Transport(error) => match error {
            TransportError::Refused
            | TransportError::Unreachable(_)
            | TransportError::Broken(_) => true,
            TransportError::UnknownHost
            | TransportError::Tls(_)
            | TransportError::TooBig
            | TransportError::Malformed(_) => false,
        },
        FailureKind::TimedOut(_) | FailureKind::Unauthorized => true,
        FailureKind::Refused(refusal) => refusal.status == 429 || refusal.status >= 500,
        FailureKind::NotDokploy { status, .. } => *status == 429 || *status >= 500 || *status < 300,
        FailureKind::Redirect { .. } | FailureKind::BodyTooBig(_) | FailureKind::WrongShape(_) => {
            false
        }
    }
}

/// Between half and one and a half of a pause, so that clients that failed together do not come back together.
pub(crate) fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0_u8) % 1000;
    let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis / 2 + millis.saturating_mul(random) / 1000)
}

impl Failure {
    /// Whether it says, by status and code, that the object of the call does not exist. (A procedure that does not
    /// exist is also a 404: it names no path where errors have data, and has a message of its own where not.)
    pub(crate) fn says_gone(&self) -> bool {
        let FailureKind::Refused(it) = &self.kind else {
            return false;
        };
        let names_object = if it.has_data {
            it.path.is_some()
        } else {
            it.message != "Not found"
        };
        it.status == 404 && it.code == "NOT_FOUND" && names_object
    }

    /// Dokploy's refusal, if it is one.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match &self.kind {
            FailureKind::Refused(it) => Some(it),
            _ => None,
        }
    }

    /// Whether the object is there, and belongs to an organization that the key is not for.
    pub(crate) fn says_foreign(&self) -> bool {
        self.refusal()
            .is_some_and(|it| it.status == 401 || it.status == 403)
    }

    /// Whether a change may have been carried out although this came back.
    pub(crate) fn is_uncertain(&self) -> bool {
        match &self.kind {
            FailureKind::Transport(error) => !error.is_before(),
            FailureKind::TimedOut(_) => true,
            // A proxy's error, or half an answer.
            FailureKind::NotDokploy { status, .. } => *status < 300 || *status >= 500,
            FailureKind::WrongShape(_) => true,
            FailureKind::Unauthorized
            | FailureKind::Refused(_)
            | FailureKind::Redirect { .. }
            | FailureKind::BodyTooBig(_) => false,
        }
    }

    /// The complaint about it.
    pub(crate) fn issue(&self, summary: &str) -> Issue {
        Issue::error(summary, self.detail())
    }

    /// What happened and what to do, in sentences.
    pub(crate) fn detail(&self) -> String {
        let Failure {
            procedure, host, ..
        } = self;
        match &self.kind {
            FailureKind::Transport(error) => self.transport_detail(error),
            FailureKind::TimedOut(after) => {
                let seconds = after.as_secs();
                let mut res = format!(
                    "{host} did not answer {procedure} within {seconds} seconds. Dokploy may be overloaded or hang: it does when ten changes wait for each other, and must then be restarted."
                );
                if self.is_change {
                    res.push_str(" It may still carry the change out.");
                }
                res
            }
            FailureKind::Unauthorized => format!(
                "{host} answered {procedure} with a 401 that says no more. Dokploy answers the same in three cases:\n  - the API key is wrong, expired, disabled or deleted: check api_key or DOKPLOY_API_KEY;\n  - the key is rate-limited and its calls are used up: by default a key is good for 10 checks a day, which are 5 calls. Make one with rate limiting switched off (Settings, Profile, API/CLI Keys);\n  - Dokploy cannot reach its database: look at the logs of dokploy and dokploy-postgres."
            ),
            FailureKind::Refused(refusal) => {
                let status = refusal.status;
                let mut res = if refusal.problems.is_empty() {
                    format!(
                        "Dokploy answered {procedure} with status {status}: {}",
                        refusal.message
                    )
                } else {
                    let mut res = format!(
                        "Dokploy did not accept the input of {procedure} (status {status}):"
                    );
                    for (field, message) in &refusal.problems {
                        res.push_str(&format!("\n  - {field}: {message}"));
                    }
                    res
                };
                if status == 404 && !self.says_gone() {
                    res.push_str("\nThis Dokploy does not know the procedure: it is older or newer than the versions that this program knows, or host leads to something else.");
                } else if status == 401 || status == 403 {
                    res.push_str("\nThe API key is valid but may not do this: objects of another organization, or a member without the permission. Use a key of the right organization.");
                }
                res
            }
            FailureKind::NotDokploy { status, text } => {
                let mut res = if *status < 300 {
                    format!(
                        "The answer of {host} to {procedure} is not whole, or not Dokploy's: it is no JSON."
                    )
                } else {
                    format!(
                        "{host} answered {procedure} with status {status}, and not in Dokploy's form: a proxy in front of it, or host leads to something else."
                    )
                };
                let first = text.lines().find(|it| !it.trim().is_empty());
                if let Some(first) = first {
                    let short: String = first.chars().take(200).collect();
                    res.push_str(&format!(" It begins with: {short}"));
                }
                if self.is_uncertain() && self.is_change {
                    res.push_str(" The change may have been carried out.");
                }
                res
            }
            FailureKind::Redirect { status, location } => format!(
                "{host} answered {procedure} with a redirect (status {status}) to {location}. It is not followed, so that the API key goes nowhere else. If that is where Dokploy is, set host to it (with https:// if that is the difference)."
            ),
            FailureKind::BodyTooBig(size) => format!(
                "The input of {procedure} is {size} bytes big; Dokploy takes at most {BODY_LIMIT}. Nothing was sent. Make the biggest texts (files, environment) smaller."
            ),
            FailureKind::WrongShape(what) => format!(
                "Dokploy answered {procedure} in another form than expected: {what}. It may be newer than the versions that this program knows."
            ),
        }
    }

    fn transport_detail(&self, error: &TransportError) -> String {
        let Failure {
            procedure, host, ..
        } = self;
        match error {
            TransportError::Refused => format!(
                "Nobody listens at {host}: the connection for {procedure} was refused. Check that Dokploy runs, and that host (or DOKPLOY_HOST) and its port are right."
            ),
            TransportError::UnknownHost => format!(
                "The name {host} has no address. Check host (or DOKPLOY_HOST) for typing errors, and the network's DNS."
            ),
            TransportError::Unreachable(why) => format!(
                "There was no connection to {host} for {procedure} ({why}). Check host (or DOKPLOY_HOST), the network and firewalls."
            ),
            TransportError::Tls(why) => format!(
                "There was no secure connection to {host} ({why}). The certificate must be valid for this name and signed by an authority that this system knows; a Dokploy without a certificate is reached by http:// and usually port 3000."
            ),
            TransportError::Broken(why) => {
                let mut res = format!(
                    "The connection to {host} broke before {procedure} was answered ({why})."
                );
                if self.is_change {
                    res.push_str(" The change may have been carried out.");
                }
                res
            }
            TransportError::TooBig => {
                format!("The answer of {host} to {procedure} is too big: {error}.")
            }
            TransportError::Malformed(why) => format!(
                "The request for {procedure} cannot be sent ({why}). Check host (or DOKPLOY_HOST) and the API key for characters that do not belong there."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{authority, base_url, is_exposed, percent_encoded};

    #[test]
    fn hosts_become_base_urls() {
        for (host, expected) in [
            ("https://d.example.com", "https://d.example.com/api"),
            ("https://d.example.com/", "https://d.example.com/api"),
            ("https://d.example.com/api", "https://d.example.com/api"),
            ("https://d.example.com/api/", "https://d.example.com/api"),
            (
                " HTTP://D.example.com:3000// ",
                "http://d.example.com:3000/api",
            ),
            ("https://x/dokploy", "https://x/dokploy/api"),
            ("http://[::1]:3000/api", "http://[::1]:3000/api"),
        ] {
            assert_eq!(base_url(host).as_deref(), Ok(expected), "{host}");
        }
        for host in [
            "",
            "d.example.com",
            "ftp://x",
            "https://",
            "https:///api",
            "https://u:p@x",
            "http://:80",
            "https://x?y",
            "https://x y",
        ] {
            assert!(base_url(host).is_err(), "{host}");
        }
    }

    #[test]
    fn keys_are_exposed_by_http_to_others() {
        for (base, expected) in [
            ("http://d.example.com/api", true),
            ("http://10.0.0.1:3000/api", true),
            ("https://d.example.com/api", false),
            ("http://localhost:3000/api", false),
            ("http://127.0.0.2/api", false),
            ("http://[::1]:3000/api", false),
            ("http://localhost.example.com/api", true),
        ] {
            assert_eq!(is_exposed(base), expected, "{base}");
        }
        assert_eq!(authority("https://x:1/api"), "x:1");
    }

    #[test]
    fn queries_are_escaped() {
        assert_eq!(percent_encoded("-a_b.c~1 &é"), "-a_b.c~1%20%26%C3%A9");
    }
}
