//! Directory to tree of modules.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::ModulePath;
use diag::{Diagnostic, Diagnostics, SourceMap};
use hcl::{Body, ExprKind, ObjectKey};

use crate::reader::Reader;
use crate::{Config, FileError, Files, Module, call, code, module, tree};

/// A loaded configuration with the texts it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The tree.
    pub config: Config,
    /// Every file read: path and content, for saved plans.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Where installed modules are listed.
const MANIFEST: &str = ".terraform/modules/modules.json";

/// How many modules may be inside each other. A guard against directories that contain themselves through links.
const MAX_DEPTH: usize = 64;

/// Reads a directory and the modules that it calls, all of them, and reports every mistake.
///
/// Local modules are read where they are; others where `.terraform/modules/modules.json` says. A directory without
/// configuration files is an empty module: look at [`Loaded::files`] to see that.
/// Gives a tree also where there are mistakes, so that later steps can report theirs; `None` where there is nothing
/// to work with.
pub fn load(
    files: &dyn Files,
    root: &str,
    sources: &mut SourceMap,
    diags: &mut Diagnostics,
) -> Option<Loaded> {
    let root = normal(root);
    let mut found = Diagnostics::new();
    let mut loader = Loader {
        files,
        sources,
        diags: &mut found,
        read: Vec::new(),
        directories: BTreeMap::new(),
        installed: BTreeMap::new(),
        config: Config {
            modules: BTreeMap::new(),
        },
    };
    loader.installed = loader.manifest(&root);
    let res = match loader.directory(&root) {
        Ok(module) => {
            loader.children(&ModulePath::root(), &module, &[root]);
            loader.config.modules.insert(ModulePath::root(), module);
            tree::check_providers(&loader.config, loader.diags);
            Some(Loaded {
                config: loader.config,
                files: loader.read,
            })
        }
        Err(error) => {
            let why = match error {
                FileError::NotFound => "it is not there".to_owned(),
                FileError::Other(reason) => reason,
            };
            loader.diags.push(Diagnostic::error(
                &code::ROOT_DIRECTORY,
                format!("The directory \"{root}\" cannot be read: {why}."),
            ));
            None
        }
    };
    // In the order of the files and of the places in them, whatever the order of decoding was.
    diags.append(found.sorted(sources));
    res
}

struct Loader<'a> {
    files: &'a dyn Files,
    sources: &'a mut SourceMap,
    diags: &'a mut Diagnostics,
    read: Vec<(String, Vec<u8>)>,
    /// Modules by directory: one that is called twice is read and reported once.
    directories: BTreeMap<String, Result<Arc<Module>, FileError>>,
    /// The manifest: call path with dots to source and directory.
    installed: BTreeMap<String, (String, String)>,
    config: Config,
}

impl Loader<'_> {
    /// Reads the modules that a module calls, and adds them to the tree. `above` are the directories on the way here.
    fn children(&mut self, path: &ModulePath, module: &Module, above: &[String]) {
        for (name, call) in &module.calls {
            let path = path.child(name);
            let (source, at) = &call.source;
            let directory = if call::is_local(source) {
                normal(&format!("{}/{source}", module.directory))
            } else {
                match self.installed.get(&path.0.join(".")) {
                    Some((installed, directory)) if same_source(installed, source) => {
                        normal(directory)
                    }
                    _ => {
                        self.diags.push(
                            Diagnostic::error(
                                &code::NOT_INSTALLED,
                                format!("The module \"{name}\" comes from \"{source}\", and is not among the installed modules in {MANIFEST}. Install it with \"terraform init\", or copy it into a directory and use that as its source."),
                            )
                            .at(call.span),
                        );
                        continue;
                    }
                }
            };
            if above.contains(&directory) || above.len() >= MAX_DEPTH {
                self.diags.push(
                    Diagnostic::error(
                        &code::NOT_INSTALLED,
                        format!("The source of the module \"{name}\" is the directory \"{directory}\", from which it is called itself. A module cannot contain itself, so there would be no end."),
                    )
                    .at(call.span),
                );
                continue;
            }
            let child = match self.directory(&directory) {
                Ok(it) => it,
                Err(error) => {
                    let why = match error {
                        FileError::NotFound => "there is no such directory".to_owned(),
                        FileError::Other(reason) => reason,
                    };
                    self.diags.push(
                        Diagnostic::error(
                            &code::MODULE_DIRECTORY,
                            format!("The source of the module \"{name}\" is the directory \"{directory}\", and it cannot be read: {why}."),
                        )
                        .at(*at),
                    );
                    continue;
                }
            };
            let mut child = child;
            if child.source.as_ref() != Some(source) {
                Arc::make_mut(&mut child).source = Some(source.clone());
            }
            let mut inside = above.to_vec();
            inside.push(directory);
            self.children(&path, &child, &inside);
            self.config.modules.insert(path, child);
        }
    }

    fn directory(&mut self, directory: &str) -> Result<Arc<Module>, FileError> {
        if let Some(known) = self.directories.get(directory) {
            return known.clone();
        }
        let res = self.read_directory(directory).map(Arc::new);
        self.directories.insert(directory.to_owned(), res.clone());
        res
    }

    fn read_directory(&mut self, directory: &str) -> Result<Module, FileError> {
        if !self.files.is_directory(directory) {
            return Err(FileError::NotFound);
        }
        let (mut primary, mut overrides) = (Vec::new(), Vec::new());
        for name in chosen(&self.files.list(directory)?) {
            let Some(body) = self.file(directory, &name) else {
                continue;
            };
            if is_override(&name) {
                overrides.push(body);
            } else {
                primary.push(body);
            }
        }
        let mut reader = Reader {
            sources: self.sources,
            diags: self.diags,
        };
        let mut res = module::module(&primary, &overrides, &mut reader);
        directory.clone_into(&mut res.directory);
        Ok(res)
    }

    fn file(&mut self, directory: &str, name: &str) -> Option<Body> {
        let path = if directory == "." {
            name.to_owned()
        } else {
            format!("{directory}/{name}")
        };
        let bytes = match self.files.read(&path) {
            Ok(it) => it,
            Err(error) => {
                let why = match error {
                    FileError::NotFound => {
                        "it is not there any more, or a link that leads nowhere".to_owned()
                    }
                    FileError::Other(reason) => reason,
                };
                self.diags.push(Diagnostic::error(
                    &code::UNREADABLE_FILE,
                    format!("The file \"{path}\" cannot be read: {why}."),
                ));
                return None;
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        let source = self.sources.add(path.clone(), &*text);
        if let Some(place) = hcl::encoding_error(source, &bytes) {
            self.diags.push(
                Diagnostic::error(
                    &hcl::code::INVALID_ENCODING,
                    "The file is not UTF-8 here. Save it in that encoding.",
                )
                .at(place),
            );
        }
        let file = if is_json(name) {
            hcl::json::parse(source, &text, true, self.diags)
        } else {
            hcl::parse(source, &text, self.diags)
        };
        self.read.push((path, bytes));
        Some(file.body)
    }

    /// What is installed. A manifest that cannot be understood is as good as none.
    fn manifest(&mut self, root: &str) -> BTreeMap<String, (String, String)> {
        let path = if root == "." {
            MANIFEST.to_owned()
        } else {
            format!("{root}/{MANIFEST}")
        };
        let Ok(bytes) = self.files.read(&path) else {
            return BTreeMap::new();
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut ignored = Diagnostics::new();
        let source = SourceMap::new().add(path.as_str(), &*text);
        let file = hcl::json::parse(source, &text, false, &mut ignored);
        let mut res = BTreeMap::new();
        for list in file
            .body
            .attributes
            .iter()
            .filter(|it| it.name.name == "Modules")
        {
            let ExprKind::Tuple(items) = &list.expr.kind else {
                continue;
            };
            for item in items {
                let ExprKind::Object(members) = &item.kind else {
                    continue;
                };
                let member = |wanted: &str| {
                    members
                        .iter()
                        .find_map(|it| match (&it.key, &it.value.kind) {
                            (key, ExprKind::Template(value))
                                if key_name(key).as_deref() == Some(wanted) =>
                            {
                                value.literal()
                            }
                            _ => None,
                        })
                };
                if let (Some(key), Some(source), Some(directory)) =
                    (member("Key"), member("Source"), member("Dir"))
                {
                    let directory = if root == "." {
                        directory
                    } else {
                        format!("{root}/{directory}")
                    };
                    res.insert(key, (source, directory));
                }
            }
        }
        if !res.is_empty() {
            self.read.push((path, bytes));
        }
        res
    }
}

fn key_name(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Word(it) => Some(it.name.to_string()),
        ObjectKey::Expr(it) => match &it.kind {
            ExprKind::Template(it) => it.literal(),
            _ => None,
        },
    }
}

/// The files of a directory that are configuration, in order. `a.tofu` takes the place of `a.tf`.
fn chosen(names: &[String]) -> Vec<String> {
    names
        .iter()
        .filter(|it| !is_ignored(it))
        .filter(|it| {
            [".tf", ".tf.json", ".tofu", ".tofu.json"]
                .iter()
                .any(|suffix| it.ends_with(suffix))
        })
        .filter(|it| {
            let tofu = if let Some(stem) = it.strip_suffix(".tf.json") {
                format!("{stem}.tofu.json")
            } else if let Some(stem) = it.strip_suffix(".tf") {
                format!("{stem}.tofu")
            } else {
                return true;
            };
            !names.contains(&tofu)
        })
        .cloned()
        .collect()
}

#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "Terraform distinguishes case, on every system"
)]
fn is_json(name: &str) -> bool {
    name.ends_with(".json")
}

/// Whether a name is an editor's or the system's.
fn is_ignored(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#')
}

fn is_override(name: &str) -> bool {
    let stem = name.strip_suffix(".json").unwrap_or(name);
    let stem = stem
        .strip_suffix(".tf")
        .or_else(|| stem.strip_suffix(".tofu"))
        .unwrap_or(stem);
    stem == "override" || stem.ends_with("_override")
}

/// The manifest writes registry sources with their host.
fn same_source(installed: &str, written: &str) -> bool {
    installed == written || installed == format!("registry.terraform.io/{written}")
}

/// A path without `.` and, where it can be told without looking, `..`.
fn normal(path: &str) -> String {
    let mut res: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match (part, res.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => {
                res.pop();
            }
            (part, _) => res.push(part),
        }
    }
    let joined = res.join("/");
    if path.starts_with('/') {
        format!("/{}", joined.trim_start_matches("../"))
    } else if joined.is_empty() {
        ".".to_owned()
    } else {
        joined
    }
}
