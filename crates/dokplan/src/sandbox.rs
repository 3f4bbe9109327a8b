//! The embedded Dokploy of the working directory.

use std::path::PathBuf;

use dokploy_sim::{IdStyle, Settings, Version};

/// Where its content is kept.
pub(crate) fn path() -> PathBuf {
    PathBuf::from(".dokplan/sandbox.json")
}

/// The key that the sandbox takes. It guards nothing: the sandbox listens on loopback at most.
pub(crate) const KEY: &str = "sandbox";

/// The embedded Dokploy of the working directory; a new one if there is none yet. Each change is kept at once.
pub(crate) fn open(version: Version) -> Result<dokploy_sim::persist::Sandbox, String> {
    let started_at = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(0));
    let settings = Settings {
        version,
        api_key: KEY.to_owned(),
        seed: crate::world::seed(),
        started_at,
        tick: 1,
        ids: IdStyle::Nanoid,
    };
    dokploy_sim::persist::open(settings, &path()).map_err(|it| it.to_string())
}
