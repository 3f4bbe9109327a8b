//! The encryption that configuration and `TF_ENCRYPTION` ask for: expressions evaluated, keys made.
//!
//! What is encrypted is needed before anything else is known, so that expressions may name variables and locals of the
//! root module, `path` and `terraform.workspace`, and nothing that a plan would have to find out.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use addr::{Reference, Subject};
use backend::seal::{Hash, KEY_LENGTHS, KeyProvider, KeySource, Method, Seal};
use config::{Config, Encryption, EncryptionPart, EncryptionTarget};
use diag::{Diagnostic, Diagnostics};
use value::function::World;
use value::{Type, Value};
use zeroize::Zeroizing;

use crate::exit::Reported;
use crate::session::Session;
use crate::world::RealWorld;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const INVALID: Code = Code::new(
        "invalid-encryption",
        "Invalid encryption configuration",
        "The `encryption` block or `TF_ENCRYPTION` names something that is not there, or has an argument that cannot be used.",
    );
    /// See [`Code`].
    pub(crate) const NOT_STATIC: Code = Code::new(
        "encryption-not-static",
        "Invalid encryption configuration",
        "Encryption is set up before anything is planned, so that its arguments can name only variables and locals of the root module with values that are known by then.",
    );
}

/// How each kind of file is encrypted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seals {
    /// The state, its backup, its history and its journal.
    pub state: Arc<Seal>,
    /// Saved plans.
    pub plan: Arc<Seal>,
    /// States that `terraform_remote_state` reads.
    pub remote: Arc<Seal>,
}

impl Session {
    /// How files are encrypted; evaluated once, when a command first needs to know.
    pub(crate) fn seals(&mut self, config: Option<&Config>) -> Result<Seals, Reported> {
        if let Some(it) = &self.sealed {
            return Ok(it.clone());
        }
        let res = self.make_seals(config)?;
        self.sealed = Some(res.clone());
        Ok(res)
    }

    fn make_seals(&mut self, config: Option<&Config>) -> Result<Seals, Reported> {
        let mut diags = Diagnostics::new();
        let declared = config.and_then(|it| it.root().settings.encryption.as_ref());
        let declared = declared
            .map(|it| config::encryption::decode(it, &self.sources, &mut diags))
            .unwrap_or_default();
        let given = self.encryption_of_environment(&mut diags);
        self.check(&diags)?;
        let encryption = config::encryption::merge(declared, given);
        let default = Config {
            modules: BTreeMap::new(),
        };
        let config = config.unwrap_or(&default);
        let values = if names_variables(&encryption, config) {
            self.values_of_variables(config)?
        } else {
            BTreeMap::new()
        };
        let world = RealWorld {
            plan_time: None,
            applying: false,
        };
        let scope = Static {
            config,
            values: &values,
            workspace: self.workspace(),
            cwd: self.cwd.clone(),
            world: &world,
            within: RefCell::default(),
        };
        let mut diags = Diagnostics::new();
        let mut maker = Maker {
            encryption: &encryption,
            scope: &scope,
            diags: &mut diags,
        };
        let state = maker.methods("state", encryption.state.as_ref());
        let plan = maker.methods("plan", encryption.plan.as_ref());
        let remote: Vec<Method> = encryption
            .remote
            .iter()
            .chain(encryption.named_remotes.values())
            .flat_map(|it| maker.methods("remote_state_data_sources", Some(it)))
            .collect();
        self.check(&diags)?;
        let seal = |methods| Arc::new(Seal::new(methods, crate::world::secure_random));
        let state = seal(state);
        Ok(Seals {
            // A plan holds the state: without a block of its own it is encrypted as the state is.
            plan: if encryption.plan.is_some() {
                seal(plan)
            } else {
                state.clone()
            },
            remote: seal(remote),
            state,
        })
    }

    /// `TF_ENCRYPTION`, as HCL or JSON. Its text is secret: messages do not show it.
    fn encryption_of_environment(&mut self, diags: &mut Diagnostics) -> Encryption {
        let Some(text) = self.var("TF_ENCRYPTION").map(str::to_owned) else {
            return Encryption::default();
        };
        let shown = self.sources.add("<TF_ENCRYPTION>", "");
        let file = if text.trim_start().starts_with('{') {
            hcl::json::parse(shown, &text, true, diags)
        } else {
            hcl::parse(shown, &text, diags)
        };
        config::encryption::decode(&file.body, &self.sources, diags)
    }
}

/// Whether any argument names a variable, directly or through a local value.
fn names_variables(encryption: &Encryption, config: &Config) -> bool {
    let mut pending: Vec<&hcl::Expr> = encryption
        .key_providers
        .values()
        .chain(encryption.methods.values())
        .flat_map(|it| it.arguments.values())
        .collect();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while let Some(expr) = pending.pop() {
        let mut found = false;
        lang::refs::traversals(expr, &mut |it| {
            let root = it.root.name.as_str();
            found |= root == "var";
            if let ("local", Some(step)) = (root, it.steps.first())
                && let hcl::StepKind::Attr(name) = &step.kind
                && seen.insert(name.to_string())
                && let Some(local) = config.root().locals.get(name.as_str())
            {
                pending.push(&local.expr);
            }
        });
        if found {
            return true;
        }
    }
    false
}

/// What arguments can name.
struct Static<'a> {
    config: &'a Config,
    values: &'a BTreeMap<Arc<str>, Value>,
    workspace: String,
    cwd: String,
    world: &'a RealWorld,
    /// Locals that are being evaluated: one that comes to itself has no value.
    within: RefCell<Vec<Arc<str>>>,
}

impl lang::Scope for Static<'_> {
    fn value(&self, reference: &Reference, diags: &mut Diagnostics) -> Value {
        let refuse = |diags: &mut Diagnostics, detail: String| {
            diags.push(Diagnostic::error(&code::NOT_STATIC, detail).at(reference.span));
            Value::dynamic()
        };
        match &reference.subject {
            Subject::Variable(name) => match self.values.get(name) {
                Some(it) => it.clone(),
                None => refuse(
                    diags,
                    format!(
                        "The variable \"{name}\" has no value here: set TF_VAR_{name}, put it into a .tfvars file that is read by itself, or give it with -var."
                    ),
                ),
            },
            Subject::Local(name) => {
                let Some(local) = self.config.root().locals.get(name) else {
                    return refuse(diags, format!("There is no local value \"{name}\"."));
                };
                if self.within.borrow().contains(name) {
                    return refuse(
                        diags,
                        format!("The local value \"{name}\" is made from itself."),
                    );
                }
                self.within.borrow_mut().push(name.clone());
                let res = lang::eval(&local.expr, self, diags);
                self.within.borrow_mut().pop();
                res
            }
            Subject::Path(name) if &**name == "cwd" => Value::string(&self.cwd),
            Subject::Path(_) => Value::string("."),
            Subject::Terraform(name) if &**name == "workspace" => Value::string(&self.workspace),
            other => refuse(
                diags,
                format!(
                    "Encryption is set up before anything is planned, and {other} is not known by then. Variables and local values of the root module can be used."
                ),
            ),
        }
    }

    fn world(&self) -> &dyn World {
        self.world
    }
}

struct Maker<'a> {
    encryption: &'a Encryption,
    scope: &'a Static<'a>,
    diags: &'a mut Diagnostics,
}

impl Maker<'_> {
    fn refuse<T>(&mut self, detail: String) -> Option<T> {
        self.diags.push(Diagnostic::error(&code::INVALID, detail));
        None
    }

    /// The methods of a target and of its fallbacks. Places are left out of messages: the lines hold passphrases.
    fn methods(&mut self, name: &str, target: Option<&EncryptionTarget>) -> Vec<Method> {
        let Some(target) = target else {
            return Vec::new();
        };
        let mut res = Vec::new();
        for it in target.chain() {
            let Some(named) = &it.method else {
                self.refuse::<()>(format!("The block \"{name}\" of the encryption, or a fallback in it, names no method. Write method = method.TYPE.NAME; to leave something in clear, declare a method \"unencrypted\" and name that."));
                continue;
            };
            let Some(declared) = self.encryption.methods.get(named) else {
                self.refuse::<()>(format!("The block \"{name}\" of the encryption names method.{}.{}, and there is no such method.", named.0, named.1));
                continue;
            };
            if let Some(it) = self.method(named, declared) {
                res.push(it);
            }
        }
        if target.enforced && res.iter().any(|it| matches!(it, Method::Unencrypted)) {
            self.refuse::<()>(format!("The block \"{name}\" enforces encryption, and one of its methods is \"unencrypted\". Remove the one or the other."));
        }
        res
    }

    fn method(&mut self, named: &(String, String), declared: &EncryptionPart) -> Option<Method> {
        let what = format!("method.{}.{}", named.0, named.1);
        match named.0.as_str() {
            "unencrypted" => {
                self.only(&what, declared, &[])?;
                Some(Method::Unencrypted)
            }
            "aes_gcm" => {
                self.only(&what, declared, &["keys", "aad"])?;
                let aad = self.bytes(&what, declared, "aad")?;
                let Some(keys) = declared.arguments.get("keys") else {
                    return self.refuse(format!("{what} has no keys. Write keys = key_provider.TYPE.NAME."));
                };
                let found = config::encryption::name_of(keys, "key_provider", self.diags)?;
                let Some(provider) = self.encryption.key_providers.get(&found) else {
                    return self.refuse(format!("{what} takes its keys from key_provider.{}.{}, and there is no such key provider.", found.0, found.1));
                };
                let key = self.key_provider(&found, provider)?;
                Some(Method::AesGcm { key, aad })
            }
            other => self.refuse(format!("There is no encryption method \"{other}\"; there are \"aes_gcm\" and \"unencrypted\".")),
        }
    }

    fn key_provider(
        &mut self,
        named: &(String, String),
        declared: &EncryptionPart,
    ) -> Option<KeyProvider> {
        let what = format!("key_provider.{}.{}", named.0, named.1);
        const ALIAS: &str = "encrypted_metadata_alias";
        let source = match named.0.as_str() {
            "static" => {
                self.only(&what, declared, &["key", ALIAS])?;
                let text = Zeroizing::new(self.text(&what, declared, "key")?);
                let Some(key) = of_hex(&text).filter(|it| KEY_LENGTHS.contains(&it.len())) else {
                    return self.refuse(format!("The key of {what} must be 32, 48 or 64 hexadecimal digits, which are 16, 24 or 32 bytes."));
                };
                KeySource::Static(key)
            }
            "pbkdf2" => {
                self.only(
                    &what,
                    declared,
                    &["passphrase", "key_length", "iterations", "salt_length", "hash_function", ALIAS],
                )?;
                let passphrase =
                    Zeroizing::new(self.text(&what, declared, "passphrase")?);
                if passphrase.len() < 16 {
                    return self.refuse(format!("The passphrase of {what} must have at least 16 characters."));
                }
                let key_length = self.number(&what, declared, "key_length", 32, 16..=32)?;
                let key_length = key_length as usize;
                if !KEY_LENGTHS.contains(&key_length) {
                    return self.refuse(format!("The key_length of {what} must be 16, 24 or 32."));
                }
                let rounds = self.number(&what, declared, "iterations", 600_000, 200_000..=20_000_000)?;
                let salt_length = self.number(&what, declared, "salt_length", 32, 1..=4096)?;
                let hash = self.text(&what, declared, "hash_function")?;
                let hash = if hash.is_empty() { "sha512" } else { &hash };
                let Some(hash) = Hash::parse(hash) else {
                    return self.refuse(format!("The hash_function of {what} must be \"sha256\" or \"sha512\"."));
                };
                KeySource::Pbkdf2 {
                    passphrase,
                    rounds,
                    key_length,
                    salt_length: salt_length as usize,
                    hash,
                }
            }
            other => return self.refuse(format!("dokplan has no key provider \"{other}\"; it has \"pbkdf2\", a passphrase, and \"static\", a key. A key from elsewhere can come in a variable of the environment: TF_VAR_NAME, or TF_ENCRYPTION.")),
        };
        let alias = self.text(&what, declared, ALIAS)?;
        Some(KeyProvider {
            name: if alias.is_empty() { what } else { alias },
            source,
        })
    }

    /// Reports arguments that are not known; all of them are looked at before anything is given up.
    fn only(&mut self, what: &str, declared: &EncryptionPart, known: &[&str]) -> Option<()> {
        let mut res = Some(());
        for name in declared.arguments.keys() {
            if !known.contains(&name.as_str()) {
                let advice = diag::suggest::did_you_mean(name, known.iter().copied());
                res = self.refuse(format!("{what} has no argument \"{name}\".{advice}"));
            }
        }
        res
    }

    /// An argument that may be left out: null then; `None` where it has no usable value, which is reported.
    fn argument(
        &mut self,
        what: &str,
        declared: &EncryptionPart,
        name: &str,
        ty: &Type,
    ) -> Option<Value> {
        let Some(expr) = declared.arguments.get(name) else {
            return Some(Value::null(ty.clone()));
        };
        let n_errors = self.diags.n_errors();
        let value = lang::eval(expr, self.scope, self.diags);
        if self.diags.n_errors() > n_errors {
            return None;
        }
        let (value, _) = value::walk::unmark_deep(&value);
        match value::convert(&value, ty) {
            Ok(it) if it.is_wholly_known() => Some(it),
            Ok(_) => self.refuse(format!("The argument \"{name}\" of {what} has no value before a plan is made. Encryption needs it by then.")),
            Err(_) => self.refuse(format!("The argument \"{name}\" of {what} has a value of another type than it takes.")),
        }
    }

    /// A text; empty where it is left out.
    fn text(&mut self, what: &str, declared: &EncryptionPart, name: &str) -> Option<String> {
        let found = self.argument(what, declared, name, &Type::String)?;
        Some(found.as_str().unwrap_or_default().to_owned())
    }

    fn number(
        &mut self,
        what: &str,
        declared: &EncryptionPart,
        name: &str,
        default: u32,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let value = self.argument(what, declared, name, &Type::Number)?;
        if value.is_null() {
            return Some(default);
        }
        let found = value
            .as_number()
            .and_then(|it| it.to_string().parse::<u32>().ok())
            .filter(|it| range.contains(it));
        match found {
            Some(it) => Some(it),
            None => self.refuse(format!(
                "The argument \"{name}\" of {what} must be a whole number from {} to {}.",
                range.start(),
                range.end()
            )),
        }
    }

    fn bytes(&mut self, what: &str, declared: &EncryptionPart, name: &str) -> Option<Vec<u8>> {
        let value = self.argument(what, declared, name, &Type::list(Type::Number))?;
        let bytes: Option<Vec<u8>> = value
            .elements()
            .unwrap_or_default()
            .iter()
            .map(|it| it.as_number()?.to_string().parse::<u8>().ok())
            .collect();
        match bytes {
            Some(it) => Some(it),
            None => self.refuse(format!(
                "The argument \"{name}\" of {what} must be a list of whole numbers from 0 to 255."
            )),
        }
    }
}

fn of_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text
        .chars()
        .map(|it| it.to_digit(16))
        .collect::<Option<Vec<_>>>()
        .filter(|it| it.len() % 2 == 0)?;
    let bytes = digits.chunks(2).map(|it| match it {
        [high, low] => (high * 16 + low) as u8,
        _ => 0,
    });
    Some(Zeroizing::new(bytes.collect()))
}
