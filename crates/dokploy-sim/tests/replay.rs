//! Replays the exchanges with a real Dokploy: same status, same members in the same order, same values, where a value
//! is not an id, a time or random. Ids are matched up as they appear: what the recording calls `EljpZ…` and the
//! simulator something else must stay the same thing from then on.

use std::collections::BTreeMap;

use dokploy_sim::{Request, Response, Settings, Sim, Version};
use serde_json::{Map, Value, json};

use crate::support::testdata;

/// A replay: the simulator, and what is known of the names of things.
pub(crate) struct Replay {
    pub(crate) sim: Sim,
    /// From ids of the recording to ids of the simulator.
    ids: BTreeMap<String, String>,
    /// The key to call with.
    key: String,
    /// How many exchanges were compared.
    pub(crate) n_compared: usize,
    /// All differences, so that one run shows them all.
    pub(crate) differences: Vec<String>,
}

/// A form that a real key could have, for recordings in which the key is blacked out.
const PEM: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";

/// Members whose values are random texts, or depend on races (what a member has access to).
const RANDOM: [&str; 14] = [
    "appName",
    "key",
    "start",
    "refreshToken",
    "token",
    "slug",
    "volumeName",
    "certificatePath",
    "logPath",
    "databasePassword",
    "databaseRootPassword",
    "accessedProjects",
    "accessedEnvironments",
    "accessedServices",
];

impl Replay {
    pub(crate) fn new() -> Replay {
        let sim = Sim::new(Settings::for_tests(Version::V0_30_2));
        let mut res = Replay {
            sim,
            ids: BTreeMap::new(),
            key: "test-key".to_owned(),
            n_compared: 0,
            differences: Vec::new(),
        };
        // What was there before the first recording.
        for (recorded, table) in [
            ("nxzfhcGdsD_FqC1KKKY5X", "organization"),
            ("71OvyktOU62HFucgw2IC40RylcKRUZbA", "user"),
            ("PH1qrpmPH86SjDx0qQaqH", "member"),
        ] {
            let row = res.sim.rows(table).remove(0);
            res.ids
                .insert(recorded.to_owned(), row["id"].as_str().unwrap().to_owned());
        }
        res
    }

    /// Calls a procedure with the current key.
    pub(crate) async fn get(&self, procedure: &str) {
        let request = Request::get(&format!("/api/{procedure}"), "").with_key(&self.key);
        self.sim.handle(request).await.unwrap();
    }

    /// The simulator's id for one of the recording.
    pub(crate) fn id(&self, recorded: &str) -> String {
        self.ids
            .get(recorded)
            .cloned()
            .unwrap_or_else(|| panic!("{recorded} has not appeared"))
    }

    /// Notes that an id of the recording stands for the nth row of a table.
    pub(crate) fn learn(&mut self, recorded: &str, table: &str, n: usize, key: &str) {
        let row = self.sim.rows(table).remove(n);
        self.ids
            .insert(recorded.to_owned(), row[key].as_str().unwrap().to_owned());
    }

    /// Calls with another key from now on.
    pub(crate) fn use_key(&mut self, key: &str) {
        self.key = String::from(key);
    }

    /// Calls with the administrator's key from now on.
    pub(crate) fn use_main_key(&mut self) {
        self.use_key("test-key");
    }

    /// Calls with the newest key of this name from now on.
    pub(crate) fn use_key_named(&mut self, name: &str) {
        let row = self.api_key(name);
        self.use_key(row["key"].as_str().unwrap());
    }

    /// The newest API key of this name.
    pub(crate) fn api_key(&self, name: &str) -> Value {
        let rows = self.sim.rows("apikey");
        rows.into_iter().rfind(|it| it["name"] == name).unwrap()
    }

    /// Replays some exchanges of a recording but for those left out, each of which has its reason.
    pub(crate) async fn run(
        &mut self,
        file: &str,
        range: std::ops::RangeInclusive<usize>,
        left_out: &[(usize, &str)],
    ) {
        let path = testdata(&format!("recordings/{file}.json"));
        let records: Vec<Value> =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for n in range {
            let Some(record) = records.get(n) else {
                panic!("{file} has no record {n}")
            };
            if record.get("request").is_none() || left_out.iter().any(|it| it.0 == n) {
                continue;
            }
            self.exchange(file, n, record).await;
        }
    }

    async fn exchange(&mut self, file: &str, n: usize, record: &Value) {
        let request = self.request(&record["request"]);
        let response = self.sim.handle(request).await.unwrap();
        self.n_compared += 1;
        let place = format!(
            "{file} {n} \"{}\"",
            record["name"].as_str().unwrap_or_default()
        );
        let expected = &record["response"];
        let n_before = self.differences.len();
        if expected["status"] != json!(response.status) {
            let body = String::from_utf8_lossy(&response.body).into_owned();
            let status = response.status;
            self.differences.push(format!(
                "{place}: status {status}, not {}: {body}",
                expected["status"]
            ));
            return;
        }
        self.compare_bodies(&place, record, &response);
        if self.differences.len() > n_before + 3 {
            self.differences.truncate(n_before + 3);
            self.differences.push(format!("{place}: and more"));
        }
    }

    /// The recorded request with the simulator's ids.
    fn request(&self, recorded: &Value) -> Request {
        let text = |name: &str| recorded[name].as_str().unwrap_or_default();
        let mut res = Request::get(text("path"), &self.translated(text("query")));
        res.method = String::from(text("method"));
        for (name, value) in recorded["headers"].as_object().into_iter().flatten() {
            let value = match value.as_str().unwrap_or_default() {
                "<API_KEY>" => self.key.clone(),
                other => other.replace("<API_KEY>", &self.key),
            };
            res.headers.push((name.clone(), value));
        }
        if let Some(raw) = recorded["raw_body"].as_str() {
            res.body = match raw {
                "<900 KiB JSON: registry.testRegistry with a 900 KiB password>" => json!({
                    "username": "u", "password": "x".repeat(900 * 1024), "registryUrl": "ghcr.io",
                    "registryType": "cloud",
                })
                .to_string()
                .into_bytes(),
                "<1 MiB + 30 bytes JSON>" => vec![b' '; 1024 * 1024 + 30],
                "<5 MiB JSON>" => vec![b' '; 5 * 1024 * 1024],
                "{\"registryId\":\"<bytes ff fe>\"}" => b"{\"registryId\":\"\xff\xfe\"}".to_vec(),
                other => other.as_bytes().to_vec(),
            };
        } else if let Some(body) = recorded.get("json").filter(|it| !it.is_null()) {
            let text = self.translated(&body.to_string());
            res.body = text
                .replace("<PRIVATE KEY>", &PEM.replace('\n', "\\n"))
                .into_bytes();
        }
        res
    }

    /// A text with the simulator's ids in place of the recording's.
    fn translated(&self, text: &str) -> String {
        let mut res = String::new();
        for token in tokens(text) {
            res.push_str(self.ids.get(token).map_or(token, String::as_str));
        }
        res
    }

    fn compare_bodies(&mut self, place: &str, record: &Value, response: &Response) {
        let expected = &record["response"];
        if expected.get("json_truncated").is_some() {
            return;
        }
        if let Some(text) = expected["text"].as_str() {
            let got = String::from_utf8_lossy(&response.body);
            if got != text {
                self.differences.push(format!("{place}: {got}, not {text}"));
            }
            return;
        }
        if expected["json"].is_null() && expected["bytes"] == 0 {
            if !response.body.is_empty() {
                self.differences.push(format!("{place}: a body, not none"));
            }
            return;
        }
        let content_type = expected["headers"]["content-type"].as_str();
        if content_type != response.header("content-type") {
            let got = response.header("content-type");
            self.differences.push(format!(
                "{place}: content type {got:?}, not {content_type:?}"
            ));
        }
        let mut got = response.value();
        // Long lists are recorded with their first items and a count.
        let note = expected["note"].as_str().unwrap_or_default();
        if let Some((count, _)) = note.split_once(" items, the first ") {
            let items = got.as_array_mut().unwrap();
            if items.len().to_string() != count {
                self.differences
                    .push(format!("{place}: {} items, not {count}", items.len()));
            }
            items.truncate(expected["json"].as_array().unwrap().len());
        }
        self.compare(place, "", &expected["json"], &got);
    }

    fn compare(&mut self, place: &str, at: &str, expected: &Value, got: &Value) {
        let name = at.rsplit('.').next().unwrap_or_default();
        if let ("appName", Value::String(expected), Value::String(got)) = (name, expected, got) {
            self.ids.insert(expected.clone(), got.clone());
        }
        if RANDOM.contains(&name) && expected.is_null() == got.is_null() {
            return;
        }
        match (expected, got) {
            (Value::Object(expected), Value::Object(got)) => {
                if !expected.keys().eq(got.keys()) {
                    let names =
                        |it: &Map<String, Value>| it.keys().cloned().collect::<Vec<_>>().join(" ");
                    self.differences.push(format!(
                        "{place}{at}: members {}\n    not {}",
                        names(got),
                        names(expected)
                    ));
                }
                for (name, expected) in expected {
                    if let Some(got) = got.get(name) {
                        self.compare(place, &format!("{at}.{name}"), expected, got);
                    }
                }
            }
            (Value::Array(expected), Value::Array(got)) => {
                if expected.len() != got.len() {
                    let (n, m) = (got.len(), expected.len());
                    self.differences
                        .push(format!("{place}{at}: {n} items, not {m}"));
                }
                for (n, (expected, got)) in expected.iter().zip(got).enumerate() {
                    self.compare(place, &format!("{at}[{n}]"), expected, got);
                }
            }
            (Value::String(expected), Value::String(got)) => {
                if !self.is_same_text(expected, got) {
                    self.differences
                        .push(format!("{place}{at}: {got:?}, not {expected:?}"));
                }
            }
            (expected, got) => {
                if expected != got {
                    self.differences
                        .push(format!("{place}{at}: {got}, not {expected}"));
                }
            }
        }
    }

    /// Whether two texts are the same but for ids and times. Learns ids.
    fn is_same_text(&mut self, expected: &str, got: &str) -> bool {
        if expected == "<PRIVATE KEY>" {
            return got.contains("PRIVATE KEY");
        }
        let got = got.replace(PEM, "<PRIVATE KEY>");
        let (expected, got) = (without_times(expected), without_times(&got));
        let (expected, got) = (tokens(&expected), tokens(&got));
        expected.len() == got.len()
            && expected.iter().zip(&got).all(|(expected, got)| {
                if let Some(known) = self.ids.get(*expected) {
                    return known == got;
                }
                if is_id(expected) && expected.len() == got.len() && expected != got {
                    self.ids.insert((*expected).to_owned(), (*got).to_owned());
                    return true;
                }
                expected == got || is_made_up(expected, got)
            })
    }
}

/// Whether these are two names that services run under: the same word, something made up, and six characters.
fn is_made_up(expected: &str, got: &str) -> bool {
    let ends = |it: &str| it.rsplit('-').next().is_some_and(|it| it.len() == 6);
    let word = |it: &str| it.split('-').next().map(str::to_owned);
    expected.contains('-') && word(expected) == word(got) && ends(expected) && ends(got)
}

/// Runs of id characters, and what is between them.
fn tokens(text: &str) -> Vec<&str> {
    let is_id_char = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
    let mut res = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = is_id_char(first);
        let end = rest.find(|it| is_id_char(it) != kind).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        res.push(token);
        rest = after;
    }
    res
}

fn is_id(token: &str) -> bool {
    let has = |is: fn(&u8) -> bool| token.as_bytes().iter().any(is);
    matches!(token.len(), 21 | 32) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

/// The text with `<time>` for each time in it.
fn without_times(text: &str) -> String {
    let is_time = |it: &str| {
        it.len() == 24
            && it
                .bytes()
                .zip("0000-00-00T00:00:00.000Z".bytes())
                .all(|(byte, model)| match model {
                    b'0' => byte.is_ascii_digit(),
                    other => byte == other,
                })
    };
    let mut res = String::new();
    let mut at = 0;
    while at < text.len() {
        if text.get(at..at + 24).is_some_and(is_time) {
            res.push_str("<time>");
            at += 24;
        } else {
            let next = text[at..].chars().next().unwrap();
            res.push(next);
            at += next.len_utf8();
        }
    }
    res
}
