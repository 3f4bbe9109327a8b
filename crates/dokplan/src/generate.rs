//! Configuration for imports that have none: `plan -generate-config-out=FILE`.
//!
//! The objects are read first, as `import` reads them, and written as resource blocks; then everything is planned as if
//! somebody had written those blocks. Secrets go to variables, whose values are in a file beside it that only its owner
//! can read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use addr::{Instance, Key, ModuleInstance};
use config::{Config, FileError, Files};
use diag::{Diagnostic, Diagnostics};
use provider::schema::{Attribute, AttributeKind, Schemas};
use value::Value;

use crate::adopt::{laid_out, literal};
use crate::exit::Reported;
use crate::files::DiskFiles;
use crate::operation::Operation;
use crate::session::Session;
use crate::ui::Progress;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const EXISTS: Code = Code::new(
        "generated-file-exists",
        "Target generated file already exists",
        "`-generate-config-out` writes a new file and never changes one that is there.",
    );
    /// See [`Code`].
    pub(crate) const UNWRITABLE: Code = Code::new(
        "unwritable-generated-file",
        "Failed to write generated configuration",
        "The file named with `-generate-config-out` cannot be written.",
    );
}

/// A block that was written.
pub(crate) struct Generated {
    /// For which object.
    pub addr: Instance,
    /// The block.
    pub text: String,
}

/// The files of the disk and one more.
struct WithFile {
    name: String,
    text: String,
}

impl Files for WithFile {
    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        let mut res = DiskFiles.list(directory)?;
        if directory == "." || directory.is_empty() {
            res.push(self.name.clone());
            res.sort();
        }
        Ok(res)
    }

    fn is_directory(&self, path: &str) -> bool {
        DiskFiles.is_directory(path)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        if path.strip_prefix("./").unwrap_or(path) == self.name {
            return Ok(self.text.clone().into_bytes());
        }
        DiskFiles.read(path)
    }
}

/// The imports of the root module that nothing is declared for.
fn without_block(config: &Config) -> Vec<config::Import> {
    let root = config.root();
    root.imports
        .iter()
        .filter(|it| it.target.module.is_root() && it.for_each.is_none())
        .filter(|it| !root.resources.contains_key(&it.target.resource))
        .cloned()
        .collect()
}

/// Reads the objects of imports without a block, and writes blocks for them to a new file. The operation's configuration
/// is to be loaded anew afterwards.
pub(crate) async fn generate(
    session: &mut Session,
    operation: &mut Operation,
    state: &::state::State,
    path: &Path,
) -> Result<Vec<Generated>, Reported> {
    if path.exists() {
        return session.fail(Diagnostic::error(
            &code::EXISTS,
            format!("A file {} is there already, and generated configuration goes to a new file only. Name another, or move this one away.", path.display()),
        ));
    }
    let wanted = without_block(operation.config());
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut diags = Diagnostics::new();
    let schemas = operation.providers.schemas(operation.config());
    let stubs: String = wanted
        .iter()
        .map(|it| stub(operation.config(), &schemas, &it.target.resource))
        .collect();
    let files = WithFile {
        name: "zz_generated_by_dokplan.tf".to_owned(),
        text: stubs,
    };
    let Some(loaded) =
        config::load(&files, ".", &mut session.sources, &mut diags).filter(|_| !diags.has_errors())
    else {
        session.show(&diags);
        return Err(Reported);
    };
    operation.loaded = loaded;
    let stubbed = &*operation;
    let progress = Progress::silent();
    let mut res = Vec::new();
    let (mut variables, mut values) = (String::new(), String::new());
    for import in wanted {
        let resource = &import.target.resource;
        let addr = resource
            .absolute(&ModuleInstance::root())
            .instance(Key::None);
        let common = stubbed.common(session, &progress, false);
        let (id, found) = engine::evaluate(&common, state, &BTreeMap::new(), &import.id).await;
        diags.append(found);
        let Some(id) = id.as_str() else { continue };
        let (imported, found) = engine::import(&common, state, &addr, id).await;
        diags.append(found);
        let Some(imported) = imported else { continue };
        let Some((provider, object)) = imported.resources.get(&addr.absolute()).and_then(|it| {
            Some((
                it.provider.clone(),
                it.instances.get(&Key::None)?.current.clone()?,
            ))
        }) else {
            continue;
        };
        let Some(schema) = schemas.resource(&provider.provider, resource.mode, &resource.kind)
        else {
            continue;
        };
        let value = view::state::value_of(resource, &provider, &object, &schemas);
        let mut block = format!("resource \"{}\" \"{}\" {{\n", resource.kind, resource.name);
        for (name, attribute) in schema
            .block
            .attributes
            .iter()
            .filter(|(_, it)| (it.required || it.optional) && !it.extra)
        {
            let value = value
                .get(name)
                .unwrap_or_else(|| Value::null(value::Type::Dynamic));
            let text = if is_secret(attribute) && !value.is_null() {
                let variable = format!("{}_{name}", resource.name);
                variables.push_str(&format!(
                    "variable \"{variable}\" {{\n  type = string\n  sensitive = true\n}}\n\n"
                ));
                values.push_str(&format!("{variable} = {}\n", literal(&value)));
                format!("var.{variable}")
            } else {
                literal(&value)
            };
            block.push_str(&format!("  {name} = {text}\n"));
        }
        block.push_str("}\n");
        let note = format!(
            "# Generated by dokplan from {}\n",
            addr::instance::quoted(id)
        );
        res.push(Generated {
            addr,
            text: format!("{note}{}", laid_out(&block)),
        });
    }
    if diags.has_errors() {
        session.show(&diags);
        return Err(Reported);
    }
    let blocks: Vec<&str> = res.iter().map(|it| it.text.as_str()).collect();
    let text = format!(
        "# Generated by dokplan. Read it, adapt it, and move it where it belongs.\n\n{}{}",
        laid_out(&variables),
        blocks.join("\n")
    );
    write(session, path, &text)?;
    if !values.is_empty() {
        let beside: PathBuf = path.with_extension("auto.tfvars");
        write(session, &beside, &laid_out(&values))?;
    }
    Ok(res)
}

fn write(session: &Session, path: &Path, text: &str) -> Result<(), Reported> {
    backend::write_whole(path, text.as_bytes()).or_else(|error| {
        session.fail(Diagnostic::error(
            &code::UNWRITABLE,
            format!("The file {} cannot be written: {error}. Check that its directory exists and has room.", path.display()),
        ))
    })
}

fn is_secret(attribute: &Attribute) -> bool {
    attribute.sensitive && matches!(&attribute.kind, AttributeKind::Plain(value::Type::String))
}

/// A block that is only there so that the object can be read: what it must set is unknown.
fn stub(config: &Config, schemas: &Schemas, resource: &addr::Resource) -> String {
    let local = resource.implied_provider();
    let provider = config.root().provider_or_implied(local);
    let mut res = format!("resource \"{}\" \"{}\" {{\n", resource.kind, resource.name);
    let schema = schemas.resource(&provider, resource.mode, &resource.kind);
    for (name, attribute) in schema
        .iter()
        .flat_map(|it| &it.block.attributes)
        .filter(|(_, it)| it.is_needed())
    {
        let text = match attribute.ty() {
            // While planning, nobody knows what uuid() gives.
            value::Type::String | value::Type::Dynamic => "uuid()",
            value::Type::Number => "1",
            value::Type::Bool => "false",
            value::Type::List(_) | value::Type::Set(_) | value::Type::Tuple(_) => "[]",
            value::Type::Map(_) | value::Type::Object(_) => "{}",
        };
        res.push_str(&format!("  {name} = {text}\n"));
    }
    res.push_str("}\n");
    res
}
