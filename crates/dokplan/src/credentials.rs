//! Tokens for hosts, as `terraform login` keeps them: `~/.terraform.d/credentials.tfrc.json`, readable by nobody else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value as Json, json};

use crate::session::Session;

/// The file of credentials, and what it holds. Members that are not ours stay as they are.
pub(crate) struct Credentials {
    /// Where it is.
    pub path: PathBuf,
    document: Map<String, Json>,
}

/// A host as credentials name it: `dokploy.example.com`, `localhost:3000`. Takes a URL too; `None` for what is no host.
pub(crate) fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or(text);
    let host = text.split('/').next().unwrap_or_default().to_lowercase();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (host.as_str(), None),
    };
    let labels = name
        .split('.')
        .all(|it| !it.is_empty() && it.chars().all(|c| c.is_alphanumeric() || c == '-'));
    let port = port.is_none_or(|it| it.parse::<u16>().is_ok());
    (labels && port).then_some(host)
}

impl Credentials {
    /// What is stored; why it cannot be read, in a sentence. A file that is not there holds nothing.
    pub(crate) fn read(session: &Session) -> Result<Credentials, String> {
        let home = session
            .var("HOME")
            .ok_or("HOME is not set, so that there is no place for credentials.")?;
        let path = PathBuf::from(home).join(".terraform.d/credentials.tfrc.json");
        let document = match std::fs::read(&path) {
            Ok(text) => match serde_json::from_slice(&text) {
                Ok(Json::Object(it)) => it,
                // What is wrong in it is not shown: it holds tokens.
                Ok(_) | Err(_) => {
                    return Err(format!(
                        "{} is not a JSON object. Correct it, or move it away.",
                        path.display()
                    ));
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Map::new(),
            Err(error) => return Err(format!("{} cannot be read: {error}.", path.display())),
        };
        Ok(Credentials { path, document })
    }

    /// The tokens by host.
    pub(crate) fn tokens(&self) -> BTreeMap<String, String> {
        let hosts = self.document.get("credentials").and_then(Json::as_object);
        hosts
            .into_iter()
            .flatten()
            .filter_map(|(host, it)| {
                Some((host.to_lowercase(), it.get("token")?.as_str()?.to_owned()))
            })
            .collect()
    }

    /// Stores a token, or takes it away; why that is not possible, in a sentence.
    pub(crate) fn set(&mut self, host: &str, token: Option<&str>) -> Result<(), String> {
        let hosts = self
            .document
            .entry("credentials")
            .or_insert_with(|| json!({}));
        let Json::Object(hosts) = hosts else {
            return Err(format!(
                "\"credentials\" in {} is not an object. Correct it, or move the file away.",
                self.path.display()
            ));
        };
        match token {
            Some(token) => hosts.insert(host.to_owned(), json!({"token": token})),
            None => hosts.shift_remove(host),
        };
        self.write()
            .map_err(|error| format!("{} cannot be written: {error}.", self.path.display()))
    }

    /// Writes a new file, private from its first byte, in place of the old.
    fn write(&self) -> std::io::Result<()> {
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        let text = format!("{:#}\n", Json::Object(self.document.clone()));
        backend::write_whole(&self.path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn hosts_are_read_from_names_and_urls() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(super::host(text).as_deref(), expected, "{text}");
        };
        check("Dokploy.Example.com", Some("dokploy.example.com"));
        check(
            "https://dokploy.example.com/api",
            Some("dokploy.example.com"),
        );
        check("http://localhost:3000", Some("localhost:3000"));
        check("a..b", None);
        check("a b", None);
        check("a:b", None);
        check("", None);
    }
}
