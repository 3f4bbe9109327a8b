//! `-restricted`: what a configuration that nobody has read yet may do. It may read files below one directory, and ask
//! the Dokploy that the environment names; nothing else (docs/howto/untrusted-pull-requests.md).
//!
//! One setting for the process, made before anything is read: whoever opens a file that a configuration names asks
//! [`refusal`] first.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static ROOT: OnceLock<PathBuf> = OnceLock::new();

/// Restricts the process to a directory, which must hold the working directory; why that is not possible.
pub(crate) fn enter(directory: &Path) -> Result<(), String> {
    let root = directory
        .canonicalize()
        .map_err(|error| format!("{} cannot be entered: {error}", directory.display()))?;
    let here = Path::new(".")
        .canonicalize()
        .map_err(|error| format!("the working directory cannot be found: {error}"))?;
    if !here.starts_with(&root) {
        return Err(format!(
            "the working directory {} is not below {}",
            here.display(),
            root.display()
        ));
    }
    let _ = ROOT.set(root);
    Ok(())
}

/// Whether the process is restricted.
pub(crate) fn is_on() -> bool {
    ROOT.get().is_some()
}

/// Why a file or directory may not be touched, in a clause; `None` where it may. Links are followed.
pub(crate) fn refusal(path: &Path) -> Option<String> {
    let root = ROOT.get()?;
    if is_below(path, root) {
        return None;
    }
    Some(format!(
        "with -restricted only files below {} may be used, and {} is not one of them, or is a link that leads out of it",
        root.display(),
        path.display()
    ))
}

/// Whether a path leads to something below a directory. Of what is not there, the nearest directory that is counts; then
/// the rest of the path must not climb.
fn is_below(path: &Path, root: &Path) -> bool {
    let mut rest = Vec::new();
    let mut at = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    loop {
        match at.canonicalize() {
            Ok(it) => return it.starts_with(root),
            // A link that leads nowhere yet leads somewhere once somebody writes there.
            Err(_) if at.is_symlink() => return false,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => return false,
        }
        match (at.parent(), at.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name);
                at = if parent.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    parent
                };
            }
            // `..` below what is not there.
            _ => return false,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn links_and_climbing_lead_out() {
        let directory = tempfile::tempdir().unwrap();
        let base = directory.path().canonicalize().unwrap();
        let root = base.join("root");
        std::fs::create_dir_all(root.join("a")).unwrap();
        std::fs::write(base.join("secret"), "x").unwrap();
        std::fs::write(root.join("a/file"), "x").unwrap();
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, root.join(name)).unwrap();
        link(&base.join("secret"), "out");
        link(&base, "up");
        link(&base.join("nothing"), "dangling");
        link(&root.join("a/file"), "inside");
        for (path, expected) in [
            ("a/file", true),
            ("a/../a/file", true),
            ("a/new", true),
            ("new/deeper/file", true),
            ("inside", true),
            ("", true),
            ("out", false),
            ("up/secret", false),
            ("up/root/a/file", true),
            ("dangling", false),
            ("../secret", false),
            ("a/../../secret", false),
            ("new/../../secret", false),
            ("/etc/passwd", false),
        ] {
            assert_eq!(is_below(&root.join(path), &root), expected, "{path}");
        }
    }
}
